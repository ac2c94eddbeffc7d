//! Tags on more members than one unit of work takes.

use crate::samples::{at, number, tag};
use async_trait::async_trait;
use crm_database::Database;
use crm_kernel::{Actor, StoreError, TagId, Transactions};
use crm_members::{Gender, MemberFilter, TagsMode};
use crm_tags::{TagError, TagKind, TagQueries};
use crm_tests::MovedClock;
use crm_workflows::{BulkTagged, BulkTagging, BulkTags, BulkTagsTx, BulkWhom};
use sea_orm::ConnectionTrait;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

crate::contract!(
    members_far_apart_are_all_reached_once,
    a_mode_of_tags_alone_tags_nobody,
    what_stops_half_way_is_right_so_far_and_goes_on_when_said_again,
);

/// Women with these ids and a man between each two of them.
async fn women(db: &Database, ids: &[i64]) {
    for id in ids {
        let guests = format!(
            "INSERT INTO members (id, gender, source, accept_marketing, created_at) VALUES \
             ({id}, 'female', 'system', TRUE, '2026-01-01 00:00:00'), \
             ({}, 'male', 'system', TRUE, '2026-01-01 00:00:00')",
            id + 1
        );
        db.pool().execute_unprepared(&guests).await.unwrap();
    }
}

fn tagging_women(add: &[TagId], remove: &[TagId]) -> BulkTags {
    let women = MemberFilter {
        gender: Some(Gender::Female),
        ..MemberFilter::default()
    };
    BulkTags {
        whom: BulkWhom::Matching(women),
        add: add.to_vec(),
        remove: remove.to_vec(),
    }
}

fn bulk(store: Arc<dyn Transactions<dyn BulkTagsTx>>) -> BulkTagging {
    BulkTagging::new(store, Arc::new(MovedClock::at(at(5))))
}

/// The counter, which must be the number of rows, each with its line in the log.
async fn wearers(db: &Database, tag: TagId) -> i64 {
    let count = async |table: &str| {
        let rows = format!("SELECT COUNT(*) FROM {table} WHERE tag_id = {tag}");
        number(db, &rows).await
    };
    let rows = count("member_tag_relations").await;
    let row = TagQueries::detail(db, tag).await.unwrap().unwrap();
    assert_eq!(i64::try_from(row.member_count).unwrap(), rows);
    rows
}

async fn lines(db: &Database) -> i64 {
    let lines = "SELECT COUNT(*) FROM audit_logs WHERE action = 'members.bulk_tagged'";
    number(db, lines).await
}

fn tagged(members: u64, added: u64, removed: u64) -> BulkTagged {
    BulkTagged {
        members,
        added,
        removed,
    }
}

const FAR_APART: [i64; 8] = [1, 5, 4_999, 5_002, 10_001, 10_010, 70_000, 4_000_000_000];

async fn members_far_apart_are_all_reached_once(db: Database) {
    women(&db, &FAR_APART).await;
    let vip = tag(&db, "VIP", TagKind::Member).await;
    let old = tag(&db, "舊客", TagKind::Member).await;
    let bulk = bulk(Arc::new(db.clone()));
    for (add, remove, done) in [
        (&[old][..], &[][..], tagged(8, 8, 0)),
        (&[vip][..], &[old][..], tagged(8, 8, 8)),
        (&[vip][..], &[old][..], tagged(8, 0, 0)),
    ] {
        let answer = bulk.tag(&Actor::System, &tagging_women(add, remove)).await;
        assert_eq!(answer.unwrap(), done);
    }
    assert_eq!((wearers(&db, vip).await, wearers(&db, old).await), (8, 0));
    let logs = "SELECT COUNT(*) FROM tag_trigger_logs";
    assert_eq!((number(&db, logs).await, lines(&db).await), (16, 2));
}

async fn a_mode_of_tags_alone_tags_nobody(db: Database) {
    women(&db, &[1]).await;
    let vip = tag(&db, "VIP", TagKind::Member).await;
    for tags_mode in [TagsMode::All, TagsMode::Any] {
        let everybody = MemberFilter {
            tags_mode,
            ..MemberFilter::default()
        };
        let command = BulkTags {
            whom: BulkWhom::Matching(everybody),
            ..tagging_women(&[vip], &[])
        };
        let bulk = bulk(Arc::new(db.clone()));
        let Err(TagError::Invalid(fields)) = bulk.tag(&Actor::System, &command).await else {
            panic!("everybody was tagged");
        };
        assert_eq!(fields[0].field, "filter");
    }
    assert_eq!(wearers(&db, vip).await, 0);
}

/// A store of which one unit of work fails to begin.
struct Stumbling {
    db: Database,
    left: AtomicUsize,
}

#[async_trait]
impl Transactions<dyn BulkTagsTx> for Stumbling {
    async fn begin(&self) -> Result<Box<dyn BulkTagsTx>, StoreError> {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            return Err(StoreError::Unavailable("no database".into()));
        }
        self.db.begin().await
    }
}

async fn what_stops_half_way_is_right_so_far_and_goes_on_when_said_again(db: Database) {
    women(&db, &FAR_APART).await;
    let vip = tag(&db, "VIP", TagKind::Member).await;
    let stumbling = bulk(Arc::new(Stumbling {
        db: db.clone(),
        left: AtomicUsize::new(3),
    }));
    let command = tagging_women(&[vip], &[]);
    let stopped = stumbling.tag(&Actor::System, &command).await;
    assert!(matches!(stopped, Err(TagError::Store(_))));
    assert_eq!(wearers(&db, vip).await, 5);
    assert_eq!(lines(&db).await, 1, "what was done is written down");
    let again = bulk(Arc::new(db.clone()));
    let again = again.tag(&Actor::System, &command).await;
    assert_eq!(again.unwrap(), tagged(8, 3, 0));
    assert_eq!((wearers(&db, vip).await, lines(&db).await), (8, 2));
}
