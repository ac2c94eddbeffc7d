//! A plan that takes several transactions, and what comes between them.

use crate::samples::{all_once, bulk, look, personal, recipients};
use crate::steps::Steps;
use chrono::TimeDelta;
use crm_bootstrap::Crm;
use crm_campaigns::{CampaignError, CampaignStatus, StatusReason};
use crm_kernel::{Actor, CampaignId};
use crm_tests::{Installation, run_jobs_of};
use crm_workflows::SendingError;
use sea_orm::{FromQueryResult, Statement};

crate::stories!(
    a_plan_whose_planner_dies_half_way_goes_on_and_reaches_everybody_once,
    a_planner_given_up_too_early_plans_nobody_a_second_time,
    nothing_is_sent_before_everybody_is_planned,
    a_cancellation_while_the_plan_is_made_skips_whoever_is_planned,
    a_cancelled_plan_whose_planner_is_dead_stays_where_it_is,
    a_pause_while_the_plan_is_made_holds_the_send_until_it_is_resumed,
    a_plan_refused_after_its_first_range_leaves_a_draft_with_no_rows,
    a_schedule_refused_after_its_first_range_says_why,
    a_refusal_whose_planner_dies_is_cleared_away_by_another,
);

/// Guests of a plan, and ids that it looks at in one transaction.
const GUESTS: usize = 60;
const RANGE: i64 = 7;

fn in_ranges(hotel: &Installation) -> Crm {
    hotel.with_rules(|rules| rules.members_at_once = RANGE)
}

async fn press_send(crm: &Crm, id: CampaignId) -> Result<(), SendingError> {
    crm.sending.send_now(&Actor::System, id).await.map(|_| ())
}

/// Presses *send* in a process that dies after so many transactions.
async fn die_after(crm: &Crm, id: CampaignId, transactions: usize) {
    let (mortal, steps) = Steps::of(crm, transactions);
    tokio::select! {
        _ = press_send(&mortal, id) => panic!("it was to die before its end"),
        () = steps.until_held() => {}
    }
}

async fn rows(hotel: &Installation, table: &str, id: CampaignId) -> i64 {
    #[derive(FromQueryResult)]
    struct Count {
        n: i64,
    }
    let pool = hotel.crm.database.pool();
    let statement = format!(
        "SELECT COUNT(*) AS n FROM {table} WHERE campaign_id = {}",
        id.get()
    );
    let statement = Statement::from_string(pool.get_database_backend(), statement);
    let rows = Count::find_by_statement(statement).one(pool).await;
    rows.unwrap().unwrap().n
}

async fn a_plan_whose_planner_dies_half_way_goes_on_and_reaches_everybody_once(
    hotel: &Installation,
) {
    hotel.friends(GUESTS).await;
    let crm = in_ranges(hotel);
    let mut deaths = Vec::new();
    for transactions in [1, 2, 8] {
        let id = match transactions {
            2 => personal(hotel).await,
            _ => bulk(hotel).await,
        };
        die_after(&crm, id, transactions).await;
        let begun = look(hotel, id).await;
        assert_eq!(begun.status(), CampaignStatus::Sending);
        let planned = i64::try_from(transactions).unwrap() * RANGE;
        assert_eq!(begun.counts().recipients, planned);
        deaths.push(id);
    }
    run_jobs_of(&crm).await;
    assert_eq!(hotel.line.counters().deliveries, 0, "no plan is whole yet");
    hotel.run_jobs_for_of(TimeDelta::seconds(40), &crm).await;
    for id in deaths {
        let done = look(hotel, id).await;
        assert_eq!(
            (done.status(), done.counts().recipients, done.counts().sent),
            (CampaignStatus::Sent, 60, 60)
        );
    }
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (180, 3)
    );
}

async fn a_planner_given_up_too_early_plans_nobody_a_second_time(hotel: &Installation) {
    hotel.friends(GUESTS).await;
    let crm = in_ranges(hotel);
    let id = bulk(hotel).await;
    let (slow, steps) = Steps::of(&crm, 3);
    let other = async {
        steps.until_held().await;
        hotel.clock.advance(TimeDelta::seconds(21));
        run_jobs_of(&crm).await;
        steps.go_on();
    };
    let (answer, ()) = tokio::join!(press_send(&slow, id), other);
    answer.unwrap();
    run_jobs_of(&crm).await;
    all_once(hotel, id, 60).await;
    assert_eq!(rows(hotel, "campaign_recipients", id).await, 60);
    assert_eq!(rows(hotel, "campaign_batches", id).await, 1);
}

