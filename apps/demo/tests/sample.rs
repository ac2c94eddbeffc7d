//! The sample data, as everything else relies on it.

#![expect(
    clippy::unwrap_used,
    reason = "what a test needs and does not get ends it"
)]

use crm_bootstrap::{Crm, Direction, Settings, migrate};
use crm_campaigns::{CampaignFilter, CampaignStatus};
use crm_demo::sample::{self, MEMBERS, TAGS};
use crm_kernel::PageRequest;
use crm_members::{MemberFilter, MemberSort};
use crm_templates::{TemplateFilter, TemplateKind};
use sea_orm::{ConnectionTrait, Statement};
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PICTURES: &str = "http://127.0.0.1:8701/pictures";

/// A new hotel; its database is gone with the folder.
async fn hotel() -> (Crm, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let set = HashMap::from([
        (
            "DATABASE_URL",
            format!(
                "sqlite://{}?mode=rwc",
                folder.path().join("crm.db").display()
            ),
        ),
        (
            "SECRET_KEY",
            "a secret key for tests, 32 or more characters".to_owned(),
        ),
        ("BOOTSTRAP_ADMIN_USERNAME", "admin".to_owned()),
        ("BOOTSTRAP_ADMIN_EMAIL", "admin@hotel.example".to_owned()),
        ("BOOTSTRAP_ADMIN_PASSWORD", "moon-festival-2026".to_owned()),
    ]);
    let settings = Settings::read(&|name| set.get(name).cloned()).unwrap();
    let crm = Crm::connect(&settings).await.unwrap();
    migrate(&crm.database, Direction::Up).await.unwrap();
    crm.bootstrap_admin(&settings).await.unwrap();
    (crm, folder)
}

