//! Words, days, moments and amounts as the wire knows them. Domain types never are.

mod money;
mod patch;
mod rfm;
mod time;
mod words;
mod worn_tag;

pub(crate) use money::Money;
pub(crate) use patch::{mapped, patch, required};
pub(crate) use rfm::{MemberScores, Segment};
pub(crate) use time::{Day, Moment, day};
pub(crate) use words::{
    CampaignEventKind, CampaignStatus, ExportFormat, ExportStatus, Frequency, Gender, ImportStatus,
    IncludeMode, InteractionKind, LineEventStatus, LineState, MediaState, MemberSortColumn,
    MemberSource, MessageDirection, MessageStatus, MessageType, Metric, RecipientStatus,
    ReportType, ReviewReason, ReviewStatus, Role, SenderType, SortOrder, StaySource, SyncMode,
    SyncStatus, SyncType, TagSource, TagType, TagsMode, TemplateType, TimelineKind, TriggerSource,
    TriggerType, UploadCategory, Word,
};
pub(crate) use worn_tag::WornTag;
