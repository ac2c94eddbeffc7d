//! What the rows hold, and what is told about them.

use crate::support::Stage;
use crm_simulator_dexon::{GUEST_PERIOD, Hotel, Meaning, STAY_PERIOD, Truth, Verdict};
use serde_json::{Value, json};

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name]
        .as_str()
        .unwrap_or_default()
        .trim_matches([' ', '\u{3000}'])
}

async fn row(stage: &Stage, table: &str, key: &str) -> Value {
    let (status, told) = stage
        .control("GET", &format!("/{table}/{key}"), &json!(null))
        .await;
    assert_eq!(status, 200, "{key}");
    told["fields"].clone()
}

fn key<'a>(
    cases: &'a std::collections::BTreeMap<&'static str, Vec<String>>,
    name: &str,
) -> &'a str {
    &cases[name][0]
}

#[actix_web::test]
async fn the_truth_is_what_is_served() {
    let stage = Stage::new().await;
    let truth = stage.pms.truth();
    let (guests, _) = stage.all("/v1/guests", 1_000).await;
    let (stays, _) = stage.all("/v1/stays", 1_000).await;
    assert_eq!(
        (guests.len(), stays.len()),
        (truth.guests.rows, truth.stays.rows)
    );
    let bad = guests.iter().filter(|row| {
        let is_nobody = ["last_nam", "first_nam", "alt_nam", "contact1_rmk"]
            .iter()
            .all(|name| ["", "-", "無", "N/A"].contains(&text(row, name)));
        row.get("gcust_cod").is_none() || !text(row, "upd_dat").starts_with("202") || is_nobody
    });
    assert_eq!(bad.count(), truth.guests.bad);
    let ignored = stays
        .iter()
        .filter(|row| text(row, "guest_sta") == "K")
        .count();
    assert_eq!(ignored, truth.stays.ignored);
    let bad = stays.iter().filter(|row| {
        let day = |name| text(row, name).replace(['-', '/'], "");
        let amount = &row["pay_tot"];
        let is_nobody = ["gcust_cod", "contact1_rmk", "id_nos"]
            .iter()
            .all(|name| ["", "-", "無", "N/A"].contains(&text(row, name)));
        row.get("ikey").is_none()
            || row.get("order_sta").is_none()
            || day("ci_dat") > day("co_dat")
            || day("ci_dat").starts_with("1800")
            || amount.as_i64().is_some_and(|paid| paid < 0)
            || amount
                .as_str()
                .is_some_and(|text| text.trim().parse::<i64>().is_err())
            || is_nobody
    });
    assert_eq!(bad.count(), truth.stays.bad);
    let meanings: usize = truth.stays.meanings.values().sum();
    assert_eq!(meanings, truth.stays.good);
    assert_eq!(
        truth.stays.rows,
        truth.stays.good + truth.stays.bad + truth.stays.ignored
    );
}

#[actix_web::test]
async fn how_many_rows_are_special_follows_from_the_period() {
    let truth = Hotel::seeded(3, 3 * GUEST_PERIOD, 5 * STAY_PERIOD).truth();
    assert_eq!(
        (truth.guests.bad, truth.guests.cases["family_on_one_phone"]),
        (12, 9)
    );
    assert_eq!((truth.stays.bad, truth.stays.ignored), (35, 10));
    let of = |truth: &Truth| (truth.guests.cases.clone(), truth.stays.cases.clone());
    let other = Hotel::seeded(4, 3 * GUEST_PERIOD, 5 * STAY_PERIOD).truth();
    assert_eq!(of(&truth), of(&other), "the seed does not move them");
    for meaning in [
        Meaning::Booked,
        Meaning::InHouse,
        Meaning::CheckedOut,
        Meaning::Cancelled,
        Meaning::NoShow,
        Meaning::Unknown,
    ] {
        assert!(truth.stays.meanings[&meaning] > 0, "{meaning:?}");
    }
}

