use crate::samples::at;
use crm_accounts::{AuditFilter, AuditQueries};
use crm_database::Database;
use crm_kernel::{Actor, JobQueue, Lane, Lease, NewJob, PageRequest, Swept};
use serde_json::json;
use std::collections::BTreeSet;

crate::contract!(
    two_claimers_never_get_the_same_job,
    jobs_come_when_they_are_due_and_oldest_first,
    a_key_is_stored_once,
    a_holder_whose_lease_ran_out_is_not_heard,
    a_job_that_used_up_its_attempts_is_dead_and_can_be_revived,
    putting_off_and_giving_back_do_not_count_as_attempts,
    a_delayed_report_on_a_job_that_was_put_off_and_taken_again_is_not_heard,
    only_done_jobs_are_pruned,
);

fn job(n: i64, key: Option<&str>) -> NewJob {
    NewJob {
        name: "test",
        lane: Lane::Sending,
        payload: json!({ "n": n }),
        run_at: at(n),
        dedupe_key: key.map(str::to_owned),
        max_attempts: 2,
    }
}

fn lease(holder: &str, until: i64) -> Lease {
    Lease {
        token: holder.to_owned(),
        until: at(until),
    }
}

async fn two_claimers_never_get_the_same_job(db: Database) {
    for n in 0..40 {
        assert!(db.put(job(n, None)).await.unwrap());
    }
    let holders: Vec<Lease> = (0..8).map(|i| lease(&format!("holder{i}"), 120)).collect();
    let claims = holders.iter().map(|l| async {
        let mut got = Vec::new();
        for _ in 0..5 {
            got.extend(db.claim(Lane::Sending, 3, l, at(100)).await.unwrap());
        }
        got
    });
    let claimed: Vec<i64> = futures::future::join_all(claims)
        .await
        .into_iter()
        .flatten()
        .map(|j| j.id.get())
        .collect();
    let distinct: BTreeSet<i64> = claimed.iter().copied().collect();
    assert_eq!((claimed.len(), distinct.len()), (40, 40));
}

async fn jobs_come_when_they_are_due_and_oldest_first(db: Database) {
    for n in [5, 1, 9, 3] {
        db.put(job(n, None)).await.unwrap();
    }
    let a = lease("a", 60);
    let due = db.claim(Lane::Sending, 10, &a, at(5)).await.unwrap();
    let order: Vec<i64> = due
        .iter()
        .map(|j| j.payload["n"].as_i64().unwrap())
        .collect();
    assert_eq!(order, [1, 3, 5]);
    assert_eq!((due[0].attempt, due[0].max_attempts), (1, 2));
    assert_eq!(due[0].run_at, at(1));
    let other_lane = db.claim(Lane::Background, 10, &a, at(50)).await.unwrap();
    assert!(other_lane.is_empty());
}

async fn a_key_is_stored_once(db: Database) {
    assert!(db.put(job(1, Some("tick:1"))).await.unwrap());
    assert!(!db.put(job(1, Some("tick:1"))).await.unwrap());
    assert!(db.put(job(1, Some("tick:2"))).await.unwrap());
    let a = lease("a", 60);
    let jobs = db.claim(Lane::Sending, 10, &a, at(5)).await.unwrap();
    let done: Vec<_> = jobs.iter().map(|j| (j.id, j.claim)).collect();
    assert_eq!(db.complete("a", &done, at(5)).await.unwrap(), 2);
    assert!(
        !db.put(job(1, Some("tick:1"))).await.unwrap(),
        "also when done"
    );
}

async fn a_holder_whose_lease_ran_out_is_not_heard(db: Database) {
    db.put(job(0, None)).await.unwrap();
    let first = db
        .claim(Lane::Sending, 1, &lease("a", 10), at(0))
        .await
        .unwrap();
    assert_eq!(db.sweep(at(5)).await.unwrap(), Swept::default());
    assert_eq!(db.renew(&lease("a", 20)).await.unwrap(), 1);
    assert_eq!(db.sweep(at(15)).await.unwrap(), Swept::default());
    let swept = db.sweep(at(21)).await.unwrap();
    assert_eq!((swept.released, swept.dead), (1, 0));
    assert_eq!(db.renew(&lease("a", 90)).await.unwrap(), 0);
    let second = db
        .claim(Lane::Sending, 1, &lease("b", 60), at(22))
        .await
        .unwrap();
    assert_eq!((second[0].id, second[0].attempt), (first[0].id, 2));
    let (id, claim) = (first[0].id, first[0].claim);
    assert_eq!(db.complete("a", &[(id, claim)], at(23)).await.unwrap(), 0);
    assert!(
        !db.fail("a", id, claim, "late", Some(at(24)), at(23))
            .await
            .unwrap()
    );
    assert!(!db.postpone("a", id, claim, at(24)).await.unwrap());
    // Not even under the new holder's token, with the old claim.
    assert_eq!(db.complete("b", &[(id, claim)], at(23)).await.unwrap(), 0);
    assert_eq!(db.complete("b", &[(id, 2)], at(23)).await.unwrap(), 1);
}

