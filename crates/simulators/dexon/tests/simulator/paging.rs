//! Windows and pages.

use crate::support::{Stage, escaped};
use crm_simulator_dexon::{Endpoint, Hotel, SimulatorConfig, Table};
use serde_json::{Value, json};

fn keys(rows: &[Value]) -> Vec<String> {
    rows.iter()
        .map(|row| format!("{}{}", row["ikey"], row["ikey_seq_nos"]))
        .collect()
}

fn codes(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .filter_map(|row| row["gcust_cod"].as_str())
        .collect()
}

#[actix_web::test]
async fn pages_of_any_size_hold_every_row_once_and_in_the_same_order() {
    let stage = Stage::new().await;
    let (whole, _) = stage.all("/v1/stays", 1_000).await;
    assert_eq!(whole.len(), 2_000);
    for limit in [7, 200, 333] {
        let (rows, _) = stage.all("/v1/stays", limit).await;
        assert_eq!(rows, whole, "pages of {limit}");
    }
    let mut unique = keys(&whole);
    unique.sort();
    unique.dedup();
    // The rows without a key count as one.
    assert_eq!(unique.len(), 2_000 - 4);
}

#[actix_web::test]
async fn the_same_second_lies_on_both_sides_of_a_page_s_end() {
    let stage = Stage::new().await;
    let hotel = stage.pms.look(Hotel::clone);
    let window = crm_simulator_dexon::Window {
        table: Table::Stays,
        since: None,
        until: i64::MAX,
        arrivals: None,
    };
    let times: Vec<i64> = hotel
        .walk(&window, None)
        .map(|row| row.changed_at)
        .collect();
    let divided = times.chunks(200).zip(times.chunks(200).skip(1));
    let divided = divided.filter(|(one, next)| one.last() == next.first());
    assert!(divided.count() >= 5, "most borders divide a second");
    let longest = times.chunk_by(|a, b| a == b).map(<[i64]>::len).max();
    assert!(longest > Some(400), "one second fills more than two pages");
}

#[actix_web::test]
async fn a_row_that_changes_between_two_pages_comes_in_the_next_window_and_none_is_lost() {
    let stage = Stage::new().await;
    let all: Vec<String> = stage.pms.look(|hotel| {
        let window = crm_simulator_dexon::Window {
            table: Table::Guests,
            since: None,
            until: i64::MAX,
            arrivals: None,
        };
        hotel.walk(&window, None).map(|row| row.key).collect()
    });
    let late = all[450].clone();
    let early = all[5].clone();
    let (first, second) = (early.clone(), late.clone());
    stage.pms.after_pages(Table::Guests, 1, move |hotel, now| {
        for key in [first, second] {
            let fields = json!({"requst_rmk": "改了"});
            let fields = fields.as_object().unwrap().clone();
            hotel.change(Table::Guests, &key, fields, now).unwrap();
        }
    });
    let (rows, as_of) = stage.all("/v1/guests", 100).await;
    // One was told before it changed; the other is told only after.
    assert_eq!(rows.len(), 499);
    assert!(codes(&rows).contains(&early.as_str()));
    assert!(!codes(&rows).contains(&late.as_str()));
    let (next, _) = stage
        .all(
            &format!("/v1/guests?updated_since={}", escaped(&as_of)),
            100,
        )
        .await;
    assert_eq!(codes(&next), [early.as_str(), late.as_str()]);
    assert!(next.iter().all(|row| row["requst_rmk"] == "改了"));
}

