use crate::mapper::fixtures::{dropped, fault, good, stay};
use crm_members::{PmsStatus, RowSays};
use serde_json::{Value, json};

#[test]
fn a_stay_of_the_contract_is_read_whole() {
    let row = stay(json!({}));
    assert_eq!((row.key.as_str(), row.warnings.len()), ("00708801", 0));
    let stay = good(&row);
    assert_eq!(stay.order_number, "00708801");
    assert_eq!(stay.room_type.as_deref(), Some("商務雙人房"));
    assert_eq!(stay.amount_minor, 1_800_000);
    assert_eq!(stay.check_in_date.to_string(), "2025-09-15");
    assert_eq!(
        (stay.check_out_date.to_string().as_str(), stay.nights()),
        ("2025-09-18", 3)
    );
    assert_eq!(stay.status, PmsStatus::InHouse);
    assert_eq!(
        stay.booked_at.unwrap().to_rfc3339(),
        "2025-09-01T03:20:00+00:00"
    );
    assert_eq!(stay.updated_at.to_rfc3339(), "2025-09-15T07:02:44+00:00");
    assert_eq!(stay.guest.code.unwrap().as_str(), "HFD000000000006693");
    assert_eq!(stay.guest.phone.unwrap().as_str(), "+886912345678");
    assert_eq!(stay.guest.id_number.unwrap().as_str(), "A123456789");
    assert_eq!(stay.guest.last_name.unwrap().as_str(), "王");
}

#[test]
fn rooms_of_an_order_have_numbers_of_their_own() {
    let number = |room: Value| good(&stay(json!({"ikey_seq_nos": room}))).order_number;
    for first in [json!(1), json!("1 "), json!(0), json!(null), json!("")] {
        assert_eq!(number(first.clone()), "00708801", "{first}");
    }
    for (room, expected) in [(json!(2), "00708801-2"), (json!("03"), "00708801-3")] {
        assert_eq!(number(room), expected);
    }
    let as_number = stay(json!({"ikey": 708801.0}));
    assert_eq!(good(&as_number).order_number, "708801");
}

#[test]
fn the_amount_is_what_was_paid_else_what_it_comes_to() {
    let amount = |changes: Value| good(&stay(changes)).amount_minor;
    assert_eq!(amount(json!({"pay_tot": 20000})), 2_000_000);
    assert_eq!(
        amount(json!({"pay_tot": "20,000", "rent_tot": "x"})),
        2_000_000
    );
    let parts = json!({"pay_tot": 0, "rent_tot": "18000", "serv_tot": 1800.5, "other_tot": -300});
    assert_eq!(amount(parts), 1_950_050);
    let none = json!({"pay_tot": null, "rent_tot": "", "serv_tot": "-", "other_tot": null});
    assert_eq!(amount(none), 0);
    assert_eq!(amount(json!({"pay_tot": 99_999_999.99})), 9_999_999_999);
}

#[test]
fn a_bad_row_is_told_with_the_field_and_why_and_nothing_it_says() {
    let far = "is before 1990 or more than three years ahead";
    for (changes, expected) in [
        (json!({"ikey": null}), "ikey is missing".to_owned()),
        (
            json!({"ikey": "secret".repeat(9)}),
            "ikey is too long".into(),
        ),
        (json!({"ikey": "sec\u{7}ret"}), "ikey cannot be read".into()),
        (
            json!({"ikey_seq_nos": "secret"}),
            "ikey_seq_nos is not a number".into(),
        ),
        (
            json!({"ikey_seq_nos": -2}),
            "ikey_seq_nos is not a count".into(),
        ),
        (json!({"order_sta": null}), "order_sta is missing".into()),
        (json!({"ci_dat": ""}), "ci_dat is missing".into()),
        (json!({"co_dat": null}), "co_dat is missing".into()),
        (json!({"upd_dat": "無"}), "upd_dat is missing".into()),
        (json!({"ci_dat": "secret"}), "ci_dat is not a date".into()),
        (json!({"ci_dat": "1800-01-01"}), format!("ci_dat {far}")),
        (json!({"ci_dat": "1900-01-01"}), format!("ci_dat {far}")),
        (json!({"co_dat": "2028-10-09"}), format!("co_dat {far}")),
        (json!({"upd_dat": "1989-12-31"}), format!("upd_dat {far}")),
        (
            json!({"co_dat": "2025-09-14"}),
            "co_dat is before the arrival".into(),
        ),
        (json!({"aco_dat": "secret"}), "aco_dat is not a date".into()),
        (
            json!({"cancel_dat": "1800-01-01"}),
            format!("cancel_dat {far}"),
        ),
        (
            json!({"pay_tot": "secret"}),
            "pay_tot is not a number".into(),
        ),
        (json!({"pay_tot": -1}), "pay_tot is below zero".into()),
        (json!({"pay_tot": {}}), "pay_tot cannot be read".into()),
        (
            json!({"rent_tot": "一萬八"}),
            "rent_tot is not a number".into(),
        ),
        (
            json!({"other_tot": -20000}),
            "rent_tot is below zero".into(),
        ),
        (
            json!({"pay_tot": 100_000_000}),
            "pay_tot is too large".into(),
        ),
        (json!({"pay_tot": "1e999"}), "pay_tot is too large".into()),
    ] {
        let row = stay(changes.clone());
        assert_eq!(fault(&row), expected, "{changes}");
    }
}

