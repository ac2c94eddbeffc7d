//! Scores of guests who have stayed: made by the databases, the same as the domain's function.

mod guests;
mod plans;

use crate::audience_rules::dice::Dice;
use crate::samples::{at, begin, commit, friends, members, number};
use crm_analytics::{KeptCell, KeptGrid, Progress, Rfm, RfmMeasures, RfmQueries, RfmSum, grade};
use crm_database::Database;
use crm_kernel::{Actor, MemberId, RfmScores};
use crm_members::MemberQueries;
use crm_tests::MovedClock;
use guests::{Book, House, measured};
use std::collections::BTreeMap;
use std::sync::Arc;

crate::contract!(
    scores_are_those_of_the_domains_function,
    whoever_has_no_stay_that_took_place_has_no_scores,
    a_run_again_comes_to_the_same,
    a_run_that_dies_at_any_step_harms_nobody,
    a_run_that_another_one_overtook_shows_nothing,
    readers_see_one_grid_or_the_next,
    whoever_is_erased_leaves_no_scores_and_whoever_is_merged_is_one_guest_next_time,
    a_house_that_never_graded_shows_an_empty_grid,
);

fn rfm(db: &Database) -> Rfm {
    let store = Arc::new(db.clone());
    let clock = MovedClock::default();
    Rfm::new(store.clone(), store, Arc::new(clock)).in_stretches_of(7)
}

/// The scores that are shown, on the member's page.
async fn shown(db: &Database, guests: &[MemberId]) -> BTreeMap<MemberId, RfmScores> {
    let mut shown = BTreeMap::new();
    for id in guests {
        let detail = db.detail(*id).await.unwrap();
        if let Some(scores) = detail.and_then(|detail| detail.rfm) {
            shown.insert(*id, scores);
        }
    }
    shown
}

fn expected(measures: &BTreeMap<MemberId, RfmMeasures>) -> BTreeMap<MemberId, RfmScores> {
    let guests: Vec<RfmMeasures> = measures.values().copied().collect();
    measures.keys().copied().zip(grade(&guests)).collect()
}

fn cells_of(
    measures: &BTreeMap<MemberId, RfmMeasures>,
    scores: &BTreeMap<MemberId, RfmScores>,
) -> Vec<KeptCell> {
    let mut cells: BTreeMap<RfmScores, RfmSum> = BTreeMap::new();
    for (id, scores) in scores {
        let sum = cells.entry(*scores).or_default();
        sum.members += 1;
        sum.amount_minor += measures[id].amount_minor;
    }
    let cells = cells.into_iter();
    cells
        .map(|(scores, sum)| KeptCell { scores, sum })
        .collect()
}

async fn cells(db: &Database) -> Vec<KeptCell> {
    let mut cells = db.kept_grid().await.unwrap().cells;
    cells.sort_by_key(|cell| cell.scores);
    cells
}

async fn scores_are_those_of_the_domains_function(db: Database) {
    let mut dice = Dice::new(20_261_122);
    let ids = friends(&db, 60).await;
    let mut book = Book::default();
    // At first few values, with ties everywhere; then more and more.
    for values in [1, 2, 3, 4, 6, 40] {
        let house = House { values };
        book.fill(&db, &mut dice, &ids, &house).await;
        let measures = measured(&book.stays);
        assert!(rfm(&db).grade().await.unwrap());
        let found = shown(&db, &ids).await;
        assert_eq!(found, expected(&measures), "{values} values");
        assert_eq!(cells(&db).await, cells_of(&measures, &found));
        let left = number(&db, "SELECT COUNT(*) FROM member_rfm").await;
        assert_eq!(usize::try_from(left).unwrap(), found.len());
    }
}

async fn whoever_has_no_stay_that_took_place_has_no_scores(db: Database) {
    let ids = friends(&db, 4).await;
    let mut book = Book::default();
    for (id, status) in ids
        .iter()
        .zip(["booked", "cancelled", "no_show", "unknown"])
    {
        book.stay(&db, *id, None, 100, Some(status)).await;
    }
    assert!(rfm(&db).grade().await.unwrap());
    assert!(shown(&db, &ids).await.is_empty());
    assert!(cells(&db).await.is_empty());
    book.stay(&db, ids[0], None, 100, Some("in_house")).await;
    assert!(rfm(&db).grade().await.unwrap());
    let middle = RfmScores {
        recency: 3,
        frequency: 3,
        money: 3,
    };
    assert_eq!(shown(&db, &ids).await, BTreeMap::from([(ids[0], middle)]));
}

async fn a_run_again_comes_to_the_same(db: Database) {
    let mut dice = Dice::new(3);
    let ids = friends(&db, 30).await;
    let mut book = Book::default();
    book.fill(&db, &mut dice, &ids, &House { values: 9 }).await;
    rfm(&db).grade().await.unwrap();
    let (before, kept) = (shown(&db, &ids).await, cells(&db).await);
    rfm(&db).in_stretches_of(1_000).grade().await.unwrap();
    assert_eq!((shown(&db, &ids).await, cells(&db).await), (before, kept));
}

