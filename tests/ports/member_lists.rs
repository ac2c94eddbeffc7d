//! Lists of members: every order, what is found after every change, totals that are right.

use crate::samples::{at, begin, commit, friend, friends, members, number, tag, tags};
use crm_database::Database;
use crm_kernel::{Actor, MemberId, PageRequest, Transactions};
use crm_members::{
    Email, Member, MemberFilter, MemberQueries, MemberRow, MemberSearch, MemberSort,
    MemberSortColumn, PersonName, Phone, RegisterMember, SortOrder,
};
use crm_tags::TagKind;
use crm_workflows::CrmTx;
use sea_orm::ConnectionTrait;
use std::cmp::Ordering;

crate::contract!(
    every_order_has_nulls_last_and_ties_by_id_on_every_page,
    the_index_follows_every_change_of_a_member,
    a_search_finds_what_a_plain_reading_would,
    a_member_stored_by_the_release_before_is_found_once_indexed,
    a_long_text_is_found_whole_and_only_whole,
    a_common_text_is_found_in_the_order_asked_for,
    the_kept_total_equals_the_rows_however_many_write_at_once,
    nothing_counts_that_was_not_committed,
);

const COLUMNS: [MemberSortColumn; 8] = [
    MemberSortColumn::LastInteractionAt,
    MemberSortColumn::CreatedAt,
    MemberSortColumn::UpdatedAt,
    MemberSortColumn::Id,
    MemberSortColumn::FirstName,
    MemberSortColumn::LastName,
    MemberSortColumn::LineDisplayName,
    MemberSortColumn::Email,
];

fn guest(i: usize) -> RegisterMember {
    let is = |n| i.is_multiple_of(n);
    RegisterMember {
        first_name: (!is(3)).then(|| format!("given{}", i % 5)),
        last_name: (!is(4)).then(|| format!("family{}", i % 3)),
        email: (!is(5)).then(|| format!("guest{}@hotel.com", i % 7)),
        phone: Some(format!("0912-34{i:04}")),
        ..RegisterMember::default()
    }
}

async fn register(db: &Database, new: RegisterMember) -> MemberId {
    let member = members(db).register(&Actor::System, new).await.unwrap();
    member.id()
}

async fn delete(db: &Database, id: MemberId) -> bool {
    let mut tx = begin(db).await;
    let deleted = tx.members().delete(id).await.unwrap();
    commit(tx).await;
    deleted
}

async fn page(
    db: &Database,
    filter: &MemberFilter,
    sort: MemberSort,
    (number, size): (u64, u64),
) -> (u64, Vec<MemberRow>) {
    let request = PageRequest::new(number, size).unwrap();
    let list = MemberQueries::list(db, filter, sort, request)
        .await
        .unwrap();
    (list.total, list.items)
}

fn searching(text: &str) -> MemberFilter {
    MemberFilter {
        search: MemberSearch::new(text),
        ..MemberFilter::default()
    }
}

async fn found(db: &Database, text: &str) -> Vec<MemberId> {
    let (total, rows) = page(db, &searching(text), MemberSort::default(), (1, 100)).await;
    assert_eq!(total, rows.len() as u64, "{text}");
    rows.into_iter().map(|row| row.id).collect()
}

fn shown(row: &MemberRow, column: MemberSortColumn) -> Option<String> {
    match column {
        MemberSortColumn::FirstName => row.first_name.clone(),
        MemberSortColumn::LastName => row.last_name.clone(),
        MemberSortColumn::Email => row.email.clone(),
        MemberSortColumn::LineDisplayName => row.line_display_name.clone(),
        MemberSortColumn::LastInteractionAt => row.last_interaction_at.map(|t| t.to_rfc3339()),
        MemberSortColumn::CreatedAt => Some(row.created_at.to_rfc3339()),
        MemberSortColumn::Id | MemberSortColumn::UpdatedAt => None,
    }
}

