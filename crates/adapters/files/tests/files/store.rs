//! Files in a folder of this machine.

use chrono::{DateTime, TimeDelta, Utc};
use crm_files::FileStore;
use crm_kernel::GatewayError;
use crm_messages::{Bytes, MediaStore, WriteError};
use crm_uploads::PictureStore;
use futures::{StreamExt, TryStreamExt};
use std::time::{Duration, SystemTime};

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

fn stream_of(parts: Vec<Result<Vec<u8>, GatewayError>>) -> Bytes<GatewayError> {
    futures::stream::iter(parts).boxed()
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[tokio::test]
async fn a_stream_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let files = FileStore::local(folder.path()).unwrap();
    let parts = vec![Ok(vec![1; 300_000]), Ok(vec![2; 300_000]), Ok(vec![3])];
    let written = files.write("media/a", stream_of(parts), 600_001).await;
    let written = written.unwrap_or_else(|_| unreachable!("the folder can be written"));
    assert_eq!(written.bytes, 600_001);
    assert_eq!(written.head, vec![1; 64]);
    let read = files.open("media/a").await.unwrap().unwrap();
    let read: Vec<Vec<u8>> = read.try_collect().await.unwrap();
    assert_eq!(read.concat().len(), 600_001);
    assert!(files.open("media/b").await.unwrap().is_none());

    let too_many = vec![Ok(vec![1; 600_000]), Ok(vec![2; 2])];
    let refused = files.write("media/b", stream_of(too_many), 600_001).await;
    assert!(matches!(refused, Err(WriteError::TooLarge)));
    let broken = vec![Ok(vec![1; 600_000]), Err(GatewayError::NotFound)];
    let refused = files.write("media/c", stream_of(broken), 600_001).await;
    let Err(WriteError::Source(GatewayError::NotFound)) = refused else {
        unreachable!("the source broke off");
    };
    assert_eq!(names(&folder.path().join("media")), ["a"]);
    let outside = files.write("media/../../x", stream_of(vec![]), 1).await;
    assert!(matches!(outside, Err(WriteError::Store(_))));
}

#[tokio::test]
async fn a_write_that_is_dropped_half_way_leaves_nothing_and_one_that_died_is_swept() {
    let folder = tempfile::tempdir().unwrap();
    let files = FileStore::local(folder.path()).unwrap();
    let endless = futures::stream::iter([Ok(vec![1; 300_000])]).chain(futures::stream::pending());
    let write = files.write("media/2026/a", endless.boxed(), 900_000);
    let cut = tokio::time::timeout(Duration::from_millis(200), write).await;
    assert!(cut.is_err());
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        if names(&folder.path().join("media/2026")).is_empty() {
            break;
        }
    }
    assert!(names(&folder.path().join("media/2026")).is_empty());

    for name in ["b#1", "b", "c#x"] {
        std::fs::write(folder.path().join("media/2026").join(name), b"x").unwrap();
    }
    let before = soon() - TimeDelta::hours(1);
    assert_eq!(files.sweep("media", before).await.unwrap(), 0);
    assert_eq!(files.sweep("media", soon()).await.unwrap(), 1);
    assert_eq!(files.sweep("nothing", soon()).await.unwrap(), 0);
    let mut left = names(&folder.path().join("media/2026"));
    left.sort();
    assert_eq!(left, ["b", "c#x"]);
}
