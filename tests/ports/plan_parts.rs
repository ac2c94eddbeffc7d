use crate::samples::{Store, at, begin, campaign, commit, friends};
use crm_campaigns::{
    Audience, BatchMode, CampaignQueries, Plan, PlanPart, PlanPhase, PlanRequest, Selection,
    SkipReason,
};
use crm_database::Database;
use crm_kernel::{CampaignId, MemberId};
use crm_workflows::{CrmTx, StrandedQueries};
use std::collections::BTreeMap;

const EVERYBODY: &Selection = &Selection::everybody();

crate::contract_on_every_store!(
    parts_together_are_the_whole_plan,
    whoever_became_a_recipient_by_a_merge_is_not_planned_again,
    a_later_round_plans_only_whoever_is_not_planned_yet,
    a_refused_plan_is_deleted_piece_by_piece,
    a_plan_is_found_as_it_was_saved,
);

mod with_screens {
    use super::*;

    crate::contract!(
        reasons_of_those_kept_back_are_counted_on_the_campaign,
        a_plan_whose_planner_fell_silent_is_found,
    );
}

fn request(campaign_id: CampaignId) -> PlanRequest<'static> {
    PlanRequest {
        campaign_id,
        selection: EVERYBODY,
        batch_size: 4,
    }
}

fn plan(campaign_id: CampaignId, up_to: MemberId) -> Plan {
    Plan {
        campaign_id,
        phase: PlanPhase::Planning,
        mode: BatchMode::Personal,
        batch_size: 4,
        asked_at: at(0),
        again: true,
        scheduled_at: Some(at(1)),
        after: MemberId::new(0),
        up_to,
        first_batch: 0,
        eligible: 0,
        remaining: Some(77),
        claim: 3,
        beat_at: at(2),
    }
}

/// How many pending recipients are in each batch, asked batch by batch.
async fn sizes(tx: &mut dyn CrmTx, campaign: CampaignId, batches: i64) -> Vec<usize> {
    let mut sizes = Vec::new();
    for number in 0..batches {
        let batch = crate::batches::stored(tx, campaign, number).await;
        sizes.push(tx.recipients().people(&batch).await.unwrap().len());
    }
    sizes
}

async fn parts_together_are_the_whole_plan(db: impl Store) {
    let members = friends(&db, 10).await;
    let campaign = campaign(&db, Audience::All).await.id();
    let mut tx = begin(&db).await;
    let newest = tx.plans().newest_member().await.unwrap();
    assert_eq!(newest, *members.last().unwrap());
    let mut plan = plan(campaign, newest);
    plan.after = MemberId::new(members[0].get() - 1);
    let mut planned = 0;
    while !plan.is_through() {
        let part = plan.next_part(3);
        let counts = tx.recipients().plan_part(&request(campaign), &part).await;
        let counts = counts.unwrap();
        planned += counts.planned;
        plan.advance(&part, counts.eligible());
    }
    assert_eq!((planned, plan.eligible), (10, 10));
    assert_eq!(sizes(&mut *tx, campaign, 3).await, [4, 4, 2]);
}

async fn whoever_became_a_recipient_by_a_merge_is_not_planned_again(db: impl Store) {
    let members = friends(&db, 4).await;
    let campaign = campaign(&db, Audience::All).await.id();
    let mut tx = begin(&db).await;
    let first = PlanPart {
        after: MemberId::new(0),
        up_to: members[1],
        ..PlanPart::WHOLE
    };
    tx.recipients()
        .plan_part(&request(campaign), &first)
        .await
        .unwrap();
    // The second guest turns out to be the fourth, who is planned later.
    let late = PlanPart {
        after: members[0],
        ..PlanPart::WHOLE
    };
    let counts = tx.recipients().plan_part(&request(campaign), &late).await;
    assert_eq!(counts.unwrap().planned, 2);
}