async fn a_run_that_dies_at_any_step_harms_nobody(db: Database) {
    let mut dice = Dice::new(4);
    let ids = friends(&db, 20).await;
    let mut book = Book::default();
    book.fill(&db, &mut dice, &ids, &House { values: 9 }).await;
    let rfm = rfm(&db);
    rfm.grade().await.unwrap();
    let (scores, kept) = (shown(&db, &ids).await, cells(&db).await);
    book.fill(&db, &mut dice, &ids, &House { values: 9 }).await;
    let measures = measured(&book.stays);
    let next = expected(&measures);
    let next_cells = cells_of(&measures, &next);
    assert_ne!(next, scores);
    for steps in 1.. {
        let mut run = rfm.begin().await.unwrap();
        for _ in 0..steps {
            rfm.step(&mut run).await.unwrap();
        }
        drop(run);
        let now = shown(&db, &ids).await;
        if now == next {
            assert_eq!(cells(&db).await, next_cells);
            assert!(steps > 5, "only {steps} steps");
            break;
        }
        assert_eq!(now, scores, "half of it is seen after {steps} steps");
        assert_eq!(cells(&db).await, kept);
    }
    // Whatever the dead ones left is gone when a run has ended.
    rfm.grade().await.unwrap();
    let left = number(&db, "SELECT COUNT(*) FROM member_rfm").await;
    assert_eq!(usize::try_from(left).unwrap(), next.len());
}

async fn a_run_that_another_one_overtook_shows_nothing(db: Database) {
    let mut dice = Dice::new(5);
    let ids = friends(&db, 20).await;
    let mut book = Book::default();
    book.fill(&db, &mut dice, &ids, &House { values: 9 }).await;
    let rfm = rfm(&db);
    for steps in 0..9 {
        let mut slow = rfm.begin().await.unwrap();
        for _ in 0..steps {
            rfm.step(&mut slow).await.unwrap();
        }
        assert!(rfm.grade().await.unwrap());
        let kept = (shown(&db, &ids).await, cells(&db).await);
        let mut ended = Progress::More;
        while ended == Progress::More {
            ended = rfm.step(&mut slow).await.unwrap();
        }
        assert_eq!(ended, Progress::Overtaken);
        assert_eq!((shown(&db, &ids).await, cells(&db).await), kept);
    }
    assert_eq!(shown(&db, &ids).await, expected(&measured(&book.stays)));
}

async fn readers_see_one_grid_or_the_next(db: Database) {
    let mut dice = Dice::new(6);
    let ids = friends(&db, 25).await;
    let mut book = Book::default();
    book.fill(&db, &mut dice, &ids, &House { values: 9 }).await;
    let rfm = rfm(&db);
    rfm.grade().await.unwrap();
    let all = i64::try_from(measured(&book.stays).len()).unwrap();
    let mut run = rfm.begin().await.unwrap();
    loop {
        let progress = rfm.step(&mut run).await.unwrap();
        let grid = rfm.grid(None).await.unwrap();
        assert_eq!(grid.sum.members, all);
        let of_cells: i64 = grid.cells.iter().map(|cell| cell.sum.members).sum();
        assert_eq!(of_cells, all);
        let leaf = "SELECT COUNT(*) FROM member_rfm WHERE generation = \
                    (SELECT shown FROM rfm_state WHERE id = 1) AND recency BETWEEN 1 AND 5";
        assert_eq!(number(&db, leaf).await, all);
        if progress == Progress::Done {
            break;
        }
    }
}

async fn whoever_is_erased_leaves_no_scores_and_whoever_is_merged_is_one_guest_next_time(
    db: Database,
) {
    let ids = friends(&db, 3).await;
    let mut book = Book::default();
    for (id, amount) in ids.iter().zip([100, 200, 300]) {
        book.stay(&db, *id, Some(amount), i64::from(amount), None)
            .await;
    }
    rfm(&db).grade().await.unwrap();
    assert_eq!(shown(&db, &ids).await.len(), 3);
    let mut tx = begin(&db).await;
    assert!(tx.members().delete(ids[2]).await.unwrap());
    commit(tx).await;
    let rows = number(&db, "SELECT COUNT(*) FROM member_rfm").await;
    assert_eq!(rows, 2);
    // The cells lag until the next run.
    assert_eq!(rfm(&db).grid(None).await.unwrap().sum.members, 3);

    let desk = crate::samples::members(&db);
    let typed = crm_members::RegisterMember {
        first_name: Some("小明".into()),
        phone: Some("0912345678".into()),
        ..crm_members::RegisterMember::default()
    };
    let typed = desk.register(&Actor::System, typed).await.unwrap().id();
    book.stay(&db, typed, Some(9), 900, None).await;
    members(&db)
        .merge(&Actor::System, ids[0], typed)
        .await
        .unwrap();
    rfm(&db).grade().await.unwrap();
    let grid = rfm(&db).grid(None).await.unwrap();
    assert_eq!((grid.sum.members, grid.sum.amount_minor), (2, 1_200));
    assert_eq!(shown(&db, &ids).await[&ids[0]].money, 5);
}

async fn a_house_that_never_graded_shows_an_empty_grid(db: Database) {
    assert_eq!(db.kept_grid().await.unwrap(), KeptGrid::default());
    assert!(rfm(&db).grade().await.unwrap());
    let graded = db.kept_grid().await.unwrap();
    assert!(graded.cells.is_empty());
    assert!(graded.computed_at.unwrap() > at(-1_000_000));
}
