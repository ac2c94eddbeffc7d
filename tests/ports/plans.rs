//! How the databases answer the list of members: by an index, never by reading the table.

use crm_database::Database;
use crm_kernel::{MemberId, PageRequest, TagId, UserId};
use crm_members::{
    Gender, MemberFilter, MemberQueries, MemberSearch, MemberSort, MemberSortColumn, MemberSource,
    SortOrder,
};
use crm_messages::{AssignedTo, ConversationFilter};
use sea_orm::ConnectionTrait;

crate::contract!(
    every_order_of_the_list_goes_along_its_index,
    few_are_gathered_by_their_index,
    a_common_text_or_tag_goes_along_the_index_of_the_order,
    a_filter_that_fits_few_is_not_walked_and_one_that_fits_many_is,
    those_who_all_stand_at_the_end_of_an_order_are_listed_the_quicker_way,
    every_list_of_conversations_goes_along_its_index,
);

const ORDERS: [(MemberSortColumn, &str); 8] = [
    (
        MemberSortColumn::LastInteractionAt,
        "ix_members_last_interaction",
    ),
    (MemberSortColumn::CreatedAt, "ix_members_created"),
    (MemberSortColumn::UpdatedAt, "ix_members_updated"),
    (MemberSortColumn::Id, "PRIMARY"),
    (MemberSortColumn::FirstName, "ix_members_first_name"),
    (MemberSortColumn::LastName, "ix_members_last_name"),
    (MemberSortColumn::LineDisplayName, "ix_members_line_name"),
    (MemberSortColumn::Email, "ix_members_email"),
];

/// 6,000 guests, five of them women from the hotel's records: half wear tag 2, three of them tag 1, the thousand who were seen first tag 3, all have a mail address at `hotel.com`.
async fn many(db: &Database) {
    let (email, last, when) = if db.is_mysql() {
        (
            "CONCAT('g', n, '@hotel.com')",
            "CONCAT('family', MOD(n, 50))",
            "'2026-01-01 00:00:00' + INTERVAL n SECOND",
        )
    } else {
        (
            "'g' || n || '@hotel.com'",
            "'family' || (n % 50)",
            "strftime('%Y-%m-%dT%H:%M:%S+00:00', 1767225600 + n, 'unixepoch')",
        )
    };
    // Digits of digits: neither database counts that far by itself without being told to.
    let n = "(SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 1 AS n FROM digits a, digits b, \
             digits c, digits e WHERE e.d < 6) numbers";
    let digits: Vec<String> = (0..10).map(|d| format!("({d})")).collect();
    let analyze = if db.is_mysql() {
        "ANALYZE TABLE members, member_search_terms, member_tag_relations"
    } else {
        "ANALYZE"
    };
    for statement in [
        "CREATE TABLE digits (d INT)".to_owned(),
        format!("INSERT INTO digits VALUES {}", digits.join(", ")),
        format!(
            "INSERT INTO members (id, first_name, last_name, email, email_key, source, \
             accept_marketing, created_at, last_interaction_at) \
             SELECT n, 'given', {last}, {email}, {email}, 'system', TRUE, {when}, {when} FROM {n}"
        ),
        "UPDATE members SET source = 'crm', gender = 'female' WHERE id <= 5".to_owned(),
        "INSERT INTO tags (id, kind, name, name_key, source, member_count, created_at) VALUES \
         (1, 'member', 'few', 'few', 'manual', 3, '2026-01-01 00:00:00'), \
         (2, 'member', 'many', 'many', 'manual', 3000, '2026-01-01 00:00:00'), \
         (3, 'member', 'old', 'old', 'manual', 1000, '2026-01-01 00:00:00')"
            .to_owned(),
        "INSERT INTO member_tag_relations (member_id, tag_id, tagged_at) \
         SELECT id, 3, created_at FROM members WHERE id <= 1000"
            .to_owned(),
        "INSERT INTO member_tag_relations (member_id, tag_id, tagged_at) \
         SELECT id, 1, created_at FROM members WHERE id <= 3"
            .to_owned(),
        "INSERT INTO member_tag_relations (member_id, tag_id, tagged_at) \
         SELECT id, 2, created_at FROM members WHERE id % 2 = 0"
            .to_owned(),
        "UPDATE kept_totals SET n = 6000 WHERE name = 'members' AND part = 0".to_owned(),
    ] {
        db.pool().execute_unprepared(&statement).await.unwrap();
    }
    assert_eq!(db.index_members().await.unwrap(), 6_000);
    db.pool().execute_unprepared(analyze).await.unwrap();
}

