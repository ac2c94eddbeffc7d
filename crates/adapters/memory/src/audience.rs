//! What an audience may ask of a member, gathered from the tables.

use crate::recipients::StoredRecipient;
use crate::tables::Tables;
use crm_campaigns::{
    BatchState, CampaignFacts, Gender, Known, MemberFacts, RecipientStatus, Source, StayFacts,
};
use crm_kernel::MemberId;
use crm_members::{MemberRecord, MemberSource, NewStay};
use std::collections::BTreeSet;

pub(crate) fn facts_of(tables: &Tables, id: MemberId, member: &MemberRecord) -> MemberFacts {
    let worn = tables.worn.keys().filter(|(wearer, _)| *wearer == id);
    let stays = tables.stays.values().filter(|stay| stay.member == id);
    let planned = tables.recipients.iter();
    MemberFacts {
        known: known(member),
        gender: member
            .gender
            .and_then(|gender| Gender::parse(gender.as_str())),
        birthday: member.birthday,
        source: match member.source {
            MemberSource::Line => Source::Line,
            MemberSource::Crm => Source::Crm,
            MemberSource::System => Source::System,
        },
        created_at: member.created_at,
        followed_at: member.line.as_ref().and_then(|line| line.followed_at),
        last_interaction_at: member.last_interaction_at,
        tags: worn.map(|(_, tag)| *tag).collect(),
        stays: stays.map(stay_facts).collect(),
        campaigns: planned
            .filter(|row| row.member == Some(id))
            .filter_map(|row| sent(tables, row))
            .collect(),
        // Scores are made by a database only.
        rfm: None,
    }
}

fn known(member: &MemberRecord) -> BTreeSet<Known> {
    [
        (Known::FirstName, member.first_name.is_some()),
        (Known::LastName, member.last_name.is_some()),
        (Known::Gender, member.gender.is_some()),
        (Known::Birthday, member.birthday.is_some()),
        (Known::Email, member.email.is_some()),
        (Known::Phone, member.phone.is_some()),
        (Known::LastInteraction, member.last_interaction_at.is_some()),
    ]
    .into_iter()
    .filter_map(|(what, is_known)| is_known.then_some(what))
    .collect()
}

fn stay_facts(stay: &NewStay) -> StayFacts {
    StayFacts {
        pms_status: stay.pms_status.clone(),
        room_type: stay.room_type.clone(),
        amount_minor: stay.amount_minor,
        check_in: stay.check_in_date,
        check_out: stay.check_out_date,
        nights: stay.nights,
    }
}

/// What a recipient did with a campaign, if it was sent to them.
fn sent(tables: &Tables, row: &StoredRecipient) -> Option<CampaignFacts> {
    let batch = tables
        .batches
        .values()
        .find(|batch| (batch.campaign_id, Some(batch.number)) == (row.campaign, row.batch_number));
    let accepted = batch.filter(|batch| batch.state == BatchState::Accepted);
    let was_sent = match row.status {
        RecipientStatus::Failed | RecipientStatus::Skipped => false,
        RecipientStatus::Pending => accepted.is_some(),
        _ => true,
    };
    was_sent.then_some(CampaignFacts {
        campaign: row.campaign,
        sent_at: row
            .sent_at
            .or_else(|| tables.finished.get(&accepted?.id).copied()),
        opened_at: row.opened_at,
        clicked_at: row.clicked_at,
    })
}
