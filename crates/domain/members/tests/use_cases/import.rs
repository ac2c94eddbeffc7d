//! What rows of a file do with members.

use crate::desk::{Desk, text};
use crate::files::{OneFile, row};
use chrono::NaiveDate;
use crm_kernel::Actor;
use crm_members::{
    Gender, Import, ImportCounts, ImportStatus, Member, MemberSource, RegisterMember,
};
use serde_json::{Value, json};

const HEADER: [&str; 9] = [
    "姓名",
    "性別",
    "生日",
    "Email",
    "手機",
    "身分證字號",
    "行銷同意",
    "備註",
    "姓",
];

async fn import(desk: &Desk, rows: &[&str]) -> Import {
    let file = OneFile::table(&HEADER, rows.iter().map(|cells| row(cells)));
    desk.import(&file, false).await
}

fn counts(created: u64, updated: u64, unchanged: u64, failed: u64) -> ImportCounts {
    ImportCounts {
        created,
        updated,
        unchanged,
        failed,
    }
}

fn errors(desk: &Desk, import: &Import) -> Vec<(u64, String, String)> {
    let errors = desk.store.import_errors(import.id).into_iter();
    errors.map(|e| (e.row, e.field, e.message)).collect()
}

fn error(row: u64, field: &str, message: &str) -> (u64, String, String) {
    (row, field.to_owned(), message.to_owned())
}

async fn ming(desk: &Desk, id_number: Option<&str>) -> Member {
    let ming = RegisterMember {
        first_name: text("小明"),
        last_name: text("王"),
        phone: text("0912-345-678"),
        id_number: id_number.map(str::to_owned),
        ..RegisterMember::default()
    };
    desk.register(ming).await.unwrap()
}

#[tokio::test]
async fn a_row_makes_a_member_with_everything_it_says() {
    let desk = Desk::new();
    let done = import(
        &desk,
        &["王小明|男|民國77/05/20|Ming@a.tw|0912-345-678|a123456789|否|高樓層|"],
    )
    .await;
    assert_eq!(done.status, ImportStatus::Completed);
    assert_eq!((done.counts, done.total_rows), (counts(1, 0, 0, 0), 1));
    let [member] = &desk.store.members()[..] else {
        panic!("not one member")
    };
    let record = member.record();
    assert_eq!(member.shown_name().as_deref(), Some("王小明"));
    assert_eq!(record.last_name.as_ref().unwrap().as_str(), "王");
    assert_eq!(record.gender, Some(Gender::Male));
    assert_eq!(record.birthday, NaiveDate::from_ymd_opt(1988, 5, 20));
    assert_eq!(record.source, MemberSource::System);
    assert!(!record.accept_marketing);
    assert_eq!(
        record.id_number.as_ref().unwrap().blind_index,
        "index:A123456789"
    );
}

#[tokio::test]
async fn the_same_file_read_twice_changes_nothing() {
    let desk = Desk::new();
    let rows = [
        "王小明||||0912345678|A123456789|||",
        "李小華|||li@a.tw|||||",
    ];
    import(&desk, &rows).await;
    let before = desk.store.members();
    let again = import(&desk, &rows).await;
    assert_eq!(again.counts, counts(0, 0, 2, 0));
    assert!(desk.store.members() == before);
}

#[tokio::test]
async fn an_id_number_says_who_whatever_the_name_is() {
    let desk = Desk::new();
    let id = ming(&desk, Some("A123456789")).await.id();
    let done = import(&desk, &["王大明||||  |ａ123456789|||"]).await;
    assert_eq!(done.counts, counts(0, 1, 0, 0));
    let stored = desk.stored(id);
    assert_eq!(stored.shown_name().as_deref(), Some("王大明"));
    // Blank overwrites nothing.
    assert!(stored.record().phone.is_some());
}

#[tokio::test]
async fn a_phone_says_who_only_together_with_the_name() {
    let desk = Desk::new();
    let id = ming(&desk, None).await.id();
    let done = import(
        &desk,
        &[
            "王 小明|||ming@a.tw|+886912345678|A123456789|||",
            "王太太||||0912345678||||",
        ],
    )
    .await;
    assert_eq!(done.counts, counts(1, 1, 0, 0));
    let stored = desk.stored(id);
    assert!(stored.record().email.is_some() && stored.record().id_number.is_some());
    assert_eq!(desk.store.members().len(), 2);
}

#[tokio::test]
async fn another_id_number_is_another_guest() {
    let desk = Desk::new();
    let before = ming(&desk, Some("A123456789")).await;
    let done = import(&desk, &["王小明||||0912345678|B123456789|||"]).await;
    assert_eq!(done.counts, counts(1, 0, 0, 0));
    assert!(desk.stored(before.id()) == before);
}

