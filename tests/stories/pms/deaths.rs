//! Processes that die at any moment: nothing doubled, nothing lost, the next one goes on.

use super::house::House;
use async_trait::async_trait;
use crm_kernel::Actor;
use crm_members::{PmsKind, SyncStatus};
use crm_tests::{Installation, run_jobs_of};
use crm_workflows::{Hold, RunSync};
use std::time::Duration;

crate::stories!(
    runs_cut_off_at_any_moment_end_as_if_nothing_had_happened,
    the_mark_stays_until_the_last_page_is_stored,
);

pub struct Alive;

#[async_trait]
impl Hold for Alive {
    fn is_valid(&self) -> bool {
        true
    }

    async fn wait(&self, time: Duration) -> bool {
        tokio::time::sleep(time).await;
        true
    }
}

async fn runs_cut_off_at_any_moment_end_as_if_nothing_had_happened(hotel: &Installation) {
    let house = House::with(hotel, 300, 400).await;
    let mut cuts = 0;
    for kind in PmsKind::ALL {
        let asked = house.crm.pms.request(&Actor::System, kind, false).await;
        let job = RunSync {
            run_id: asked.unwrap().id,
            stays_next: false,
        };
        // Milliseconds that fall into fetching, reading, writing and between pages.
        for ms in [1, 40, 90, 140, 205, 215, 260, 330, 415, 430, 540, 650, 810] {
            let run = house.crm.pms.run(&job, &Alive);
            let cut = tokio::time::timeout(Duration::from_millis(ms), run).await;
            cuts += u32::from(cut.is_err());
        }
        run_jobs_of(&house.crm).await;
        let run = house.crm.pms.status(job.run_id).await.unwrap();
        assert_eq!(run.status, SyncStatus::Completed, "{:?}", run.reason);
        let truth = house.pms.truth();
        let rows = match kind {
            PmsKind::Members => truth.guests.rows,
            PmsKind::ConsumptionRecords => truth.stays.rows,
        };
        assert_eq!(run.counts.rows(), rows as u64, "each row was counted once");
    }
    assert!(cuts > 10, "only {cuts} were cut off");
    let after = house.dump().await;
    let again = house.sync_both(true).await;
    for run in again {
        assert_eq!((run.counts.created, run.counts.updated), (0, 0));
    }
    assert_eq!(house.dump().await, after);
    house.end().await;
}

async fn the_mark_stays_until_the_last_page_is_stored(hotel: &Installation) {
    let house = House::with(hotel, 300, 0).await;
    let asked = house
        .crm
        .pms
        .request(&Actor::System, PmsKind::Members, false)
        .await;
    let job = RunSync {
        run_id: asked.unwrap().id,
        stays_next: false,
    };
    let run = house.crm.pms.run(&job, &Alive);
    let cut = tokio::time::timeout(Duration::from_millis(700), run).await;
    assert!(cut.is_err());
    let open = house.crm.pms.status(job.run_id).await.unwrap();
    assert!(open.pages > 0 && open.status == SyncStatus::Running);
    let mark = || async { house.crm.pms.overview().await.unwrap().marks.remove(0) };
    assert_eq!(mark().await.until, None);
    run_jobs_of(&house.crm).await;
    let done = house.crm.pms.status(job.run_id).await.unwrap();
    assert_eq!(mark().await.until, done.until);
    assert!(done.until.is_some());
    house.end().await;
}