async fn plan(db: &Database, filter: &MemberFilter, sort: MemberSort, page: u64) -> Vec<String> {
    let page = PageRequest::new(page, 20).unwrap();
    let steps = db.explain_member_list(filter, sort, page).await.unwrap();
    assert!(!steps.is_empty());
    for step in &steps {
        let reads_all = if db.is_mysql() {
            step.starts_with("m ALL") || step.starts_with("members ALL")
        } else {
            step == "SCAN m"
        };
        // SQLite's table is its own index of ids.
        let by_id = sort.column == MemberSortColumn::Id;
        assert!(by_id || !reads_all, "{sort:?} {steps:?}");
    }
    steps
}

/// Whether no step sorts, and every step on members goes along that index.
fn walks(db: &Database, steps: &[String], index: &str) -> bool {
    let sorts = |s: &&String| s.contains("TEMP B-TREE") || s.contains("filesort");
    let uses = if db.is_mysql() || index != "PRIMARY" {
        steps.iter().any(|step| step.contains(index))
    } else {
        steps.iter().any(|step| step == "SCAN m")
    };
    uses && !steps.iter().any(|s| sorts(&s))
}

fn searching(text: &str) -> MemberFilter {
    MemberFilter {
        search: MemberSearch::new(text),
        ..MemberFilter::default()
    }
}

fn wearing(tag: i64) -> MemberFilter {
    MemberFilter {
        tags: vec![TagId::new(tag)],
        ..MemberFilter::default()
    }
}

async fn every_order_of_the_list_goes_along_its_index(db: Database) {
    many(&db).await;
    for (column, index) in ORDERS {
        for order in [SortOrder::Asc, SortOrder::Desc] {
            for page in [1, 200] {
                let sort = MemberSort { column, order };
                let steps = plan(&db, &MemberFilter::default(), sort, page).await;
                assert!(walks(&db, &steps, index), "{sort:?} {steps:?}");
            }
        }
    }
}

async fn few_are_gathered_by_their_index(db: Database) {
    many(&db).await;
    for (filter, index) in [
        (searching("g17@"), "member_search_terms"),
        (searching("family17g"), "member_search_terms"),
        (wearing(1), "ix_member_tag_relations_tag"),
    ] {
        let steps = plan(&db, &filter, MemberSort::default(), 1).await;
        let index = if db.is_mysql() && index == "member_search_terms" {
            "PRIMARY"
        } else {
            index
        };
        assert!(steps.iter().any(|s| s.contains(index)), "{steps:?}");
        assert!(
            !walks(&db, &steps, "ix_members_last_interaction"),
            "{steps:?}"
        );
    }
}

async fn a_common_text_or_tag_goes_along_the_index_of_the_order(db: Database) {
    many(&db).await;
    for filter in [searching("com"), wearing(2)] {
        for (column, index) in ORDERS {
            let sort = MemberSort {
                column,
                order: SortOrder::Desc,
            };
            let steps = plan(&db, &filter, sort, 1).await;
            assert!(walks(&db, &steps, index), "{sort:?} {steps:?}");
        }
    }
}

async fn those_who_all_stand_at_the_end_of_an_order_are_listed_the_quicker_way(db: Database) {
    many(&db).await;
    let old = wearing(3);
    let sort = MemberSort::default();
    let steps = plan(&db, &old, sort, 1).await;
    // SQLite walks past thousands in the time in which it would sort as many hundreds.
    let walks = walks(&db, &steps, "ix_members_last_interaction");
    assert_eq!(walks, !db.is_mysql(), "{steps:?}");

    for (order, first) in [(SortOrder::Desc, 1_000), (SortOrder::Asc, 1)] {
        let sort = MemberSort { order, ..sort };
        let page = PageRequest::new(2, 20).unwrap();
        let list = MemberQueries::list(&db, &old, sort, page);
        let list = list.await.unwrap();
        let step = if order == SortOrder::Desc { -1 } else { 1 };
        let expected = (20..40).map(|place| MemberId::new(first + step * place));
        assert!(list.items.iter().map(|row| row.id).eq(expected));
        assert_eq!(list.total, 1_000);
    }
    // Where the order has them in front a short walk is all it takes, also to the last page.
    let oldest = MemberSort {
        column: MemberSortColumn::Id,
        order: SortOrder::Asc,
    };
    for (page, first) in [(1, 1), (50, 981)] {
        let page = PageRequest::new(page, 20).unwrap();
        let list = MemberQueries::list(&db, &old, oldest, page);
        let ids = list.await.unwrap().items.into_iter().map(|row| row.id);
        assert!(ids.eq((first..first + 20).map(MemberId::new)));
    }
}

