use crate::{MemoryStore, StoredRecipient};
use chrono::DateTime;
use crm_campaigns::{Audience, CampaignRecord, CampaignStatus, Counts, RecipientStatus};
use crm_kernel::{CampaignId, MemberId, TagId};
use crm_members::{FieldEdits, LineLink, LineUid, MemberRecord, MemberSource, PersonName};
use crm_tags::{TagKind, TagName, TagRecord, TagSource};
use crm_templates::{Template, TemplateContent};

/// Rows that other rows point to, for tests about those. They are written past every unit of
/// work, so while none is open.
impl MemoryStore {
    /// A guest of whom only matters that there is one; they have no LINE account.
    pub fn some_member(&self) -> MemberId {
        self.put_member(|_| None)
    }

    /// A guest who follows since 1970 and accepts everything.
    pub fn some_friend(&self) -> MemberId {
        self.put_member(|id| {
            let uid = LineUid::from_stored(format!("Usome{id}"));
            Some(LineLink::following(uid, DateTime::UNIX_EPOCH))
        })
    }

    fn put_member(&self, line: impl FnOnce(MemberId) -> Option<LineLink>) -> MemberId {
        self.write(|tables| {
            let id = tables.next_id();
            let record = MemberRecord {
                line: line(id),
                first_name: Some(PersonName::from_stored("小明".to_owned())),
                last_name: None,
                gender: None,
                birthday: None,
                email: None,
                phone: None,
                id_number: None,
                source: MemberSource::System,
                accept_marketing: true,
                notes: None,
                created_at: DateTime::UNIX_EPOCH,
                last_interaction_at: None,
                updated_at: None,
                edits: FieldEdits::default(),
            };
            tables.members.insert(id, record);
            id
        })
    }

    /// A tag that nobody wears.
    pub fn some_tag(&self, kind: TagKind) -> TagId {
        self.write(|tables| {
            let id = tables.next_id();
            let record = TagRecord {
                name: TagName::from_stored(format!("Some tag {id}")),
                kind,
                source: TagSource::Manual,
                description: None,
                campaign_id: None,
                member_count: 0,
                trigger_count: 0,
                created_at: DateTime::UNIX_EPOCH,
                updated_at: None,
            };
            tables.tags.insert(id, record);
            id
        })
    }

    /// A recipient of a campaign who was left out of its plan.
    pub fn some_recipient(&self, campaign: CampaignId, member: MemberId) {
        self.write(|tables| {
            tables.recipients.push(StoredRecipient {
                campaign,
                member: Some(member),
                batch_number: None,
                status: RecipientStatus::Skipped,
                reason: None,
                error_message: None,
                sent_at: None,
                opened_at: None,
                clicked_at: None,
            });
        });
    }

    /// A draft for `audience`, with a template of its own, of which only matters that there is
    /// one.
    pub fn some_campaign(&self, audience: Audience) -> CampaignId {
        self.write(|tables| {
            let template_id = tables.next_id();
            let template = Template::from_stored(
                template_id,
                "Some template".to_owned(),
                TemplateContent::text("Hello"),
                DateTime::UNIX_EPOCH,
                None,
            );
            tables.templates.insert(template_id, template);
            let record = CampaignRecord {
                id: tables.next_id(),
                title: "Some campaign".to_owned(),
                template_id,
                audience,
                trigger: None,
                scheduled_at: None,
                sent_at: None,
                finished_at: None,
                status: CampaignStatus::Draft,
                status_reason: None,
                frozen_template: None,
                recurring: false,
                line_unit: None,
                counts: Counts::default(),
                created_by: None,
                created_at: DateTime::UNIX_EPOCH,
                updated_at: None,
            };
            let id = record.id;
            tables.campaigns.insert(id, record);
            id
        })
    }
}
