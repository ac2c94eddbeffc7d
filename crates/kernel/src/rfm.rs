use serde::{Deserialize, Serialize};

/// How a guest who has stayed compares with all the others who have, from 1 to 5 each: how
/// lately (recency), how often (frequency), for how much (money). How the scores come about is
/// the analytics' to say; here they are a word that members and audiences share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RfmScores {
    /// How lately they stayed; 5 is latest.
    pub recency: u8,
    /// How often; 5 is most often.
    pub frequency: u8,
    /// For how much; 5 is most.
    pub money: u8,
}

impl RfmScores {
    /// The scores there are.
    pub const RANGE: std::ops::RangeInclusive<u8> = 1..=5;

    /// The segment of guests like this one.
    #[must_use]
    pub fn segment(self) -> RfmSegment {
        RfmSegment::of(self.recency, self.frequency)
    }
}

/// Segments with their keys and names from one table.
macro_rules! segments {
    ($($(#[$doc:meta])* $variant:ident = ($key:literal, $name:literal),)*) => {
        /// What guests of like recency and frequency are called. Every pair of the two scores
        /// belongs to exactly one segment.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum RfmSegment {
            $($(#[$doc])* $variant,)*
        }

        impl RfmSegment {
            /// All of them, best first.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stored and spoken word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $key,)*
                }
            }

            /// Its name on screens.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

segments! {
    /// Stayed a short while ago and often.
    Champions = ("champions", "冠軍客"),
    /// Come often, the last time not long ago.
    Loyal = ("loyal", "忠實客"),
    /// Stayed a short while ago, and not for the first time.
    PotentialLoyal = ("potential_loyal", "潛力客"),
    /// Stayed for the first time, a short while ago.
    New = ("new", "新客"),
    /// Stayed for the first time, not long ago.
    Promising = ("promising", "有望客"),
    /// Middling in both.
    NeedAttention = ("need_attention", "需關注"),
    /// Seldom there, and not of late.
    AboutToSleep = ("about_to_sleep", "快沉睡"),
    /// Came several times, but not for long.
    AtRisk = ("at_risk", "流失風險"),
    /// Came most often, but not for long.
    CantLose = ("cant_lose", "不可失去"),
    /// Seldom there, and not for long.
    Hibernating = ("hibernating", "沉睡客"),
    /// Seldom there, and longest ago.
    Lost = ("lost", "已流失"),
}

impl RfmSegment {
    /// The segment of each pair: a row per recency from 1 to 5, in it a word per frequency.
    const GRID: [[Self; 5]; 5] = {
        use RfmSegment::{
            AboutToSleep, AtRisk, CantLose, Champions, Hibernating, Lost, Loyal, NeedAttention,
            New, PotentialLoyal, Promising,
        };
        [
            [Lost, Lost, AtRisk, AtRisk, CantLose],
            [Hibernating, Hibernating, AtRisk, AtRisk, CantLose],
            [AboutToSleep, AboutToSleep, NeedAttention, Loyal, Loyal],
            [Promising, PotentialLoyal, PotentialLoyal, Loyal, Loyal],
            [New, PotentialLoyal, PotentialLoyal, Champions, Champions],
        ]
    };

    /// The segment of these two scores; what lies outside counts as the nearest score.
    #[must_use]
    pub fn of(recency: u8, frequency: u8) -> Self {
        let place = |score: u8| usize::from(score.clamp(1, 5) - 1);
        Self::GRID[place(recency)][place(frequency)]
    }

    /// Its pairs of recency and frequency.
    pub fn pairs(self) -> impl Iterator<Item = (u8, u8)> {
        RfmScores::RANGE
            .flat_map(|recency| RfmScores::RANGE.map(move |frequency| (recency, frequency)))
            .filter(move |(recency, frequency)| Self::of(*recency, *frequency) == self)
    }

    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|segment| segment.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_pair_belongs_to_exactly_one_segment_and_no_segment_is_empty() {
        let mut seen = BTreeSet::new();
        for segment in RfmSegment::ALL {
            assert!(segment.pairs().count() > 0, "{}", segment.as_str());
            for pair in segment.pairs() {
                assert!(seen.insert(pair), "{pair:?} is in two segments");
                assert_eq!(RfmSegment::of(pair.0, pair.1), *segment);
            }
        }
        assert_eq!(seen.len(), 25);
    }

    #[test]
    fn the_corners_are_called_what_a_hotel_would_call_them() {
        for (recency, frequency, key) in [
            (5, 5, "champions"),
            (5, 1, "new"),
            (1, 5, "cant_lose"),
            (1, 1, "lost"),
            (3, 3, "need_attention"),
            (9, 0, "new"),
        ] {
            assert_eq!(RfmSegment::of(recency, frequency).as_str(), key);
        }
    }

    #[test]
    fn keys_and_names_are_all_different_and_keys_are_read_back() {
        let keys: BTreeSet<_> = RfmSegment::ALL.iter().map(|s| s.as_str()).collect();
        let names: BTreeSet<_> = RfmSegment::ALL.iter().map(|s| s.title()).collect();
        assert_eq!((keys.len(), names.len()), (11, 11));
        for segment in RfmSegment::ALL {
            assert_eq!(RfmSegment::parse(segment.as_str()), Some(*segment));
            let written = serde_json::to_value(segment).unwrap();
            assert_eq!(written, segment.as_str());
        }
        assert_eq!(RfmSegment::parse("vip"), None);
    }
}
