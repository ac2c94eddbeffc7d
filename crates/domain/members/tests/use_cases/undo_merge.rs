use crate::desk::{Desk, STAFF, text};
use crate::merge::{Pair, guest, pair, stay};
use chrono::TimeDelta;
use crm_kernel::{DomainError, ErrorKind, MergeId, Patch};
use crm_members::{LineState, MemberError, RegisterMember, UpdateMember};
use serde_json::json;

async fn undo(desk: &Desk, id: MergeId) -> Result<(), MemberError> {
    desk.clock.advance(TimeDelta::minutes(1));
    desk.members.undo_merge(&STAFF, id).await
}

fn code(result: Result<(), MemberError>) -> (ErrorKind, &'static str) {
    let error = result.unwrap_err();
    (error.kind(), error.code())
}

#[tokio::test]
async fn undoing_at_once_leaves_everything_as_it_was() {
    let desk = Desk::new();
    let Pair {
        kept,
        from,
        shared_tag,
        own_tag,
        campaigns,
    } = pair(&desk).await;
    let state = || {
        let store = &desk.store;
        (
            store.members(),
            [shared_tag, own_tag].map(|tag| (store.wearers(tag), store.tag(tag))),
            [kept, from].map(|id| store.stays(id)),
            campaigns.map(|id| store.recipients(id)),
            store.trigger_logs(),
            store.worn_since(),
        )
    };
    let before = state();
    for (kept, from) in [(kept, from), (from, kept)] {
        let merged = desk.members.merge(&STAFF, kept, from).await.unwrap();
        assert!(state() != before);
        undo(&desk, merged.merge_id).await.unwrap();
        assert!(state() == before);
        let entry = desk.store.audit().pop().unwrap();
        assert_eq!(entry.action, "member.merge_undone");
        assert_eq!(entry.subject_id, Some(kept.get()));
        let merge = desk.store.merge(merged.merge_id).unwrap();
        assert_eq!(merge.record, None);
        let again = undo(&desk, merged.merge_id).await;
        assert_eq!(code(again), (ErrorKind::Conflict, "merge_undone"));
    }
}

#[tokio::test]
async fn what_was_changed_since_stays_with_the_kept_one() {
    let desk = Desk::new();
    let Pair { kept, from, .. } = pair(&desk).await;
    let merged = desk.members.merge(&STAFF, kept, from).await.unwrap();
    let change = UpdateMember {
        first_name: Patch::Set("大明".to_owned()),
        phone: Patch::Set("0912345678".to_owned()),
        ..UpdateMember::default()
    };
    desk.members.update(&STAFF, kept, change).await.unwrap();
    stay(&desk, kept, "#3").await;
    undo(&desk, merged.merge_id).await.unwrap();

    let (kept_now, from_now) = (desk.stored(kept), desk.stored(from));
    let record = kept_now.record();
    assert_eq!(record.first_name.as_ref().unwrap().as_str(), "大明");
    assert!(record.phone.is_some());
    assert!(record.last_name.is_none() && record.id_number.is_none());
    assert!(record.notes.is_none() && record.line.is_some());
    assert_eq!(from_now.shown_name().as_deref(), Some("王小明"));
    assert!(from_now.record().phone.is_none());
    assert!(from_now.record().id_number.is_some());
    assert_eq!(desk.store.stays(kept).len(), 2);
    assert_eq!(desk.store.stays(from).len(), 1);
}

#[tokio::test]
async fn what_line_told_since_goes_with_the_account() {
    let desk = Desk::new();
    let kept = desk.register(guest("小明")).await.unwrap().id();
    let from = desk.follow("U1", 0).await.member.id();
    let merged = desk.members.merge(&STAFF, kept, from).await.unwrap();
    desk.seen("U1", 4).await;
    desk.unfollow("U1", 5).await;
    undo(&desk, merged.merge_id).await.unwrap();
    let (kept, from) = (desk.stored(kept), desk.stored(from));
    assert!(kept.line().is_none());
    assert_eq!(kept.last_interaction_at(), None);
    assert_eq!(from.line().unwrap().state, LineState::Blocked);
    assert_eq!(from.last_interaction_at(), Some(desk.at(4)));
}

#[tokio::test]
async fn a_refusal_of_marketing_since_then_is_that_of_both() {
    let desk = Desk::new();
    let Pair { kept, from, .. } = pair(&desk).await;
    let merged = desk.members.merge(&STAFF, kept, from).await.unwrap();
    let refuse = UpdateMember {
        accept_marketing: Patch::Set(false),
        ..UpdateMember::default()
    };
    desk.members.update(&STAFF, kept, refuse).await.unwrap();
    undo(&desk, merged.merge_id).await.unwrap();
    for id in [kept, from] {
        assert!(!desk.stored(id).accepts_marketing());
    }
}

#[tokio::test]
async fn a_tag_taken_off_since_does_not_come_back() {
    let desk = Desk::new();
    let pair = pair(&desk).await;
    let merged = desk.members.merge(&STAFF, pair.kept, pair.from).await;
    let merge_id = merged.unwrap().merge_id;
    for tag in [pair.shared_tag, pair.own_tag] {
        let mut tx = crm_kernel::Transactions::<dyn crm_tags::TagsTx>::begin(&desk.store)
            .await
            .unwrap();
        let was_worn = tx.tags().remove_from_member(pair.kept, tag).await.unwrap();
        assert!(was_worn);
        tx.tags().adjust_member_count(tag, -1).await.unwrap();
        tx.commit().await.unwrap();
    }
    undo(&desk, merge_id).await.unwrap();
    for tag in [pair.shared_tag, pair.own_tag] {
        assert!(desk.store.wearers(tag).is_empty());
        let tag = desk.store.tag(tag).unwrap();
        assert_eq!(tag.record().member_count, 0);
    }
}

