use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Wraps the number that the database gave.
            #[must_use]
            pub const fn new(value: i64) -> Self {
                Self(value)
            }

            /// The number as the database and the API know it.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<i64> for $name {
            fn from(value: i64) -> Self {
                Self(value)
            }
        }
    )*};
}

ids! {
    /// A back-office user (document 000 §3.2.1).
    UserId,
    /// A sign-in of a back-office user; named by every access token.
    SessionId,
    /// A guest (document 000 §3.2.2).
    MemberId,
    /// A tag of either kind: both share one number space.
    TagId,
    /// A message template (document 000 §3.2.7).
    TemplateId,
    /// A card of a template (document 000 §3.2.8).
    CardId,
    /// A campaign (document 000 §3.2.6).
    CampaignId,
    /// Up to 500 recipients of a campaign that are sent, repeated and accounted for together.
    BatchId,
    /// A stay of a guest (document 000 §3.2.13).
    StayId,
    /// A rule that answers guests by itself (document 000 §3.2.10).
    AutoResponseId,
    /// A keyword of such a rule (document 000 §3.2.11).
    KeywordId,
    /// A message between a guest and the hotel (document 000 §3.2.12).
    MessageId,
    /// What colleagues note about a guest's conversation for each other.
    NoteId,
    /// A text or picture kept ready for answering guests.
    CannedReplyId,
    /// A stored picture (document 000 §5.3).
    UploadId,
    /// A file of members being read in.
    ImportId,
    /// Two members found to be one person.
    MergeId,
    /// A run that takes over what the hotel's own system says.
    SyncRunId,
    /// A guest or stay of the hotel's own system of which a person must say whose it is.
    ReviewId,
    /// Saved words on which headings of a hotel's tables mean which fields.
    ImportProfileId,
    /// An event that LINE delivered to the webhook.
    InboundEventId,
    /// An answer to such an event.
    ReplyId,
    /// A row of the `jobs` table.
    JobId,
    /// A file that is made for somebody to take away.
    ExportId,
    /// A report that is made by the calendar.
    ReportScheduleId,
}