async fn a_later_round_plans_only_whoever_is_not_planned_yet(db: impl Store) {
    friends(&db, 3).await;
    let campaign = campaign(&db, Audience::All).await.id();
    let mut tx = begin(&db).await;
    tx.recipients().plan(&request(campaign)).await.unwrap();
    commit(tx).await;
    let late = crate::samples::friends_named(&db, "late", 2).await;
    let mut tx = begin(&db).await;
    let part = PlanPart {
        again: true,
        first_batch: 1,
        ..PlanPart::WHOLE
    };
    let counts = tx.recipients().plan_part(&request(campaign), &part).await;
    assert_eq!(counts.unwrap().planned, 2);
    let counts = tx.recipients().plan_part(&request(campaign), &part).await;
    assert_eq!(counts.unwrap().planned, 0);
    let batch = crate::batches::stored(&mut *tx, campaign, 1).await;
    let people = tx.recipients().people(&batch).await.unwrap();
    let ids: Vec<MemberId> = people.iter().map(|person| person.member_id).collect();
    assert_eq!(ids, late);
}

async fn a_refused_plan_is_deleted_piece_by_piece(db: impl Store) {
    friends(&db, 5).await;
    let campaign = campaign(&db, Audience::All).await.id();
    let mut tx = begin(&db).await;
    tx.recipients().plan(&request(campaign)).await.unwrap();
    let mut gone = Vec::new();
    for _ in 0..3 {
        gone.push(tx.recipients().forget_some(campaign, 3).await.unwrap());
    }
    assert_eq!(gone, [3, 2, 0]);
    tx.recipients().plan(&request(campaign)).await.unwrap();
}

async fn a_plan_is_found_as_it_was_saved(db: impl Store) {
    let campaign = campaign(&db, Audience::All).await.id();
    let mut tx = begin(&db).await;
    assert_eq!(tx.plans().find(campaign).await.unwrap(), None);
    let mut saved = plan(campaign, MemberId::new(9));
    tx.plans().save(&saved).await.unwrap();
    assert_eq!(
        tx.plans().find(campaign).await.unwrap(),
        Some(saved.clone())
    );
    saved.phase = PlanPhase::Done;
    saved.remaining = None;
    saved.scheduled_at = None;
    tx.plans().save(&saved).await.unwrap();
    commit(tx).await;
    let mut tx = begin(&db).await;
    assert_eq!(tx.plans().find(campaign).await.unwrap(), Some(saved));
}

async fn reasons_of_those_kept_back_are_counted_on_the_campaign(db: Database) {
    let campaign = campaign(&db, Audience::All).await.id();
    let mut tx = begin(&db).await;
    for (reason, skipped) in [
        (SkipReason::OptedOut, 120),
        (SkipReason::Blocked, 50),
        (SkipReason::Blocked, 2),
        (SkipReason::Erased, 0),
    ] {
        let counted = tx.campaigns().count_skips(campaign, reason, skipped);
        counted.await.unwrap();
    }
    commit(tx).await;
    let detail = db.detail(campaign).await.unwrap().unwrap();
    let both = BTreeMap::from([(SkipReason::OptedOut, 120), (SkipReason::Blocked, 52)]);
    assert_eq!(detail.skipped, both);
    let mut tx = begin(&db).await;
    tx.campaigns().forget_skips(campaign).await.unwrap();
    commit(tx).await;
    let detail = db.detail(campaign).await.unwrap().unwrap();
    assert!(detail.skipped.is_empty());
}

async fn a_plan_whose_planner_fell_silent_is_found(db: Database) {
    let campaign = campaign(&db, Audience::All).await.id();
    let mut tx = begin(&db).await;
    let mut silent = plan(campaign, MemberId::new(9));
    tx.plans().save(&silent).await.unwrap();
    commit(tx).await;
    assert!(db.unplanned(at(2)).await.unwrap().is_empty());
    assert_eq!(db.unplanned(at(3)).await.unwrap()[0].campaign_id, campaign);
    assert!(db.detail(campaign).await.unwrap().unwrap().planning);
    let mut tx = begin(&db).await;
    silent.phase = PlanPhase::Done;
    tx.plans().save(&silent).await.unwrap();
    commit(tx).await;
    assert!(db.unplanned(at(3)).await.unwrap().is_empty());
    assert!(!db.detail(campaign).await.unwrap().unwrap().planning);
}
