use crate::samples::{at, begin, commit, friend, members, tag, tags};
use crm_database::Database;
use crm_kernel::{Actor, MemberId, PageRequest, StoreError};
use crm_members::{
    Member, MemberError, MemberFilter, MemberQueries, MemberSearch, MemberSort, MemberSortColumn,
    RegisterMember, SortOrder, TagsMode,
};
use crm_tags::TagKind;

crate::contract!(
    a_line_account_belongs_to_one_member,
    everything_of_a_member_is_read_back_as_it_was_written,
    an_id_number_belongs_to_one_member,
    of_many_who_register_one_id_number_one_wins,
    a_name_is_found_in_either_order_and_a_phone_in_any_notation,
    signs_with_a_meaning_in_sql_are_only_signs,
    tags_narrow_a_list_to_members_who_wear_all_or_any_of_them,
    page_two_follows_page_one_and_nulls_come_last,
);

fn wang() -> RegisterMember {
    RegisterMember {
        first_name: Some("小明".into()),
        last_name: Some("王".into()),
        email: Some("Wang.Ming@email.com".into()),
        phone: Some("0912-345-678".into()),
        id_number: Some("A123456789".into()),
        birthday: chrono::NaiveDate::from_ymd_opt(1988, 5, 20),
        notes: Some("高樓層 𠮷 😀".into()),
        ..RegisterMember::default()
    }
}

async fn ids(db: &Database, filter: MemberFilter) -> Vec<MemberId> {
    let page = PageRequest::new(1, 100).unwrap();
    let list = db.list(&filter, MemberSort::default(), page).await.unwrap();
    assert_eq!(list.total, list.items.len() as u64);
    list.items.into_iter().map(|row| row.id).collect()
}

async fn found(db: &Database, text: &str) -> usize {
    let filter = MemberFilter {
        search: MemberSearch::new(text),
        ..MemberFilter::default()
    };
    ids(db, filter).await.len()
}

async fn a_line_account_belongs_to_one_member(db: Database) {
    let first = friend(&db, "U1", at(0)).await;
    assert_eq!(friend(&db, "U1", at(5)).await, first);
    assert_ne!(friend(&db, "u1", at(5)).await, first, "capitals count");
}

async fn everything_of_a_member_is_read_back_as_it_was_written(db: Database) {
    let member = members(&db).register(&Actor::System, wang()).await.unwrap();
    let mut tx = begin(&db).await;
    let stored = tx.members().find(member.id()).await.unwrap().unwrap();
    assert!(stored == member);
    let mut record = stored.record().clone();
    record.accept_marketing = false;
    record.notes = None;
    let changed = Member::from_stored(member.id(), record);
    tx.members().update(&changed).await.unwrap();
    commit(tx).await;
    let mut tx = begin(&db).await;
    assert!(tx.members().find(member.id()).await.unwrap().unwrap() == changed);
    assert!(tx.members().delete(member.id()).await.unwrap());
    assert!(!tx.members().delete(member.id()).await.unwrap());
    let gone = tx.members().update(&changed).await;
    assert!(matches!(gone, Err(StoreError::Reference)));
}

async fn an_id_number_belongs_to_one_member(db: Database) {
    members(&db).register(&Actor::System, wang()).await.unwrap();
    let again = members(&db).register(&Actor::System, wang()).await;
    assert!(matches!(
        again,
        Err(MemberError::Duplicate { field: "id_number" })
    ));
}

async fn of_many_who_register_one_id_number_one_wins(db: Database) {
    let racers = (0..24).map(|_| {
        let members = members(&db);
        async move { members.register(&Actor::System, wang()).await }
    });
    let results = futures::future::join_all(racers).await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    for result in results {
        assert!(matches!(
            result,
            Ok(_) | Err(MemberError::Duplicate { field: "id_number" })
        ));
    }
}

async fn a_name_is_found_in_either_order_and_a_phone_in_any_notation(db: Database) {
    members(&db).register(&Actor::System, wang()).await.unwrap();
    for text in [
        "王小明",
        "小明",
        "小明 王",
        "wang.ming",
        "0912345678",
        "0912-345",
        "+886912345678",
        "345678",
    ] {
        assert_eq!(found(&db, text).await, 1, "{text}");
    }
    for text in ["王大明", "0913", "ming@wang"] {
        assert_eq!(found(&db, text).await, 0, "{text}");
    }
}

async fn signs_with_a_meaning_in_sql_are_only_signs(db: Database) {
    members(&db).register(&Actor::System, wang()).await.unwrap();
    for text in ["%", "_", "!", "'; DROP TABLE members; --", "\\"] {
        assert_eq!(found(&db, text).await, 0, "{text}");
    }
}

async fn tags_narrow_a_list_to_members_who_wear_all_or_any_of_them(db: Database) {
    let (vip, business) = (
        tag(&db, "VIP", TagKind::Member).await,
        tag(&db, "商務客", TagKind::Member).await,
    );
    let both = friend(&db, "U1", at(0)).await;
    let one = friend(&db, "U2", at(1)).await;
    friend(&db, "U3", at(2)).await;
    let tags = tags(&db);
    tags.assign(&Actor::System, both, &[vip, business])
        .await
        .unwrap();
    tags.assign(&Actor::System, one, &[vip]).await.unwrap();
    let wearing = |tags: &[_], tags_mode| MemberFilter {
        tags: tags.to_vec(),
        tags_mode,
        ..MemberFilter::default()
    };
    assert_eq!(
        ids(&db, wearing(&[vip, business], TagsMode::All)).await,
        [both]
    );
    assert_eq!(
        ids(&db, wearing(&[vip, business], TagsMode::Any)).await,
        [one, both]
    );
    let unknown = crm_kernel::TagId::new(999_999);
    assert!(
        ids(&db, wearing(&[vip, unknown], TagsMode::All))
            .await
            .is_empty()
    );
    let list = db
        .list(
            &wearing(&[vip], TagsMode::All),
            MemberSort::default(),
            PageRequest::new(1, 1).unwrap(),
        )
        .await
        .unwrap();
    assert_eq!((list.total, list.items.len()), (2, 1));
}

async fn page_two_follows_page_one_and_nulls_come_last(db: Database) {
    for i in 0..5 {
        friend(&db, &format!("U{i}"), at(i)).await;
    }
    // Never interacted.
    members(&db).register(&Actor::System, wang()).await.unwrap();
    for order in [SortOrder::Asc, SortOrder::Desc] {
        let sort = MemberSort {
            column: MemberSortColumn::LastInteractionAt,
            order,
        };
        let mut seen = Vec::new();
        for page in 1..=3 {
            let request = PageRequest::new(page, 2).unwrap();
            let list = db
                .list(&MemberFilter::default(), sort, request)
                .await
                .unwrap();
            assert_eq!((list.total, list.total_pages()), (6, 3));
            seen.extend(list.items.into_iter().map(|row| row.last_interaction_at));
        }
        assert_eq!(seen.len(), 6);
        assert_eq!(seen[5], None, "{order:?}");
        let times: Vec<_> = seen[..5].iter().map(|t| t.unwrap()).collect();
        let ascending = times.is_sorted();
        assert_eq!(ascending, order == SortOrder::Asc);
    }
    let far = PageRequest::new(9, 2).unwrap();
    let empty = db
        .list(&MemberFilter::default(), MemberSort::default(), far)
        .await
        .unwrap();
    assert_eq!((empty.total, empty.items.len()), (6, 0));
}
