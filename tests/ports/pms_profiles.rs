//! Saved words on which headings of tables mean which fields.

use crate::messages::staff;
use crate::samples::{Store, at, begin, commit};
use crm_database::Database;
use crm_kernel::{ImportProfileId, StoreError, UserId};
use crm_members::{ImportProfile, NewImportProfile, PmsKind, PmsQueries};

mod on_databases {
    use super::*;

    crate::contract!(
        profiles_are_listed_by_kind_and_name,
        a_profile_is_saved_by_somebody_who_is_there,
    );
}

crate::contract_on_every_store!(
    a_profile_is_read_back_as_it_was_saved_until_it_is_deleted,
    a_name_is_given_once_for_a_kind_however_it_is_typed,
);

fn profile(name: &str, kind: PmsKind) -> NewImportProfile {
    NewImportProfile {
        name: name.into(),
        kind,
        headings: vec![
            ("客編 😀".into(), "guest_code".into()),
            ("a,\"b".into(), "phone".into()),
        ],
        created_by: None,
        created_at: at(0),
    }
}

async fn saved(
    store: &impl Store,
    name: &str,
    kind: PmsKind,
) -> Result<ImportProfileId, StoreError> {
    let mut tx = begin(store).await;
    let id = tx.pms().insert_profile(&profile(name, kind)).await?;
    commit(tx).await;
    Ok(id)
}

async fn a_profile_is_read_back_as_it_was_saved_until_it_is_deleted(store: impl Store) {
    let id = saved(&store, "櫃台", PmsKind::Members).await.unwrap();
    let mut tx = begin(&store).await;
    let new = profile("櫃台", PmsKind::Members);
    let found = tx.pms().find_profile(id).await.unwrap();
    assert_eq!(found, Some(ImportProfile { id, new }));
    assert!(tx.pms().delete_profile(id).await.unwrap());
    assert!(!tx.pms().delete_profile(id).await.unwrap());
    assert_eq!(tx.pms().find_profile(id).await.unwrap(), None);
}

async fn a_name_is_given_once_for_a_kind_however_it_is_typed(store: impl Store) {
    saved(&store, "Desk", PmsKind::Members).await.unwrap();
    let again = saved(&store, "ｄｅｓｋ", PmsKind::Members).await;
    let Err(StoreError::Duplicate { key }) = again else {
        panic!("{again:?}");
    };
    assert_eq!(key, "import_profile_name");
    saved(&store, "Desk", PmsKind::ConsumptionRecords)
        .await
        .unwrap();
}

async fn profiles_are_listed_by_kind_and_name(db: Database) {
    for (name, kind) in [
        ("b", PmsKind::Members),
        ("A", PmsKind::Members),
        ("z", PmsKind::ConsumptionRecords),
    ] {
        saved(&db, name, kind).await.unwrap();
    }
    let listed = db.profiles().await.unwrap();
    let names: Vec<&str> = listed.iter().map(|p| p.new.name.as_str()).collect();
    assert_eq!(names, ["z", "A", "b"]);
    assert_eq!(listed[0].new, profile("z", PmsKind::ConsumptionRecords));
}

async fn a_profile_is_saved_by_somebody_who_is_there(db: Database) {
    let user = staff(&db, "mei", None).await;
    let mut tx = begin(&db).await;
    let by = |user| NewImportProfile {
        created_by: Some(user),
        ..profile("desk", PmsKind::Members)
    };
    tx.pms().insert_profile(&by(user)).await.unwrap();
    let nobody = NewImportProfile {
        name: "other".into(),
        ..by(UserId::new(999_999))
    };
    let refused = tx.pms().insert_profile(&nobody).await;
    assert!(matches!(refused, Err(StoreError::Reference)), "{refused:?}");
}