async fn every_order_has_nulls_last_and_ties_by_id_on_every_page(db: Database) {
    for i in 0..23 {
        register(&db, guest(i)).await;
    }
    let vip = tag(&db, "VIP", TagKind::Member).await;
    for i in 0..4 {
        let id = friend(&db, &format!("U{i}"), at(i)).await;
        tags(&db).assign(&Actor::System, id, &[vip]).await.unwrap();
    }
    let wearing = MemberFilter {
        tags: vec![vip],
        ..MemberFilter::default()
    };
    for (filter, n) in [
        (MemberFilter::default(), 27),
        (searching("hotel.com"), 18),
        (wearing, 4),
    ] {
        for column in COLUMNS {
            for order in [SortOrder::Asc, SortOrder::Desc] {
                let sort = MemberSort { column, order };
                let mut seen = Vec::new();
                for number in 1..=7 {
                    let (total, rows) = page(&db, &filter, sort, (number, 4)).await;
                    assert_eq!(total, n);
                    seen.extend(rows);
                }
                assert_eq!(seen.len() as u64, n, "{sort:?}");
                for pair in seen.windows(2) {
                    let values = (shown(&pair[0], column), shown(&pair[1], column));
                    let by_value = match &values {
                        (Some(a), Some(b)) => a.cmp(b),
                        (None, None) => Ordering::Equal,
                        (Some(_), None) => continue,
                        (None, Some(_)) => panic!("a null before a value: {sort:?}"),
                    };
                    let ids = pair[0].id.get().cmp(&pair[1].id.get());
                    if column == MemberSortColumn::UpdatedAt {
                        continue;
                    }
                    let pair_order = by_value.then(ids);
                    let wanted = match order {
                        SortOrder::Asc => Ordering::Less,
                        SortOrder::Desc => Ordering::Greater,
                    };
                    assert_eq!(pair_order, wanted, "{sort:?} {values:?}");
                }
            }
        }
    }
}

async fn the_index_follows_every_change_of_a_member(db: Database) {
    let id = register(&db, guest(1)).await;
    let change = async |change: &dyn Fn(&mut crm_members::MemberRecord)| {
        let mut tx = begin(&db).await;
        let member = tx.members().find(id).await.unwrap().unwrap();
        let mut record = member.record().clone();
        change(&mut record);
        let changed = Member::from_stored(id, record);
        tx.members().update(&changed).await.unwrap();
        commit(tx).await;
    };
    assert_eq!(found(&db, "given1").await, [id]);
    change(&|record| record.first_name = Some(PersonName::from_stored("小明".into()))).await;
    assert_eq!(found(&db, "小明").await, [id]);
    assert!(found(&db, "given1").await.is_empty());
    assert_eq!(found(&db, "family1").await, [id], "the rest stays");
    change(&|record| {
        record.phone = Some(Phone::from_stored("0987-654-321".into()));
        record.email = Some(Email::from_stored("New@Mail.tw".into()));
    })
    .await;
    assert_eq!(found(&db, "0987654").await, [id]);
    assert_eq!(found(&db, "new@mail").await, [id]);
    for old in ["0912-34", "hotel.com"] {
        assert!(found(&db, old).await.is_empty(), "{old}");
    }
    assert!(delete(&db, id).await);
    assert!(found(&db, "小明").await.is_empty());
    assert_eq!(
        number(&db, "SELECT COUNT(*) FROM member_search_terms").await,
        0
    );
}

async fn a_search_finds_what_a_plain_reading_would(db: Database) {
    let names = [
        "王小明",
        "anna banana",
        "José",
        "ＡＢＣ",
        "50%_!",
        "\\''",
        "😀 Müller",
    ];
    let mut all = Vec::new();
    for name in names {
        let new = RegisterMember {
            first_name: Some(name.into()),
            last_name: Some("陳".into()),
            phone: Some("02-2345-6789".into()),
            ..RegisterMember::default()
        };
        all.push(register(&db, new).await);
    }
    for (typed, who) in [
        ("小", vec![0]),
        ("小明", vec![0]),
        ("陳王小明", vec![0]),
        ("小明 陳", vec![0]),
        ("AN", vec![1]),
        ("na b", vec![1]),
        ("jose", vec![2]),
        ("JOSÉ", vec![2]),
        ("abc", vec![3]),
        ("ｂ", vec![1, 3]),
        ("%", vec![4]),
        ("_!", vec![4]),
        ("\\'", vec![5]),
        ("😀", vec![6]),
        ("23", vec![]),
        ("陳", vec![0, 1, 2, 3, 4, 5, 6]),
        ("2345", vec![0, 1, 2, 3, 4, 5, 6]),
        ("1f", vec![]),
    ] {
        let mut ids = found(&db, typed).await;
        ids.sort_unstable();
        let expected: Vec<_> = who.iter().map(|i: &usize| all[*i]).collect();
        assert_eq!(ids, expected, "{typed}");
    }
}

