use chrono::DateTime;
use crm_campaigns::{
    Audience, Batch, BatchMode, BatchState, FailReason, IncludeMode, NewBatch, PlanRequest,
    RecipientStatus, Selection, SkipReason, Span,
};
use crm_kernel::{BatchId, CampaignId, HotelTime, IdGenerator, MemberId, TagId, Transactions};
use crm_members::{Member, MemberRecord};
use crm_memory::{CountingIds, MemoryStore};
use crm_tags::TagKind;
use crm_workflows::CrmTx;

fn selection_of(audience: &Audience) -> Selection {
    audience.selection(None, DateTime::UNIX_EPOCH, HotelTime::new(chrono_tz::UTC))
}

/// A hotel with friends to whom anything may be sent.
struct House {
    store: MemoryStore,
    friends: Vec<MemberId>,
    ids: CountingIds,
}

impl House {
    fn with_friends(n: usize) -> Self {
        let store = MemoryStore::default();
        Self {
            friends: (0..n).map(|_| store.some_friend()).collect(),
            store,
            ids: CountingIds::default(),
        }
    }

    async fn begin(&self) -> Box<dyn CrmTx> {
        self.store.begin().await.unwrap()
    }

    /// Plans for the audience in batches of two and stores these.
    async fn plan(&self, audience: &Audience) -> (CampaignId, Vec<BatchId>) {
        let campaign = self.store.some_campaign(audience.clone());
        let mut tx = self.begin().await;
        let request = PlanRequest {
            campaign_id: campaign,
            selection: &selection_of(audience),
            batch_size: 2,
        };
        let counts = tx.recipients().plan(&request).await.unwrap();
        let batches: Vec<NewBatch> = (0..(counts.eligible() + 1) / 2)
            .map(|number| NewBatch {
                number,
                size: 2,
                retry_key: self.ids.uuid(),
            })
            .collect();
        let ids = tx
            .batches()
            .insert(campaign, BatchMode::Bulk, &batches)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        (campaign, ids)
    }

    async fn claim(&self, id: BatchId) -> Option<Batch> {
        let mut tx = self.begin().await;
        let batch = tx.batches().claim(id).await.unwrap();
        tx.commit().await.unwrap();
        batch
    }
}

#[tokio::test]
async fn whoever_the_gate_keeps_back_is_in_no_batch_and_leaves_no_gap() {
    let house = House::with_friends(5);
    let second = house.store.member(house.friends[1]).unwrap();
    let silent = MemberRecord {
        accept_marketing: false,
        ..second.record().clone()
    };
    let mut tx = house.begin().await;
    let second = Member::from_stored(second.id(), silent);
    tx.members().update(&second).await.unwrap();
    tx.commit().await.unwrap();
    house.store.some_member();

    let (campaign, batches) = house.plan(&Audience::All).await;
    assert_eq!(batches.len(), 2);
    let rows = house.store.recipients(campaign);
    let numbers: Vec<_> = rows.iter().map(|row| row.batch_number).collect();
    assert_eq!(numbers, [Some(0), None, Some(0), Some(1), Some(1)]);
    assert_eq!(rows[1].status, RecipientStatus::Skipped);
    assert_eq!(rows[1].reason, Some(SkipReason::OptedOut.as_str()));
}

#[tokio::test]
async fn an_audience_wears_the_included_tags_and_none_of_the_excluded() {
    let house = House::with_friends(4);
    let [a, b] = [(); 2].map(|()| house.store.some_tag(TagKind::Member));
    let unknown = TagId::new(999);
    let mut tx = house.begin().await;
    for (friend, tag) in [(0, a), (1, a), (1, b), (2, b)] {
        let friend = house.friends[friend];
        let at = DateTime::UNIX_EPOCH;
        assert!(tx.tags().add_to_member(friend, tag, at).await.unwrap());
    }
    let missing = tx.campaigns().missing_tags(&[b, unknown]).await.unwrap();
    assert_eq!(missing, [unknown]);
    tx.commit().await.unwrap();

    type Case<'a> = (&'a [TagId], &'a [TagId], IncludeMode, &'a [usize]);
    let cases: [Case<'_>; 6] = [
        (&[a, b], &[], IncludeMode::All, &[1]),
        (&[a, b], &[], IncludeMode::Any, &[0, 1, 2]),
        (&[a], &[b], IncludeMode::All, &[0]),
        (&[], &[a], IncludeMode::All, &[2, 3]),
        (&[a, unknown], &[], IncludeMode::All, &[]),
        (&[], &[a], IncludeMode::Any, &[2, 3]),
    ];
    for (include, exclude, include_mode, expected) in cases {
        let audience = Audience::Tags {
            include_tags: include.to_vec(),
            exclude_tags: exclude.to_vec(),
            include_mode,
        };
        let (campaign, _) = house.plan(&audience).await;
        let rows = house.store.recipients(campaign);
        let planned: Vec<_> = rows.iter().filter_map(|row| row.member).collect();
        let expected: Vec<_> = expected.iter().map(|i| house.friends[*i]).collect();
        assert_eq!(planned, expected, "{audience:?}");
    }
}