#[test]
fn a_bad_field_beside_what_counts_is_dropped_and_the_row_lives() {
    for (field, value) in [
        ("ins_dat", json!("1800-01-01")),
        ("ins_dat", json!("secret")),
        ("noshow", json!("secret")),
        ("guest_sta", json!("Z")),
        ("gcust_cod", json!("x".repeat(41))),
        ("id_nos", json!("x".repeat(51))),
        ("contact1_rmk", json!("secret")),
        ("room_nam", json!("房".repeat(101))),
    ] {
        let row = stay(json!({field: value}));
        assert_eq!(
            (dropped(&row), fault(&row).as_str()),
            (vec![field], "good"),
            "{value}"
        );
    }
    // the code stands in for a name that cannot be kept
    let row = stay(json!({"room_nam": "房".repeat(101)}));
    assert_eq!(good(&row).room_type.as_deref(), Some("BT"));
}

#[test]
fn days_that_stand_for_nothing_say_nothing_of_a_stay() {
    for nothing in ["1900-01-01", "1911/01/01 00:00:00", "0000-00-00", "", "-"] {
        let row = stay(json!({"aco_dat": nothing, "cancel_dat": nothing, "ins_dat": nothing}));
        assert_eq!(good(&row).status, PmsStatus::InHouse, "{nothing}");
        assert_eq!(
            (good(&row).booked_at, row.warnings.len()),
            (None, 0),
            "{nothing}"
        );
    }
}

#[test]
fn dates_and_words_together_tell_how_a_stay_stands() {
    use PmsStatus::{Booked, Cancelled, CheckedOut, InHouse, NoShow, Unknown};
    let never = json!({"order_sta": "S", "guest_sta": "", "aci_dat": ""});
    for (changes, expected) in [
        (json!({}), InHouse),
        (json!({"aco_dat": "2025-09-18"}), CheckedOut),
        (json!({"guest_sta": "C"}), CheckedOut),
        (json!({"cancel_dat": "2025-09-16"}), Cancelled),
        (json!({"order_sta": "C"}), Cancelled),
        (json!({"noshow": "Y"}), NoShow),
        (never, NoShow),
        (json!({"order_sta": "S", "guest_sta": ""}), InHouse),
        (json!({"order_sta": "D", "guest_sta": ""}), CheckedOut),
        (
            json!({"order_sta": "D", "guest_sta": "", "aci_dat": ""}),
            Unknown,
        ),
        (
            json!({"order_sta": "O", "guest_sta": "", "aci_dat": ""}),
            Booked,
        ),
        (json!({"order_sta": "?", "guest_sta": ""}), Unknown),
    ] {
        let row = stay(changes.clone());
        assert_eq!(good(&row).status, expected, "{changes}");
        let told = if expected == Unknown {
            vec!["order_sta"]
        } else {
            vec![]
        };
        assert_eq!(dropped(&row), told, "{changes}");
    }
}

#[test]
fn a_folio_of_a_room_that_does_not_exist_is_passed_over_whatever_else_it_says() {
    let row = stay(json!({"guest_sta": "K ", "ikey": null, "ci_dat": "secret"}));
    assert!(matches!(row.says, RowSays::Nothing));
    assert_eq!(row.warnings, []);
}

#[test]
fn the_booker_is_not_the_guest() {
    let row = stay(
        json!({"last_nam": "agoda", "first_nam": "", "alt_nam": "", "cust_nam": "李大華",
        "gcust_cod": null, "id_nos": null, "contact1_rmk": null}),
    );
    let guest = good(&row).guest;
    assert_eq!((guest.last_name, guest.first_name), (None, None));
    assert_eq!((guest.code, guest.phone.is_none()), (None, true));
}