async fn a_filter_that_fits_few_is_not_walked_and_one_that_fits_many_is(db: Database) {
    many(&db).await;
    let from = |source| MemberFilter {
        sources: vec![source],
        ..MemberFilter::default()
    };
    let women = MemberFilter {
        gender: Some(Gender::Female),
        ..MemberFilter::default()
    };
    let common = MemberFilter {
        search: MemberSearch::new("com"),
        ..from(MemberSource::Crm)
    };
    let first = PageRequest::new(1, 20).unwrap();
    for (column, index) in ORDERS {
        for order in [SortOrder::Asc, SortOrder::Desc] {
            let sort = MemberSort { column, order };
            for few in [from(MemberSource::Crm), common.clone()] {
                let steps = db.explain_member_list(&few, sort, first).await.unwrap();
                assert!(!walks(&db, &steps, index), "{sort:?} {steps:?}");
                let gathers = steps.iter().any(|step| step.contains("ix_members_filters"));
                assert!(gathers, "{sort:?} {steps:?}");
            }
            // No index tells who they are: better read once in a row than all along another one.
            let steps = db.explain_member_list(&women, sort, first).await.unwrap();
            let by_id = column == MemberSortColumn::Id;
            assert!(by_id || !walks(&db, &steps, index), "{sort:?} {steps:?}");
            let steps = plan(&db, &from(MemberSource::System), sort, 1).await;
            assert!(walks(&db, &steps, index), "{sort:?} {steps:?}");
        }
    }
}

/// A conversation with each of the 6,000: one in three is unread, one in four waits for an
/// answer, one in a hundred is user 1's.
async fn conversations(db: &Database) {
    many(db).await;
    let analyze = if db.is_mysql() {
        "ANALYZE TABLE conversations"
    } else {
        "ANALYZE"
    };
    for statement in [
        "INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, \
         is_active, created_at) VALUES (1, 'mei', 'mei', 'm@h.tw', 'm@h.tw', 'x', 'admin', TRUE, \
         '2026-01-01 00:00:00')",
        "INSERT INTO conversations (member_id, last_message_id, last_at, last_direction, \
         unread_count, assigned_to) SELECT id, id, created_at, \
         CASE WHEN id % 4 = 0 THEN 'incoming' ELSE 'outgoing' END, \
         CASE WHEN id % 3 = 0 THEN 2 ELSE 0 END, CASE WHEN id % 100 = 0 THEN 1 END FROM members",
        analyze,
    ] {
        db.pool().execute_unprepared(statement).await.unwrap();
    }
}

async fn every_list_of_conversations_goes_along_its_index(db: Database) {
    conversations(&db).await;
    let all = ConversationFilter::default();
    let unread = ConversationFilter {
        unread: Some(true),
        ..all.clone()
    };
    let waiting = ConversationFilter {
        needs_answer: Some(true),
        ..all.clone()
    };
    let of = |whose| ConversationFilter {
        assigned_to: Some(whose),
        ..ConversationFilter::default()
    };
    let common = ConversationFilter {
        search: Some("com".to_owned()),
        ..all.clone()
    };
    let rare = ConversationFilter {
        search: Some("g17@".to_owned()),
        ..all.clone()
    };
    for (filter, index) in [
        (all, "ix_conversations_last"),
        (unread, "ix_conversations_unread"),
        (waiting, "ix_conversations_direction"),
        (
            of(AssignedTo::User(UserId::new(1))),
            "ix_conversations_assigned",
        ),
        (of(AssignedTo::Nobody), "ix_conversations_assigned"),
        (common, "ix_conversations_last"),
    ] {
        for page in [1, 40] {
            let page = PageRequest::new(page, 20).unwrap();
            let steps = db.explain_conversations(&filter, page).await.unwrap();
            let sorts = |s: &String| s.contains("TEMP B-TREE") || s.contains("filesort");
            assert!(
                steps.iter().any(|step| step.contains(index)),
                "{filter:?} {steps:?}"
            );
            assert!(!steps.iter().any(sorts), "{filter:?} {steps:?}");
        }
    }
    let page = PageRequest::new(1, 20).unwrap();
    let steps = db.explain_conversations(&rare, page).await.unwrap();
    let walks = |s: &String| s.contains("ix_conversations_last");
    assert!(!steps.iter().any(walks), "{steps:?}");
}
