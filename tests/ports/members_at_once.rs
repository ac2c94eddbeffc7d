//! Many members stored by one call.

use crate::samples::{Store, at, begin, commit, friend, members, number};
use crm_database::Database;
use crm_kernel::{MemberId, PageRequest, StoreError};
use crm_members::{
    Member, MemberFilter, MemberQueries, MemberRecord, MemberSearch, MemberSort, NewMember,
    PersonName, SealedIdNumber,
};

mod on_databases {
    use super::*;

    crate::contract!(
        many_members_are_found_and_counted,
        others_who_store_members_meanwhile_mix_up_nothing,
    );
}

crate::contract_on_every_store!(
    ids_come_in_the_order_of_the_members,
    of_many_no_two_have_an_id_number_in_common,
);

async fn pattern(store: &impl Store) -> MemberRecord {
    let id = friend(store, "U1", at(0)).await;
    let mut tx = begin(store).await;
    let member = tx.members().find(id).await.unwrap().unwrap();
    MemberRecord {
        line: None,
        ..member.record().clone()
    }
}

fn named(pattern: &MemberRecord, text: &str) -> NewMember {
    NewMember::new(MemberRecord {
        first_name: Some(PersonName::from_stored(text.to_owned())),
        id_number: Some(SealedIdNumber {
            ciphertext: text.to_owned(),
            blind_index: text.to_owned(),
        }),
        ..pattern.clone()
    })
}

async fn are(store: &impl Store, ids: &[MemberId], new: &[NewMember]) {
    let mut tx = begin(store).await;
    let found = tx.pms().members(ids).await.unwrap();
    assert_eq!(found.len(), new.len());
    for ((id, new), member) in ids.iter().zip(new).zip(&found) {
        assert_eq!(member.id(), *id);
        assert!(member.record() == new.record());
    }
}

async fn ids_come_in_the_order_of_the_members(store: impl Store) {
    let pattern = pattern(&store).await;
    let new: Vec<NewMember> = (0..2_300)
        .map(|n| named(&pattern, &format!("Z{n}")))
        .collect();
    let mut tx = begin(&store).await;
    let ids = tx.members().insert_many(&new).await.unwrap();
    assert_eq!(tx.members().insert_many(&[]).await.unwrap(), []);
    commit(tx).await;
    are(&store, &ids, &new).await;
}

async fn of_many_no_two_have_an_id_number_in_common(store: impl Store) {
    let pattern = pattern(&store).await;
    let new = ["A", "B", "A"].map(|text| named(&pattern, text));
    let mut tx = begin(&store).await;
    let refused = tx.members().insert_many(&new).await;
    assert!(matches!(
        refused,
        Err(StoreError::Duplicate {
            key: "member_id_number"
        })
    ));
}

async fn many_members_are_found_and_counted(db: Database) {
    let pattern = pattern(&db).await;
    let new: Vec<NewMember> = (0..1_200)
        .map(|n| named(&pattern, &format!("guest{n}")))
        .collect();
    let mut tx = begin(&db).await;
    let ids = tx.members().insert_many(&new).await.unwrap();
    // Of one who is changed in the same unit of work, only the new name is found.
    let mut record = new[7].record().clone();
    record.first_name = Some(PersonName::from_stored("renamed".to_owned()));
    let changed = Member::from_stored(ids[7], record);
    tx.members().update(&changed).await.unwrap();
    commit(tx).await;
    let page = PageRequest::new(1, 10).unwrap();
    for (text, id) in [
        ("guest1199", Some(ids[1_199])),
        ("renamed", Some(ids[7])),
        ("guest7", None),
    ] {
        let filter = MemberFilter {
            search: MemberSearch::new(text),
            ..MemberFilter::default()
        };
        let list = MemberQueries::list(&db, &filter, MemberSort::default(), page);
        let list = list.await.unwrap();
        if let Some(id) = id {
            assert_eq!(list.items[0].id, id, "{text}");
            assert_eq!(list.total, 1, "{text}");
        } else {
            assert!(list.items.iter().all(|row| row.id != ids[7]), "{text}");
        }
    }
    let kept = "SELECT CAST(SUM(n) AS SIGNED) FROM kept_totals WHERE name = 'members'";
    assert_eq!(number(&db, kept).await, 1_201);
    assert_eq!(db.recount_members().await.unwrap(), 0);
    let mut tx = begin(&db).await;
    assert!(tx.members().delete(ids[0]).await.unwrap());
    commit(tx).await;
    assert_eq!(number(&db, kept).await, 1_200);
    assert!(members(&db).get(ids[1]).await.is_ok());
}

async fn others_who_store_members_meanwhile_mix_up_nothing(db: Database) {
    let pattern = pattern(&db).await;
    let writers = (0..4).map(|writer| {
        let (db, pattern) = (db.clone(), pattern.clone());
        tokio::spawn(async move {
            for round in 0..5 {
                let new: Vec<NewMember> = (0..60)
                    .map(|n| named(&pattern, &format!("w{writer}r{round}n{n}")))
                    .collect();
                let mut tx = begin(&db).await;
                let mut ids = tx.members().insert_many(&new[..30]).await.unwrap();
                ids.push(tx.members().insert(&new[30]).await.unwrap());
                ids.extend(tx.members().insert_many(&new[31..]).await.unwrap());
                commit(tx).await;
                are(&db, &ids, &new).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}
