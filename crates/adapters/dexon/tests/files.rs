//! Rows that somebody exported, by the names of fields.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends at the first surprise"
)]

use chrono::{DateTime, Utc};
use crm_dexon::DexonFormat;
use crm_kernel::Clock;
use crm_members::{PmsFormat, PmsKind, PmsRow, PmsStatus, RawRow, RowDefaults, RowSays};
use std::collections::HashSet;
use std::sync::Arc;

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> DateTime<Utc> {
        "2025-10-08T02:00:00Z".parse().unwrap()
    }
}

fn format() -> DexonFormat {
    DexonFormat::new(chrono_tz::Asia::Taipei, Arc::new(Stopped)).unwrap()
}

fn defaults() -> RowDefaults {
    RowDefaults {
        updated_at: "2025-10-08T01:00:00Z".parse().unwrap(),
        business_date: "2025-10-08".parse().unwrap(),
    }
}

fn raw(fields: &[(&str, &str)]) -> RawRow {
    let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    RawRow(fields.iter().map(own).collect())
}

fn good<T>(row: PmsRow<T>) -> T {
    match row.says {
        RowSays::Row(row) => *row,
        RowSays::Nothing => panic!("nothing"),
        RowSays::Bad(fault) => panic!("{} {}", fault.field, fault.reason),
    }
}

#[test]
fn a_guest_of_a_file_is_read_like_one_of_the_system() {
    let row = raw(&[
        ("guest_code", "HFD1 "),
        ("full_name", "歐陽　娜娜"),
        ("gender", "女"),
        ("birthday", "民國77/05/20"),
        ("phone", "912345678"),
        ("id_number", "ａ223456789"),
        ("vip", "V"),
        ("unheard_of", "x"),
    ]);
    let guest = good(format().guest(&row, defaults()));
    assert_eq!(guest.code.unwrap().as_str(), "HFD1");
    assert_eq!(guest.last_name.unwrap().as_str(), "歐陽");
    assert_eq!(guest.birthday.unwrap().to_string(), "1988-05-20");
    assert_eq!(guest.phone.unwrap().as_str(), "+886912345678");
    assert_eq!(guest.id_number.unwrap().as_str(), "A223456789");
    assert_eq!(guest.vip, Some(true));
    assert_eq!(guest.updated_at, defaults().updated_at);
}

#[test]
fn the_moment_of_change_is_that_of_the_row_where_it_says_one() {
    let row = |at: &str| raw(&[("guest_code", "HFD1"), ("updated_at", at)]);
    let guest = good(format().guest(&row("2025/10/1 下午 03:00:00"), defaults()));
    assert_eq!(guest.updated_at.to_rfc3339(), "2025-10-01T07:00:00+00:00");
    let bad = format().guest(&row("soon"), defaults());
    let RowSays::Bad(fault) = bad.says else {
        panic!("it was read");
    };
    // a file's fields are told by the names that profiles know
    assert_eq!(
        (fault.field.as_str(), fault.reason.as_str()),
        ("updated_at", "is not a date")
    );
}

#[test]
fn a_stay_of_a_file_may_tell_how_it_stands_in_words() {
    for (word, expected) in [
        ("已退房", PmsStatus::CheckedOut),
        ("入住中", PmsStatus::InHouse),
        ("取消", PmsStatus::Cancelled),
        ("未到", PmsStatus::NoShow),
        ("預訂", PmsStatus::Booked),
        ("Checked Out", PmsStatus::CheckedOut),
        ("checked_out", PmsStatus::CheckedOut),
        ("No-Show", PmsStatus::NoShow),
        ("I", PmsStatus::InHouse),
    ] {
        let row = raw(&[
            ("order_number", "708801.0"),
            ("order_status", word),
            ("check_in_date", "2025/9/15"),
            ("check_out_date", "2025/9/18"),
            ("amount", "NT$18,000"),
            ("phone", "0912-345-678"),
        ]);
        let stay = good(format().stay(&row, defaults()));
        assert_eq!(stay.status, expected, "{word}");
        assert_eq!(
            (stay.order_number.as_str(), stay.amount_minor),
            ("708801", 1_800_000)
        );
        assert_eq!(stay.updated_at, defaults().updated_at);
    }
}

#[test]
fn every_field_has_headings_and_no_heading_means_two_fields() {
    for kind in PmsKind::ALL {
        let fields = format().fields(kind);
        let mut met = HashSet::new();
        for field in &fields {
            assert_eq!(field.headings[0], field.name);
            for heading in &field.headings {
                let folded: String = heading
                    .to_lowercase()
                    .chars()
                    .filter(|c| !c.is_whitespace() && !"_-".contains(*c))
                    .collect();
                assert!(met.insert(folded), "{heading} of {}", field.name);
            }
        }
        let required: Vec<&str> = fields
            .iter()
            .filter(|field| field.is_required)
            .map(|field| field.name.as_str())
            .collect();
        let expected: &[&str] = match kind {
            PmsKind::Members => &["guest_code"],
            PmsKind::ConsumptionRecords => &[
                "order_number",
                "order_status",
                "check_in_date",
                "check_out_date",
            ],
        };
        assert_eq!(required, expected);
    }
}
