use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One of a fixed set of words.
pub(crate) trait Word: Sized {
    /// All of them.
    const WORDS: &'static [&'static str];

    /// The one that is written like this.
    fn from_word(text: &str) -> Option<Self>;
}

/// A set of words on the wire, in step with the domain's: a variant missing on either side does
/// not compile.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $domain:path { $($variant:ident = $text:tt,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        pub(crate) enum $name {
            $(#[serde(rename = $text)] $variant,)*
        }

        impl Word for $name {
            const WORDS: &'static [&'static str] = &[$($text,)*];

            fn from_word(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl From<$name> for $domain {
            fn from(word: $name) -> Self {
                match word {
                    $($name::$variant => Self::$variant,)*
                }
            }
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value {
                    $(<$domain>::$variant => Self::$variant,)*
                }
            }
        }
    )*};
}

words! {
    /// What can be drawn along days.
    Metric = crm_analytics::Metric {
        Sent = "sent",
        Opened = "opened",
        Clicked = "clicked",
        Converted = "converted",
        Revenue = "revenue",
        MessagesSent = "messages_sent",
        MessagesReceived = "messages_received",
        Follows = "follows",
        Blocks = "blocks",
    }
    /// What somebody does in the hotel.
    Role = crm_accounts::Role {
        Admin = "admin",
        Marketing = "marketing",
        CustomerService = "customer_service",
    }
    /// Gender as the guest or the hotel's records state it.
    Gender = crm_members::Gender {
        Male = "male",
        Female = "female",
        Other = "other",
    }
    /// Where a member came from first.
    MemberSource = crm_members::MemberSource {
        Line = "line",
        Crm = "crm",
        System = "system",
    }
    /// How far an event that LINE delivered came.
    LineEventStatus = crm_workflows::EventStatus {
        Waiting = "waiting",
        Handled = "handled",
        Dead = "dead",
        Forgotten = "forgotten",
    }
    /// Who wrote a stay down.
    StaySource = crm_members::StaySource {
        Pms = "pms",
        Manual = "manual",
    }
    /// Whether messages to a LINE user arrive.
    LineState = crm_members::LineState {
        Following = "following",
        Blocked = "blocked",
    }
    /// How many of several tags a member must wear.
    TagsMode = crm_members::TagsMode {
        All = "all",
        Any = "any",
    }
    /// A direction.
    SortOrder = crm_members::SortOrder {
        Asc = "asc",
        Desc = "desc",
    }
    /// The columns that members can be ordered by.
    MemberSortColumn = crm_members::MemberSortColumn {
        LastInteractionAt = "last_interaction_at",
        CreatedAt = "created_at",
        UpdatedAt = "updated_at",
        Id = "id",
        FirstName = "first_name",
        LastName = "last_name",
        LineDisplayName = "line_display_name",
        Email = "email",
    }
    /// What an export tells.
    ReportType = crm_exports::ReportType {
        Overview = "overview",
        CampaignPerformance = "campaign_performance",
        CampaignRecipients = "campaign_recipients",
        Members = "members",
        Messages = "messages",
        Tags = "tags",
    }
    /// The form of an export.
    ExportFormat = crm_exports::ExportFormat {
        Excel = "excel",
        Pdf = "pdf",
        Csv = "csv",
    }
    /// How far an export has come.
    ExportStatus = crm_exports::ExportStatus {
        Pending = "pending",
        Running = "running",
        Completed = "completed",
        Failed = "failed",
        Expired = "expired",
    }
    /// How often a report is made.
    Frequency = crm_exports::Frequency {
        Weekly = "weekly",
        Monthly = "monthly",
    }
    /// How far a file was read.
    ImportStatus = crm_members::ImportStatus {
        Pending = "pending",
        Running = "running",
        Completed = "completed",
        Failed = "failed",
    }
    /// What is taken over from the hotel's own system.
    SyncType = crm_members::PmsKind {
        Members = "members",
        ConsumptionRecords = "consumption_records",
    }
    /// How much a run takes over: what changed, everything, the stays that arrive about now, or
    /// a file.
    SyncMode = crm_members::SyncMode {
        Incremental = "incremental",
        Full = "full",
        Sweep = "sweep",
        File = "file",
    }
    /// How far a run has come.
    SyncStatus = crm_members::SyncStatus {
        Pending = "pending",
        Running = "running",
        Completed = "completed",
        Failed = "failed",
    }
    /// Whether somebody has decided whose a row is; `settled` when it is no question any more.
    ReviewStatus = crm_members::ReviewStatus {
        Open = "open",
        Decided = "decided",
        Settled = "settled",
    }
    /// Why a person must say whose a row is.
    ReviewReason = crm_members::ReviewReason {
        IdNumberDiffers = "id_number_differs",
        IdNumberOfAnother = "id_number_of_another_member",
        SeveralMembers = "several_members",
        OtherIdNumber = "other_id_number",
        OtherName = "other_name",
    }
    /// What happened with a guest.
    TimelineKind = crm_members::TimelineKind {
        Created = "created",
        Followed = "followed",
        Unfollowed = "unfollowed",
        Stay = "stay",
        Tag = "tag",
        CampaignSent = "campaign_sent",
        CampaignOpened = "campaign_opened",
        CampaignClicked = "campaign_clicked",
        MessageIncoming = "message_incoming",
        MessageOutgoing = "message_outgoing",
        Merged = "merged",
    }
    /// What a tag tells about a guest.
    TagType = crm_tags::TagKind {
        Member = "member",
        Interaction = "interaction",
    }
    /// Who thought of a tag.
    TagSource = crm_tags::TagSource {
        Api = "api",
        Manual = "manual",
    }
    /// What put a tag on a member.
    TriggerSource = crm_tags::TriggerSource {
        Click = "click",
        Interaction = "interaction",
        Manual = "manual",
    }
    /// The form of a template.
    TemplateType = crm_templates::TemplateKind {
        Text = "text",
        TextButton = "text_button",
        ImageClick = "image_click",
        ImageCard = "image_card",
    }
    /// What a tap does.
    InteractionKind = crm_templates::InteractionKind {
        None = "none",
        OpenUrl = "open_url",
        TriggerMessage = "trigger_message",
        TriggerImage = "trigger_image",
        TriggerTemplate = "trigger_template",
    }
    /// Where a campaign stands.
    CampaignStatus = crm_campaigns::CampaignStatus {
        Draft = "draft",
        Scheduled = "scheduled",
        Sending = "sending",
        Sent = "sent",
        Failed = "failed",
        Active = "active",
        Paused = "paused",
        Cancelled = "cancelled",
    }
    /// What happened to a campaign.
    CampaignEventKind = crm_campaigns::EventKind {
        Created = "created",
        Edited = "edited",
        Scheduled = "scheduled",
        Unscheduled = "unscheduled",
        Activated = "activated",
        Started = "started",
        Planned = "planned",
        Paused = "paused",
        Resumed = "resumed",
        Cancelled = "cancelled",
        Retried = "retried",
        TestSent = "test_sent",
        Finished = "finished",
        Failed = "failed",
    }
    /// How far a campaign came with one recipient.
    RecipientStatus = crm_campaigns::RecipientStatus {
        Pending = "pending",
        Sent = "sent",
        Opened = "opened",
        Clicked = "clicked",
        Failed = "failed",
        Skipped = "skipped",
    }
    /// What a rule answers to.
    TriggerType = crm_auto_responses::TriggerType {
        Welcome = "welcome",
        Keyword = "keyword",
        Time = "time",
    }
    /// Who speaks to whom.
    MessageDirection = crm_messages::Direction {
        Incoming = "incoming",
        Outgoing = "outgoing",
    }
    /// The form of a message.
    MessageType = crm_messages::MessageType {
        Text = "text",
        Image = "image",
        Template = "template",
    }
    /// Who wrote an outgoing message: staff, a rule or a campaign.
    SenderType = crm_messages::SenderType {
        Manual = "manual",
        Auto = "auto",
        Campaign = "campaign",
    }
    /// What became of a message.
    MessageStatus = crm_messages::MessageStatus {
        Received = "received",
        Pending = "pending",
        Sent = "sent",
        Failed = "failed",
    }
    /// What became of content that a guest sent.
    MediaState = crm_messages::MediaState {
        Pending = "pending",
        Stored = "stored",
        Failed = "failed",
        Gone = "gone",
    }
    /// What a picture is for.
    UploadCategory = crm_uploads::Category {
        Templates = "templates",
        Members = "members",
        Temp = "temp",
    }
    /// How many of the included tags a member must wear.
    IncludeMode = crm_campaigns::IncludeMode {
        All = "all",
        Any = "any",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_and_the_domain_use_the_same_words() {
        for word in CampaignStatus::WORDS {
            let domain: crm_campaigns::CampaignStatus =
                CampaignStatus::from_word(word).unwrap().into();
            assert_eq!(domain.as_str(), *word);
        }
        for word in TemplateType::WORDS {
            let domain: crm_templates::TemplateKind = TemplateType::from_word(word).unwrap().into();
            assert_eq!(domain.as_str(), *word);
        }
        for word in Role::WORDS {
            let domain: crm_accounts::Role = Role::from_word(word).unwrap().into();
            assert_eq!(domain.as_str(), *word);
        }
    }

    #[test]
    fn a_word_reads_and_writes_the_same() {
        for word in Gender::WORDS {
            let gender = Gender::from_word(word).unwrap();
            assert_eq!(serde_json::to_value(gender).unwrap(), *word);
        }
        assert_eq!(Gender::from_word("Male"), None);
    }
}
