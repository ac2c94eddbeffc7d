//! Words that every crate shares and that belong to no domain: ids, time, paging, who acts,
//! kinds of errors, and the ports that let several domains write as one ([`Transaction`]), leave
//! work for later ([`Outbox`]), write down who did what ([`AuditTrail`]), keep the pictures that are
//! named ([`PictureUse`]), tell those who listen ([`LiveFeed`]) and count per day ([`Figures`]).
//!
//! Nothing here knows a table, a URL or a hotel rule.

mod actor;
mod audit;
mod clock;
mod error;
mod figures;
mod hotel_time;
mod ids;
mod jobs;
mod live;
mod money;
mod page;
mod patch;
mod pictures;
mod problems;
mod rfm;
mod transaction;

pub use actor::Actor;
pub use audit::{AuditEntry, AuditTrail, Facts};
pub use clock::{Clock, IdGenerator};
pub use error::{DomainError, ErrorKind, FieldError, GatewayError, StoreError};
pub use figures::{Figure, Figures};
pub use hotel_time::HotelTime;
pub use ids::{
    AutoResponseId, BatchId, CampaignId, CannedReplyId, CardId, ExportId, ImportId,
    ImportProfileId, InboundEventId, JobId, KeywordId, MemberId, MergeId, MessageId, NoteId,
    ReplyId, ReportScheduleId, ReviewId, SessionId, StayId, SyncRunId, TagId, TemplateId, UploadId,
    UserId,
};
pub use jobs::{ClaimedJob, Job, JobQueue, Lane, Lease, NewJob, Swept};
pub use live::{LiveEvent, LiveFeed};
pub use money::{read_hundredths, write_hundredths};
pub use page::{Page, PageRequest};
pub use patch::Patch;
pub use pictures::{PictureUse, UPLOADS};
pub use problems::Problems;
pub use rfm::{RfmScores, RfmSegment};
pub use transaction::{Outbox, Transaction, Transactions};
