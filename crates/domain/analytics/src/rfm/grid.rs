use crate::Rate;
use chrono::{DateTime, Utc};
use crm_kernel::{RfmScores, RfmSegment};

/// A kept cell: the guests of three scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptCell {
    /// The scores.
    pub scores: RfmScores,
    /// Who they are.
    pub sum: RfmSum,
}

/// The cells as the last run left them; those without guests are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptGrid {
    /// When that was; none when there was no run.
    pub computed_at: Option<DateTime<Utc>>,
    /// The cells.
    pub cells: Vec<KeptCell>,
}

/// Guests together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RfmSum {
    /// How many.
    pub members: i64,
    /// What they paid for all their stays, in hundredths.
    pub amount_minor: i64,
}

impl RfmSum {
    fn add(&mut self, other: Self) {
        self.members += other.members;
        self.amount_minor += other.amount_minor;
    }

    /// What each of them paid, rounded to a whole amount as on the member's page.
    #[must_use]
    pub fn average_minor(self) -> i64 {
        if self.members <= 0 {
            return 0;
        }
        let parts = self.members.saturating_mul(100);
        self.amount_minor
            .saturating_add(parts / 2)
            .div_euclid(parts)
            .saturating_mul(100)
    }
}

/// One cell of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RfmCell {
    /// How lately.
    pub recency: u8,
    /// How often.
    pub frequency: u8,
    /// What such guests are called.
    pub segment: RfmSegment,
    /// Who they are.
    pub sum: RfmSum,
    /// Of all guests in the grid.
    pub share: Rate,
}

/// The guests of one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RfmSegmentSum {
    /// Which.
    pub segment: RfmSegment,
    /// Who they are.
    pub sum: RfmSum,
    /// Of all guests in the grid.
    pub share: Rate,
}

/// All guests with stays by recency and frequency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RfmGrid {
    /// When it was made; none when it never was.
    pub computed_at: Option<DateTime<Utc>>,
    /// The money score of the guests in it, when only those were asked for.
    pub money: Option<u8>,
    /// All guests in it.
    pub sum: RfmSum,
    /// Its 25 cells: recency from 5 down, in it frequency from 1 up.
    pub cells: Vec<RfmCell>,
    /// Its segments, best first.
    pub segments: Vec<RfmSegmentSum>,
}

impl RfmGrid {
    /// The grid of kept cells, of all of them or of those with this money score.
    #[must_use]
    pub fn of(kept: &KeptGrid, money: Option<u8>) -> Self {
        let meant: Vec<&KeptCell> = kept
            .cells
            .iter()
            .filter(|cell| money.is_none_or(|money| cell.scores.money == money))
            .collect();
        let total = |is_in: &dyn Fn(RfmScores) -> bool| {
            let mut sum = RfmSum::default();
            for cell in meant.iter().filter(|cell| is_in(cell.scores)) {
                sum.add(cell.sum);
            }
            sum
        };
        let all = total(&|_| true);
        let mut cells = Vec::with_capacity(25);
        for recency in RfmScores::RANGE.rev() {
            for frequency in RfmScores::RANGE {
                let sum = total(&|s| (s.recency, s.frequency) == (recency, frequency));
                cells.push(RfmCell {
                    recency,
                    frequency,
                    segment: RfmSegment::of(recency, frequency),
                    sum,
                    share: Rate::of(sum.members, all.members),
                });
            }
        }
        let segments = RfmSegment::ALL
            .iter()
            .map(|segment| {
                let sum = total(&|scores| scores.segment() == *segment);
                RfmSegmentSum {
                    segment: *segment,
                    sum,
                    share: Rate::of(sum.members, all.members),
                }
            })
            .collect();
        Self {
            computed_at: kept.computed_at,
            money,
            sum: all,
            cells,
            segments,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(recency: u8, frequency: u8, money: u8, members: i64) -> KeptCell {
        KeptCell {
            scores: RfmScores {
                recency,
                frequency,
                money,
            },
            sum: RfmSum {
                members,
                amount_minor: members * 10_000,
            },
        }
    }

    #[test]
    fn a_house_without_guests_has_25_empty_cells_and_every_segment() {
        let grid = RfmGrid::of(&KeptGrid::default(), None);
        assert_eq!((grid.cells.len(), grid.segments.len()), (25, 11));
        assert!(grid.cells.iter().all(|cell| cell.sum == RfmSum::default()));
        assert_eq!((grid.sum.average_minor(), grid.computed_at), (0, None));
    }

    #[test]
    fn cells_segments_and_the_whole_add_up_with_or_without_a_money_score() {
        let kept = KeptGrid {
            computed_at: None,
            cells: vec![
                cell(5, 5, 5, 3),
                cell(5, 5, 1, 1),
                cell(4, 5, 5, 2),
                cell(1, 1, 1, 4),
            ],
        };
        for (money, members) in [(None, 10), (Some(5), 5), (Some(1), 5), (Some(2), 0)] {
            let grid = RfmGrid::of(&kept, money);
            let of_cells: i64 = grid.cells.iter().map(|cell| cell.sum.members).sum();
            let of_segments: i64 = grid.segments.iter().map(|s| s.sum.members).sum();
            assert_eq!(
                (of_cells, of_segments, grid.sum.members),
                (members, members, members)
            );
        }
        let grid = RfmGrid::of(&kept, None);
        let champions = grid.segments[0];
        assert_eq!(champions.segment, RfmSegment::Champions);
        assert_eq!(
            (champions.sum.members, champions.share.percent()),
            (4, 40.0)
        );
        let corner = grid.cells[4];
        assert_eq!((corner.recency, corner.frequency), (5, 5));
        assert_eq!(corner.sum.average_minor(), 10_000);
    }

    #[test]
    fn averages_are_whole_amounts() {
        let average = |amount_minor, members| {
            let sum = RfmSum {
                members,
                amount_minor,
            };
            sum.average_minor()
        };
        assert_eq!(average(10_000, 3), 3_300);
        assert_eq!(average(10_100, 2), 5_100);
        assert_eq!(average(0, 2), 0);
    }
}