async fn nothing_is_sent_before_everybody_is_planned(hotel: &Installation) {
    hotel.friends(GUESTS).await;
    let crm = in_ranges(hotel);
    let id = bulk(hotel).await;
    let (slow, steps) = Steps::of(&crm, 8);
    let look_on = async {
        steps.until_held().await;
        run_jobs_of(&crm).await;
        assert_eq!(hotel.line.counters().deliveries, 0);
        assert!(hotel.crm.campaigns.get(id).await.unwrap().planning);
        steps.go_on();
    };
    let (answer, ()) = tokio::join!(press_send(&slow, id), look_on);
    answer.unwrap();
    assert!(!hotel.crm.campaigns.get(id).await.unwrap().planning);
    run_jobs_of(&crm).await;
    all_once(hotel, id, 60).await;
}

async fn a_cancellation_while_the_plan_is_made_skips_whoever_is_planned(hotel: &Installation) {
    hotel.friends(GUESTS).await;
    let crm = in_ranges(hotel);
    let id = personal(hotel).await;
    let (slow, steps) = Steps::of(&crm, 4);
    let cancel = async {
        steps.until_held().await;
        hotel
            .crm
            .campaigns
            .cancel(&Actor::System, id)
            .await
            .unwrap();
        steps.go_on();
    };
    let (_, ()) = tokio::join!(press_send(&slow, id), cancel);
    hotel.run_jobs_for_of(TimeDelta::minutes(2), &crm).await;
    hotel.crm.sending.rescue().await.unwrap();
    run_jobs_of(&crm).await;
    assert_eq!(hotel.line.counters().deliveries, 0);
    let cancelled = look(hotel, id).await;
    assert_eq!(cancelled.status(), CampaignStatus::Cancelled);
    let counts = cancelled.counts();
    assert_eq!((counts.recipients, counts.skipped), (4 * RANGE, 4 * RANGE));
    let skipped = recipients(hotel, id, None, Some("cancelled")).await;
    assert_eq!(skipped, 4 * RANGE);
}

async fn a_cancelled_plan_whose_planner_is_dead_stays_where_it_is(hotel: &Installation) {
    hotel.friends(GUESTS).await;
    let crm = in_ranges(hotel);
    let id = bulk(hotel).await;
    die_after(&crm, id, 2).await;
    let cancelled = hotel.crm.campaigns.cancel(&Actor::System, id).await;
    cancelled.unwrap();
    hotel.run_jobs_for_of(TimeDelta::seconds(40), &crm).await;
    hotel.crm.sending.rescue().await.unwrap();
    run_jobs_of(&crm).await;
    let cancelled = look(hotel, id).await;
    assert_eq!(cancelled.status(), CampaignStatus::Cancelled);
    let counts = cancelled.counts();
    assert_eq!((counts.recipients, counts.skipped), (2 * RANGE, 2 * RANGE));
    assert_eq!(hotel.line.counters().deliveries, 0);
}

async fn a_pause_while_the_plan_is_made_holds_the_send_until_it_is_resumed(hotel: &Installation) {
    hotel.friends(GUESTS).await;
    let crm = in_ranges(hotel);
    let id = bulk(hotel).await;
    let (slow, steps) = Steps::of(&crm, 2);
    let pause = async {
        steps.until_held().await;
        let paused = hotel.crm.campaigns.pause(&Actor::System, id).await;
        paused.unwrap();
        steps.go_on();
    };
    let (answer, ()) = tokio::join!(press_send(&slow, id), pause);
    answer.unwrap();
    hotel.run_jobs_for_of(TimeDelta::minutes(2), &crm).await;
    let paused = look(hotel, id).await;
    assert_eq!(paused.status(), CampaignStatus::Paused);
    assert_eq!(paused.counts().pending(), 60);
    assert_eq!(hotel.line.counters().deliveries, 0);
    let resumed = hotel.crm.campaigns.resume(&Actor::System, id).await;
    resumed.unwrap();
    run_jobs_of(&crm).await;
    all_once(hotel, id, 60).await;
}

