use crate::samples::at;
use crm_accounts::{
    AccountsTx, AuditFilter, AuditQueries, Email, NewUser, PasswordHash, Role, Username,
};
use crm_database::Database;
use crm_kernel::{Actor, PageRequest, Transactions, UserId};
use crm_tests::MovedClock;
use crm_workflows::Brake;
use sea_orm::ConnectionTrait;
use std::sync::Arc;

crate::contract!(
    a_stop_tells_since_when_by_whom_and_why_until_it_is_released,
    of_many_who_stop_at_once_one_is_written_down,
    a_stop_outlives_the_account_of_who_made_it,
);

fn brake(db: &Database) -> Brake {
    let db = Arc::new(db.clone());
    Brake::new(db.clone(), db, Arc::new(MovedClock::at(at(5))))
}

async fn user(db: &Database) -> UserId {
    let mut tx = Transactions::<dyn AccountsTx>::begin(db).await.unwrap();
    let new = NewUser {
        username: Username::parse("mei").unwrap(),
        email: Email::parse("mei@hotel.com").unwrap(),
        password_hash: PasswordHash::new("$argon2id$…".into()),
        full_name: None,
        role: Role::Admin,
    };
    let user = tx.users().insert(new, at(0)).await.unwrap();
    tx.commit().await.unwrap();
    user.id()
}

async fn noted(db: &Database) -> Vec<String> {
    let page = PageRequest::new(1, 50).unwrap();
    let rows = db.list(&AuditFilter::default(), page).await.unwrap();
    rows.items.into_iter().map(|row| row.action).collect()
}

async fn a_stop_tells_since_when_by_whom_and_why_until_it_is_released(db: Database) {
    let brake = brake(&db);
    assert_eq!(brake.stop().await.unwrap(), None);
    assert!(!brake.is_on().await.unwrap());
    let me = Actor::User {
        id: user(&db).await,
    };
    brake.pull(&me, Some("價格寫錯了")).await.unwrap();
    let stop = brake.stop().await.unwrap().unwrap();
    assert_eq!(stop.since, at(5));
    assert_eq!(stop.by.unwrap().username, "mei");
    assert_eq!(stop.reason.as_deref(), Some("價格寫錯了"));
    assert!(brake.is_on().await.unwrap());
    brake.release(&me).await.unwrap();
    assert_eq!(brake.stop().await.unwrap(), None);
    assert!(!brake.is_on().await.unwrap());
    assert_eq!(noted(&db).await, ["sending.resumed", "sending.stopped"]);
}

async fn of_many_who_stop_at_once_one_is_written_down(db: Database) {
    let reasons: Vec<String> = (0..12).map(|n| n.to_string()).collect();
    let processes: Vec<Brake> = reasons.iter().map(|_| brake(&db)).collect();
    let racers = processes.iter().zip(&reasons);
    let racers = racers.map(|(brake, reason)| brake.pull(&Actor::System, Some(reason)));
    futures::future::try_join_all(racers).await.unwrap();
    assert_eq!(noted(&db).await, ["sending.stopped"]);
    let releases = processes.iter().map(|brake| brake.release(&Actor::System));
    futures::future::try_join_all(releases).await.unwrap();
    assert_eq!(noted(&db).await.len(), 2);
}

async fn a_stop_outlives_the_account_of_who_made_it(db: Database) {
    let id = user(&db).await;
    let brake = brake(&db);
    brake.pull(&Actor::User { id }, None).await.unwrap();
    for rows in ["audit_logs", "users"] {
        let delete = format!("DELETE FROM {rows}");
        db.pool().execute_unprepared(&delete).await.unwrap();
    }
    let stop = brake.stop().await.unwrap().unwrap();
    assert_eq!((stop.by, stop.reason), (None, None));
}
