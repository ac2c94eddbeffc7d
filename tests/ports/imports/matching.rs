use super::Desk;
use crate::samples::members;
use chrono::NaiveDate;
use crm_database::Database;
use crm_kernel::{Actor, MemberId};
use crm_members::{Gender, ImportCounts, MemberDetail, MemberQueries, RegisterMember};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

crate::contract!(
    one_table_is_read_alike_from_every_kind_of_file,
    a_rehearsal_writes_nobody_and_says_of_each_bad_row_what_is_wrong,
    whoever_is_known_is_changed_and_not_made_twice,
    who_could_be_two_is_told_and_left_alone,
    what_a_spreadsheet_would_compute_is_never_stored,
    a_guest_made_by_hand_meanwhile_is_not_made_again,
);

const TABLE: &str = "姓名,性別,生日,手機,電子信箱,身分證字號,行銷同意,備註\r\n\
    王小明,男,1988/5/20,0912-345-678,ming@hotel.example,A123456789,是,高樓層\r\n\
    歐陽娜娜,女,民國79年2月28日,+886 922 333 444,,,否,\r\n";

async fn detail(db: &Database, id: MemberId) -> MemberDetail {
    MemberQueries::detail(db, id).await.unwrap().unwrap()
}

async fn only(desk: &Desk, text: &str) -> MemberDetail {
    let [id] = desk.found(text).await[..] else {
        panic!("not one: {text}")
    };
    detail(&desk.db, id).await
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip(TABLE.lines()) {
        for (column, cell) in (0..).zip(line.split(',')) {
            sheet.write(row, column, cell).unwrap();
        }
    }
    let date = Format::new().set_num_format("yyyy/mm/dd");
    let birthday = ExcelDateTime::from_ymd(1988, 5, 20).unwrap();
    sheet.write_with_format(1, 2, &birthday, &date).unwrap();
    book.save_to_buffer().unwrap()
}

async fn one_table_is_read_alike_from_every_kind_of_file(db: Database) {
    let desk = Desk::new(db);
    let (big5, _, lossy) = encoding_rs::BIG5.encode(TABLE);
    assert!(!lossy);
    let utf16: Vec<u16> = format!("\u{feff}{TABLE}").encode_utf16().collect();
    let kinds = [
        TABLE.as_bytes().to_vec(),
        format!("\u{feff}{TABLE}").into_bytes(),
        big5.into_owned(),
        utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        TABLE.replace(',', "\t").into_bytes(),
        workbook(),
    ];
    for (i, file) in kinds.into_iter().enumerate() {
        let done = desk.import(file, false).await;
        let counts = match i {
            0 => ImportCounts {
                created: 2,
                ..ImportCounts::default()
            },
            _ => ImportCounts {
                unchanged: 2,
                ..ImportCounts::default()
            },
        };
        assert_eq!((done.reason, done.counts), (None, counts), "file {i}");
    }
    let ming = only(&desk, "王小明").await;
    assert_eq!(ming.row.last_name.as_deref(), Some("王"));
    assert_eq!(ming.birthday, NaiveDate::from_ymd_opt(1988, 5, 20));
    assert_eq!(ming.id_number.unwrap().blind_index, "A123456789");
    assert_eq!(ming.notes.as_deref(), Some("高樓層"));
    assert!(ming.row.accept_marketing);
    let nana = only(&desk, "0922333444").await;
    assert_eq!(nana.row.last_name.as_deref(), Some("歐陽"));
    assert_eq!(nana.row.gender, Some(Gender::Female));
    assert_eq!(nana.birthday, NaiveDate::from_ymd_opt(1990, 2, 28));
    assert!(!nana.row.accept_marketing);
}

async fn a_rehearsal_writes_nobody_and_says_of_each_bad_row_what_is_wrong(db: Database) {
    let desk = Desk::new(db);
    let table = "姓名,性別,生日,手機,電子信箱,身分證字號,行銷同意,標籤,VIP\n\
        王小明,男,1988-05-20,0912345678,ming@hotel.example,A123456789,是,x,y\n\
        李,機器人,2025-02-30,call me,nowhere,A12****789,maybe,,\n\
        \n\
        ,,1990-01-01,,,,,,\n\
        陳大文,,2999-01-01,,,,,,\n\
        張三,,,,,A123456789,,,\n\
        𠮷田 太郎,,,,,,,,\n";
    let done = desk.import(table.into(), true).await;
    let counts = ImportCounts {
        created: 2,
        failed: 4,
        ..ImportCounts::default()
    };
    assert_eq!((done.counts, done.total_rows), (counts, 6));
    let errors = desk.errors(done.id).await;
    let at: Vec<(u64, &str)> = errors.iter().map(|(r, f, _)| (*r, f.as_str())).collect();
    assert_eq!(
        at,
        [
            (1, "column 8"),
            (1, "column 9"),
            (3, "gender"),
            (3, "birthday"),
            (3, "email"),
            (3, "phone"),
            (3, "id_number"),
            (3, "accept_marketing"),
            (5, "name"),
            (6, "birthday"),
            (7, "id_number"),
        ]
    );
    for (_, _, message) in &errors {
        assert!(!message.is_empty());
        for said in ["機器人", "nowhere", "call me", "A123456789", "maybe"] {
            assert!(
                !message.contains(said),
                "an error quotes the guest: {message}"
            );
        }
    }
    assert_eq!(errors[10].2, "the same as row 2");
    assert_eq!(desk.rows().await, 0);
    assert_eq!(desk.found("王小明").await, []);

    let real = desk.import(table.into(), false).await;
    assert_eq!((real.counts, desk.rows().await), (counts, 2));
    assert_eq!(desk.errors(real.id).await, errors);
    assert_eq!(desk.found("𠮷田").await.len(), 1);
}