async fn number(crm: &Crm, sql: &str) -> i64 {
    let pool = crm.database.pool();
    let statement = Statement::from_string(pool.get_database_backend(), sql);
    let row = pool.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

fn everything() -> PageRequest {
    PageRequest::new(1, 100).unwrap()
}

#[tokio::test]
async fn the_made_up_hotel_is_complete_and_its_figures_are_those_of_its_rows() {
    let (crm, _folder) = hotel().await;
    let start = Instant::now();
    assert!(sample::is_wanted(&crm).await.unwrap());
    assert!(sample::fill(&crm, PICTURES).await.unwrap());
    assert!(start.elapsed() < Duration::from_secs(30));

    people(&crm).await;
    regulars(&crm).await;
    tags(&crm).await;
    templates(&crm).await;
    campaigns(&crm).await;

    assert!(!sample::is_wanted(&crm).await.unwrap());
    assert!(!sample::fill(&crm, PICTURES).await.unwrap());
    let members = number(&crm, "SELECT COUNT(*) FROM members").await;
    assert_eq!(members, MEMBERS as i64);
}

async fn people(crm: &Crm) {
    let count = async |condition: &str| {
        number(
            crm,
            &format!("SELECT COUNT(*) FROM members WHERE {condition}"),
        )
        .await
    };
    assert_eq!(count("1 = 1").await, MEMBERS as i64);
    let (all, sort) = (MemberFilter::default(), MemberSort::default());
    let listed = crm.members.list(&all, sort, everything()).await;
    assert_eq!(listed.unwrap().total, MEMBERS as u64);
    assert_eq!(count("search_key IS NULL").await, 0);
    assert_eq!(count("id_number_index IS NOT NULL").await, 300);
    let friends = count("line_uid IS NOT NULL").await;
    assert!((3_300..=3_700).contains(&friends), "{friends}");
    let blocked = count("line_state = 'blocked'").await;
    assert!((150..=280).contains(&blocked), "{blocked}");
    let opted_out = count("NOT accept_marketing").await;
    assert!((300..=500).contains(&opted_out), "{opted_out}");
    for source in ["line", "crm", "system"] {
        assert!(count(&format!("source = '{source}'")).await > 300);
    }
    let wrong = "(line_uid IS NULL) <> (line_state IS NULL) OR (phone IS NULL) <> (phone_key IS \
                 NULL) OR (line_state = 'blocked') <> (unfollowed_at IS NOT NULL) \
                 OR unfollowed_at < followed_at OR created_at > last_interaction_at";
    assert_eq!(count(wrong).await, 0);
    // Times are text in RFC 3339: compared with the same notation.
    let soon = "strftime('%Y-%m-%dT%H:%M:%S', 'now', '+1 minute')";
    let future = format!("created_at > {soon} OR last_interaction_at > {soon}");
    assert_eq!(count(&future).await, 0);
    let staying = number(
        crm,
        "SELECT COUNT(DISTINCT member_id) FROM consumption_records",
    )
    .await;
    assert!((2_600..=3_400).contains(&staying), "{staying}");
    let most =
        "SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM consumption_records GROUP BY member_id)";
    assert_eq!(number(crm, most).await, 12);
    let wrong = "SELECT COUNT(*) FROM consumption_records WHERE amount_minor <= 0 OR \
                 nights <> julianday(check_out_date) - julianday(check_in_date) \
                 OR source NOT IN ('pms', 'manual') OR (source = 'pms') <> (pms_status IS NOT NULL)";
    assert_eq!(number(crm, wrong).await, 0);
}

async fn regulars(crm: &Crm) {
    let all = sample::regulars();
    assert!(all.len() > 3_000);
    assert!(all.iter().filter(|who| who.shares_phone).count() >= 20);
    for who in all.iter().take(100).chain(all.iter().rev().take(100)) {
        let sql = format!(
            "SELECT COUNT(*) FROM members WHERE phone = '{}' AND last_name = '{}' \
             AND first_name = '{}' AND (id_number_index IS NOT NULL) = {}",
            who.phone,
            who.last,
            who.first,
            who.id_number.is_some()
        );
        assert_eq!(number(crm, &sql).await, 1, "{sql}");
    }
}

async fn tags(crm: &Crm) {
    let list = crm.tags.list(&Default::default(), everything()).await;
    let list = list.unwrap();
    assert_eq!(list.items.len(), TAGS);
    for tag in &list.items {
        let id = tag.id;
        let wearers = format!("SELECT COUNT(*) FROM member_tag_relations WHERE tag_id = {id}");
        assert_eq!(tag.member_count as i64, number(crm, &wearers).await);
        assert!(tag.member_count >= 3, "{}: {}", tag.name, tag.member_count);
        let triggers = format!(
            "SELECT COUNT(*) FROM tag_trigger_logs WHERE tag_id = {id} AND once_key IS NOT NULL"
        );
        assert_eq!(tag.trigger_count as i64, number(crm, &triggers).await);
    }
    let most = list.items.iter().map(|tag| tag.member_count).max();
    assert_eq!(most, Some(2_500));
}

async fn templates(crm: &Crm) {
    let filter = TemplateFilter::default();
    let list = crm.templates.list(&filter, everything()).await.unwrap();
    let mut kinds = BTreeSet::new();
    for row in &list.items {
        let template = crm.templates.get(row.id).await.unwrap();
        kinds.insert(template.kind().as_str());
        for card in &template.content().cards {
            assert!(card.image_url.starts_with(PICTURES));
        }
    }
    let all = TemplateKind::ALL.map(TemplateKind::as_str);
    assert_eq!(kinds, BTreeSet::from(all));
}

async fn campaigns(crm: &Crm) {
    let filter = CampaignFilter::default();
    let (page, summary) = crm.campaigns.list(&filter, everything()).await.unwrap();
    let of = |status: CampaignStatus| summary.by_status.get(status.as_str()).copied();
    assert_eq!(of(CampaignStatus::Sent), Some(3));
    assert_eq!(of(CampaignStatus::Draft), Some(1));
    assert_eq!(of(CampaignStatus::Scheduled), Some(1));
    for row in &page.items {
        let (id, counts) = (row.campaign.id(), *row.campaign.counts());
        let rows = async |condition: &str| {
            number(
                crm,
                &format!(
                    "SELECT COUNT(*) FROM campaign_recipients r LEFT JOIN campaign_batches b \
                     ON b.campaign_id = r.campaign_id AND b.number = r.batch_number \
                     WHERE r.campaign_id = {id} AND {condition}"
                ),
            )
            .await
        };
        assert_eq!(counts.pending(), 0);
        assert_eq!(counts.recipients, rows("1 = 1").await);
        assert_eq!(counts.skipped, rows("r.status = 'skipped'").await);
        assert_eq!(counts.failed, rows("r.status = 'failed'").await);
        let sent = "r.status NOT IN ('skipped', 'failed') AND b.state = 'accepted'";
        assert_eq!(counts.sent, rows(sent).await);
        assert_eq!(counts.opened, rows("r.opened_at IS NOT NULL").await);
        assert_eq!(counts.clicked, rows("r.clicked_at IS NOT NULL").await);
        if row.campaign.status() == CampaignStatus::Sent {
            assert!(counts.sent > 500 && counts.skipped > 0 && counts.opened > 50);
        }
    }
    let tapped = page
        .items
        .iter()
        .filter(|r| r.campaign.counts().clicked > 50);
    assert_eq!(tapped.count(), 3);
    let jobs = number(crm, "SELECT COUNT(*) FROM jobs").await;
    assert_eq!(jobs, 1, "only tomorrow's campaign waits");
}
