//! Every report over HTTP, compared with a plain count of what happened.

use super::facts::{CampaignFacts, Facts};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use crm_accounts::{CreateUser, PlainPassword, Role};
use crm_api::serve_on;
use crm_kernel::{Actor, Figure};
use crm_tests::{Api, Installation};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::TcpListener;

const PASSWORD: &str = "moon-festival-2026";

async fn sign_in(hotel: &Installation) -> Api {
    let user = CreateUser {
        username: "mei".to_owned(),
        email: "mei@hotel.example".to_owned(),
        password: PlainPassword::new(PASSWORD.to_owned()),
        full_name: None,
        role: Role::Marketing,
    };
    let accounts = &hotel.crm.accounts;
    accounts.create_user(&Actor::System, user).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (crm, settings) = (hotel.crm.clone(), hotel.settings.clone());
    tokio::spawn(serve_on(listener, crm, settings, std::future::pending()));
    Api::sign_in(&base, "mei", PASSWORD).await
}

/// Percent with one decimal, counted with fractions of whole numbers alone.
fn rate(part: i64, whole: i64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    ((part * 2000 + whole) / (whole * 2)) as f64 / 10.0
}

/// Percent more than before.
fn change(now: (i64, i64), before: (i64, i64)) -> f64 {
    let zero = |(part, whole): (i64, i64)| part == 0 || whole == 0;
    if zero(before) {
        return if zero(now) { 0.0 } else { 100.0 };
    }
    let now = if zero(now) { (0, 1) } else { now };
    let ratio = (now.0 * before.1) as f64 / (before.0 * now.1) as f64;
    (ratio - 1.0) * 100.0
}

fn close(found: &Value, expected: f64, what: &str) {
    let found = found.as_f64().unwrap();
    assert!(
        (found - expected).abs() <= 0.050_001,
        "{what}: {found}, expected {expected}"
    );
}

type Days = (NaiveDate, NaiveDate);

/// Compares everything, over the whole history, over single days and over half of it.
pub async fn compare(hotel: &Installation, facts: &Facts, start: DateTime<Utc>) {
    let api = sign_in(hotel).await;
    let (first, last) = (facts.day(start), facts.day(hotel.now()));
    let middle = first + TimeDelta::days((last - first).num_days() / 2);
    let mut periods = vec![(first, last), (first, middle), (middle, last)];
    // Whole months among them.
    let wide = TimeDelta::days(40);
    periods.extend([(first - wide, last + wide), (first - wide, middle)]);
    periods.extend(
        first
            .iter_days()
            .take_while(|day| *day <= last)
            .map(|day| (day, day)),
    );
    for days in periods {
        let query = format!("start_date={}&end_date={}", days.0, days.1);
        overview(&api, facts, days, &query).await;
        performance(&api, facts, days, &query).await;
        tags(&api, facts, days, &query).await;
        trends(&api, facts, days, &query).await;
        friends(&api, facts, days, &query).await;
        rules(&api, facts, days, &query).await;
    }
    for (id, campaign) in &facts.campaigns {
        funnel(&api, *id, campaign).await;
    }
}

fn before((first, last): Days) -> Days {
    let length = last - first + TimeDelta::days(1);
    (first - length, last - length)
}

fn sums(facts: &Facts, days: Days) -> CampaignFacts {
    let mut sums = CampaignFacts::default();
    for campaign in facts.campaigns.values().filter(|c| sent_in(facts, c, days)) {
        sums.sent += campaign.sent;
        sums.opened += campaign.opened;
        sums.clicked += campaign.clicked;
        sums.converted += campaign.converted;
    }
    sums
}

fn sent_in(facts: &Facts, campaign: &CampaignFacts, days: Days) -> bool {
    let day = campaign.sent_at.map(|at| facts.day(at));
    day.is_some_and(|day| days.0 <= day && day <= days.1)
}

