use crate::SentIn;
use chrono::{DateTime, TimeDelta, Utc};
use crm_templates::{TapItem, TemplateContent};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Things sent that are remembered at most.
const REMEMBERED: usize = 4_096;
/// After this long it is looked whether it is still there.
const GOOD_FOR: TimeDelta = TimeDelta::seconds(60);

/// Where the links of something sent lead. It never changes once it was sent.
pub(super) struct Targets {
    read_at: DateTime<Utc>,
    by_item: HashMap<TapItem, Arc<str>>,
}

impl Targets {
    pub(super) fn of(content: &TemplateContent, read_at: DateTime<Utc>) -> Self {
        let taps = content.taps().into_iter();
        Self {
            read_at,
            by_item: taps
                .filter_map(|tap| Some((tap.item, tap.tracked_target()?.into())))
                .collect(),
        }
    }

    pub(super) fn to(&self, item: TapItem) -> Option<Arc<str>> {
        self.by_item.get(&item).cloned()
    }

    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now - self.read_at < GOOD_FOR
    }
}

/// Where links lead, in memory.
#[derive(Default)]
pub(super) struct Leads(RwLock<HashMap<SentIn, Arc<Targets>>>);

impl Leads {
    pub(super) fn get(&self, sent_in: SentIn) -> Option<Arc<Targets>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&sent_in).cloned()
    }

    pub(super) fn remember(&self, sent_in: SentIn, targets: &Arc<Targets>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED && !known.contains_key(&sent_in) {
            known.clear();
        }
        known.insert(sent_in, Arc::clone(targets));
    }

    pub(super) fn forget(&self, sent_in: SentIn) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.remove(&sent_in);
    }
}
