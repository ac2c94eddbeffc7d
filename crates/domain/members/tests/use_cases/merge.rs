use crate::desk::{Desk, STAFF, fields, text};
use chrono::TimeDelta;
use crm_kernel::{CampaignId, DomainError, ErrorKind, MemberId, TagId};
use crm_members::{MergeMove, RecordStay, RegisterMember};
use crm_memory::{MemoryStore, StoredRecipient};
use crm_tags::{TagKind, TagsTx, TriggerLog, TriggerSource};
use serde_json::json;

pub fn guest(first_name: &str) -> RegisterMember {
    RegisterMember {
        first_name: text(first_name),
        last_name: text("王"),
        ..RegisterMember::default()
    }
}

/// Two rows of one guest with something in every table, and what they share.
pub struct Pair {
    pub kept: MemberId,
    pub from: MemberId,
    pub shared_tag: TagId,
    pub own_tag: TagId,
    pub campaigns: [CampaignId; 2],
}

async fn tags_tx(store: &MemoryStore) -> Box<dyn TagsTx> {
    crm_kernel::Transactions::<dyn TagsTx>::begin(store)
        .await
        .unwrap()
}

async fn put_on(desk: &Desk, member: MemberId, tag: TagId, campaign: CampaignId) {
    let mut tx = tags_tx(&desk.store).await;
    let now = crm_kernel::Clock::now(&desk.clock);
    tx.tags().add_to_member(member, tag, now).await.unwrap();
    tx.tags().adjust_member_count(tag, 1).await.unwrap();
    let log = TriggerLog {
        member,
        tag,
        tag_name: "tag".to_owned(),
        campaign: Some(campaign),
        message: None,
        touched: None,
        source: TriggerSource::Click,
        at: now,
    };
    assert!(tx.tags().add_trigger_log(&log).await.unwrap());
    tx.tags().adjust_trigger_count(tag, 1).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn stay(desk: &Desk, member: MemberId, order_number: &str) {
    let day = crm_kernel::Clock::now(&desk.clock).date_naive();
    let stay = RecordStay {
        order_number: order_number.to_owned(),
        room_type: None,
        amount_minor: 100,
        check_in_date: day,
        check_out_date: day,
        booked_at: None,
    };
    desk.members
        .record_stay(&STAFF, member, stay)
        .await
        .unwrap();
}

pub async fn pair(desk: &Desk) -> Pair {
    let typed = RegisterMember {
        id_number: text("A123456789"),
        notes: text("high floor"),
        ..guest("小明")
    };
    let from = desk.register(typed).await.unwrap().id();
    desk.clock.advance(TimeDelta::minutes(1));
    let kept = desk.follow("U1", 1).await.member.id();
    let tag = || desk.store.some_tag(TagKind::Interaction);
    let (shared_tag, own_tag) = (tag(), tag());
    let everybody = crm_campaigns::Audience::All;
    let campaigns = [0, 1].map(|_| desk.store.some_campaign(everybody.clone()));
    put_on(desk, from, shared_tag, campaigns[0]).await;
    put_on(desk, from, own_tag, campaigns[0]).await;
    desk.clock.advance(TimeDelta::minutes(1));
    put_on(desk, kept, shared_tag, campaigns[0]).await;
    stay(desk, from, "#1").await;
    stay(desk, kept, "#2").await;
    desk.store.some_recipient(campaigns[0], kept);
    desk.store.some_recipient(campaigns[0], from);
    desk.store.some_recipient(campaigns[1], from);
    Pair {
        kept,
        from,
        shared_tag,
        own_tag,
        campaigns,
    }
}

fn members_of(rows: &[StoredRecipient]) -> Vec<Option<MemberId>> {
    rows.iter().map(|row| row.member).collect()
}

#[tokio::test]
async fn everything_of_the_other_is_the_kept_ones_and_counters_are_right() {
    let desk = Desk::new();
    let Pair {
        kept,
        from,
        shared_tag,
        own_tag,
        campaigns,
    } = pair(&desk).await;
    let merged = desk.members.merge(&STAFF, kept, from).await.unwrap();
    let store = &desk.store;
    assert_eq!(store.member(from), None);
    assert!(desk.stored(kept) == merged.kept);
    let record = merged.kept.record();
    assert_eq!(merged.kept.shown_name().as_deref(), Some("王小明"));
    assert!(record.id_number.is_some() && record.line.is_some());
    assert_eq!(record.created_at, desk.at(0));

    for tag in [shared_tag, own_tag] {
        assert_eq!(store.wearers(tag), [kept]);
        let tag = store.tag(tag).unwrap();
        assert_eq!(tag.record().member_count, 1);
    }
    assert_eq!(store.stays(kept).len(), 2);
    let [both, one] = campaigns.map(|id| members_of(&store.recipients(id)));
    assert_eq!((both, one), (vec![Some(kept), None], vec![Some(kept)]));
    let logs = store.trigger_logs();
    let wearers: Vec<MemberId> = logs.iter().map(|log| log.member).collect();
    assert_eq!(wearers, [from, kept, kept]);

    let moves: Vec<MergeMove> = store
        .merge_moves(merged.merge_id)
        .into_iter()
        .map(|(what, _)| what)
        .collect();
    assert_eq!(
        moves,
        [
            MergeMove::Tag,
            MergeMove::TagDropped,
            MergeMove::Stay,
            MergeMove::Recipient,
            MergeMove::RecipientLeft,
            MergeMove::TriggerLog,
        ]
    );
}

#[tokio::test]
async fn a_merge_is_written_down_without_personal_data() {
    let desk = Desk::new();
    let Pair { kept, from, .. } = pair(&desk).await;
    let merged = desk.members.merge(&STAFF, kept, from).await.unwrap();
    let entry = desk.store.audit().pop().unwrap();
    assert_eq!((entry.action, entry.subject), ("member.merged", "member"));
    assert_eq!(entry.subject_id, Some(kept.get()));
    assert!(entry.before.is_empty());
    assert_eq!(
        serde_json::Value::from(entry.after),
        json!({"from_member_id": from.get(), "merge_id": merged.merge_id.get(), "moved": {"tag": 1, "tag_dropped": 1, "stay": 1, "recipient": 1,
            "recipient_left": 1, "trigger_log": 1}})
    );
    let merge = desk.store.merge(merged.merge_id).unwrap();
    assert!(!merge.record.unwrap().contains("\"A123456789\""));
}

#[tokio::test]
async fn two_line_accounts_and_two_id_numbers_are_two_people() {
    let desk = Desk::new();
    let friends = [0, 1].map(|n| format!("U{n}"));
    let mut ids = Vec::new();
    for uid in &friends {
        ids.push(desk.follow(uid, 0).await.member.id());
    }
    let error = desk
        .members
        .merge(&STAFF, ids[0], ids[1])
        .await
        .unwrap_err();
    let told = (error.kind(), error.code());
    assert_eq!(told, (ErrorKind::Conflict, "both_have_line"));

    let mut ids = Vec::new();
    for number in ["A123456789", "B123456789"] {
        let guest = RegisterMember {
            id_number: text(number),
            ..guest("小明")
        };
        ids.push(desk.register(guest).await.unwrap().id());
    }
    let before = desk.store.members();
    let error = desk
        .members
        .merge(&STAFF, ids[0], ids[1])
        .await
        .unwrap_err();
    assert_eq!(error.code(), "different_id_numbers");
    assert!(desk.store.members() == before);
}

#[tokio::test]
async fn a_member_is_merged_with_another_one_that_exists() {
    let desk = Desk::new();
    let id = desk.register(guest("小明")).await.unwrap().id();
    for other in [id, 999.into()] {
        let error = desk.members.merge(&STAFF, id, other).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(fields(&error), ["from_member_id"]);
    }
    let error = desk.members.merge(&STAFF, 999.into(), id).await;
    assert_eq!(error.unwrap_err().code(), "member_not_found");
}

#[tokio::test]
async fn whoever_is_erased_is_forgotten_by_every_merge_they_came_from() {
    let desk = Desk::new();
    let mut ids = Vec::new();
    for name in ["甲", "乙", "丙"] {
        ids.push(desk.register(guest(name)).await.unwrap().id());
    }
    let first = desk.members.merge(&STAFF, ids[1], ids[0]).await.unwrap();
    let second = desk.members.merge(&STAFF, ids[2], ids[1]).await.unwrap();
    let mut tx = desk.begin().await;
    desk.members
        .delete_in(&mut *tx, &STAFF, ids[2])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for merge in [first.merge_id, second.merge_id] {
        assert_eq!(desk.store.merge(merge).unwrap().record, None);
        assert!(desk.store.merge_moves(merge).is_empty());
    }
    for entry in desk.store.audit() {
        assert!(entry.before.is_empty() && entry.after.is_empty());
    }
}
