//! Two members becoming one and two again: what changes hands, what is refused, what comes back.

use crate::messages::{insert, said};
use crate::samples::{Store, at, begin, campaign, commit, friend, members_on, tags_on};
use chrono::TimeDelta;
use crm_campaigns::Audience;
use crm_kernel::{Actor, CampaignId, MemberId, Patch, TagId, Transactions};
use crm_members::{
    LineUid, Member, MemberError, Members, MembersTx, MergeRefusal, RegisterMember, UpdateMember,
};
use crm_tags::{CreateTag, TagKind, TagsTx, TriggerLog, TriggerSource};
use crm_tests::MovedClock;

crate::contract_on_every_store!(
    tags_stay_on_whoever_wears_them_and_counters_equal_rows,
    a_tag_put_on_or_taken_off_since_is_respected,
    messages_and_taps_change_hands_and_come_back,
    the_line_account_goes_along_and_comes_back,
    what_cannot_be_one_person_changes_nothing,
    a_merge_is_undone_once_and_within_thirty_days,
    what_was_changed_since_stays_with_the_kept_member,
    a_number_that_somebody_else_has_by_now_stays_theirs,
    an_erased_member_cannot_be_parted_again,
);

/// A store that a front desk can work on.
pub trait DeskStore:
    Store + Transactions<dyn MembersTx> + Transactions<dyn TagsTx> + Clone + 'static
{
}
impl<S> DeskStore for S where
    S: Store + Transactions<dyn MembersTx> + Transactions<dyn TagsTx> + Clone + 'static
{
}

/// One guest twice: typed in by staff, and as a friend on LINE.
pub struct Pair {
    pub members: Members,
    pub clock: MovedClock,
    pub typed: MemberId,
    pub friend: MemberId,
}

pub fn guest(first_name: &str, id_number: Option<&str>) -> RegisterMember {
    RegisterMember {
        first_name: Some(first_name.into()),
        last_name: Some("王".into()),
        id_number: id_number.map(str::to_owned),
        ..RegisterMember::default()
    }
}

pub async fn pair(store: &impl DeskStore) -> Pair {
    let clock = MovedClock::at(at(60));
    let members = members_on(store, &clock);
    let new = guest("小明", Some("A123456789"));
    let typed = members.register(&Actor::System, new).await.unwrap().id();
    let friend = friend(store, "U1", at(0)).await;
    Pair {
        members,
        clock,
        typed,
        friend,
    }
}

pub async fn stored(store: &impl Store, id: MemberId) -> Option<Member> {
    begin(store).await.members().find(id).await.unwrap()
}

async fn tag(store: &impl DeskStore, name: &str) -> TagId {
    let command = CreateTag {
        name: name.into(),
        kind: TagKind::Member,
        source: None,
        description: None,
        campaign_id: None,
    };
    let tags = tags_on(store);
    tags.create(&Actor::System, command).await.unwrap().id()
}

async fn put_on(store: &impl Store, member: MemberId, tag: TagId) {
    let mut tx = begin(store).await;
    assert!(tx.tags().add_to_member(member, tag, at(1)).await.unwrap());
    tx.tags().adjust_member_count(tag, 1).await.unwrap();
    commit(tx).await;
}

async fn take_off(store: &impl Store, member: MemberId, tag: TagId) {
    let mut tx = begin(store).await;
    assert!(tx.tags().remove_from_member(member, tag).await.unwrap());
    tx.tags().adjust_member_count(tag, -1).await.unwrap();
    commit(tx).await;
}

async fn worn(store: &impl Store, member: MemberId) -> Vec<TagId> {
    begin(store).await.tags().worn_by(member).await.unwrap()
}

async fn counts<const N: usize>(store: &impl Store, tags: [TagId; N]) -> [u64; N] {
    let mut tx = begin(store).await;
    let mut counts = [0; N];
    for (count, tag) in counts.iter_mut().zip(tags) {
        let tag = tx.tags().find(tag).await.unwrap().unwrap();
        *count = tag.record().member_count;
    }
    counts
}

