use crate::jobs::{Answer, Bench, QUICK, Running, Send, doing, eventually};
use crate::memory::Status;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;
use tokio::time::sleep;

#[tokio::test(flavor = "multi_thread")]
async fn stopping_waits_for_the_jobs_in_hand_and_claims_no_more() {
    let bench = Bench::default();
    for _ in 0..6 {
        bench.enqueue(&Send);
    }
    let runner = Running::start(bench.runner(doing(|_: Send, _| async {
        sleep(Duration::from_millis(150)).await;
        Ok(())
    })));
    eventually("two taken", || bench.table.count(Status::Running) == 2).await;
    let took = runner.stop().await;
    assert!(took > Duration::from_millis(50) && took < QUICK.shutdown_grace);
    assert_eq!(bench.table.count(Status::Done), 2);
    assert_eq!(bench.table.count(Status::Ready), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_outlasts_the_grace_period_is_cut_off_and_given_back_uncounted() {
    let bench = Bench::default();
    bench.enqueue(&Send);
    bench.enqueue(&Send);
    let dropped = Arc::new(AtomicBool::new(false));
    let drops = Arc::clone(&dropped);
    let runner = Running::start(bench.runner(doing(move |_: Send, _| {
        let on_drop = OnDrop(Arc::clone(&drops));
        async move {
            std::future::pending::<()>().await;
            drop(on_drop);
            Ok(())
        }
    })));
    eventually("two taken", || bench.table.count(Status::Running) == 2).await;
    let took = runner.stop().await;
    assert!(took < QUICK.shutdown_grace + Duration::from_millis(100));
    assert!(dropped.load(SeqCst), "the handler does not go on");
    for row in bench.table.rows().iter() {
        assert_eq!((row.status, row.attempts), (Status::Ready, 0));
        assert_eq!(row.lease, None);
    }
}

struct OnDrop(Arc<AtomicBool>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_runner_stops_at_once() {
    let bench = Bench::default();
    let runner = Running::start(bench.runner(doing(|_: Answer, _| async { Ok(()) })));
    sleep(Duration::from_millis(50)).await;
    assert!(runner.stop().await < Duration::from_millis(100));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_told_to_stop_before_it_began_stops() {
    let bench = Bench::default();
    bench.enqueue(&Answer { number: 1 });
    let runner = bench.runner(doing(|_: Answer, _| async { Ok(()) }));
    runner.run_until(std::future::ready(())).await;
    assert_eq!(bench.table.count(Status::Running), 0);
}
