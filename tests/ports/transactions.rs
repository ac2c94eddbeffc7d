use crate::samples::{Store, at, begin, commit, members_in};
use crm_campaigns::SendBatches;
use crm_database::Database;
use crm_kernel::CampaignId;
use crm_members::{LineFollow, LineUid};
use crm_workflows::CrmTx;

crate::contract_on_every_store!(
    nothing_is_visible_before_the_commit_and_everything_after_it,
    nothing_is_left_of_a_transaction_that_was_dropped,
);

fn note() -> SendBatches {
    SendBatches {
        campaign_id: CampaignId::new(1),
        sender: 1,
    }
}

async fn follow(tx: &mut dyn CrmTx) {
    let follow = LineFollow {
        uid: uid(),
        at: at(0),
        profile: None,
    };
    members_in().follow_in(tx, follow).await.unwrap();
}

fn uid() -> LineUid {
    LineUid::parse("U1").unwrap()
}

async fn nothing_is_visible_before_the_commit_and_everything_after_it(db: impl Store) {
    let mut tx = begin(&db).await;
    follow(&mut *tx).await;
    tx.outbox().enqueue(&note(), at(0)).await.unwrap();
    commit(tx).await;
    let mut tx = begin(&db).await;
    assert!(
        tx.members()
            .find_by_line_uid(&uid())
            .await
            .unwrap()
            .is_some()
    );
}

async fn nothing_is_left_of_a_transaction_that_was_dropped(db: impl Store) {
    let mut tx = begin(&db).await;
    follow(&mut *tx).await;
    tx.outbox().enqueue(&note(), at(0)).await.unwrap();
    drop(tx);
    let mut tx = begin(&db).await;
    assert!(
        tx.members()
            .find_by_line_uid(&uid())
            .await
            .unwrap()
            .is_none()
    );
}

/// The outbox, seen from the queue.
async fn a_job_lands_with_its_data_or_not_at_all(db: Database) {
    let mut tx = begin(&db).await;
    tx.outbox().enqueue(&note(), at(0)).await.unwrap();
    drop(tx);
    assert_eq!(db.job_figures(at(1)).await.unwrap().due, 0);
    let mut tx = begin(&db).await;
    tx.outbox().enqueue(&note(), at(0)).await.unwrap();
    commit(tx).await;
    assert_eq!(db.job_figures(at(1)).await.unwrap().due, 1);
}

mod outbox {
    use super::*;

    crate::contract!(a_job_lands_with_its_data_or_not_at_all);
}
