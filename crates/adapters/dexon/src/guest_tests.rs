use crate::mapper::fixtures::{dropped, fault, good, guest};
use crm_members::{Gender, PersonName, Phone, PmsGuest};
use serde_json::{Value, json};

fn name(name: Option<&PersonName>) -> &str {
    name.map_or("", PersonName::as_str)
}

#[test]
fn a_guest_of_the_contract_is_read_whole() {
    let row = guest(json!({}));
    assert_eq!(row.key, "HFD000000000006693");
    assert_eq!(row.warnings, []);
    let guest = good(&row);
    assert_eq!(guest.code.unwrap().as_str(), "HFD000000000006693");
    assert_eq!(name(guest.last_name.as_ref()), "王");
    assert_eq!(name(guest.first_name.as_ref()), "小明");
    assert_eq!(guest.gender, Some(Gender::Male));
    assert_eq!(guest.birthday.unwrap().to_string(), "1988-05-20");
    assert_eq!(guest.email.unwrap().as_str(), "wang@example.com");
    assert_eq!(guest.phone.unwrap().as_str(), "+886912345678");
    assert_eq!(guest.id_number.unwrap().as_str(), "A123456789");
    assert_eq!(guest.accepts_marketing, Some(true));
    assert_eq!(guest.merged_into, None);
    assert_eq!((guest.visits, guest.vip), (Some(8), None));
    assert_eq!(guest.updated_at.to_rfc3339(), "2025-10-08T01:58:12+00:00");
}

#[test]
fn keys_without_case_unknown_fields_and_numbers_as_text_do_no_harm() {
    let row = guest(
        json!({"gcust_cod": null, "GCUST_COD": 6693, "upd_dat": null,
        "Upd_Dat": "20251008", "new": {"a": []},
        "visit_nos": " 8 ", "accept_dm": true, "sex_typ": "f"}),
    );
    let guest = good(&row);
    assert_eq!(guest.code.unwrap().as_str(), "6693");
    assert_eq!(
        (guest.visits, guest.accepts_marketing),
        (Some(8), Some(true))
    );
    assert_eq!(guest.gender, Some(Gender::Female));
}

#[test]
fn what_stands_for_nothing_is_nothing_and_no_fault() {
    for nothing in [
        "",
        "   ",
        "\u{3000}\u{3000}",
        "-",
        "－",
        "無",
        "N/A",
        "n/a ",
    ] {
        let row = guest(
            json!({"last_nam": nothing, "first_nam": nothing, "alt_nam": nothing,
            "id_nos": nothing, "sex_typ": nothing, "birth_dat": nothing, "contact1_rmk": nothing,
            "e_mail": nothing, "visit_nos": nothing, "accept_dm": nothing, "vip_sta": nothing,
            "merged_into": nothing}),
        );
        assert_eq!(row.warnings, [], "{nothing:?}");
        let guest = good(&row);
        let blank = PmsGuest {
            code: guest.code.clone(),
            ..PmsGuest::nobody(guest.updated_at)
        };
        assert!(guest == blank, "{nothing:?}");
    }
}

#[test]
fn placeholders_are_nothing_and_no_fault() {
    for (field, value) in [
        ("birth_dat", "1900-01-01"),
        ("birth_dat", "1900/01/01 00:00:00"),
        ("birth_dat", "19110101"),
        ("birth_dat", "0000-00-00"),
        ("id_nos", "0000000000"),
        ("id_nos", "111-111-111"),
        ("id_nos", "９９９９９９"),
        ("contact1_rmk", "0000000000"),
        ("contact1_rmk", "8860000000000"),
        ("contact1_rmk", "0900-000-000"),
        ("e_mail", "abc123@guest.booking.com"),
        ("e_mail", "x@AGODA-messaging.com"),
        ("sex_typ", "X"),
    ] {
        let row = guest(json!({field: value}));
        assert_eq!(row.warnings, [], "{field} {value}");
        let guest = good(&row);
        let is_nothing = match field {
            "birth_dat" => guest.birthday.is_none(),
            "id_nos" => guest.id_number.is_none(),
            "contact1_rmk" => guest.phone.is_none(),
            "e_mail" => guest.email.is_none(),
            _ => guest.gender.is_none(),
        };
        assert!(is_nothing, "{field} {value}");
    }
}

