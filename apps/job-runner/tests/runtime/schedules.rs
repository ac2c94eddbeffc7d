use crate::jobs::{Bench, CleanUp, QUICK, Running, doing, eventually};
use crate::memory::{Connection, Status};
use chrono::TimeDelta;
use crm_job_runner::Schedule;
use crm_kernel::NewJob;
use std::time::Duration;

fn every(period: Duration) -> Vec<Schedule> {
    vec![Schedule::new("tidy", period, |tick| {
        NewJob::of(&CleanUp, tick.at)
    })]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_fires_once_per_round_across_four_runners() {
    let bench = Bench::default();
    let runners: Vec<_> = (0..4)
        .map(|_| {
            let connection = Connection::to(&bench.table);
            let handlers = doing(|_: CleanUp, _| async { Ok(()) });
            let schedules = every(Duration::from_millis(200));
            Running::start(bench.runner_over(connection, handlers, schedules, QUICK))
        })
        .collect();
    eventually("five rounds", || bench.table.count(Status::Done) == 5).await;
    for runner in runners {
        runner.stop().await;
    }
    let mut rounds: Vec<_> = bench.table.rows().iter().map(|r| r.new.run_at).collect();
    rounds.sort();
    let apart = TimeDelta::milliseconds(200);
    assert!(rounds.windows(2).all(|pair| pair[1] - pair[0] == apart));
}

#[tokio::test]
async fn of_missed_rounds_only_the_latest_is_made_up_for() {
    let bench = Bench::default();
    let hourly = || {
        let connection = Connection::to(&bench.table);
        let handlers = doing(|_: CleanUp, _| async { Ok(()) });
        bench.runner_over(
            connection,
            handlers,
            every(Duration::from_secs(3600)),
            QUICK,
        )
    };
    assert_eq!(hourly().put_due_schedules().await, 1);
    assert_eq!(hourly().put_due_schedules().await, 0, "after a restart");
    bench.clock.advance(TimeDelta::hours(5));
    assert_eq!(hourly().put_due_schedules().await, 1);
    assert_eq!(hourly().run_due().await, 2);
}
