use super::{Hotel, after, all_guests, all_stays, codes, everything, numbers, rows};

pub async fn pages_follow_each_other_in_the_order_of_change_and_hold_everything_once<H: Hotel>() {
    let hotel = H::with(7, 0, 3).await;
    let pages = all_guests(&*hotel.gateway(), everything()).await.unwrap();
    assert_eq!(codes(&pages), hotel.guests());
    let sizes: Vec<usize> = pages.iter().map(|page| page.rows.len()).collect();
    assert_eq!(sizes, [3, 3, 1]);
    let times: Vec<_> = rows(&pages).iter().map(|guest| guest.updated_at).collect();
    assert!(times.is_sorted());
}

pub async fn stays_are_paged_like_guests<H: Hotel>() {
    let hotel = H::with(0, 7, 3).await;
    let pages = all_stays(&hotel, everything()).await.unwrap();
    assert_eq!(numbers(&pages), hotel.stays());
    assert_eq!(pages.len(), 3);
    assert!(pages[0].as_of.is_some());
}

pub async fn equal_moments_over_a_page_border_lose_nobody<H: Hotel>() {
    let hotel = H::with(8, 0, 3).await;
    let guests = hotel.guests();
    hotel.change_together(&guests[1..6]);
    let pages = all_guests(&*hotel.gateway(), everything()).await.unwrap();
    let (mut found, mut expected) = (codes(&pages), guests);
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

pub async fn a_page_asked_for_again_is_the_same_page<H: Hotel>() {
    let hotel = H::with(7, 0, 3).await;
    let gateway = hotel.gateway();
    let first = gateway.guests(&everything()).await.unwrap();
    let second = after(&everything(), &first).unwrap();
    let once = gateway.guests(&second).await.unwrap();
    let again = gateway.guests(&second).await.unwrap();
    assert_eq!(codes(std::slice::from_ref(&once)), hotel.guests()[3..6]);
    assert_eq!(once, again);
}

pub async fn another_process_goes_on_where_one_stopped<H: Hotel>() {
    let hotel = H::with(7, 0, 3).await;
    let first = hotel.gateway().guests(&everything()).await.unwrap();
    let rest = after(&everything(), &first).unwrap();
    let pages = all_guests(&*hotel.gateway(), rest).await.unwrap();
    assert_eq!(codes(&pages), hotel.guests()[3..]);
}