/// Whether a tap counts.
async fn taps(store: &impl Store, member: MemberId, tag: TagId, campaign: CampaignId) -> bool {
    let mut tx = begin(store).await;
    let log = TriggerLog {
        member,
        tag,
        tag_name: "中秋".into(),
        campaign: Some(campaign),
        message: None,
        touched: None,
        source: TriggerSource::Click,
        at: at(2),
    };
    let counts = tx.tags().add_trigger_log(&log).await.unwrap();
    commit(tx).await;
    counts
}

fn refusal<T>(result: Result<T, MemberError>) -> Option<MergeRefusal> {
    match result.err()? {
        MemberError::Merge(refusal) => Some(refusal),
        _ => None,
    }
}

async fn tags_stay_on_whoever_wears_them_and_counters_equal_rows(store: impl DeskStore) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&store).await;
    let [both, typeds, friends] = [
        tag(&store, "both").await,
        tag(&store, "typed").await,
        tag(&store, "friend").await,
    ];
    for (member, tag) in [
        (typed, both),
        (friend, both),
        (typed, typeds),
        (friend, friends),
    ] {
        put_on(&store, member, tag).await;
    }
    for (kept, from) in [(typed, friend), (friend, typed)] {
        let merged = members.merge(&Actor::System, kept, from).await.unwrap();
        assert_eq!(worn(&store, kept).await, [both, typeds, friends]);
        assert_eq!(worn(&store, from).await, []);
        assert_eq!(counts(&store, [both, typeds, friends]).await, [1, 1, 1]);
        let undone = members.undo_merge(&Actor::System, merged.merge_id).await;
        undone.unwrap();
        assert_eq!(worn(&store, typed).await, [both, typeds]);
        assert_eq!(worn(&store, friend).await, [both, friends]);
        assert_eq!(counts(&store, [both, typeds, friends]).await, [2, 1, 1]);
    }
}

async fn a_tag_put_on_or_taken_off_since_is_respected(store: impl DeskStore) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&store).await;
    let [both, own, new, gone] = [
        tag(&store, "both").await,
        tag(&store, "own").await,
        tag(&store, "new").await,
        tag(&store, "gone").await,
    ];
    for (member, tag) in [
        (typed, both),
        (friend, both),
        (friend, own),
        (typed, gone),
        (friend, gone),
    ] {
        put_on(&store, member, tag).await;
    }
    let merged = members.merge(&Actor::System, typed, friend).await.unwrap();
    take_off(&store, typed, both).await;
    take_off(&store, typed, own).await;
    put_on(&store, typed, new).await;
    let mut tx = begin(&store).await;
    assert!(tx.tags().delete(gone).await.unwrap());
    commit(tx).await;
    let undone = members.undo_merge(&Actor::System, merged.merge_id).await;
    undone.unwrap();
    assert_eq!(worn(&store, typed).await, [new]);
    assert_eq!(worn(&store, friend).await, []);
    assert_eq!(counts(&store, [both, own, new]).await, [0, 0, 1]);
}

