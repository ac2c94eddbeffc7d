//! What LINE counted: who is asked about when, and what is kept of the answers.

use crate::samples::{at, begin, campaign, commit};
use chrono::{DateTime, TimeDelta, Utc};
use crm_campaigns::{Audience, CampaignQueries, LineFigures};
use crm_database::Database;
use crm_kernel::CampaignId;

crate::contract!(
    names_are_counted_by_the_month_in_which_they_were_given,
    each_is_asked_about_in_turn_and_never_twice_within_an_hour,
    no_more_than_sixty_are_asked_about_within_an_hour,
    the_older_a_campaign_the_more_seldom_it_is_asked_about,
    a_hidden_figure_stays_hidden,
);

async fn sent(db: &Database, when: DateTime<Utc>) -> CampaignId {
    let id = campaign(db, Audience::All).await.id();
    let mut tx = begin(db).await;
    let mut started = tx.campaigns().get(id).await.unwrap();
    started.freeze("{}".into(), 10, 0, when);
    started.count_at_line(when);
    let unit = started.record().line_unit.clone().unwrap();
    tx.campaigns().update(&started).await.unwrap();
    let stored = tx.campaigns().get(id).await.unwrap();
    assert_eq!(stored.record().line_unit, Some(unit));
    commit(tx).await;
    id
}

/// Who is asked about then, if anybody.
async fn asked(db: &Database, now: DateTime<Utc>) -> Option<CampaignId> {
    let due = db.line_stats_due(now).await.unwrap()?;
    let mut tx = begin(db).await;
    assert!(tx.campaigns().ask_line(due.campaign, now).await.unwrap());
    assert!(!tx.campaigns().ask_line(due.campaign, now).await.unwrap());
    commit(tx).await;
    Some(due.campaign)
}

async fn names_are_counted_by_the_month_in_which_they_were_given(db: Database) {
    sent(&db, at(0)).await;
    sent(&db, at(60)).await;
    campaign(&db, Audience::All).await;
    let mut tx = begin(&db).await;
    for (minute, expected) in [(-1, 2), (0, 2), (1, 1), (61, 0)] {
        let used = tx.campaigns().line_units_since(at(minute)).await.unwrap();
        assert_eq!(used, expected, "{minute}");
    }
}

async fn each_is_asked_about_in_turn_and_never_twice_within_an_hour(db: Database) {
    let first = sent(&db, at(0)).await;
    let second = sent(&db, at(1)).await;
    campaign(&db, Audience::All).await;
    assert_eq!(asked(&db, at(59)).await, None, "too soon to know anything");
    assert_eq!(asked(&db, at(61)).await, Some(first));
    assert_eq!(asked(&db, at(62)).await, Some(second));
    assert_eq!(asked(&db, at(63)).await, None);
    assert_eq!(asked(&db, at(121)).await, Some(first));
    assert_eq!(asked(&db, at(121)).await, None);
    assert_eq!(asked(&db, at(122)).await, Some(second));
}

async fn no_more_than_sixty_are_asked_about_within_an_hour(db: Database) {
    for _ in 0..62 {
        sent(&db, at(0)).await;
    }
    for _ in 0..60 {
        assert!(asked(&db, at(100)).await.is_some());
    }
    assert_eq!(asked(&db, at(159)).await, None);
    assert!(asked(&db, at(160)).await.is_some());
}

async fn the_older_a_campaign_the_more_seldom_it_is_asked_about(db: Database) {
    let id = sent(&db, at(0)).await;
    let mut questions = Vec::new();
    for hour in 0..(24 * 33) {
        if asked(&db, at(0) + TimeDelta::hours(hour)).await.is_some() {
            questions.push(hour);
        }
    }
    let within = |from: i64, until: i64| {
        let all = questions.iter();
        all.filter(|hour| (from..until).contains(*hour)).count()
    };
    assert_eq!(within(0, 24), 23);
    assert_eq!(within(24, 72), 8);
    assert_eq!(within(96, 24 * 30), 26);
    assert_eq!(within(24 * 30 + 1, 24 * 33), 0, "{id}");
}

async fn a_hidden_figure_stays_hidden(db: Database) {
    let id = sent(&db, at(0)).await;
    let stats = async |db: &Database| db.detail(id).await.unwrap().unwrap().line_stats;
    assert_eq!(stats(&db).await, None);
    let figures = LineFigures {
        unique_impressions: Some(812),
        unique_media_played: Some(0),
        ..LineFigures::default()
    };
    let mut tx = begin(&db).await;
    tx.campaigns()
        .keep_line_figures(id, &figures, at(90))
        .await
        .unwrap();
    // What staff do to the campaign meanwhile does not touch it.
    let again = tx.campaigns().get(id).await.unwrap();
    tx.campaigns().update(&again).await.unwrap();
    commit(tx).await;
    let kept = stats(&db).await.unwrap();
    assert_eq!((kept.figures, kept.fetched_at), (figures, at(90)));
}