#[actix_web::test]
async fn a_window_begins_with_its_first_moment_and_ends_before_its_last() {
    let stage = Stage::of(Hotel::seeded(1, 0, 0)).await;
    for (code, minute) in [("A", 0), ("B", 1), ("C", 2)] {
        let at = format!("2025-10-08T09:0{minute}:00+08:00");
        let _key = stage
            .pms
            .add_guest(json!({"gcust_cod": code, "upd_dat": at}));
    }
    let window = "updated_since=2025-10-08T01:00:00Z&updated_until=2025-10-08T01:02:00Z";
    let page = stage.data(&format!("/v1/guests?{window}")).await;
    assert_eq!(codes(page["items"].as_array().unwrap()), ["A", "B"]);
    assert_eq!(page["as_of"], "2025-10-08T09:02:00+08:00");
    let (rest, as_of) = stage
        .all("/v1/guests?updated_since=2025-10-08T01:02:00Z", 10)
        .await;
    assert_eq!(codes(&rest), ["C"]);
    assert_eq!(
        as_of, "2025-10-08T10:00:03+08:00",
        "the clock, three changes later"
    );
}

#[actix_web::test]
async fn days_of_arrival_find_stays_whenever_they_changed() {
    let stage = Stage::new().await;
    let stay = json!({"ikey": "99000001  ", "order_sta": "O", "ci_dat": "2025/10/10",
        "co_dat": "2025-10-11", "upd_dat": "2024-01-01T00:00:00+08:00"});
    let _key = stage.pms.add_stay(stay);
    let (rows, _) = stage
        .all(
            "/v1/stays?arrival_from=2025-10-01&arrival_to=2025-12-07",
            100,
        )
        .await;
    assert!(rows.iter().any(|row| row["ikey"] == "99000001  "));
    let days: Vec<String> = rows
        .iter()
        .map(|row| row["ci_dat"].as_str().unwrap().replace(['-', '/'], ""))
        .collect();
    assert!(days.len() > 100, "{}", days.len());
    assert!(
        days.iter()
            .all(|day| ("20251001".."20251208").contains(&day.as_str()))
    );
    let stays = stage.pms.counts().of(Endpoint::Stays);
    assert_eq!((stays.full_loads, stays.arrival_windows), (0, 1));
}

#[actix_web::test]
async fn what_a_client_must_not_send_is_refused_with_1001() {
    let stage = Stage::new().await;
    for query in [
        "limit=1001",
        "limit=0",
        "limit=x",
        "cursor=x",
        "updated_since=2025-10-08T00:00:00+08:00",
        "updated_since=yesterday",
        "since=2025-10-08T00:00:00Z",
        "arrival_from=2025-10-08&arrival_to=2025-10-09",
    ] {
        let response = stage.ask(&format!("/v1/guests?{query}")).await.unwrap();
        assert_eq!(response.status(), 417, "{query}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["code"], "1001", "{query}");
    }
}

#[actix_web::test]
async fn without_the_key_or_for_another_hotel_there_is_nothing() {
    let stage = Stage::with(SimulatorConfig {
        hotel_code: Some("TPE1".into()),
        athena_id: Some("77".into()),
        ..SimulatorConfig::default()
    })
    .await;
    let key = ("X-API-Key", stage.pms.api_key());
    let tenant = [key, ("X-Hotel-Code", "TPE1"), ("X-Athena-Id", "77")];
    for (headers, status) in [
        (&tenant[1..], 401),
        (&tenant[..1], 403),
        (&tenant[..2], 403),
        (&tenant[..], 200),
    ] {
        let response = stage.raw("/v1/health", headers).await;
        assert_eq!(response.status(), status);
    }
}

#[actix_web::test]
async fn the_same_seed_gives_the_same_bytes() {
    let one = Stage::of(Hotel::seeded(7, 500, 2_000)).await;
    let same = Stage::of(Hotel::seeded(7, 500, 2_000)).await;
    let other = Stage::of(Hotel::seeded(8, 500, 2_000)).await;
    for path in ["/v1/guests?limit=500", "/v1/stays?limit=1000"] {
        let bytes = async |stage: &Stage| stage.ask(path).await.unwrap().bytes().await.unwrap();
        assert_eq!(bytes(&one).await, bytes(&same).await);
        assert_ne!(bytes(&one).await, bytes(&other).await);
    }
}
