//! Two rows that are one person, while campaigns are sent to them.

use crate::samples::{campaign, interaction_tag, look, personal_template};
use chrono::TimeDelta;
use crm_campaigns::CampaignStatus;
use crm_kernel::{Actor, CampaignId, DomainError, ErrorKind, MemberId, MergeId, StoreError};
use crm_members::{MemberError, RegisterMember};
use crm_simulator_line::{Fault, FaultEndpoint, FaultKind};
use crm_tests::Installation;
use serde_json::json;
use std::time::Duration;

crate::stories!(
    nobody_is_merged_while_line_has_not_answered_for_them,
    no_merge_is_undone_while_line_has_not_answered_for_them,
    whoever_is_merged_before_their_batch_begins_is_sent_once,
    merges_and_batches_that_meet_lose_nobody,
    a_link_sent_before_a_merge_counts_for_whom_they_are_now,
);

/// The same guest as the desk knows them.
pub async fn at_the_desk(hotel: &Installation, phone: usize) -> MemberId {
    let new = RegisterMember {
        first_name: Some("小明".into()),
        phone: Some(format!("0912{phone:06}")),
        ..RegisterMember::default()
    };
    let member = hotel.crm.members.register(&Actor::System, new).await;
    member.unwrap().id()
}

pub async fn merge(
    hotel: &Installation,
    kept: MemberId,
    from: MemberId,
) -> Result<MergeId, MemberError> {
    loop {
        match hotel.crm.members.merge(&Actor::System, kept, from).await {
            // Two writers met; the loser tries again, as the edges do.
            Err(MemberError::Store(StoreError::Busy(_))) => {}
            other => return other.map(|merged| merged.merge_id),
        }
    }
}

async fn undo(hotel: &Installation, id: MergeId) -> Result<(), MemberError> {
    hotel.crm.members.undo_merge(&Actor::System, id).await
}

async fn planned(hotel: &Installation) -> CampaignId {
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    id
}

/// LINE takes every push and says so to nobody.
fn silence(hotel: &Installation) {
    let fault = Fault::always(FaultEndpoint::Push, FaultKind::ServerErrorAfterAccept);
    hotel.line.inject_fault(fault);
}

fn assert_under_way<T: std::fmt::Debug>(refused: Result<T, MemberError>, id: CampaignId) {
    let error = refused.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Conflict, "campaign_under_way")
    );
    assert_eq!(error.details(), Some(json!({ "campaign_id": id })));
}

async fn assert_all_sent(hotel: &Installation, id: CampaignId, n: u64) {
    let done = look(hotel, id).await;
    assert_eq!(done.status(), CampaignStatus::Sent);
    assert_eq!(done.counts().sent.unsigned_abs(), n);
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (n, 1)
    );
}

async fn nobody_is_merged_while_line_has_not_answered_for_them(hotel: &Installation) {
    let friends = hotel.friends(3).await;
    let (friend, stranger) = (friends[0].0, at_the_desk(hotel, 1).await);
    let other = at_the_desk(hotel, 2).await;
    let id = planned(hotel).await;
    silence(hotel);
    hotel.run_jobs().await;
    for (kept, from) in [(stranger, friend), (friend, stranger)] {
        assert_under_way(merge(hotel, kept, from).await, id);
    }
    merge(hotel, stranger, other).await.unwrap();
    hotel.line.clear_faults();
    hotel.run_jobs_for(TimeDelta::minutes(5)).await;
    assert_all_sent(hotel, id, 3).await;
    merge(hotel, stranger, friend).await.unwrap();
    assert_all_sent(hotel, id, 3).await;
}

async fn no_merge_is_undone_while_line_has_not_answered_for_them(hotel: &Installation) {
    let friends = hotel.friends(2).await;
    let stranger = at_the_desk(hotel, 1).await;
    let id = planned(hotel).await;
    let merged = merge(hotel, stranger, friends[0].0).await.unwrap();
    silence(hotel);
    hotel.run_jobs().await;
    assert_under_way(undo(hotel, merged).await, id);
    hotel.line.clear_faults();
    hotel.run_jobs_for(TimeDelta::minutes(5)).await;
    assert_all_sent(hotel, id, 2).await;
    undo(hotel, merged).await.unwrap();
    assert_all_sent(hotel, id, 2).await;
}

async fn whoever_is_merged_before_their_batch_begins_is_sent_once(hotel: &Installation) {
    let friends = hotel.friends(3).await;
    let (one, other) = (at_the_desk(hotel, 1).await, at_the_desk(hotel, 2).await);
    let id = planned(hotel).await;
    merge(hotel, one, friends[0].0).await.unwrap();
    let merged = merge(hotel, other, friends[1].0).await.unwrap();
    undo(hotel, merged).await.unwrap();
    hotel.run_jobs().await;
    assert_all_sent(hotel, id, 3).await;
}

async fn merges_and_batches_that_meet_lose_nobody(hotel: &Installation) {
    let friends = hotel.friends(40).await;
    let mut doubles = Vec::new();
    for phone in 0..friends.len() {
        doubles.push(at_the_desk(hotel, phone).await);
    }
    let id = planned(hotel).await;
    silence(hotel);
    let merges = async {
        for ((friend, _), double) in friends.iter().zip(&doubles) {
            let merged = merge(hotel, *double, *friend).await;
            let code = merged.as_ref().map_err(DomainError::code);
            assert!(
                matches!(code, Ok(_) | Err("campaign_under_way")),
                "{code:?}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::join!(merges, hotel.run_jobs());
    hotel.line.clear_faults();
    hotel.run_jobs_for(TimeDelta::minutes(5)).await;
    assert_all_sent(hotel, id, 40).await;
}

async fn a_link_sent_before_a_merge_counts_for_whom_they_are_now(hotel: &Installation) {
    let friends = hotel.friends(2).await;
    let (friend, uid) = &friends[0];
    let (one, other) = (at_the_desk(hotel, 1).await, at_the_desk(hotel, 2).await);
    let id = planned(hotel).await;
    hotel.run_jobs().await;
    let message = hotel.line.messages_of(uid)[0].message.to_string();
    let (_, link) = message.split_once("http://127.0.0.1:8000/t/").unwrap();
    let (token, _) = link.split_once('"').unwrap();
    let click = async || {
        hotel.crm.taps.follow(token, true).await.unwrap().unwrap();
        hotel.run_jobs().await;
        look(hotel, id).await.counts().clicked
    };
    merge(hotel, one, *friend).await.unwrap();
    merge(hotel, other, one).await.unwrap();
    assert_eq!(click().await, 1);
    let member = hotel.crm.members.get(other).await.unwrap();
    assert_eq!(member.row.tags.len(), 1);
    assert_eq!(member.row.last_interaction_at, Some(hotel.now()));
    hotel.clock.advance(TimeDelta::hours(2));
    assert_eq!(click().await, 1);
    // Whoever is erased has no clicks any more.
    hotel
        .crm
        .erasure
        .erase(&Actor::System, other)
        .await
        .unwrap();
    hotel.clock.advance(TimeDelta::hours(2));
    assert_eq!(click().await, 1);
}
