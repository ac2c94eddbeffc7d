use crate::samples::{Store, at, begin, campaign, commit, friends, members};
use crm_campaigns::{
    Audience, CampaignFilter, CampaignQueries, CampaignStatus, PlanRequest, RecipientFilter,
    Selection,
};
use crm_database::Database;
use crm_kernel::{Actor, PageRequest};

crate::contract!(
    a_deleted_member_leaves_their_row_without_a_name,
    the_list_counts_every_status_whichever_is_shown,
);

mod repository {
    use super::*;

    crate::contract_on_every_store!(a_member_is_planned_once_however_often_the_plan_is_made);
}

fn page() -> PageRequest {
    PageRequest::new(1, 10).unwrap()
}

async fn a_deleted_member_leaves_their_row_without_a_name(db: Database) {
    let ids = friends(&db, 2).await;
    let campaign = campaign(&db, Audience::All).await.id();
    let mut tx = begin(&db).await;
    let request = PlanRequest {
        campaign_id: campaign,
        selection: &Selection::everybody(),
        batch_size: 10,
    };
    let counts = tx.recipients().plan(&request).await.unwrap();
    let mut planned = tx.campaigns().get(campaign).await.unwrap();
    planned.freeze("{}".into(), counts.planned, 0, at(0));
    tx.campaigns().update(&planned).await.unwrap();
    let batch = crate::batches::stored(&mut *tx, campaign, 0).await;
    members(&db)
        .delete_in(&mut *tx, &Actor::System, ids[0])
        .await
        .unwrap();
    assert_eq!(tx.recipients().skip_erased(&batch).await.unwrap(), 1);
    assert_eq!(tx.recipients().people(&batch).await.unwrap().len(), 1);
    commit(tx).await;
    let list = db
        .recipients(campaign, &RecipientFilter::default(), page())
        .await
        .unwrap();
    assert_eq!(list.total, 2);
    assert!(list.items[0].member.is_none());
    assert_eq!(list.items[0].reason.as_deref(), Some("erased"));
    assert_eq!(list.items[1].member.as_ref().unwrap().id, ids[1]);
}

async fn a_member_is_planned_once_however_often_the_plan_is_made(db: impl Store) {
    friends(&db, 2).await;
    let campaign = campaign(&db, Audience::All).await.id();
    let request = PlanRequest {
        campaign_id: campaign,
        selection: &Selection::everybody(),
        batch_size: 10,
    };
    let mut tx = begin(&db).await;
    tx.recipients().plan(&request).await.unwrap();
    assert!(tx.recipients().plan(&request).await.is_err());
}

async fn the_list_counts_every_status_whichever_is_shown(db: Database) {
    for _ in 0..2 {
        campaign(&db, Audience::All).await;
    }
    let sent = campaign(&db, Audience::All).await.id();
    let mut tx = begin(&db).await;
    let mut changed = tx.campaigns().get(sent).await.unwrap();
    changed.freeze("{}".into(), 1, 0, at(90));
    changed.settle(1, 0, 0, at(91));
    tx.campaigns().update(&changed).await.unwrap();
    commit(tx).await;
    let filter = CampaignFilter {
        status: Some(CampaignStatus::Sent),
        ..CampaignFilter::default()
    };
    let (list, summary) = CampaignQueries::list(&db, &filter, page()).await.unwrap();
    assert_eq!((list.total, list.items.len()), (1, 1));
    let listed = &list.items[0].campaign;
    assert_eq!(listed.record().frozen_template, None, "not for lists");
    assert_eq!(
        (listed.id(), listed.counts()),
        (changed.id(), changed.counts())
    );
    assert_eq!(summary.total, 3);
    assert_eq!(summary.by_status["draft"], 2);
    // By the time shown: the sent one counts with the time it was sent.
    let later = CampaignFilter {
        from: Some(at(60)),
        ..CampaignFilter::default()
    };
    let (list, summary) = CampaignQueries::list(&db, &later, page()).await.unwrap();
    assert_eq!((list.total, summary.total), (1, 1));
    let (all, _) = CampaignQueries::list(&db, &CampaignFilter::default(), page())
        .await
        .unwrap();
    assert_eq!(all.items[0].campaign.id(), sent, "newest first");
}