#[tokio::test]
async fn a_row_that_could_be_about_two_is_bad() {
    let desk = Desk::new();
    ming(&desk, None).await;
    ming(&desk, None).await;
    let done = import(&desk, &["王小明||||0912345678||||"]).await;
    assert_eq!(done.counts, counts(0, 0, 0, 1));
    assert_eq!(errors(&desk, &done), [error(2, "name", "ambiguous")]);
}

#[tokio::test]
async fn marketing_can_be_refused_by_a_file_but_not_agreed_to() {
    let desk = Desk::new();
    let id = ming(&desk, None).await.id();
    for (word, accepts) in [("是", true), ("否", false), ("是", false)] {
        import(&desk, &[&format!("王小明||||0912345678||{word}||")]).await;
        assert_eq!(desk.stored(id).accepts_marketing(), accepts);
    }
}

#[tokio::test]
async fn every_mistake_is_told_with_its_row_and_the_good_rows_go_on() {
    let desk = Desk::new();
    let done = import(
        &desk,
        &[
            "=HYPERLINK(1)||||||||",
            "王小明|?|1988-13-01|nowhere|12||maybe|@x|",
            "||||||||",
            "|男|||||||",
            "李小華|||||C123456789|||",
            "李小明|||||c123456789|||",
        ],
    )
    .await;
    assert_eq!(done.counts, counts(1, 0, 0, 4));
    // The blank row is none.
    assert_eq!((done.total_rows, done.processed_rows), (5, 5));
    assert_eq!(
        errors(&desk, &done),
        [
            error(2, "name", "looks like a formula"),
            error(3, "notes", "looks like a formula"),
            error(3, "gender", "must be male, female or other"),
            error(3, "birthday", "is not a date like 1988-05-20"),
            error(3, "email", "is not an e-mail address"),
            error(3, "phone", "is not a phone number"),
            error(3, "accept_marketing", "must be yes or no"),
            error(
                5,
                "name",
                "give at least a name, e-mail, phone or id number"
            ),
            error(7, "id_number", "the same as row 6"),
        ]
    );
}

#[tokio::test]
async fn two_rows_about_one_new_guest_make_one_member() {
    let desk = Desk::new();
    let rows = [
        "王小明|||ming@a.tw|||||",
        "王小明|||MING@a.tw|0912345678||||",
    ];
    let file = || OneFile::table(&HEADER, rows.iter().map(|cells| row(cells)));
    for dry_run in [true, false] {
        let done = desk.import(&file(), dry_run).await;
        assert_eq!(done.counts, counts(1, 1, 0, 0));
    }
    assert_eq!(desk.store.members().len(), 1);
}

#[tokio::test]
async fn a_phone_number_that_a_spreadsheet_took_for_an_amount_is_the_same_number() {
    let desk = Desk::new();
    let ming = ming(&desk, None).await;
    let done = import(&desk, &["王小明||||912345678.0||||"]).await;
    assert_eq!(done.counts.created, 0);
    let phone = desk.stored(ming.id()).record().phone.clone().unwrap();
    assert_eq!(phone.normalised(), "+886912345678");
}

#[tokio::test]
async fn every_member_that_a_row_makes_or_changes_is_written_down() {
    let desk = Desk::new();
    let known = ming(&desk, None).await;
    let rows = [
        "王小明|||new@a.tw|0912-345-678||||",
        "王小明|||new@a.tw|0912-345-678||||",
        "李小華|||hua@a.tw|||||",
    ];
    let done = import(&desk, &rows).await;
    assert_eq!(done.counts, counts(1, 1, 1, 0));
    let made = desk.store.members().last().unwrap().id();
    let by = Actor::User {
        id: done.created_by.unwrap(),
    };
    let mut entries = desk.store.audit();
    entries.retain(|entry| entry.after.contains_key("import_id"));
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (entry.action, entry.subject_id, &entry.actor))
        .collect();
    assert_eq!(
        told,
        [
            ("member.updated", Some(known.id().get()), &by),
            ("member.created", Some(made.get()), &by),
        ]
    );
    assert_eq!(
        Value::from(entries[0].before.clone()),
        json!({"email": null})
    );
    assert_eq!(entries[0].after["email"], "new@a.tw");
    assert_eq!(entries[1].after["last_name"], "李");

    let file = OneFile::table(&HEADER, [row("王大明|||da@a.tw|||||")]);
    let before = desk.store.audit().len();
    desk.import(&file, true).await;
    let after = desk.store.audit().len();
    assert_eq!(after, before + 1, "a rehearsal changes nobody");
}