#[tokio::test]
async fn a_merge_can_be_undone_for_30_days() {
    let desk = Desk::new();
    let Pair { kept, from, .. } = pair(&desk).await;
    let merged = desk.members.merge(&STAFF, kept, from).await.unwrap();
    desk.clock.advance(TimeDelta::days(30));
    let now = crm_kernel::Clock::now(&desk.clock);
    assert_eq!(desk.members.forget_old_merges(now).await.unwrap(), 0);
    let late = undo(&desk, merged.merge_id).await;
    assert_eq!(code(late), (ErrorKind::Conflict, "merge_too_old"));

    let now = crm_kernel::Clock::now(&desk.clock);
    assert_eq!(desk.members.forget_old_merges(now).await.unwrap(), 1);
    assert_eq!(desk.members.forget_old_merges(now).await.unwrap(), 0);
    assert_eq!(desk.store.merge(merged.merge_id).unwrap().record, None);
}

#[tokio::test]
async fn a_chain_of_merges_is_undone_from_its_end() {
    let desk = Desk::new();
    let mut ids = Vec::new();
    for name in ["甲", "乙", "丙"] {
        ids.push(desk.register(guest(name)).await.unwrap().id());
    }
    let before = desk.store.members();
    let first = desk.members.merge(&STAFF, ids[1], ids[0]).await.unwrap();
    let second = desk.members.merge(&STAFF, ids[2], ids[1]).await.unwrap();
    let too_early = undo(&desk, first.merge_id).await;
    assert_eq!(code(too_early), (ErrorKind::Conflict, "member_gone"));
    undo(&desk, second.merge_id).await.unwrap();
    undo(&desk, first.merge_id).await.unwrap();
    assert!(desk.store.members() == before);
    let unknown = undo(&desk, 999.into()).await;
    assert_eq!(code(unknown), (ErrorKind::NotFound, "merge_not_found"));
}

#[tokio::test]
async fn an_id_number_that_somebody_else_has_by_now_cannot_come_back() {
    let desk = Desk::new();
    let Pair { kept, from, .. } = pair(&desk).await;
    let merged = desk.members.merge(&STAFF, kept, from).await.unwrap();
    let clear = UpdateMember {
        id_number: Patch::Clear,
        ..UpdateMember::default()
    };
    desk.members.update(&STAFF, kept, clear).await.unwrap();
    let other = RegisterMember {
        id_number: text("A123456789"),
        ..guest("大明")
    };
    desk.register(other).await.unwrap();
    let refused = undo(&desk, merged.merge_id).await;
    assert_eq!(code(refused), (ErrorKind::Conflict, "member_duplicate"));
    assert_eq!(desk.store.member(from), None);
}

#[tokio::test]
async fn merges_into_one_member_are_undone_the_last_first() {
    let desk = Desk::new();
    let [kept, first, second] = [
        desk.register(guest("小明")).await.unwrap().id(),
        desk.register(RegisterMember {
            email: text("first@a.tw"),
            ..guest("大明")
        })
        .await
        .unwrap()
        .id(),
        desk.register(RegisterMember {
            phone: text("0912345678"),
            ..guest("明明")
        })
        .await
        .unwrap()
        .id(),
    ];
    let before = desk.store.members();
    let merge = async |from| {
        desk.clock.advance(TimeDelta::minutes(1));
        let merged = desk.members.merge(&STAFF, kept, from).await;
        merged.unwrap().merge_id
    };
    let (earlier, later) = (merge(first).await, merge(second).await);
    let merged = desk.store.members();
    let refused = undo(&desk, earlier).await.unwrap_err();
    assert_eq!(
        (refused.kind(), refused.code()),
        (ErrorKind::Conflict, "merge_not_last")
    );
    assert_eq!(refused.details(), Some(json!({ "merge_id": later })));
    assert!(desk.store.members() == merged);
    undo(&desk, later).await.unwrap();
    undo(&desk, earlier).await.unwrap();
    assert!(desk.store.members() == before);
    // Undone merges are in nobody's way.
    let again = merge(first).await;
    undo(&desk, again).await.unwrap();
}

#[tokio::test]
async fn whoever_was_merged_is_found_by_their_old_id() {
    let desk = Desk::new();
    let mut ids = Vec::new();
    for name in ["一", "二", "三"] {
        ids.push(desk.register(guest(name)).await.unwrap().id());
    }
    let present = async |id| {
        let mut tx = desk.begin().await;
        let member = desk.members.present_in(&mut *tx, id).await.unwrap();
        member.map(|member| member.id())
    };
    assert_eq!(present(ids[0]).await, Some(ids[0]));
    desk.members.merge(&STAFF, ids[1], ids[0]).await.unwrap();
    let last = desk.members.merge(&STAFF, ids[2], ids[1]).await.unwrap();
    for id in &ids {
        assert_eq!(present(*id).await, Some(ids[2]));
    }
    undo(&desk, last.merge_id).await.unwrap();
    assert_eq!(present(ids[0]).await, Some(ids[1]));
    let mut tx = desk.begin().await;
    tx.members().delete(ids[1]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(present(ids[0]).await, None);
    assert_eq!(present(999.into()).await, None);
}
