use crate::inbound::StoredEvent;
use crate::media::StoredMedia;
use crate::messages::StoredMessage;
use crate::pms::PmsTables;
use crate::recipients::StoredRecipient;
use crate::replies::StoredReply;
use chrono::{DateTime, Utc};
use crm_accounts::{StoredSession, StoredUser};
use crm_auto_responses::AutoResponseRecord;
use crm_campaigns::{BatchRecord, CampaignRecord, LineStats, NewCampaignEvent, Plan, SkipReason};
use crm_exports::{Export, ReportSchedule};
use crm_kernel::{
    AuditEntry, AutoResponseId, BatchId, CampaignId, CannedReplyId, ExportId, Figure, ImportId,
    InboundEventId, LiveEvent, MemberId, MergeId, MessageId, NewJob, NoteId, ReplyId,
    ReportScheduleId, SessionId, StayId, TagId, TemplateId, UploadId, UserId,
};
use crm_members::{Import, MemberRecord, Merge, MergeMove, NewStay, RowError};
use crm_messages::{CannedReplyRecord, Conversation, Note};
use crm_tags::{TagRecord, TriggerLog};
use crm_templates::Template;
use crm_uploads::UploadRecord;
use std::collections::{BTreeMap, BTreeSet};

/// Everything stored.
#[derive(Clone, Default)]
pub(crate) struct Tables {
    last_id: i64,
    pub(crate) users: BTreeMap<UserId, StoredUser>,
    pub(crate) sessions: BTreeMap<SessionId, StoredSession>,
    pub(crate) members: BTreeMap<MemberId, MemberRecord>,
    pub(crate) stays: BTreeMap<StayId, NewStay>,
    pub(crate) pms: PmsTables,
    pub(crate) imports: BTreeMap<ImportId, Import>,
    pub(crate) import_errors: Vec<(ImportId, RowError)>,
    pub(crate) merges: BTreeMap<MergeId, Merge>,
    pub(crate) merge_moves: BTreeSet<(MergeId, MergeMove, i64)>,
    pub(crate) tags: BTreeMap<TagId, TagRecord>,
    pub(crate) worn: BTreeMap<(MemberId, TagId), DateTime<Utc>>,
    pub(crate) trigger_logs: Vec<TriggerLog>,
    pub(crate) templates: BTreeMap<TemplateId, Template>,
    pub(crate) campaigns: BTreeMap<CampaignId, CampaignRecord>,
    pub(crate) campaign_events: Vec<NewCampaignEvent>,
    pub(crate) line_asked: BTreeMap<CampaignId, DateTime<Utc>>,
    pub(crate) line_stats: BTreeMap<CampaignId, LineStats>,
    pub(crate) recipients: Vec<StoredRecipient>,
    pub(crate) batches: BTreeMap<BatchId, BatchRecord>,
    /// Which sender a batch belongs to.
    pub(crate) senders: BTreeMap<BatchId, i64>,
    /// The last sender number that a campaign gave out.
    pub(crate) hired: BTreeMap<CampaignId, i64>,
    /// The next number of a batch that a campaign has not given out.
    pub(crate) numbers: BTreeMap<CampaignId, i64>,
    pub(crate) plans: BTreeMap<CampaignId, Plan>,
    pub(crate) skips: BTreeMap<(CampaignId, SkipReason), i64>,
    pub(crate) finished: BTreeMap<BatchId, DateTime<Utc>>,
    pub(crate) auto_responses: BTreeMap<AutoResponseId, AutoResponseRecord>,
    pub(crate) messages: BTreeMap<MessageId, StoredMessage>,
    pub(crate) conversations: BTreeMap<MemberId, Conversation>,
    pub(crate) notes: BTreeMap<NoteId, Note>,
    pub(crate) canned_replies: BTreeMap<CannedReplyId, CannedReplyRecord>,
    pub(crate) media: BTreeMap<MessageId, StoredMedia>,
    pub(crate) uploads: BTreeMap<UploadId, UploadRecord>,
    pub(crate) used_uploads: BTreeSet<UploadId>,
    pub(crate) events: BTreeMap<InboundEventId, StoredEvent>,
    pub(crate) replies: BTreeMap<ReplyId, StoredReply>,
    pub(crate) exports: BTreeMap<ExportId, Export>,
    pub(crate) report_schedules: BTreeMap<ReportScheduleId, ReportSchedule>,
    pub(crate) jobs: Vec<NewJob>,
    pub(crate) audit: Vec<AuditEntry>,
    pub(crate) told: Vec<LiveEvent>,
    pub(crate) figures: Vec<(Figure, i64, DateTime<Utc>, i64)>,
}

impl Tables {
    /// The next id. All tables share one sequence: an id used for the wrong table finds
    /// nothing, instead of something by chance.
    pub(crate) fn next_id<Id: From<i64>>(&mut self) -> Id {
        self.last_id += 1;
        self.last_id.into()
    }
}
