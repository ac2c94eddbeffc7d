use super::{Hotel, after, all_guests, all_stays, codes, everything, numbers, rows, since};
use chrono::{Days, TimeDelta};
use crm_members::{Arrivals, PageAsk, PmsWindow};

pub async fn the_first_page_says_up_to_when_its_window_holds_by_the_clock_there<H: Hotel>() {
    let hotel = H::with(4, 0, 10).await;
    let page = hotel.gateway().guests(&everything()).await.unwrap();
    let as_of = page.as_of.unwrap();
    assert!((hotel.now() - as_of).abs() <= TimeDelta::seconds(1));
    assert!(rows(&[page]).iter().all(|guest| guest.updated_at < as_of));
}

pub async fn rows_that_change_between_two_pages_come_in_the_next_window_and_none_is_left_out<
    H: Hotel,
>() {
    let hotel = H::with(9, 0, 3).await;
    let gateway = hotel.gateway();
    let guests = hotel.guests();
    let first = gateway.guests(&everything()).await.unwrap();
    // one that was read, one that the next page would begin with, and the last of all
    let changed = [&guests[1], &guests[3], &guests[8]];
    for code in changed {
        hotel.change_guest(code);
    }
    let rest = after(&everything(), &first).unwrap();
    let rest = all_guests(&*gateway, rest).await.unwrap();
    let of_window = [codes(std::slice::from_ref(&first)), codes(&rest)].concat();
    for code in guests.iter().filter(|code| !changed.contains(code)) {
        let times = of_window.iter().filter(|found| *found == code).count();
        assert_eq!(times, 1, "{code}");
    }
    let next = all_guests(&*gateway, since(first.as_of.unwrap())).await;
    let next = codes(&next.unwrap());
    for code in changed {
        assert!(next.contains(code), "{code}");
    }
}

pub async fn stays_that_change_between_two_pages_are_not_left_out_either<H: Hotel>() {
    let hotel = H::with(0, 7, 3).await;
    let gateway = hotel.gateway();
    let stays = hotel.stays();
    let first = gateway.stays(&everything(), hotel.business_date()).await;
    let first = first.unwrap();
    hotel.change_stay(&stays[3]);
    let rest = all_stays(&hotel, after(&everything(), &first).unwrap()).await;
    let next = all_stays(&hotel, since(first.as_of.unwrap()))
        .await
        .unwrap();
    let mut found = [numbers(&[first]), numbers(&rest.unwrap()), numbers(&next)].concat();
    found.sort_unstable();
    found.dedup();
    let mut expected = stays;
    expected.sort_unstable();
    assert_eq!(found, expected);
}

pub async fn a_window_begins_with_the_very_moment_it_names<H: Hotel>() {
    let hotel = H::with(4, 0, 10).await;
    let gateway = hotel.gateway();
    let all = all_guests(&*gateway, everything()).await.unwrap();
    let third = rows(&all)[2].updated_at;
    let found = all_guests(&*gateway, since(third)).await.unwrap();
    assert_eq!(codes(&found), hotel.guests()[2..]);
}

pub async fn a_window_without_changes_is_one_empty_last_page<H: Hotel>() {
    let hotel = H::with(4, 4, 10).await;
    let later = since(hotel.now() + TimeDelta::hours(1));
    let guests = hotel.gateway().guests(&later).await.unwrap();
    assert_eq!((guests.rows.len(), guests.next), (0, None));
    assert!(guests.as_of.is_some());
    let stays = all_stays(&hotel, later).await.unwrap();
    assert_eq!((stays.len(), stays[0].rows.len()), (1, 0));
}

pub async fn stays_by_arrival_come_whenever_they_changed<H: Hotel>() {
    let hotel = H::with(0, 8, 3).await;
    let day = |days: u64| hotel.first_arrival() + Days::new(days);
    let ask = PageAsk {
        window: PmsWindow {
            since: None,
            arrivals: Some(Arrivals {
                from: day(2),
                to: day(6),
            }),
        },
        cursor: None,
    };
    let pages = all_stays(&hotel, ask).await.unwrap();
    let mut days: Vec<_> = rows(&pages).iter().map(|stay| stay.check_in_date).collect();
    days.sort_unstable();
    assert_eq!(days, (2..=6).map(day).collect::<Vec<_>>());
}
