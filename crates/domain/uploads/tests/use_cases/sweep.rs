use crate::fakes::Fake;
use crate::upload::{JPEG, STAFF, WEBP, picture};
use chrono::TimeDelta;
use crm_kernel::{Actor, Job};
use crm_uploads::{SweepUploads, SweptUploads};

async fn upload(fake: &Fake, category: &str) -> i64 {
    let uploads = fake.uploads();
    let upload = uploads.upload(&STAFF, picture(category, WEBP)).await;
    upload.unwrap().id().get()
}

async fn sweep(fake: &Fake) -> (u64, u64) {
    let SweptUploads { uploads, files } = fake.uploads().sweep().await.unwrap();
    (uploads, files)
}

#[tokio::test]
async fn unused_ones_go_after_their_time_with_all_their_files() {
    let fake = Fake::default();
    upload(&fake, "temp").await;
    upload(&fake, "templates").await;
    fake.pass(TimeDelta::hours(24));
    assert_eq!(sweep(&fake).await, (0, 0));
    fake.pass(TimeDelta::seconds(1));
    assert_eq!(sweep(&fake).await, (1, 0));
    assert_eq!(fake.paths().len(), 3);
    fake.pass(TimeDelta::days(6));
    assert_eq!(sweep(&fake).await, (1, 0));
    assert!(fake.paths().is_empty());
    assert_eq!(sweep(&fake).await, (0, 0));
    let world = fake.world();
    let entry = world.audit.last().unwrap();
    assert_eq!(
        (entry.action, &entry.actor),
        ("upload.deleted", &Actor::System)
    );
    assert!(entry.before.contains_key("path"));
}

#[tokio::test]
async fn used_ones_stay_also_when_the_use_began_during_the_sweep() {
    let fake = Fake::default();
    let used = upload(&fake, "temp").await;
    let just_now = upload(&fake, "templates").await;
    fake.world().used.insert(used);
    fake.world().used_just_now.insert(just_now);
    fake.pass(TimeDelta::days(30));
    assert_eq!(sweep(&fake).await, (0, 0));
    assert_eq!(fake.world().rows.len(), 2);
    assert_eq!(fake.paths().len(), 6);
}

#[tokio::test]
async fn pictures_of_guests_are_never_swept() {
    let fake = Fake::default();
    upload(&fake, "members").await;
    fake.pass(TimeDelta::days(365));
    assert_eq!(sweep(&fake).await, (0, 0));
    assert_eq!(fake.paths().len(), 3);
}

#[tokio::test]
async fn files_without_a_row_go_after_a_day() {
    let fake = Fake::default();
    fake.world().commit_fails = true;
    let failed = fake.uploads().upload(&STAFF, picture("temp", JPEG)).await;
    assert!(failed.is_err());
    fake.world().commit_fails = false;
    let now = fake.world().now;
    fake.world().files.insert("exports/report.csv".into(), now);
    fake.pass(TimeDelta::days(1));
    assert_eq!(sweep(&fake).await, (0, 0));
    fake.pass(TimeDelta::seconds(1));
    assert_eq!(sweep(&fake).await, (0, 2));
    assert_eq!(fake.paths(), ["exports/report.csv"]);
}

#[tokio::test]
async fn files_that_could_not_be_removed_go_with_a_later_sweep() {
    let fake = Fake::default();
    upload(&fake, "temp").await;
    fake.pass(TimeDelta::days(2));
    fake.world().remove_fails = true;
    assert_eq!(sweep(&fake).await, (1, 0));
    assert_eq!(fake.paths().len(), 3);
    fake.world().remove_fails = false;
    assert_eq!(sweep(&fake).await, (0, 3));
}

#[tokio::test]
async fn more_than_one_page_is_swept_at_once() {
    let fake = Fake::default();
    for _ in 0..250 {
        upload(&fake, "temp").await;
    }
    fake.pass(TimeDelta::days(2));
    assert_eq!(sweep(&fake).await, (250, 0));
    assert!(fake.paths().is_empty());
}

#[test]
fn the_job_is_found_by_its_name() {
    assert_eq!(SweepUploads::NAME, "uploads.sweep");
    assert_eq!(serde_json::to_string(&SweepUploads {}).unwrap(), "{}");
}