async fn a_member_stored_by_the_release_before_is_found_once_indexed(db: Database) {
    let id = register(&db, guest(1)).await;
    for old in [
        "DELETE FROM member_search_terms",
        "UPDATE members SET search_key = NULL",
    ] {
        db.pool().execute_unprepared(old).await.unwrap();
    }
    assert!(found(&db, "given1").await.is_empty());
    assert_eq!(db.index_members().await.unwrap(), 1);
    assert_eq!(db.index_members().await.unwrap(), 0);
    assert_eq!(found(&db, "given1").await, [id]);
    assert_eq!(found(&db, "0912-34").await, [id]);
}

async fn a_long_text_is_found_whole_and_only_whole(db: Database) {
    let mut ids = Vec::new();
    for host in ["taipei", "tainan"] {
        let new = RegisterMember {
            email: Some(format!("somebody.with.a.long.address@{host}.example.org")),
            ..RegisterMember::default()
        };
        ids.push(register(&db, new).await);
    }
    assert_eq!(found(&db, "with.a.long.address@taipei").await, [ids[0]]);
    assert_eq!(found(&db, "body.with.a.long.address@tai").await.len(), 2);
    assert!(found(&db, "body.with.a.long.address@tao").await.is_empty());
}

async fn a_common_text_is_found_in_the_order_asked_for(db: Database) {
    let first = register(&db, guest(1)).await;
    let other = register(&db, guest(2)).await;
    let key = if db.is_mysql() {
        "CONCAT('x', n)"
    } else {
        "'x' || n"
    };
    let many = format!(
        "INSERT INTO member_search_terms (term, member_id) \
         WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 6000) \
         SELECT {}, {} FROM many",
        if db.is_mysql() {
            key.to_owned()
        } else {
            format!("CAST({key} AS BLOB)")
        },
        first.get()
    );
    if db.is_mysql() {
        let raise = "SET STATEMENT max_recursive_iterations = 10000 FOR ";
        db.pool()
            .execute_unprepared(&format!("{raise}{many}"))
            .await
            .unwrap();
    } else {
        db.pool().execute_unprepared(&many).await.unwrap();
    }
    db.pool()
        .execute_unprepared(&format!(
            "UPDATE members SET search_key = 'x1' WHERE id = {}",
            first.get()
        ))
        .await
        .unwrap();
    assert_eq!(found(&db, "x").await, [first]);
    assert_eq!(found(&db, "hotel").await, [other, first]);
}

async fn the_kept_total_equals_the_rows_however_many_write_at_once(db: Database) {
    let before = friends(&db, 8).await;
    let writers = (0..32).map(|i| {
        let (db, gone) = (db.clone(), before[i % before.len()]);
        async move {
            if i % 4 == 3 {
                // Several want the same member gone; one of them counts.
                delete(&db, gone).await;
            } else {
                register(&db, guest(i)).await;
            }
        }
    });
    futures::future::join_all(writers).await;
    let rows = number(&db, "SELECT COUNT(*) FROM members").await;
    let kept = page(
        &db,
        &MemberFilter::default(),
        MemberSort::default(),
        (1, 100),
    )
    .await;
    assert_eq!(kept.0, rows.unsigned_abs());
    assert_eq!(kept.1.len() as u64, kept.0);
}

async fn nothing_counts_that_was_not_committed(db: Database) {
    friend(&db, "U1", at(0)).await;
    let mut tx: Box<dyn CrmTx> = db.begin().await.unwrap();
    let only = tx
        .members()
        .find_by_line_uid(&crm_members::LineUid::parse("U1").unwrap())
        .await
        .unwrap()
        .unwrap();
    assert!(tx.members().delete(only.id()).await.unwrap());
    drop(tx);
    let (total, rows) = page(
        &db,
        &MemberFilter::default(),
        MemberSort::default(),
        (1, 10),
    )
    .await;
    assert_eq!((total, rows.len()), (1, 1));
}
