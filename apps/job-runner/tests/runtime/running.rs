use crate::jobs::{Answer, Bench, CleanUp, QUICK, Running, Send, doing, eventually};
use crate::memory::{Connection, Status};
use crm_job_runner::{JobFailure, JobHandlers, RunnerConfig};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::time::sleep;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_runners_never_run_one_job_twice() {
    let bench = Bench::default();
    let runs: Arc<Mutex<HashMap<u32, u32>>> = Arc::default();
    for number in 0..1000 {
        bench.enqueue(&Answer { number });
    }
    let runners: Vec<_> = (0..2)
        .map(|_| {
            let runs = Arc::clone(&runs);
            Running::start(bench.runner(doing(move |job: Answer, _| {
                *runs.lock().unwrap().entry(job.number).or_default() += 1;
                async {
                    tokio::task::yield_now().await;
                    Ok(())
                }
            })))
        })
        .collect();
    eventually("all done", || bench.table.count(Status::Done) == 1000).await;
    for runner in runners {
        runner.stop().await;
    }
    let runs = runs.lock().unwrap();
    assert_eq!(runs.len(), 1000);
    assert!(runs.values().all(|&times| times == 1));
    assert_eq!(bench.table.refused.load(SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_takes_no_more_than_it_has_slots_for() {
    let bench = Bench::default();
    let at_once = Arc::new((AtomicU32::new(0), AtomicU32::new(0)));
    for _ in 0..12 {
        bench.enqueue(&Send);
    }
    let count = Arc::clone(&at_once);
    let runner = Running::start(bench.runner(doing(move |_: Send, _| {
        let count = Arc::clone(&count);
        async move {
            let now = count.0.fetch_add(1, SeqCst) + 1;
            count.1.fetch_max(now, SeqCst);
            sleep(Duration::from_millis(20)).await;
            count.0.fetch_sub(1, SeqCst);
            Ok(())
        }
    })));
    eventually("started", || bench.table.count(Status::Running) > 0).await;
    while bench.table.count(Status::Done) < 12 {
        // Two at work and two whose reports are gathered at the most.
        assert!(bench.table.count(Status::Running) <= 4);
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(at_once.1.load(SeqCst), 2, "both slots are used");
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_do_not_block_each_other() {
    let bench = Bench::default();
    let mut handlers = JobHandlers::new();
    handlers
        .register(|_: Send, _| async {
            sleep(Duration::from_millis(400)).await;
            Ok(())
        })
        .register(|_: Answer, _| async { Ok(()) })
        .register(|_: CleanUp, _| async { Ok(()) });
    for _ in 0..10 {
        bench.enqueue(&Send);
    }
    let runner = Running::start(bench.runner(handlers));
    eventually("sending", || bench.table.count(Status::Running) == 2).await;
    let began = Instant::now();
    bench.enqueue(&Answer { number: 1 });
    bench.enqueue(&CleanUp);
    eventually("answered", || bench.table.count(Status::Done) == 2).await;
    assert!(began.elapsed() < Duration::from_millis(300));
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_runner_starts_a_new_job_within_a_second() {
    let bench = Bench::default();
    let config = RunnerConfig {
        poll_interval: RunnerConfig::default().poll_interval,
        ..QUICK
    };
    let connection = Connection::to(&bench.table);
    let handlers = doing(|_: Answer, _| async { Ok(()) });
    let runner = Running::start(bench.runner_over(connection, handlers, vec![], config));
    sleep(Duration::from_millis(50)).await;
    let began = Instant::now();
    bench.enqueue(&Answer { number: 1 });
    eventually("done", || bench.table.count(Status::Done) == 1).await;
    assert!(began.elapsed() < Duration::from_secs(1));
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_counts_as_a_failure_and_does_not_end_the_worker() {
    let bench = Bench::default();
    let runner = Running::start(bench.runner(doing(|job: Answer, _| async move {
        assert!(job.number != 13, "unlucky");
        Ok(())
    })));
    bench.enqueue(&Answer { number: 13 });
    eventually("recorded", || bench.table.only().error.is_some()).await;
    for number in 0..20 {
        if number != 13 {
            bench.enqueue(&Answer { number });
        }
    }
    eventually("others done", || bench.table.count(Status::Done) == 19).await;
    let row = bench.table.only();
    assert_eq!((row.status, row.attempts), (Status::Ready, 1));
    assert_eq!(row.error.as_deref(), Some("the handler panicked"));
    assert!(row.new.run_at > bench.now(), "it is to run again later");
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_job_runs_as_often_as_it_may_and_then_is_dead() {
    let bench = Bench::default();
    let runs = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&runs);
    bench.enqueue(&Answer { number: 1 });
    let runner = Running::start(bench.runner(doing(move |_: Answer, context| {
        assert_eq!(count.fetch_add(1, SeqCst) + 1, context.attempt);
        async {
            Err(JobFailure::Retry {
                reason: "no answer".to_owned(),
                after: Some(Duration::from_millis(120)),
            })
        }
    })));
    eventually("dead", || bench.table.count(Status::Dead) == 1).await;
    assert_eq!(runs.load(SeqCst), 3);
    assert_eq!(bench.table.only().error.as_deref(), Some("no answer"));
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_that_goes_away_for_a_moment_ends_nothing() {
    let bench = Bench::default();
    let connection = Connection::to(&bench.table);
    let broken = Arc::clone(&connection.broken);
    let handlers = doing(|_: Answer, _| async {
        sleep(Duration::from_millis(60)).await;
        Ok(())
    });
    let runner = Running::start(bench.runner_over(connection, handlers, vec![], QUICK));
    bench.enqueue(&Answer { number: 1 });
    eventually("taken", || bench.table.count(Status::Running) == 1).await;
    broken.store(true, SeqCst);
    bench.enqueue(&Answer { number: 2 });
    // Longer than the job takes, shorter than the lease.
    sleep(Duration::from_millis(120)).await;
    assert_eq!(bench.table.count(Status::Done), 0);
    broken.store(false, SeqCst);
    eventually("both done", || bench.table.count(Status::Done) == 2).await;
    assert_eq!(bench.table.only().attempts, 1, "its report was kept");
    runner.stop().await;
}
