//! A whole untidy hotel through the adapter, compared with what is really in it.

use crate::dexon::client;
use crate::pms::{after, all_guests, everything};
use crm_members::{PmsGateway, PmsPage, PmsStatus, RowSays};
use crm_simulator_dexon::{DexonSimulator, Fault, Meaning, SimulatorConfig, TableTruth};
use std::collections::BTreeMap;

/// Good, bad and passed over.
fn counts<T>(pages: &[PmsPage<T>]) -> (usize, usize, usize) {
    let mut found = (0, 0, 0);
    for row in pages.iter().flat_map(|page| &page.rows) {
        match row.says {
            RowSays::Row(_) => found.0 += 1,
            RowSays::Bad(_) => found.1 += 1,
            RowSays::Nothing => found.2 += 1,
        }
    }
    found
}

/// The same of the truth. Who nobody can be told by their row shows only when it is matched.
fn expected(truth: &TableTruth) -> (usize, usize, usize) {
    let nobody = truth.cases.get("nobody").copied().unwrap_or_default();
    (truth.good + nobody, truth.bad - nobody, truth.ignored)
}

fn word(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Booked => "booked",
        Meaning::InHouse => "in_house",
        Meaning::CheckedOut => "checked_out",
        Meaning::Cancelled => "cancelled",
        Meaning::NoShow => "no_show",
        Meaning::Unknown => "unknown",
    }
}

#[tokio::test]
async fn guests_of_an_untidy_hotel_are_read_as_they_are_meant() {
    let pms = DexonSimulator::start(SimulatorConfig::default())
        .await
        .unwrap();
    let truth = pms.truth().guests;
    for fault in [None, Some(Fault::Capitals), Some(Fault::Nested)] {
        if let Some(fault) = fault {
            pms.next(1).answer(fault);
        }
        let pages = all_guests(&client(&pms, 1_000), everything())
            .await
            .unwrap();
        assert_eq!(counts(&pages), expected(&truth));
    }
}

#[tokio::test]
async fn stays_of_an_untidy_hotel_are_read_as_they_are_meant() {
    let pms = DexonSimulator::start(SimulatorConfig::default())
        .await
        .unwrap();
    let truth = pms.truth().stays;
    let gateway = client(&pms, 1_000);
    let today = gateway.health().await.unwrap().business_date;
    let mut pages = Vec::new();
    let mut next = Some(everything());
    while let Some(ask) = next {
        let page = gateway.stays(&ask, today).await.unwrap();
        next = after(&ask, &page);
        pages.push(page);
    }
    assert_eq!(counts(&pages), expected(&truth));

    let mut meanings: BTreeMap<&str, usize> = BTreeMap::new();
    let mut amount = 0;
    for row in pages.iter().flat_map(|page| &page.rows) {
        let RowSays::Row(stay) = &row.says else {
            continue;
        };
        // those whose guest nobody can tell have no meaning in the truth
        let guest = &stay.guest;
        if guest.code.is_none() && guest.phone.is_none() && guest.id_number.is_none() {
            continue;
        }
        *meanings.entry(stay.status.as_str()).or_default() += 1;
        if matches!(stay.status, PmsStatus::InHouse | PmsStatus::CheckedOut) {
            amount += stay.amount_minor;
        }
    }
    let told = truth.meanings.iter().map(|(m, n)| (word(*m), *n));
    assert_eq!(meanings, told.collect());
    assert_eq!(amount, truth.amount * 100);
}
