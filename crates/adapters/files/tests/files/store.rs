//! Files in a folder of this machine.

use chrono::{DateTime, TimeDelta, Utc};
use crm_files::FileStore;
use crm_uploads::PictureStore;
use std::time::SystemTime;

fn soon() -> DateTime<Utc> {
    DateTime::from(SystemTime::now()) + TimeDelta::minutes(1)
}

#[tokio::test]
async fn a_file_is_there_until_it_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let files = FileStore::local(&folder.path().join("made/on/demand")).unwrap();
    files.put("images/temp/a.jpg", vec![1]).await.unwrap();
    files.put("images/temp/a.jpg", vec![2, 3]).await.unwrap();
    assert_eq!(
        files.read("images/temp/a.jpg").await.unwrap(),
        Some(vec![2, 3])
    );
    files.remove("images/temp/a.jpg").await.unwrap();
    assert_eq!(files.read("images/temp/a.jpg").await.unwrap(), None);
    files.remove("images/temp/a.jpg").await.unwrap();
}

#[tokio::test]
async fn only_old_files_below_the_prefix_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let files = FileStore::local(folder.path()).unwrap();
    assert_eq!(
        files.list("images", soon()).await.unwrap(),
        Vec::<String>::new()
    );
    files.put("images/temp/a.jpg", vec![1]).await.unwrap();
    files.put("exports/b.csv", vec![1]).await.unwrap();
    assert_eq!(
        files.list("images", soon()).await.unwrap(),
        ["images/temp/a.jpg"]
    );
    let earlier = soon() - TimeDelta::hours(1);
    assert_eq!(
        files.list("images", earlier).await.unwrap(),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), "x").unwrap();
    let files = FileStore::local(&folder.path().join("inside")).unwrap();
    for path in ["../secret", "images/../../secret", "./../secret", "a//b"] {
        assert!(files.read(path).await.is_err(), "{path}");
        assert!(files.put(path, vec![0]).await.is_err(), "{path}");
        assert!(files.remove(path).await.is_err(), "{path}");
    }
    assert_eq!(std::fs::read(folder.path().join("secret")).unwrap(), b"x");
}
