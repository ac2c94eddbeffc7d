//! A hotel of a size that a first load is measured with.

use std::time::{Duration, Instant};

use crm_simulator_dexon::{Hotel, Table, Window};

#[test]
fn a_large_hotel_is_there_at_once_and_its_last_page_is_as_near_as_its_first() {
    let start = Instant::now();
    let hotel = Hotel::seeded(42, 200_000, 500_000);
    let window = Window {
        table: Table::Stays,
        since: None,
        until: i64::MAX,
        arrivals: None,
    };
    let first = hotel.page(&window, None, 1_000);
    let late = Window {
        since: first.rows.last().map(|row| row.changed_at),
        ..window
    };
    // Three days before the hotel's own: near the end.
    let late = Window {
        since: late.since.map(|since| since + 727 * 86_400),
        ..late
    };
    let last = hotel.page(&late, None, 1_000);
    assert_eq!((first.rows.len(), last.rows.len()), (1_000, 1_000));
    let after = last
        .rows
        .last()
        .map(|row| (row.changed_at, row.key.clone()));
    let next = hotel.page(&window, after.as_ref(), 1_000);
    assert_eq!(next.rows, hotel.page(&late, after.as_ref(), 1_000).rows);
    assert!(next.rows[0].key > last.rows[999].key);
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(
        (hotel.count(Table::Guests), hotel.count(Table::Stays)),
        (200_000, 500_000)
    );
}

#[test]
fn a_small_hotel_and_an_empty_one_are_whole_too() {
    for (guests, stays) in [(0, 0), (1, 1), (4, 3), (5, 30), (0, 50), (37, 0)] {
        let hotel = Hotel::seeded(1, guests, stays);
        let truth = hotel.truth();
        assert_eq!((truth.guests.rows, truth.stays.rows), (guests, stays));
    }
}
