use super::{Hotel, Trouble, after, all_guests, codes, everything, since};
use crm_members::{PmsError, RowSays};

pub async fn trouble_that_passes_is_not_seen<H: Hotel>() {
    let hotel = H::with(5, 0, 3).await;
    let gateway = hotel.gateway();
    for trouble in [
        Trouble::Away,
        Trouble::TooFast,
        Trouble::Cut,
        Trouble::Nonsense,
    ] {
        hotel.trouble(trouble, 2);
        let pages = all_guests(&*gateway, everything()).await.unwrap();
        assert_eq!(codes(&pages), hotel.guests(), "{trouble:?}");
    }
}

pub async fn an_expired_cursor_is_told_and_the_window_can_be_begun_anew<H: Hotel>() {
    let hotel = H::with(7, 0, 3).await;
    let gateway = hotel.gateway();
    let first = gateway.guests(&everything()).await.unwrap();
    hotel.expire_cursors();
    let rest = after(&everything(), &first).unwrap();
    let before = hotel.seen().requests;
    let error = gateway.guests(&rest).await.unwrap_err();
    assert_eq!(error, PmsError::CursorExpired);
    assert_eq!(hotel.seen().requests, before + 1);
    let pages = all_guests(&*gateway, everything()).await.unwrap();
    assert_eq!(codes(&pages), hotel.guests());
}

pub async fn a_bad_row_is_told_by_its_key_and_the_others_come<H: Hotel>() {
    let hotel = H::with(4, 0, 2).await;
    let start = hotel.now();
    let key = hotel.add_bad_guest();
    let pages = all_guests(&*hotel.gateway(), everything()).await.unwrap();
    let rows: Vec<_> = pages.iter().flat_map(|page| &page.rows).collect();
    let bad: Vec<_> = rows
        .iter()
        .filter(|row| matches!(row.says, RowSays::Bad(_)))
        .collect();
    assert_eq!((rows.len(), bad.len()), (5, 1));
    assert_eq!(bad[0].key, key);
    let RowSays::Bad(fault) = &bad[0].says else {
        panic!("it was read");
    };
    assert!(!fault.field.is_empty() && !fault.reason.is_empty());
    // the window moves on over it
    let next = all_guests(&*hotel.gateway(), since(start)).await.unwrap();
    assert!(next.iter().map(|page| page.rows.len()).sum::<usize>() <= 1);
}

pub async fn the_limits_of_the_other_side_are_kept<H: Hotel>() {
    let hotel = H::with(14, 14, 2).await;
    let gateway = hotel.gateway();
    let (guests, stays, ask) = (hotel.guests(), hotel.business_date(), everything());
    let (found, _, _) = tokio::join!(
        all_guests(&*gateway, everything()),
        gateway.stays(&ask, stays),
        gateway.health(),
    );
    assert_eq!(codes(&found.unwrap()), guests);
    let seen = hotel.seen();
    assert_eq!(seen.requests, 9);
    let (in_a_second, at_once) = H::LIMITS;
    assert!(seen.most_in_a_second <= in_a_second, "{seen:?}");
    assert!(seen.most_at_once <= at_once, "{seen:?}");
}

pub async fn the_day_and_the_clock_there_are_told<H: Hotel>() {
    let hotel = H::with(0, 0, 2).await;
    let health = hotel.gateway().health().await.unwrap();
    assert_eq!(health.business_date, hotel.business_date());
    assert_eq!(health.server_time, Some(hotel.now()));
    assert!(hotel.gateway().is_configured());
}