/// A send whose quota was enough for whoever was there when it was asked for, and is not for
/// those who came before it began.
async fn overtaken_by_guests(hotel: &Installation, id: CampaignId, crm: &Crm) {
    let (slow, steps) = Steps::of(crm, 0);
    let more_guests = async {
        steps.until_held().await;
        hotel.friends(30).await;
        steps.go_on();
    };
    let (answer, ()) = tokio::join!(press_send(&slow, id), more_guests);
    assert!(matches!(
        answer,
        Err(SendingError::Campaign(CampaignError::QuotaInsufficient {
            needed: 90,
            remaining: 60
        }))
    ));
}

async fn a_plan_refused_after_its_first_range_leaves_a_draft_with_no_rows(hotel: &Installation) {
    hotel.friends(GUESTS).await;
    let crm = in_ranges(hotel);
    let id = bulk(hotel).await;
    hotel.line.set_quota(Some(60));
    overtaken_by_guests(hotel, id, &crm).await;
    let draft = look(hotel, id).await;
    assert_eq!(draft.status(), CampaignStatus::Draft);
    assert_eq!(draft.counts().recipients, 0);
    for table in ["campaign_recipients", "campaign_batches", "campaign_skips"] {
        assert_eq!(rows(hotel, table, id).await, 0, "{table}");
    }
    hotel.run_jobs_for_of(TimeDelta::minutes(1), &crm).await;
    assert_eq!(hotel.line.counters().deliveries, 0);
    hotel.line.set_quota(Some(90));
    press_send(&crm, id).await.unwrap();
    run_jobs_of(&crm).await;
    all_once(hotel, id, 90).await;
}

async fn a_schedule_refused_after_its_first_range_says_why(hotel: &Installation) {
    hotel.friends(GUESTS).await;
    let crm = in_ranges(hotel);
    let template = crate::samples::plain_template(hotel).await;
    let at = hotel.now() + TimeDelta::minutes(10);
    let id = crate::samples::campaign(hotel, template, Some(at)).await;
    hotel.line.set_quota(Some(60));
    hotel.clock.advance(TimeDelta::minutes(10));
    let (slow, steps) = Steps::of(&crm, 0);
    let more_guests = async {
        steps.until_held().await;
        hotel.friends(30).await;
        steps.go_on();
    };
    tokio::join!(run_jobs_of(&slow), more_guests);
    let failed = look(hotel, id).await;
    assert_eq!(failed.status(), CampaignStatus::Failed);
    assert_eq!(
        failed.record().status_reason,
        Some(StatusReason::QuotaInsufficient)
    );
    assert_eq!(failed.counts().recipients, 0);
    assert_eq!(rows(hotel, "campaign_recipients", id).await, 0);
    assert_eq!(hotel.line.counters().deliveries, 0);
}

async fn a_refusal_whose_planner_dies_is_cleared_away_by_another(hotel: &Installation) {
    hotel.friends(GUESTS).await;
    let crm = in_ranges(hotel);
    let id = bulk(hotel).await;
    hotel.line.set_quota(Some(60));
    let (mortal, steps) = Steps::of(&crm, 0);
    let more_guests = async {
        steps.until_held().await;
        hotel.friends(30).await;
        // Thirteen ranges, of which the last is refused, and the taking back.
        steps.go_on_for(14);
        steps.until_held().await;
    };
    tokio::select! {
        _ = press_send(&mortal, id) => panic!("it was to die before its end"),
        () = more_guests => {}
    }
    assert_eq!(look(hotel, id).await.status(), CampaignStatus::Draft);
    assert!(
        rows(hotel, "campaign_recipients", id).await > 0,
        "left behind"
    );
    hotel.run_jobs_for_of(TimeDelta::seconds(40), &crm).await;
    assert_eq!(look(hotel, id).await.status(), CampaignStatus::Draft);
    assert_eq!(rows(hotel, "campaign_recipients", id).await, 0);
    hotel.line.set_quota(None);
    press_send(&crm, id).await.unwrap();
    run_jobs_of(&crm).await;
    all_once(hotel, id, 90).await;
}