#[actix_web::test]
async fn guests_are_as_untidy_as_promised() {
    let stage = Stage::new().await;
    let keys = stage.pms.truth().guests.keys;
    let family: Vec<Value> = {
        let mut rows = Vec::new();
        for key in &keys["family_on_one_phone"] {
            rows.push(row(&stage, "guests", key).await);
        }
        rows
    };
    let mobile = |row: &Value| {
        let contact = |name| {
            text(row, name)
                .chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        let ends = |digits: &str| digits[digits.len().saturating_sub(9)..].to_owned();
        let second = contact("contact2_rmk");
        ends(&if second.is_empty() {
            contact("contact1_rmk")
        } else {
            second
        })
    };
    assert_eq!(family.len(), 3);
    assert!(family.iter().all(|one| mobile(one) == mobile(&family[0])));
    assert!(family.iter().all(|one| text(one, "id_nos").is_empty()));
    let upper = row(&stage, "guests", key(&keys, "id_upper_case")).await;
    let lower = row(&stage, "guests", key(&keys, "id_lower_case")).await;
    assert_ne!(text(&upper, "id_nos"), text(&lower, "id_nos"));
    assert_eq!(
        text(&upper, "id_nos"),
        text(&lower, "id_nos").to_uppercase()
    );
    assert_ne!(mobile(&upper), mobile(&lower));
    let one = row(&stage, "guests", key(&keys, "phone_and_id")).await;
    let other = row(&stage, "guests", key(&keys, "same_phone_other_id")).await;
    assert_eq!(mobile(&one), mobile(&other));
    assert_ne!(text(&one, "id_nos"), text(&other, "id_nos"));
    let merged = row(&stage, "guests", key(&keys, "merged_into_earlier")).await;
    assert!(keys["merge_target"].contains(&text(&merged, "merged_into").to_owned()));
    let agency = row(&stage, "guests", key(&keys, "agency_name")).await;
    assert_eq!(text(&agency, "last_nam"), "agoda");
    assert!(!text(&agency, "alt_nam").is_empty());
}

#[actix_web::test]
async fn texts_days_and_phones_come_in_all_their_forms() {
    let stage = Stage::new().await;
    let (guests, _) = stage.all("/v1/guests", 1_000).await;
    let (stays, _) = stage.all("/v1/stays", 1_000).await;
    let some = |rows: &[Value], name: &str, is: &dyn Fn(&str) -> bool| {
        let found = rows.iter().filter_map(|row| row[name].as_str()).any(is);
        assert!(found, "{name}");
    };
    some(&guests, "last_nam", &|t| t.ends_with('\u{3000}'));
    some(&guests, "last_nam", &|t| t.ends_with("  "));
    some(&guests, "birth_dat", &|t| t.contains('/'));
    some(&guests, "birth_dat", &|t| t.len() == 8);
    some(&guests, "contact1_rmk", &|t| t.starts_with("8860"));
    some(&guests, "contact1_rmk", &|t| t.starts_with("886886"));
    some(&guests, "contact1_rmk", &|t| t.starts_with("02"));
    some(&guests, "upd_dat", &|t| t.contains('/'));
    some(&stays, "ikey", &|t| t.ends_with("  "));
    some(&stays, "aci_dat", &|t| t.contains(':'));
    some(&stays, "pay_tot", &|t| t.starts_with(' '));
    assert!(guests.iter().any(|row| row["birth_dat"].is_null()));
}

#[actix_web::test]
async fn letters_of_statuses_mean_both_things() {
    let stage = Stage::new().await;
    let keys = stage.pms.truth().stays.keys;
    for (case, order, came, left, cancelled) in [
        ("d_checked_out", "D", true, true, false),
        ("d_checked_out_by_dates", "D", true, false, false),
        ("d_cancelled", "D", false, false, true),
        ("d_unknown", "D", false, false, false),
        ("s_checked_in", "S", true, false, false),
        ("s_no_show", "S", false, false, false),
        ("cancelled_after_check_in", "C", true, false, true),
    ] {
        let row = row(&stage, "stays", key(&keys, case)).await;
        assert_eq!(row["order_sta"], order, "{case}");
        let told = ["aci_dat", "aco_dat", "cancel_dat"].map(|name| !row[name].is_null());
        assert_eq!(told, [came, left, cancelled], "{case}");
    }
    let mut rooms = Vec::new();
    for key in &keys["three_rooms"][..3] {
        let row = row(&stage, "stays", key).await;
        rooms.push((text(&row, "ikey").to_owned(), row["ikey_seq_nos"].clone()));
    }
    assert!(rooms.iter().all(|room| room.0 == rooms[0].0));
    assert_eq!(
        rooms.iter().map(|room| room.1.clone()).collect::<Value>(),
        json!([1, 2, 3])
    );
}

#[actix_web::test]
async fn clerks_change_what_is_true() {
    let stage = Stage::of(Hotel::seeded(1, 0, 0)).await;
    let guest = json!({"gcust_cod": "HFD1", "last_nam": "王", "contact1_rmk": "0912345678"});
    let (_, added) = stage
        .control("POST", "/guests", &json!([guest, {"gcust_cod": "HFD2"}]))
        .await;
    assert_eq!(added, json!({"keys": ["HFD1", "HFD2"]}));
    let stay = json!({"ikey": "00000001  ", "gcust_cod": "HFD1", "order_sta": "O", "rent_tot": 3000,
        "ci_dat": "2025-10-08", "co_dat": "2025-10-09"});
    let (_, added) = stage.control("POST", "/stays", &stay).await;
    assert_eq!(added, json!({"keys": ["00000001-001"]}));
    let (_, bad) = stage
        .control("POST", "/stays?verdict=bad", &json!({"ikey": "2"}))
        .await;
    assert_eq!(bad, json!({"keys": ["2-001"]}));
    let now = |meaning| {
        let truth = stage.pms.truth();
        assert_eq!(
            truth.stays.meanings.keys().copied().collect::<Vec<_>>(),
            [meaning]
        );
        assert_eq!(
            (truth.guests.rows, truth.stays.good, truth.stays.bad),
            (2, 1, 1)
        );
        truth.stays.amount
    };
    assert_eq!(now(Meaning::Booked), 0);
    for (deed, meaning, amount) in [
        ("check-in", Meaning::InHouse, 3_000),
        ("check-out", Meaning::CheckedOut, 3_000),
        ("cancel", Meaning::Cancelled, 0),
    ] {
        let (status, _) = stage
            .control("POST", &format!("/stays/00000001/{deed}"), &json!({}))
            .await;
        assert_eq!(status, 200, "{deed}");
        assert_eq!(now(meaning), amount, "{deed}");
    }
    let (status, _) = stage
        .control("POST", "/guests/HFD1/merge", &json!({"into": "HFD2"}))
        .await;
    assert_eq!(status, 200);
    let page = stage.data("/v1/guests").await;
    assert_eq!(page["items"][1]["merged_into"], "HFD2");
    let (status, _) = stage.control("DELETE", "/guests/HFD2", &json!(null)).await;
    assert_eq!(status, 200);
    let (status, _) = stage.control("DELETE", "/guests/HFD2", &json!(null)).await;
    assert_eq!(status, 404);
    assert_eq!(stage.pms.truth().guests.rows, 1);
}

#[actix_web::test]
async fn somebody_leaves_and_the_night_audit_opens_the_next_day() {
    let stage = Stage::new().await;
    let before = stage.pms.truth();
    let here = stage.pms.look(|hotel| hotel.in_house(usize::MAX));
    assert_eq!(here.len(), before.stays.meanings[&Meaning::InHouse]);
    let (status, left) = stage.control("POST", "/check-out", &json!({})).await;
    assert_eq!(status, 200);
    assert_eq!(left["fields"]["order_sta"], "D");
    let after = stage.pms.truth();
    let of = |truth: &Truth, meaning| truth.stays.meanings[&meaning];
    assert_eq!(
        of(&before, Meaning::InHouse),
        of(&after, Meaning::InHouse) + 1
    );
    assert_eq!(
        of(&before, Meaning::CheckedOut) + 1,
        of(&after, Meaning::CheckedOut)
    );
    let (_, day) = stage
        .control("POST", "/business-date", &json!({"days": 2}))
        .await;
    assert_eq!(day["business_date"], "2025-10-10");
    let health = stage.data("/v1/health").await;
    assert_eq!(health["business_date"], "2025-10-10");
    assert_eq!(health["server_time"], "2025-10-08T10:00:01+08:00");
}

#[actix_web::test]
async fn a_verdict_stays_with_a_row_that_changes() {
    let stage = Stage::new().await;
    let keys = stage.pms.truth().stays.keys;
    let bad = key(&keys, "text_amount");
    let (_, told) = stage
        .control("PATCH", &format!("/stays/{bad}"), &json!({"room_nos": "1"}))
        .await;
    assert_eq!(told, json!({"ok": true}));
    assert_eq!(stage.pms.truth().stays.bad, 35);
    let _key = stage
        .pms
        .add(crm_simulator_dexon::Table::Guests, json!({}), Verdict::Bad);
    assert_eq!(stage.pms.truth().guests.bad, 5);
}
