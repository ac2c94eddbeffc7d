use crate::samples::{at, begin, commit, members};
use crm_campaigns::SendBatch;
use crm_database::Database;
use crm_kernel::{BatchId, CampaignId};
use crm_members::{LineFollow, LineUid};

crate::contract!(
    nothing_is_visible_before_the_commit_and_everything_after_it,
    nothing_is_left_of_a_transaction_that_was_dropped,
);

fn note() -> SendBatch {
    SendBatch {
        campaign_id: CampaignId::new(1),
        batch_id: BatchId::new(1),
    }
}

fn follow() -> LineFollow {
    LineFollow {
        uid: LineUid::parse("U1").unwrap(),
        at: at(0),
        profile: None,
    }
}

async fn nothing_is_visible_before_the_commit_and_everything_after_it(db: Database) {
    let mut tx = begin(&db).await;
    members(&db).follow_in(&mut *tx, follow()).await.unwrap();
    tx.outbox().enqueue(&note(), at(0)).await.unwrap();
    commit(tx).await;
    let mut tx = begin(&db).await;
    let uid = LineUid::parse("U1").unwrap();
    assert!(tx.members().find_by_line_uid(&uid).await.unwrap().is_some());
    drop(tx);
    assert_eq!(db.job_figures(at(1)).await.unwrap().due, 1);
}

async fn nothing_is_left_of_a_transaction_that_was_dropped(db: Database) {
    let mut tx = begin(&db).await;
    members(&db).follow_in(&mut *tx, follow()).await.unwrap();
    tx.outbox().enqueue(&note(), at(0)).await.unwrap();
    drop(tx);
    let mut tx = begin(&db).await;
    let uid = LineUid::parse("U1").unwrap();
    assert!(tx.members().find_by_line_uid(&uid).await.unwrap().is_none());
    drop(tx);
    assert_eq!(db.job_figures(at(1)).await.unwrap().due, 0);
}
