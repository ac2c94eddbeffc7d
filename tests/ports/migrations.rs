use crm_bootstrap::{Direction, migrate, migration_status};
use crm_database::Database;
use crm_tests::{Kind, TestDatabase};
use sea_orm::ConnectionTrait;

async fn up_down_and_up_again(kind: Kind) {
    let Some(fresh) = TestDatabase::empty(kind, 4).await else {
        return;
    };
    let db = fresh.database.clone();
    migrate(&db, Direction::Up).await.unwrap();
    let steps = migration_status(&db).await.unwrap();
    assert!(steps.iter().all(|(_, applied)| *applied));
    let all = u32::try_from(steps.len()).unwrap();
    migrate(&db, Direction::Down(all)).await.unwrap();
    let steps = migration_status(&db).await.unwrap();
    assert!(steps.iter().all(|(_, applied)| !*applied));
    migrate(&db, Direction::Up).await.unwrap();
    fresh.drop_it().await;
}

#[tokio::test]
async fn every_step_can_be_undone_and_done_again_on_sqlite() {
    up_down_and_up_again(Kind::Sqlite).await;
}

#[tokio::test]
async fn every_step_can_be_undone_and_done_again_on_mysql() {
    up_down_and_up_again(Kind::MySql).await;
}

/// Undoes every step from this one on and does them again.
pub async fn again_from(db: &Database, step: &str) {
    let steps = migration_status(db).await.unwrap();
    let since = steps.iter().skip_while(|(name, _)| name != step).count();
    assert!(since > 0, "{step}");
    let since = u32::try_from(since).unwrap();
    migrate(db, Direction::Down(since)).await.unwrap();
    migrate(db, Direction::Up).await.unwrap();
}

async fn several_at_once(kind: Kind) {
    let Some(fresh) = TestDatabase::empty(kind, 8).await else {
        return;
    };
    let db = fresh.database.clone();
    let racers = (0..4).map(|_| migrate(&db, Direction::Up));
    for done in futures::future::join_all(racers).await {
        done.unwrap();
    }
    fresh.drop_it().await;
}

#[tokio::test]
async fn several_processes_may_migrate_at_once_on_sqlite() {
    several_at_once(Kind::Sqlite).await;
}

#[tokio::test]
async fn several_processes_may_migrate_at_once_on_mysql() {
    several_at_once(Kind::MySql).await;
}

async fn with_a_newer_schema(kind: Kind) {
    let Some(fresh) = TestDatabase::new(kind).await else {
        return;
    };
    let db = fresh.database.clone();
    db.pool()
        .execute_unprepared(
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_of_tomorrow', 1)",
        )
        .await
        .unwrap();
    migrate(&db, Direction::Up).await.unwrap();
    let steps = migration_status(&db).await.unwrap();
    assert!(steps.iter().all(|(_, applied)| *applied));
    fresh.drop_it().await;
}

#[tokio::test]
async fn a_program_goes_on_when_a_newer_one_has_migrated_on_sqlite() {
    with_a_newer_schema(Kind::Sqlite).await;
}

#[tokio::test]
async fn a_program_goes_on_when_a_newer_one_has_migrated_on_mysql() {
    with_a_newer_schema(Kind::MySql).await;
}