#[test]
fn a_row_without_what_it_needs_is_bad_with_the_field_and_why() {
    for (changes, expected) in [
        (json!({"gcust_cod": null}), "gcust_cod is missing"),
        (json!({"gcust_cod": "\u{3000} "}), "gcust_cod is missing"),
        (
            json!({"gcust_cod": "x".repeat(41)}),
            "gcust_cod must have 1 to 40 characters",
        ),
        (json!({"gcust_cod": ["x"]}), "gcust_cod cannot be read"),
        (json!({"upd_dat": null}), "upd_dat is missing"),
        (json!({"upd_dat": "yesterday"}), "upd_dat is not a date"),
        (json!({"upd_dat": {}}), "upd_dat cannot be read"),
        (
            json!({"upd_dat": "1800-01-01"}),
            "upd_dat is before 1990 or more than three years ahead",
        ),
        (
            json!({"upd_dat": "2028-10-09"}),
            "upd_dat is before 1990 or more than three years ahead",
        ),
    ] {
        assert_eq!(fault(&guest(changes.clone())), expected, "{changes}");
    }
    assert_eq!(fault(&guest(json!({"upd_dat": "2028-10-08"}))), "good");
    assert_eq!(fault(&guest(json!({"upd_dat": "1990-01-01"}))), "good");
}

#[test]
fn a_bad_field_is_dropped_with_a_warning_that_repeats_nothing() {
    for (field, value) in [
        ("birth_dat", json!("1800-01-01")),
        ("birth_dat", json!("2025-10-09")),
        ("birth_dat", json!("secret")),
        ("e_mail", json!("secret")),
        ("e_mail", json!(format!("{}@example.com", "x".repeat(100)))),
        ("id_nos", json!("A12****789")),
        ("id_nos", json!("x".repeat(51))),
        ("visit_nos", json!("secret")),
        ("visit_nos", json!(-1)),
        ("visit_nos", json!(1.5)),
        ("accept_dm", json!("secret")),
        ("merged_into", json!("x".repeat(41))),
        ("last_nam", json!("王".repeat(51))),
        ("first_nam", json!("小\u{7}明")),
        ("contact1_rmk", json!("secret")),
        ("id_nos", json!({"secret": 1})),
        ("alt_nam", json!("王\u{fffd}")),
    ] {
        let row = guest(json!({field: value}));
        assert_eq!(dropped(&row), [field], "{value}");
        assert!(!row.warnings[0].reason.contains("secret"));
        assert_eq!(fault(&row), "good", "{field} {value}");
    }
}

#[test]
fn the_first_mobile_of_four_contacts_counts_else_the_first_other_number() {
    for (contacts, expected) in [
        (
            ["0912-345-678", "0987654321", "", ""],
            Some("+886912345678"),
        ),
        (
            ["02-2345-6789", "", "0912345678", ""],
            Some("+886912345678"),
        ),
        (["", "", "", "886886912345678"], Some("+886912345678")),
        (
            ["02-2345-6789", "03-3456789", "", ""],
            Some("+886223456789"),
        ),
        (
            ["請洽旅行社", "02-2345-6789", "", ""],
            Some("+886223456789"),
        ),
        (["000", "-", "無", ""], None),
    ] {
        let [a, b, c, d] = contacts;
        let row = guest(
            json!({"contact1_rmk": a, "contact2_rmk": b, "contact3_rmk": c,
            "contact4_rmk": d}),
        );
        let phone = good(&row).phone;
        assert_eq!(phone.as_ref().map(Phone::as_str), expected, "{contacts:?}");
        assert_eq!(row.warnings, [], "{contacts:?}");
    }
}

#[test]
fn agencies_are_no_guests() {
    let row = guest(json!({"last_nam": "AGODA", "first_nam": "", "alt_nam": "歐陽娜娜"}));
    let guest_is = good(&row);
    assert_eq!(name(guest_is.last_name.as_ref()), "歐陽");
    assert_eq!(name(guest_is.first_name.as_ref()), "娜娜");
    let row = guest(json!({"last_nam": "Booking.com", "first_nam": null, "alt_nam": "agoda"}));
    assert_eq!((good(&row).last_name, good(&row).first_name), (None, None));
}

#[test]
fn consent_vip_and_merged_guests_are_read_as_they_are_meant() {
    let marketing = |value: Value| good(&guest(json!({"accept_dm": value}))).accepts_marketing;
    for no in [json!("N"), json!("No"), json!("0"), json!(0), json!(false)] {
        assert_eq!(marketing(no.clone()), Some(false), "{no}");
    }
    for yes in [
        json!("Y"),
        json!("Yes"),
        json!("1"),
        json!(1),
        json!("true"),
        json!("Ｙ"),
    ] {
        assert_eq!(marketing(yes.clone()), Some(true), "{yes}");
    }
    let vip = |value: Value| good(&guest(json!({"vip_sta": value}))).vip;
    for (value, expected) in [
        (json!("V1"), Some(true)),
        (json!(2), Some(true)),
        (json!("Y"), Some(true)),
        (json!("0"), Some(false)),
        (json!("N"), Some(false)),
        (json!(""), None),
    ] {
        assert_eq!(vip(value.clone()), expected, "{value}");
    }
    let merged = |code: &str| good(&guest(json!({"merged_into": code}))).merged_into;
    assert_eq!(merged("HFD7 ").unwrap().as_str(), "HFD7");
    assert_eq!(merged("HFD000000000006693"), None);
}