async fn overview(api: &Api, facts: &Facts, days: Days, query: &str) {
    let found = api.data(&format!("/analytics/overview?{query}")).await;
    let sent = |days| {
        facts.count(Figure::CampaignSent, None, days)
            + facts.count(Figure::MessagesSent, None, days)
    };
    let (now, then) = (sums(facts, days), sums(facts, before(days)));
    let kpi = &found["kpi"];
    assert_eq!(kpi["total_messages_sent"], sent(days), "{days:?}");
    assert_eq!(kpi["average_open_rate"], rate(now.opened, now.sent));
    assert_eq!(kpi["average_click_rate"], rate(now.clicked, now.sent));
    assert_eq!(kpi["conversion_rate"], rate(now.converted, now.sent));
    let trends = &found["trends"];
    let messages = change((sent(days), 1), (sent(before(days)), 1));
    close(&trends["messages_sent_trend"], messages, "messages");
    let opened = change((now.opened, now.sent), (then.opened, then.sent));
    close(&trends["open_rate_trend"], opened, "opens");
    let clicked = change((now.clicked, now.sent), (then.clicked, then.sent));
    close(&trends["click_rate_trend"], clicked, "clicks");
    let booked = change((now.converted, now.sent), (then.converted, then.sent));
    close(&trends["conversion_rate_trend"], booked, "bookings");
}

async fn performance(api: &Api, facts: &Facts, days: Days, query: &str) {
    let path = format!("/analytics/campaign-performance?{query}&limit=100");
    let found = api.data(&path).await;
    let found = found.as_array().unwrap();
    let mut expected: Vec<(&i64, &CampaignFacts)> = facts
        .campaigns
        .iter()
        .filter(|(_, campaign)| campaign.sent > 0 && sent_in(facts, campaign, days))
        .collect();
    expected.sort_by(|(a_id, a), (b_id, b)| {
        let best = (b.clicked * a.sent).cmp(&(a.clicked * b.sent));
        best.then(b.sent.cmp(&a.sent)).then(b_id.cmp(a_id))
    });
    assert_eq!(found.len(), expected.len(), "{days:?}");
    for (row, (id, campaign)) in found.iter().zip(expected) {
        assert_eq!(row["campaign_id"], *id);
        assert_eq!(row["sent_count"], campaign.sent);
        assert_eq!(row["opened_count"], campaign.opened);
        assert_eq!(row["clicked_count"], campaign.clicked);
        assert_eq!(row["click_rate"], rate(campaign.clicked, campaign.sent));
        assert_eq!(row["conversion_count"], campaign.converted, "campaign {id}");
        close(
            &row["revenue"],
            campaign.revenue_minor as f64 / 100.0,
            "revenue",
        );
    }
}

/// Figures per subject, most first, as a report lists them.
fn by_subject(facts: &Facts, figure: Figure, days: Days) -> Vec<(i64, i64)> {
    let mut subjects: BTreeMap<i64, i64> = BTreeMap::new();
    for fact in facts.all.iter().filter(|fact| fact.figure == figure) {
        let n = facts.count(figure, Some(fact.subject), days);
        subjects.insert(fact.subject, n);
    }
    let mut list: Vec<(i64, i64)> = subjects.into_iter().filter(|(_, n)| *n > 0).collect();
    list.sort_by_key(|(subject, n)| (-n, *subject));
    list
}

async fn tags(api: &Api, facts: &Facts, days: Days, query: &str) {
    let found = api
        .data(&format!("/analytics/tag-distribution?{query}"))
        .await;
    let expected = by_subject(facts, Figure::TagTriggered, days);
    let all: i64 = expected.iter().map(|(_, n)| n).sum();
    let found: Vec<Value> = found.as_array().unwrap().iter().map(without_name).collect();
    let expected: Vec<Value> = expected
        .iter()
        .map(|(id, n)| json!({"tag_id": id, "trigger_count": n, "percentage": rate(*n, all)}))
        .collect();
    assert_eq!(found, expected, "{days:?}");
}

fn without_name(row: &Value) -> Value {
    let mut row = row.clone();
    row.as_object_mut().unwrap().remove("tag_name");
    row
}

