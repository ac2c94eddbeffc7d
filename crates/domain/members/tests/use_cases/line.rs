use crate::desk::{Desk, STAFF};
use crm_kernel::{DomainError, Patch};
use crm_members::{LineLink, LineProfile, LineState, Member, MemberSource, UpdateMember};

fn link(member: &Member) -> &LineLink {
    member.line().unwrap()
}

#[tokio::test]
async fn a_first_follow_makes_a_member_with_the_profile() {
    let desk = Desk::new();
    let profile = LineProfile::new("小明的日常", Some("https://profile.line-scdn.net/1"));
    let contact = desk.follow_with("U1", 0, Some(profile)).await;
    assert!(contact.created && contact.state_changed);
    let member = desk.stored(contact.member.id());
    assert_eq!(member, contact.member);
    assert_eq!(member.source(), MemberSource::Line);
    assert!(member.accepts_marketing());
    assert_eq!(member.shown_name().as_deref(), Some("小明的日常"));
    assert_eq!(member.last_interaction_at(), Some(desk.at(0)));
    assert_eq!(link(&member).state, LineState::Following);
    assert_eq!(link(&member).followed_at, Some(desk.at(0)));
    assert_eq!(link(&member).profile_synced_at, Some(desk.at(0)));
}

#[tokio::test]
async fn a_follow_delivered_twice_makes_one_member_and_counts_once() {
    let desk = Desk::new();
    let first = desk.follow("U1", 0).await;
    let second = desk.follow("U1", 0).await;
    assert!(!second.created && !second.state_changed);
    assert_eq!(second.member, first.member);
    assert_eq!(desk.store.members().len(), 1);
}

#[tokio::test]
async fn whoever_leaves_stays_a_member_but_blocked() {
    let desk = Desk::new();
    let id = desk.follow("U1", 0).await.member.id();
    assert!(desk.unfollow("U1", 5).await.state_changed);
    let member = desk.stored(id);
    assert_eq!(link(&member).state, LineState::Blocked);
    assert_eq!(link(&member).followed_at, Some(desk.at(0)));
    assert_eq!(link(&member).unfollowed_at, Some(desk.at(5)));
    // Leaving is nothing that a guest did with us.
    assert_eq!(member.last_interaction_at(), Some(desk.at(0)));
}

#[tokio::test]
async fn coming_back_starts_the_friendship_anew() {
    let desk = Desk::new();
    let id = desk.follow("U1", 0).await.member.id();
    desk.unfollow("U1", 5).await;
    let contact = desk.follow("U1", 9).await;
    assert!(!contact.created && contact.state_changed);
    let member = desk.stored(id);
    assert_eq!(link(&member).state, LineState::Following);
    assert_eq!(link(&member).followed_at, Some(desk.at(9)));
    assert_eq!(link(&member).unfollowed_at, None);
}

#[tokio::test]
async fn an_unfollow_that_arrives_after_the_next_follow_changes_nothing() {
    let desk = Desk::new();
    desk.follow("U1", 0).await;
    desk.follow("U1", 9).await;
    let late = desk.unfollow("U1", 5).await;
    assert!(!late.state_changed);
    assert_eq!(link(&late.member).state, LineState::Following);
}

#[tokio::test]
async fn an_unfollow_that_arrives_before_its_follow_is_not_forgotten() {
    let desk = Desk::new();
    let contact = desk.unfollow("U1", 5).await;
    assert!(contact.created);
    let contact = desk.follow("U1", 0).await;
    assert!(!contact.created);
    assert_eq!(desk.store.members().len(), 1);
    let member = desk.stored(contact.member.id());
    assert_eq!(link(&member).state, LineState::Blocked);
    assert_eq!(link(&member).followed_at, Some(desk.at(0)));
}

#[tokio::test]
async fn a_message_from_an_unknown_guest_makes_them_a_member_who_follows() {
    let desk = Desk::new();
    let contact = desk.seen("U1", 3).await;
    assert!(contact.created);
    assert_eq!(link(&contact.member).state, LineState::Following);
    assert_eq!(contact.member.source(), MemberSource::Line);
    assert_eq!(contact.member.last_interaction_at(), Some(desk.at(3)));
}

#[tokio::test]
async fn a_late_message_neither_moves_the_last_interaction_back_nor_revives_a_friendship() {
    let desk = Desk::new();
    let id = desk.follow("U1", 0).await.member.id();
    desk.seen("U1", 4).await;
    desk.unfollow("U1", 5).await;
    assert!(!desk.seen("U1", 3).await.state_changed);
    let member = desk.stored(id);
    assert_eq!(member.last_interaction_at(), Some(desk.at(4)));
    assert_eq!(link(&member).state, LineState::Blocked);

    assert!(desk.seen("U1", 6).await.state_changed);
    assert_eq!(link(&desk.stored(id)).state, LineState::Following);
}

#[tokio::test]
async fn a_click_moves_the_last_interaction_but_says_nothing_of_the_friendship() {
    let desk = Desk::new();
    let id = desk.follow("U1", 0).await.member.id();
    desk.unfollow("U1", 5).await;
    for minute in [7, 6] {
        let mut tx = desk.begin().await;
        desk.members
            .interacted_in(&mut *tx, id, desk.at(minute))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    let member = desk.stored(id);
    assert_eq!(member.last_interaction_at(), Some(desk.at(7)));
    assert_eq!(link(&member).state, LineState::Blocked);

    let mut tx = desk.begin().await;
    let nobody = desk.members.interacted_in(&mut *tx, 999.into(), desk.at(8));
    assert_eq!(nobody.await.unwrap_err().code(), "member_not_found");
}

#[tokio::test]
async fn a_new_line_name_never_touches_the_name_that_staff_typed() {
    let desk = Desk::new();
    let id = desk.follow("U1", 0).await.member.id();
    let name = UpdateMember {
        first_name: Patch::Set("小明".to_owned()),
        last_name: Patch::Set("王".to_owned()),
        ..UpdateMember::default()
    };
    desk.members.update(&STAFF, id, name).await.unwrap();
    let profile = LineProfile::new("Moon", None);
    let contact = desk.follow_with("U1", 0, Some(profile)).await;
    assert!(!contact.state_changed);
    let member = desk.stored(id);
    assert_eq!(member.shown_name().as_deref(), Some("王小明"));
    assert_eq!(link(&member).display_name.as_deref(), Some("Moon"));
}

#[tokio::test]
async fn nothing_of_a_unit_of_work_that_is_dropped_remains() {
    let desk = Desk::new();
    let mut tx = desk.begin().await;
    let uid = crm_members::LineUid::parse("U1").unwrap();
    let contact = desk.members.unfollow_in(&mut *tx, uid, desk.at(0)).await;
    assert!(contact.unwrap().created);
    assert!(desk.store.members().is_empty());
    drop(tx);
    assert!(desk.store.members().is_empty());
    assert!(desk.follow("U1", 1).await.created);
}
