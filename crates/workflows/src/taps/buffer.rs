use super::Click;
use crate::SentIn;
use chrono::TimeDelta;
use crm_kernel::MemberId;
use crm_templates::TapItem;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Clicks kept in memory at most.
const MOST: usize = 20_000;
/// Clicks of the present window remembered at most, so that the same ones are not kept again.
const REMEMBERED: usize = 100_000;

/// Clicks on their way from the guests to the database, in memory for a moment.
#[derive(Default)]
pub(super) struct ClickBuffer(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    waiting: Vec<Click>,
    known: HashSet<(SentIn, MemberId, TapItem, i64)>,
}

/// What became of a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It waits to be written down.
    Waits,
    /// The same was there before in its window.
    Repeated,
    /// There is no room.
    NoRoom,
}

impl ClickBuffer {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn len(&self) -> usize {
        self.kept().waiting.len()
    }

    pub(super) fn keep(&self, click: Click, window: TimeDelta) -> Kind {
        let key = (
            click.sent_in,
            click.member,
            click.item,
            click.window(window),
        );
        let mut kept = self.kept();
        if kept.known.contains(&key) {
            return Kind::Repeated;
        }
        if kept.waiting.len() >= MOST {
            return Kind::NoRoom;
        }
        if kept.known.len() >= REMEMBERED {
            // The database knows the same; asking it once more is all that it costs.
            kept.known.clear();
        }
        kept.known.insert(key);
        kept.waiting.push(click);
        Kind::Waits
    }

    /// The oldest ones, at most so many.
    pub(super) fn take(&self, most: usize) -> InHand<'_> {
        let mut kept = self.kept();
        let n = kept.waiting.len().min(most);
        InHand {
            buffer: self,
            clicks: kept.waiting.drain(..n).collect(),
        }
    }
}

/// Clicks that are being written down. Whatever happens, also when whoever writes is stopped,
/// they wait again before all others, unless they are said to be [`written`](InHand::written).
pub(super) struct InHand<'a> {
    buffer: &'a ClickBuffer,
    clicks: Vec<Click>,
}

impl InHand<'_> {
    pub(super) fn clicks(&self) -> &[Click] {
        &self.clicks
    }

    pub(super) fn written(mut self) {
        self.clicks.clear();
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        if !self.clicks.is_empty() {
            let mut kept = self.buffer.kept();
            let later = std::mem::take(&mut kept.waiting);
            kept.waiting = std::mem::take(&mut self.clicks);
            kept.waiting.extend(later);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use crm_kernel::CampaignId;

    const HOUR: TimeDelta = TimeDelta::hours(1);

    fn click(member: i64, seconds: i64) -> Click {
        Click {
            sent_in: SentIn::Campaign(CampaignId::new(1)),
            member: MemberId::new(member),
            item: TapItem::new(1),
            at: DateTime::from_timestamp(seconds, 0).unwrap(),
        }
    }

    #[test]
    fn the_same_link_is_kept_once_in_a_window_also_after_it_was_taken() {
        let buffer = ClickBuffer::default();
        assert_eq!(buffer.keep(click(1, 10), HOUR), Kind::Waits);
        assert_eq!(buffer.keep(click(1, 20), HOUR), Kind::Repeated);
        let in_hand = buffer.take(500);
        assert_eq!(in_hand.clicks(), [click(1, 10)]);
        in_hand.written();
        assert_eq!(buffer.keep(click(1, 30), HOUR), Kind::Repeated);
        assert_eq!(buffer.keep(click(1, 3_600), HOUR), Kind::Waits);
        assert_eq!(buffer.keep(click(2, 30), HOUR), Kind::Waits);
    }

    #[test]
    fn a_full_buffer_takes_no_more_and_what_was_not_written_comes_first() {
        let buffer = ClickBuffer::default();
        for member in 0..20_000 {
            assert_eq!(buffer.keep(click(member, 0), HOUR), Kind::Waits);
        }
        assert_eq!(buffer.keep(click(20_000, 0), HOUR), Kind::NoRoom);
        let in_hand = buffer.take(500);
        assert_eq!((in_hand.clicks().len(), buffer.len()), (500, 19_500));
        drop(in_hand);
        assert_eq!(buffer.take(1).clicks(), [click(0, 0)]);
        buffer.take(500).written();
        assert_eq!(buffer.len(), 19_500);
    }
}