#[tokio::test]
async fn a_span_of_follow_times_includes_its_start_and_not_its_end() {
    let house = House::with_friends(1);
    let followed_at = DateTime::UNIX_EPOCH;
    let second = chrono::TimeDelta::seconds(1);
    for (from, until, planned) in [
        (followed_at, followed_at + second, 1),
        (followed_at - second, followed_at, 0),
    ] {
        let request = PlanRequest {
            campaign_id: house.store.some_campaign(Audience::All),
            selection: &selection_of(&Audience::All).who_followed(Span {
                from: Some(from),
                until: Some(until),
            }),
            batch_size: 2,
        };
        let mut tx = house.begin().await;
        let counts = tx.recipients().plan(&request).await.unwrap();
        assert_eq!(counts.planned, planned);
    }
}

#[tokio::test]
async fn only_the_latest_claim_may_write_and_a_settled_batch_is_not_claimed() {
    let house = House::with_friends(1);
    let (campaign, ids) = house.plan(&Audience::All).await;
    let old = house.claim(ids[0]).await.unwrap();
    let new = house.claim(ids[0]).await.unwrap();
    let now = DateTime::UNIX_EPOCH;
    let mut tx = house.begin().await;
    let batches = tx.batches();
    assert!(!batches.store_body(&old, "old", now).await.unwrap());
    assert!(batches.store_body(&new, "new", now).await.unwrap());
    assert!(!batches.store_body(&new, "again", now).await.unwrap());
    let state = BatchState::Accepted;
    assert!(!batches.settle(&old, state, None, None, now).await.unwrap());
    assert!(batches.settle(&new, state, None, None, now).await.unwrap());
    tx.commit().await.unwrap();
    assert!(house.claim(ids[0]).await.is_none());
    let batch = &house.store.batches(campaign)[0];
    assert_eq!((batch.state(), batch.body()), (BatchState::Accepted, None));
}

#[tokio::test]
async fn a_split_batch_lives_on_in_two_and_loses_nobody() {
    let house = House::with_friends(2);
    let (campaign, ids) = house.plan(&Audience::All).await;
    let batch = house.claim(ids[0]).await.unwrap();
    let keys = [house.ids.uuid(), house.ids.uuid()];
    let mut tx = house.begin().await;
    let halves = tx
        .batches()
        .split(&batch, house.friends[1], keys, DateTime::UNIX_EPOCH)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(tx.batches().open(campaign).await.unwrap().untried, 2);
    tx.commit().await.unwrap();
    for (half, friend) in halves.into_iter().zip(&house.friends) {
        let batch = house.claim(half).await.unwrap();
        assert_eq!(batch.size(), 1);
        let people = house.begin().await.recipients().people(&batch).await;
        assert_eq!(people.unwrap()[0].member_id, *friend);
    }
}

#[tokio::test]
async fn a_recipient_is_settled_once_and_a_deleted_one_is_skipped() {
    let house = House::with_friends(2);
    let (campaign, ids) = house.plan(&Audience::All).await;
    let batch = house.claim(ids[0]).await.unwrap();
    let [first, second] = [house.friends[0], house.friends[1]];
    let mut tx = house.begin().await;
    assert!(tx.members().delete(second).await.unwrap());
    let words = || "refused".to_owned();
    let failed = [(first, FailReason::LineRejected, words())];
    tx.recipients().fail(&batch, &failed).await.unwrap();
    let late = [first];
    let sent = tx.recipients().sent(&batch, &late, DateTime::UNIX_EPOCH);
    sent.await.unwrap();
    assert_eq!(tx.recipients().skip_erased(&batch).await.unwrap(), 1);
    assert_eq!(tx.recipients().skip_erased(&batch).await.unwrap(), 0);
    tx.commit().await.unwrap();
    let rows = house.store.recipients(campaign);
    assert_eq!(rows[0].status, RecipientStatus::Failed);
    assert_eq!(rows[0].error_message.as_deref(), Some("refused"));
    assert_eq!(rows[1].member, None);
    assert_eq!(rows[1].reason, Some(SkipReason::Erased.as_str()));
}

#[tokio::test]
async fn the_first_tap_counts_on_the_campaign_and_later_ones_do_not() {
    let house = House::with_friends(1);
    let (campaign, ids) = house.plan(&Audience::All).await;
    let batch = house.claim(ids[0]).await.unwrap();
    let friend = house.friends[0];
    let mut tx = house.begin().await;
    let now = DateTime::UNIX_EPOCH;
    assert!(tx.batches().store_body(&batch, "{}", now).await.unwrap());
    for first_click in [true, false] {
        let tapped = tx
            .recipients()
            .tapped(campaign, friend, DateTime::UNIX_EPOCH)
            .await
            .unwrap();
        assert!(tapped.is_recipient);
        assert_eq!(tapped.first_click, first_click);
    }
    tx.commit().await.unwrap();
    let counts = *house.store.campaign(campaign).unwrap().counts();
    assert_eq!((counts.clicked, counts.opened), (1, 1));
}

#[tokio::test]
async fn cancelling_tells_how_many_were_in_batches_never_tried() {
    let house = House::with_friends(3);
    let (campaign, ids) = house.plan(&Audience::All).await;
    let tried = house.claim(ids[0]).await.unwrap();
    let mut tx = house.begin().await;
    let now = DateTime::UNIX_EPOCH;
    assert!(tx.batches().store_body(&tried, "{}", now).await.unwrap());
    let waiting = tx.batches().cancel_untried(campaign, now).await.unwrap();
    assert_eq!(waiting, 1);
    assert_eq!(tx.batches().open(campaign).await.unwrap().untried, 0);
}