async fn a_job_that_used_up_its_attempts_is_dead_and_can_be_revived(db: Database) {
    db.put(job(0, None)).await.unwrap();
    let a = lease("a", 10);
    let tries = db.claim(Lane::Sending, 1, &a, at(0)).await.unwrap();
    assert!(
        db.fail("a", tries[0].id, 1, "first", Some(at(2)), at(1))
            .await
            .unwrap()
    );
    assert!(
        db.claim(Lane::Sending, 1, &a, at(1))
            .await
            .unwrap()
            .is_empty()
    );
    db.claim(Lane::Sending, 1, &a, at(2)).await.unwrap();
    let swept = db.sweep(at(11)).await.unwrap();
    assert_eq!((swept.released, swept.dead), (0, 1));
    assert_eq!(db.job_figures(at(12)).await.unwrap().dead, 1);
    let dead = db.dead_jobs(10).await.unwrap();
    assert_eq!((dead[0].name.as_str(), dead[0].attempts), ("test", 2));
    assert!(
        db.revive_job(&Actor::System, tries[0].id, at(12))
            .await
            .unwrap()
    );
    assert!(
        !db.revive_job(&Actor::System, tries[0].id, at(12))
            .await
            .unwrap()
    );
    let again = db.claim(Lane::Sending, 1, &a, at(12)).await.unwrap();
    assert_eq!(again[0].attempt, 1);
    let page = PageRequest::new(1, 10).unwrap();
    let noted = db.list(&AuditFilter::default(), page).await.unwrap();
    assert_eq!(
        (noted.total, noted.items[0].action.as_str()),
        (1, "job.retried")
    );
}

async fn putting_off_and_giving_back_do_not_count_as_attempts(db: Database) {
    db.put(job(0, None)).await.unwrap();
    let a = lease("a", 10);
    let id = db.claim(Lane::Sending, 1, &a, at(0)).await.unwrap()[0].id;
    assert!(db.postpone("a", id, 1, at(3)).await.unwrap());
    assert!(
        db.claim(Lane::Sending, 1, &a, at(2))
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        db.claim(Lane::Sending, 1, &a, at(3)).await.unwrap()[0].attempt,
        1
    );
    assert_eq!(db.release("a").await.unwrap(), 1);
    assert_eq!(
        db.claim(Lane::Sending, 1, &a, at(3)).await.unwrap()[0].attempt,
        1
    );
}

async fn a_delayed_report_on_a_job_that_was_put_off_and_taken_again_is_not_heard(db: Database) {
    db.put(job(0, None)).await.unwrap();
    let a = lease("a", 60);
    let first = db.claim(Lane::Sending, 1, &a, at(0)).await.unwrap();
    let (id, claim) = (first[0].id, first[0].claim);
    assert!(db.postpone("a", id, claim, at(1)).await.unwrap());
    let again = db.claim(Lane::Sending, 1, &a, at(1)).await.unwrap();
    assert_eq!((again[0].id, again[0].attempt), (id, first[0].attempt));
    // The answer to the first was lost, and the same process says it once more.
    assert!(!db.postpone("a", id, claim, at(1)).await.unwrap());
    assert_eq!(db.complete("a", &[(id, claim)], at(2)).await.unwrap(), 0);
    let done = [(id, again[0].claim)];
    assert_eq!(db.complete("a", &done, at(2)).await.unwrap(), 1);
}

async fn only_done_jobs_are_pruned(db: Database) {
    db.put(job(0, None)).await.unwrap();
    db.put(job(1, None)).await.unwrap();
    let a = lease("a", 10);
    let first = db.claim(Lane::Sending, 1, &a, at(5)).await.unwrap();
    db.complete("a", &[(first[0].id, 1)], at(5)).await.unwrap();
    assert_eq!(db.prune(at(5), 100).await.unwrap(), 0);
    assert_eq!(db.prune(at(6), 100).await.unwrap(), 1);
    assert_eq!(db.prune(at(600), 100).await.unwrap(), 0);
    assert_eq!(db.job_figures(at(9)).await.unwrap().due, 1);
}