async fn trends(api: &Api, facts: &Facts, days: Days, query: &str) {
    let metrics: [(&str, &[Figure]); 8] = [
        ("converted", &[Figure::CampaignConverted]),
        ("sent", &[Figure::CampaignSent]),
        ("opened", &[Figure::CampaignOpened]),
        ("clicked", &[Figure::CampaignClicked]),
        (
            "messages_sent",
            &[Figure::CampaignSent, Figure::MessagesSent],
        ),
        ("messages_received", &[Figure::MessagesReceived]),
        ("follows", &[Figure::Follows]),
        ("blocks", &[Figure::Blocks]),
    ];
    let names = metrics.map(|(name, _)| name).join(",");
    let found = api
        .data(&format!("/analytics/trends?{query}&metric={names}"))
        .await;
    let dates: Vec<NaiveDate> = days
        .0
        .iter_days()
        .take_while(|day| *day <= days.1)
        .collect();
    assert_eq!(found["dates"], json!(dates));
    for (at, (name, figures)) in metrics.iter().enumerate() {
        let count = |day: &NaiveDate| -> i64 {
            let of = |figure: &Figure| facts.count(*figure, None, (*day, *day));
            figures.iter().map(of).sum()
        };
        let data: Vec<i64> = dates.iter().map(count).collect();
        assert_eq!(
            found["series"][at],
            json!({"name": name, "data": data}),
            "{days:?}"
        );
    }
}

async fn friends(api: &Api, facts: &Facts, days: Days, query: &str) {
    let found = api.data(&format!("/analytics/friends?{query}")).await;
    let follows = facts.count(Figure::Follows, None, days);
    let blocks = facts.count(Figure::Blocks, None, days);
    assert_eq!(found["follows"], follows);
    assert_eq!(found["blocks"], blocks);
    assert_eq!(found["net"], follows - blocks);
}

async fn rules(api: &Api, facts: &Facts, days: Days, query: &str) {
    let found = api
        .data(&format!("/analytics/auto-responses?{query}"))
        .await;
    let expected = by_subject(facts, Figure::RuleFired, days);
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), expected.len(), "{days:?}");
    for (row, (id, fired)) in found.iter().zip(expected) {
        let succeeded = facts.count(Figure::RuleSucceeded, Some(id), days);
        assert_eq!(row["auto_response_id"], id);
        assert_eq!(row["trigger_count"], fired);
        assert_eq!(row["success_count"], succeeded);
        assert_eq!(row["success_rate"], rate(succeeded, fired));
    }
}

async fn funnel(api: &Api, id: i64, campaign: &CampaignFacts) {
    let found = api.data(&format!("/analytics/campaigns/{id}/funnel")).await;
    assert_eq!(found["planned_count"], campaign.planned, "campaign {id}");
    assert_eq!(found["skipped"], json!(campaign.skipped), "campaign {id}");
    assert_eq!(found["failed_count"], campaign.failed, "campaign {id}");
    assert_eq!(found["sent_count"], campaign.sent, "campaign {id}");
    assert_eq!(found["opened_count"], campaign.opened, "campaign {id}");
    assert_eq!(found["clicked_count"], campaign.clicked, "campaign {id}");
    assert_eq!(
        found["converted_count"], campaign.converted,
        "campaign {id}"
    );
    assert_eq!(
        found["converted_clicked_count"], campaign.converted_clicked,
        "campaign {id}"
    );
    assert_eq!(found["revenue_stays"], campaign.stays, "campaign {id}");
    assert_eq!(found["revenue_nights"], campaign.nights, "campaign {id}");
    close(
        &found["revenue"],
        campaign.revenue_minor as f64 / 100.0,
        "revenue",
    );
    let skipped: i64 = campaign.skipped.values().sum();
    let rest = campaign.planned - skipped - campaign.failed - campaign.sent;
    assert_eq!(found["pending_count"], rest, "campaign {id}");
}
