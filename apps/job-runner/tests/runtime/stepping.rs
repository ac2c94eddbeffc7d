use crate::jobs::{Answer, Bench, CleanUp, Send, doing};
use crate::memory::Status;
use chrono::TimeDelta;
use crm_job_runner::{JobFailure, JobHandlers};
use crm_kernel::{GatewayError, Job, NewJob, StoreError};
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn stepping_runs_what_is_due_and_what_follows_from_it() {
    let bench = Bench::default();
    let table = Arc::clone(&bench.table);
    let now = bench.now();
    let mut handlers = JobHandlers::new();
    handlers
        .register(move |_: Answer, _| {
            table.enqueue(&Send, now);
            async { Ok(()) }
        })
        .register(|_: Send, _| async { Ok(()) });
    bench.enqueue(&Answer { number: 1 });
    bench.table.enqueue(&CleanUp, now + TimeDelta::hours(1));
    assert_eq!(handlers.names().collect::<Vec<_>>(), ["answer", "send"]);
    let runner = bench.runner(handlers);
    assert_eq!(runner.run_due().await, 2);
    assert_eq!(runner.run_due().await, 0);
    assert_eq!(bench.table.count(Status::Done), 2);
    assert_eq!(bench.table.count(Status::Ready), 1);
}

#[tokio::test]
async fn a_failing_job_backs_off_and_finally_is_dead() {
    let bench = Bench::default();
    bench.enqueue(&Answer { number: 1 });
    let runner = bench.runner(doing(|_: Answer, _| async {
        Err(StoreError::Unavailable("away".into()).into())
    }));
    for (attempt, seconds) in [(1, 1.0), (2, 2.0)] {
        assert_eq!(runner.run_due().await, 1);
        assert_eq!(runner.run_due().await, 0, "not before its time");
        let row = bench.table.only();
        assert_eq!((row.status, row.attempts), (Status::Ready, attempt));
        let pause = (row.new.run_at - bench.now()).as_seconds_f64();
        assert!(
            (seconds * 0.8 - 0.3..=seconds * 1.2).contains(&pause),
            "{pause}"
        );
        bench.clock.advance(TimeDelta::seconds(3));
    }
    assert_eq!(runner.run_due().await, 1);
    let row = bench.table.only();
    assert_eq!((row.status, row.attempts), (Status::Dead, 3));
    let error = "storage_unavailable: storage is unavailable";
    assert_eq!(row.error.as_deref(), Some(error));
}

#[tokio::test]
async fn a_rejected_request_is_not_repeated() {
    let bench = Bench::default();
    bench.enqueue(&Answer { number: 1 });
    let runner = bench.runner(doing(|_: Answer, _| async {
        Err(GatewayError::Rejected {
            message: "too long".to_owned(),
            properties: vec![],
        }
        .into())
    }));
    assert_eq!(runner.run_due().await, 1);
    assert_eq!(bench.table.only().status, Status::Dead);
}

#[tokio::test]
async fn an_attempt_put_off_does_not_count() {
    let bench = Bench::default();
    bench.enqueue(&Answer { number: 1 });
    let until = bench.now() + TimeDelta::minutes(1);
    let runner = bench.runner(doing(move |_: Answer, context| async move {
        assert_eq!(context.attempt, 1);
        Err(JobFailure::Postpone { until })
    }));
    assert_eq!(runner.run_due().await, 1);
    let row = bench.table.only();
    assert_eq!((row.status, row.attempts), (Status::Ready, 0));
    assert_eq!((row.new.run_at, row.error), (until, None));
}

#[tokio::test]
async fn an_unknown_job_is_dead_with_the_reason() {
    let bench = Bench::default();
    bench.enqueue(&Send);
    let runner = bench.runner(doing(|_: Answer, _| async { Ok(()) }));
    assert_eq!(runner.run_due().await, 1);
    let row = bench.table.only();
    assert_eq!((row.status, row.attempts), (Status::Dead, 1));
    let error = "no handler for jobs named send";
    assert_eq!(row.error.as_deref(), Some(error));
}

#[tokio::test]
async fn a_payload_that_cannot_be_read_is_dead_and_not_quoted() {
    let bench = Bench::default();
    bench.table.insert(NewJob {
        name: Answer::NAME,
        lane: Answer::LANE,
        payload: json!({ "number": "0912-345-678" }),
        run_at: bench.now(),
        dedupe_key: None,
        max_attempts: 3,
    });
    let runner = bench.runner(doing(|_: Answer, _| async { Ok(()) }));
    assert_eq!(runner.run_due().await, 1);
    let row = bench.table.only();
    assert_eq!(row.status, Status::Dead);
    let error = "the payload is no answer: it breaks at `number`";
    assert_eq!(row.error.as_deref(), Some(error));
}
