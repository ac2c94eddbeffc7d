use serde::{Deserialize, Serialize};

/// What the gate must know of a member; the store reads exactly this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateFacts {
    /// Has a LINE account linked.
    pub has_line: bool,
    /// Follows us now (has not blocked us).
    pub following: bool,
    /// Agreed to receive offers.
    pub accepts_marketing: bool,
}

/// Why a planned recipient does not get the campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// No LINE account (any more).
    NoLine,
    /// Has blocked the account; LINE would answer 200 and deliver nothing.
    Blocked,
    /// Does not want offers.
    OptedOut,
    /// The campaign was cancelled first.
    Cancelled,
    /// The member was deleted first.
    Erased,
}

impl SkipReason {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::NoLine,
        Self::Blocked,
        Self::OptedOut,
        Self::Cancelled,
        Self::Erased,
    ];

    /// The reason of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == name)
    }

    /// The name stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoLine => "no_line",
            Self::Blocked => "blocked",
            Self::OptedOut => "opted_out",
            Self::Cancelled => "cancelled",
            Self::Erased => "erased",
        }
    }
}

/// Decides whether a campaign may go to this member: the one gate for every campaign message.
/// It is asked when the plan is made (by the same rule in one statement, see
/// [`RecipientRepository::plan`](crate::RecipientRepository::plan)) and again when a batch is
/// first tried.
///
/// # Errors
/// The first reason that speaks against it: no LINE, blocked, opted out, in this order.
pub const fn gate(facts: GateFacts) -> Result<(), SkipReason> {
    if !facts.has_line {
        Err(SkipReason::NoLine)
    } else if !facts.following {
        Err(SkipReason::Blocked)
    } else if !facts.accepts_marketing {
        Err(SkipReason::OptedOut)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_following_member_who_wants_offers_passes() {
        for bits in 0..8_u8 {
            let facts = GateFacts {
                has_line: bits & 1 != 0,
                following: bits & 2 != 0,
                accepts_marketing: bits & 4 != 0,
            };
            assert_eq!(gate(facts).is_ok(), bits == 7);
        }
    }

    #[test]
    fn a_blocked_member_who_also_opted_out_counts_as_blocked() {
        assert_eq!(
            gate(GateFacts {
                has_line: true,
                following: false,
                accepts_marketing: false
            }),
            Err(SkipReason::Blocked)
        );
    }
}
