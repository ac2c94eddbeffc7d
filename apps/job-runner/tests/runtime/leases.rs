use crate::jobs::{Answer, Bench, LEASE, QUICK, Running, doing, eventually};
use crate::memory::{Connection, Status};
use crm_job_runner::{JobHandlers, JobRunner};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

fn easy() -> JobHandlers {
    doing(|_: Answer, _| async { Ok(()) })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_of_a_killed_process_runs_again_after_the_lease() {
    let bench = Bench::default();
    bench.enqueue(&Answer { number: 1 });
    let first = Running::start(bench.runner(doing(|_: Answer, _| std::future::pending())));
    eventually("taken", || bench.table.count(Status::Running) == 1).await;
    first.kill();
    let began = Instant::now();
    let second = Running::start(bench.runner(easy()));
    eventually("done", || bench.table.count(Status::Done) == 1).await;
    assert!(began.elapsed() > LEASE / 3 && began.elapsed() < LEASE * 3);
    assert_eq!(bench.table.only().attempts, 2, "the crash counted");
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_longer_than_its_lease_is_run_once() {
    let bench = Bench::default();
    let runs = Arc::new(AtomicU32::new(0));
    let runners: Vec<_> = (0..2)
        .map(|_| {
            let runs = Arc::clone(&runs);
            Running::start(bench.runner(doing(move |_: Answer, context| {
                runs.fetch_add(1, SeqCst);
                async move {
                    sleep(LEASE * 3).await;
                    assert!(context.lease.is_valid());
                    Ok(())
                }
            })))
        })
        .collect();
    bench.enqueue(&Answer { number: 1 });
    eventually("done", || bench.table.count(Status::Done) == 1).await;
    assert_eq!(runs.load(SeqCst), 1);
    for runner in runners {
        runner.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_without_storage_stops_its_jobs_when_the_lease_is_over() {
    let bench = Bench::default();
    let connection = Connection::to(&bench.table);
    let broken = Arc::clone(&connection.broken);
    let (told, calls) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU32::new(0)),
    );
    let (tell, call) = (Arc::clone(&told), Arc::clone(&calls));
    let handlers = doing(move |_: Answer, context| {
        let (tell, call) = (Arc::clone(&tell), Arc::clone(&call));
        tokio::spawn(async move {
            context.lease.lost().await;
            tell.store(true, SeqCst);
        });
        async move {
            loop {
                call.fetch_add(1, SeqCst);
                sleep(Duration::from_millis(5)).await;
            }
        }
    });
    bench.enqueue(&Answer { number: 1 });
    let cut_off = Running::start(bench.runner_over(connection, handlers, vec![], QUICK));
    eventually("taken", || bench.table.count(Status::Running) == 1).await;
    broken.store(true, SeqCst);
    let other = Running::start(bench.runner(easy()));
    eventually("done by the other", || bench.table.count(Status::Done) == 1).await;
    eventually("told", || told.load(SeqCst)).await;
    let calls_made = calls.load(SeqCst);
    sleep(Duration::from_millis(50)).await;
    assert_eq!(calls.load(SeqCst), calls_made, "it calls no more");

    // It recovers under a new token.
    broken.store(false, SeqCst);
    other.stop().await;
    bench.enqueue(&Answer { number: 2 });
    eventually("claimed again", || bench.table.count(Status::Running) == 1).await;
    cut_off.stop().await;
}

/// Runs `handlers` in a process of its own, as far as that can be had: one thread, which a
/// handler that blocks stops altogether, timers and renewals included.
fn one_thread(runner: JobRunner, stop: CancellationToken) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap_or_else(|e| unreachable!("{e}"));
        runtime.block_on(runner.run_until(stop.cancelled()));
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_holder_knows_at_once_and_its_report_is_refused() {
    let bench = Bench::default();
    let still_valid = Arc::new(AtomicBool::new(true));
    let seen = Arc::clone(&still_valid);
    let paused = bench.runner(doing(move |_: Answer, context| {
        let seen = Arc::clone(&seen);
        async move {
            std::thread::sleep(LEASE * 3);
            seen.store(context.lease.is_valid(), SeqCst);
            Ok(())
        }
    }));
    let stop = CancellationToken::new();
    bench.enqueue(&Answer { number: 1 });
    let thread = one_thread(paused, stop.clone());
    eventually("taken", || bench.table.count(Status::Running) == 1).await;
    let other = Running::start(bench.runner(easy()));
    eventually("done by the other", || bench.table.count(Status::Done) == 1).await;
    eventually("refused", || bench.table.refused.load(SeqCst) == 1).await;
    assert!(!still_valid.load(SeqCst));
    assert_eq!(bench.table.completed.load(SeqCst), 1);
    assert_eq!(bench.table.only().attempts, 2);
    stop.cancel();
    thread.join().unwrap();
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_holder_is_cut_off_before_its_next_step() {
    let bench = Bench::default();
    let calls = Arc::new(AtomicU32::new(0));
    let call = Arc::clone(&calls);
    let paused = bench.runner(doing(move |_: Answer, _| {
        let call = Arc::clone(&call);
        async move {
            std::thread::sleep(LEASE * 2);
            tokio::task::yield_now().await;
            call.fetch_add(1, SeqCst);
            Ok(())
        }
    }));
    let stop = CancellationToken::new();
    bench.enqueue(&Answer { number: 1 });
    let thread = one_thread(paused, stop.clone());
    eventually("taken", || bench.table.count(Status::Running) == 1).await;
    let other = Running::start(bench.runner(easy()));
    eventually("done by the other", || bench.table.count(Status::Done) == 1).await;
    stop.cancel();
    thread.join().unwrap();
    assert_eq!(calls.load(SeqCst), 0);
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_claimed_by_a_statement_whose_answer_was_lost_are_not_held_for_ever() {
    let bench = Bench::default();
    let connection = Connection::to(&bench.table);
    connection.deaf.store(true, SeqCst);
    for number in 0..3 {
        bench.enqueue(&Answer { number });
    }
    let runner = Running::start(bench.runner_over(connection, easy(), vec![], QUICK));
    eventually("claimed unknowingly", || {
        bench.table.rows()[0].attempts == 1
    })
    .await;
    // Work that keeps the process renewing meanwhile.
    bench.enqueue(&Answer { number: 3 });
    eventually("all done", || bench.table.count(Status::Done) == 4).await;
    assert_eq!(bench.table.only().attempts, 2);
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_process_renews_nothing() {
    let bench = Bench::default();
    let runner = Running::start(bench.runner(easy()));
    sleep(LEASE).await;
    assert_eq!(bench.table.renewals.load(SeqCst), 0);
    bench.enqueue(&Answer { number: 1 });
    eventually("done", || bench.table.count(Status::Done) == 1).await;
    runner.stop().await;
}