async fn register(db: &Database, new: RegisterMember) -> MemberId {
    let member = members(db).register(&Actor::System, new).await;
    member.unwrap().id()
}

fn known(first_name: &str, phone: &str) -> RegisterMember {
    RegisterMember {
        first_name: Some(first_name.into()),
        last_name: Some("王".into()),
        phone: Some(phone.into()),
        ..RegisterMember::default()
    }
}

async fn whoever_is_known_is_changed_and_not_made_twice(db: Database) {
    let desk = Desk::new(db);
    let by_phone = register(&desk.db, known("小明", "0912-345-678")).await;
    let new = RegisterMember {
        id_number: Some("B123456789".into()),
        accept_marketing: Some(false),
        ..known("小華", "0933-333-333")
    };
    let by_number = register(&desk.db, new).await;
    let table = "姓名,手機,身分證字號,行銷同意,備註\n\
        王 小明,+886912345678,A123456789,,知道\n\
        大華,,b123456789,是,\n\
        王小明,0912345678,C123456789,,別人\n";
    let done = desk.import(table.into(), false).await;
    let counts = ImportCounts {
        created: 1,
        updated: 2,
        ..ImportCounts::default()
    };
    assert_eq!(done.counts, counts);
    let ming = detail(&desk.db, by_phone).await;
    assert_eq!(ming.id_number.unwrap().blind_index, "A123456789");
    assert_eq!(ming.notes.as_deref(), Some("知道"));
    let hua = detail(&desk.db, by_number).await;
    assert!(!hua.row.accept_marketing, "a file gives no consent back");
    assert_eq!(
        hua.row.phone.as_deref(),
        Some("0933-333-333"),
        "empty cells change nothing"
    );
    assert_eq!(desk.rows().await, 3);
    // What is found by is as new as what is stored.
    assert_eq!(desk.found("大華").await, [by_number]);
}

async fn who_could_be_two_is_told_and_left_alone(db: Database) {
    let desk = Desk::new(db);
    for _ in 0..2 {
        register(&desk.db, known("小明", "0912-345-678")).await;
    }
    let table = "姓名,手機,備註\n王小明,0912345678,哪一個\n王大明,0912345678,另一個\n";
    let done = desk.import(table.into(), false).await;
    let counts = ImportCounts {
        created: 1,
        failed: 1,
        ..ImportCounts::default()
    };
    assert_eq!(done.counts, counts);
    let ambiguous = (2, "name".to_owned(), "ambiguous".to_owned());
    assert_eq!(desk.errors(done.id).await, [ambiguous]);
    assert_eq!(desk.rows().await, 3);
}

async fn what_a_spreadsheet_would_compute_is_never_stored(db: Database) {
    let desk = Desk::new(db);
    let table = "first_name,last_name,備註\n\
        =HYPERLINK(\"http://evil.example\"),王,\n\
        小明,@SUM(A1),\n\
        小華,李,+cmd|' /C calc'!A0\n\
        小美,陳,-5 度\n";
    let done = desk.import(table.into(), false).await;
    assert_eq!((done.counts.created, done.counts.failed), (1, 3));
    for (row, field, message) in desk.errors(done.id).await {
        let named = [(2, "first_name"), (3, "last_name"), (4, "notes")];
        assert!(named.contains(&(row, field.as_str())), "{row} {field}");
        assert_eq!(message, "looks like a formula");
    }
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "姓名").unwrap();
    sheet.write(0, 1, "備註").unwrap();
    let formula = Formula::new("=HYPERLINK(\"http://evil.example\",\"王大明\")");
    sheet.write(1, 0, formula.set_result("王大明")).unwrap();
    sheet.write(2, 0, "陳大文").unwrap();
    sheet.write(2, 1, "=1+1").unwrap();
    let done = desk.import(book.save_to_buffer().unwrap(), false).await;
    assert_eq!((done.counts.created, done.counts.failed), (1, 1));
    let shown = only(&desk, "王大明").await;
    assert_eq!(
        shown.row.first_name.as_deref(),
        Some("大明"),
        "what the cell shows"
    );
}

async fn a_guest_made_by_hand_meanwhile_is_not_made_again(db: Database) {
    let desk = Desk::new(db);
    for turn in 0..4 {
        let number = format!("A12345678{turn}");
        let table = format!("姓名,身分證字號\n王小明,{number}\n");
        let id = desk.start(table.into_bytes(), false).await;
        let new = RegisterMember {
            id_number: Some(number.clone()),
            ..known("小明", "0912-345-678")
        };
        let (runner, desk_of_hand) = (desk.members(), members(&desk.db));
        let (run, made) = tokio::join!(
            runner.run_import(id),
            desk_of_hand.register(&Actor::System, new)
        );
        run.unwrap();
        let import = desk.members().import(id).await.unwrap();
        let of_import = import.counts.created;
        assert_eq!(import.counts.failed, 0);
        assert_eq!(
            of_import + u64::from(made.is_ok()),
            1,
            "one of them made the guest"
        );
        assert_eq!(desk.rows().await, turn + 1);
    }
}
