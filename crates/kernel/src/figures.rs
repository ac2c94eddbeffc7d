use chrono::{DateTime, Utc};

/// Figures and stored names from one table.
macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What is counted per hotel day, so that reports never read the rows it counts. What it
        /// is counted *of* (a campaign, a rule, a tag) is its subject; 0 is all of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Figure {
            $($(#[$doc])* $name,)*
        }

        impl Figure {
            /// Every figure there is.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stored name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

figures! {
    /// Recipients of campaigns that LINE accepted; of a campaign.
    CampaignSent = "campaign_sent",
    /// Recipients who opened, as inferred; of a campaign.
    CampaignOpened = "campaign_opened",
    /// Recipients who clicked, each once; of a campaign.
    CampaignClicked = "campaign_clicked",
    /// Recipients who booked, by the day of the booking; of a campaign.
    CampaignConverted = "campaign_converted",
    /// Hundredths of the amounts of stays that a campaign brought, by the day of the booking.
    CampaignRevenue = "campaign_revenue",
    /// One-to-one messages and automatic answers that LINE accepted.
    MessagesSent = "messages_sent",
    /// Messages of guests.
    MessagesReceived = "messages_received",
    /// Guests who became friends, or came back.
    Follows = "follows",
    /// Guests who blocked the account.
    Blocks = "blocks",
    /// Times that a rule fired; of a rule.
    RuleFired = "rule_fired",
    /// Answers of a rule that LINE accepted, by the day the rule fired; of a rule.
    RuleSucceeded = "rule_succeeded",
    /// Times that a tag was triggered; of a tag.
    TagTriggered = "tag_triggered",
}

impl Figure {
    /// Whether its subjects are listed with their sums over any period: then the sums of whole
    /// months are kept as well, so that a year of a thousand tags is not read day by day.
    #[must_use]
    pub const fn is_listed(self) -> bool {
        matches!(
            self,
            Self::RuleFired | Self::RuleSucceeded | Self::TagTriggered
        )
    }

    /// The figure with that stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|figure| figure.as_str() == name)
    }
}

/// Kept figures, moved in the transaction of the rows that they count. Whoever writes such a
/// row moves its figure; a rebuild from the rows must come to the same.
pub trait Figures: Send {
    /// Adds `n` (less than nothing takes away) to the hotel day that `at` belongs to, for
    /// `subject` and for all subjects; written with the commit.
    fn add(&mut self, figure: Figure, subject: i64, at: DateTime<Utc>, n: i64);
}