async fn messages_and_taps_change_hands_and_come_back(store: impl DeskStore) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&store).await;
    let tag = tag(&store, "中秋").await;
    let [first, second, third] = [
        campaign(&store, Audience::All).await.id(),
        campaign(&store, Audience::All).await.id(),
        campaign(&store, Audience::All).await.id(),
    ];
    for (member, campaign) in [(typed, first), (friend, first), (friend, second)] {
        assert!(taps(&store, member, tag, campaign).await);
    }
    let message = insert(&store, &said(friend, "您好", 3)).await;
    let owner = async || {
        let mut tx = begin(&store).await;
        tx.messages().member_of(message).await.unwrap()
    };
    let merged = members.merge(&Actor::System, typed, friend).await.unwrap();
    assert_eq!(owner().await, Some(typed));
    for (campaign, counts) in [(first, false), (second, false), (third, true)] {
        assert_eq!(taps(&store, typed, tag, campaign).await, counts);
    }
    let later = insert(&store, &said(typed, "後來", 4)).await;
    let undone = members.undo_merge(&Actor::System, merged.merge_id).await;
    undone.unwrap();
    assert_eq!(owner().await, Some(friend));
    let mut tx = begin(&store).await;
    assert_eq!(tx.messages().member_of(later).await.unwrap(), Some(typed));
    drop(tx);
    for (member, campaign, counts) in [
        (friend, first, false),
        (friend, second, false),
        (friend, third, true),
        (typed, first, false),
        (typed, second, true),
        (typed, third, false),
    ] {
        assert_eq!(taps(&store, member, tag, campaign).await, counts);
    }
}

async fn the_line_account_goes_along_and_comes_back(store: impl DeskStore) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&store).await;
    let before = [
        stored(&store, typed).await.unwrap(),
        stored(&store, friend).await.unwrap(),
    ];
    let holder = async || {
        let uid = LineUid::parse("U1").unwrap();
        let mut tx = begin(&store).await;
        let found = tx.members().find_by_line_uid(&uid).await.unwrap();
        found.map(|member| member.id())
    };
    for (kept, from) in [(typed, friend), (friend, typed)] {
        let merged = members.merge(&Actor::System, kept, from).await.unwrap();
        assert!(stored(&store, kept).await.unwrap() == merged.kept);
        assert!(stored(&store, from).await.is_none());
        let record = merged.kept.record();
        assert!(record.id_number.is_some() && record.line.is_some());
        assert_eq!(holder().await, Some(kept));
        let undone = members.undo_merge(&Actor::System, merged.merge_id).await;
        undone.unwrap();
        assert_eq!(holder().await, Some(friend));
        let after = [
            stored(&store, typed).await.unwrap(),
            stored(&store, friend).await.unwrap(),
        ];
        assert!(after == before, "everything as it was");
    }
}

async fn what_cannot_be_one_person_changes_nothing(store: impl DeskStore) {
    let Pair {
        members,
        typed,
        friend: one,
        ..
    } = pair(&store).await;
    let other = friend(&store, "U2", at(1)).await;
    let new = guest("小明", Some("B123456789"));
    let namesake = members.register(&Actor::System, new).await.unwrap().id();
    let merge = |kept, from| members.merge(&Actor::System, kept, from);
    let line = Some(MergeRefusal::BothHaveLine);
    assert_eq!(refusal(merge(one, other).await), line);
    let numbers = Some(MergeRefusal::DifferentIdNumbers);
    assert_eq!(refusal(merge(typed, namesake).await), numbers);
    let nobody = MemberId::new(999_999);
    for from in [typed, nobody] {
        let refused = merge(typed, from).await;
        assert!(matches!(refused, Err(MemberError::Invalid(_))));
    }
    let refused = merge(nobody, typed).await;
    assert!(matches!(refused, Err(MemberError::NotFound)));
    for id in [typed, one, other, namesake] {
        let member = stored(&store, id).await.unwrap();
        assert_eq!(member.record().updated_at, None);
    }
}

async fn a_merge_is_undone_once_and_within_thirty_days(store: impl DeskStore) {
    let Pair {
        members,
        clock,
        typed,
        friend,
    } = pair(&store).await;
    let merge = || members.merge(&Actor::System, typed, friend);
    let undo = |id| members.undo_merge(&Actor::System, id);
    let first = merge().await.unwrap().merge_id;
    clock.advance(TimeDelta::days(30));
    undo(first).await.unwrap();
    assert_eq!(refusal(undo(first).await), Some(MergeRefusal::Undone));

    let second = merge().await.unwrap().merge_id;
    assert_ne!(first, second);
    assert_eq!(refusal(undo(first).await), Some(MergeRefusal::Undone));
    clock.advance(TimeDelta::days(30));
    let now = crm_kernel::Clock::now(&clock);
    assert_eq!(members.forget_old_merges(now).await.unwrap(), 0);
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(refusal(undo(second).await), Some(MergeRefusal::TooOld));
    let now = crm_kernel::Clock::now(&clock);
    assert_eq!(members.forget_old_merges(now).await.unwrap(), 1);
    assert_eq!(refusal(undo(second).await), Some(MergeRefusal::TooOld));
    let mut tx = begin(&store).await;
    let merge = tx.merges().find(second).await.unwrap().unwrap();
    assert_eq!(merge.record, None);
    drop(tx);
    assert!(stored(&store, friend).await.is_none());
    let unknown = undo(999_999.into()).await;
    assert!(matches!(unknown, Err(MemberError::MergeNotFound)));
}

async fn what_was_changed_since_stays_with_the_kept_member(store: impl DeskStore) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&store).await;
    let merged = members.merge(&Actor::System, friend, typed).await.unwrap();
    let change = UpdateMember {
        first_name: Patch::Set("𠮷明".into()),
        accept_marketing: Patch::Set(false),
        ..UpdateMember::default()
    };
    members
        .update(&Actor::System, friend, change)
        .await
        .unwrap();
    let undone = members.undo_merge(&Actor::System, merged.merge_id).await;
    undone.unwrap();
    let (friend, typed) = (
        stored(&store, friend).await.unwrap(),
        stored(&store, typed).await.unwrap(),
    );
    assert_eq!(friend.shown_name().as_deref(), Some("𠮷明"));
    assert!(friend.record().id_number.is_none() && friend.line().is_some());
    assert_eq!(typed.shown_name().as_deref(), Some("王小明"));
    assert!(typed.record().id_number.is_some() && typed.line().is_none());
    // Whoever refused since then may have been either of them.
    assert!(!friend.accepts_marketing() && !typed.accepts_marketing());
}

async fn a_number_that_somebody_else_has_by_now_stays_theirs(store: impl DeskStore) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&store).await;
    let merged = members.merge(&Actor::System, friend, typed).await.unwrap();
    let clear = UpdateMember {
        id_number: Patch::Clear,
        ..UpdateMember::default()
    };
    members.update(&Actor::System, friend, clear).await.unwrap();
    let new = guest("大明", Some("A123456789"));
    let other = members.register(&Actor::System, new).await.unwrap().id();
    let before = stored(&store, friend).await;
    let undo = || members.undo_merge(&Actor::System, merged.merge_id);
    let refused = undo().await;
    assert!(matches!(
        refused,
        Err(MemberError::Duplicate { field: "id_number" })
    ));
    assert!(stored(&store, typed).await.is_none());
    assert!(stored(&store, friend).await == before, "nothing half done");
    let clear = UpdateMember {
        id_number: Patch::Clear,
        ..UpdateMember::default()
    };
    members.update(&Actor::System, other, clear).await.unwrap();
    undo().await.unwrap();
    let typed = stored(&store, typed).await.unwrap();
    assert!(typed.record().id_number.is_some());
}

async fn an_erased_member_cannot_be_parted_again(store: impl DeskStore) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&store).await;
    let merged = members.merge(&Actor::System, typed, friend).await.unwrap();
    let mut tx = begin(&store).await;
    members
        .delete_in(&mut *tx, &Actor::System, typed)
        .await
        .unwrap();
    commit(tx).await;
    let undone = members.undo_merge(&Actor::System, merged.merge_id).await;
    assert_eq!(refusal(undone), Some(MergeRefusal::MemberGone));
    let mut tx = begin(&store).await;
    let merge = tx.merges().find(merged.merge_id).await.unwrap().unwrap();
    assert_eq!(merge.record, None, "what it remembered is personal data");
}
