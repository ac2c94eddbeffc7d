//! What campaigns brought: from the send over the booking that the hotel's own system tells of
//! to the figures.

use crate::merging::{at_the_desk, merge};
use crate::pms::house::{House, day, wall};
use crate::samples::{campaign, interaction_tag, look, personal_template, plain_template};
use crate::taps::token;
use chrono::{DateTime, TimeDelta, Utc};
use crm_analytics::{CountConversions, RecheckConversions};
use crm_kernel::{Actor, CampaignId, JobQueue, MemberId, NewJob};
use crm_members::{PmsKind, RecordStay};
use crm_tests::{Installation, run_jobs_of};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::time::Duration;

crate::stories!(
    a_booking_the_hotels_system_tells_of_is_counted_until_it_is_cancelled,
    whoever_clicked_first_had_clicked_also_when_the_click_is_told_late,
    two_campaigns_share_a_booking_and_the_last_has_its_money,
    the_window_ends_on_the_second,
    what_two_guests_booked_is_one_guests_once_they_are_one,
    what_an_erased_guest_booked_stays_counted,
    work_cut_off_at_any_moment_counts_everybody_once,
    bookings_clicks_and_counting_at_once_lose_nothing,
);

/// Recipients who booked, of them those who had clicked; amount, stays, nights.
async fn brought(hotel: &Installation, id: CampaignId) -> [i64; 5] {
    let columns = [
        "converted_count",
        "converted_clicked_count",
        "revenue_minor",
        "revenue_stays",
        "revenue_nights",
    ];
    let mut sums = [0; 5];
    for (sum, column) in sums.iter_mut().zip(columns) {
        let text = format!("SELECT {column} FROM campaigns WHERE id = {id}");
        *sum = number(hotel, &text).await;
    }
    assert_eq!(look(hotel, id).await.counts().converted, sums[0]);
    sums
}

async fn number(hotel: &Installation, text: &str) -> i64 {
    let pool = hotel.crm.database.pool();
    let statement = Statement::from_string(pool.get_database_backend(), text);
    let row = pool.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// A figure of a campaign on the hotel day of a moment.
async fn figure(hotel: &Installation, name: &str, id: CampaignId, at: DateTime<Utc>) -> i64 {
    let day = hotel.crm.hotel.day_of(at);
    let text = format!(
        "SELECT CAST(COALESCE(SUM(n), 0) AS SIGNED) FROM daily_figures WHERE name = '{name}' \
         AND subject = {id} AND day = '{day}'"
    );
    number(hotel, &text).await
}

/// Works off what is marked, as the round of every minute does.
async fn count(hotel: &Installation) {
    let job = NewJob::of(&CountConversions {}, hotel.now()).unwrap();
    hotel.crm.database.put(job).await.unwrap();
    hotel.run_jobs().await;
    assert_eq!(
        number(hotel, "SELECT COUNT(*) FROM conversion_marks").await,
        0
    );
}

async fn send(hotel: &Installation) -> CampaignId {
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    let sending = &hotel.crm.sending;
    sending.send_now(&Actor::System, id).await.unwrap();
    hotel.run_jobs().await;
    id
}

/// A stay that staff write down: two nights for 6,000.
async fn book(hotel: &Installation, member: MemberId, number: &str, at: DateTime<Utc>) {
    let today = hotel.now().date_naive();
    let stay = RecordStay {
        order_number: number.to_owned(),
        room_type: None,
        amount_minor: 600_000,
        check_in_date: today,
        check_out_date: today + TimeDelta::days(2),
        booked_at: Some(at),
    };
    let members = &hotel.crm.members;
    members
        .record_stay(&Actor::System, member, stay)
        .await
        .unwrap();
}

async fn all_is_right(hotel: &Installation) {
    let differ = hotel.crm.conversions.conversions_differ().await.unwrap();
    assert_eq!(differ, 0);
}

fn told(hotel: &Installation, order: &str, booked: DateTime<Utc>, more: &Value) -> Value {
    let mut row = json!({
        "ikey": order, "ikey_seq_nos": 1, "order_sta": "O", "gcust_cod": "HFD900000000000001",
        "ci_dat": day(hotel, 9), "co_dat": day(hotel, 12), "room_nam": "商務雙人房",
        "rent_tot": 9000, "ins_dat": wall(booked),
    });
    for (key, value) in more.as_object().unwrap() {
        row[key] = value.clone();
    }
    row
}

async fn a_booking_the_hotels_system_tells_of_is_counted_until_it_is_cancelled(
    hotel: &Installation,
) {
    let house = House::with(hotel, 0, 0).await;
    let guest = hotel.friends(2).await[0].0;
    let phone = "0912345678";
    let update = crm_members::UpdateMember {
        phone: crm_kernel::Patch::Set(phone.to_owned()),
        ..crm_members::UpdateMember::default()
    };
    let members = &hotel.crm.members;
    members.update(&Actor::System, guest, update).await.unwrap();
    let id = send(hotel).await;
    let _ = house.pms.add_guest(json!({
        "gcust_cod": "HFD900000000000001", "contact1_rmk": phone,
    }));
    hotel.clock.advance(TimeDelta::days(2));
    let booked = hotel.now();
    let _ = house
        .pms
        .add_stay(told(hotel, "00900001", booked, &json!({})));
    house.sync_both(false).await;
    count(hotel).await;
    assert_eq!(brought(hotel, id).await, [1, 0, 900_000, 1, 3]);
    assert_eq!(figure(hotel, "campaign_converted", id, booked).await, 1);
    assert_eq!(figure(hotel, "campaign_revenue", id, booked).await, 900_000);

    hotel.clock.advance(TimeDelta::days(1));
    let more = json!({"order_sta": "C", "cancel_dat": day(hotel, 0)});
    let _ = house.pms.add_stay(told(hotel, "00900001", booked, &more));
    house.sync(PmsKind::ConsumptionRecords, false).await;
    count(hotel).await;
    assert_eq!(brought(hotel, id).await, [0; 5]);
    assert_eq!(figure(hotel, "campaign_revenue", id, booked).await, 0);

    hotel.clock.advance(TimeDelta::minutes(5));
    let more = json!({"rent_tot": 7000});
    let _ = house.pms.add_stay(told(hotel, "00900001", booked, &more));
    house.sync(PmsKind::ConsumptionRecords, false).await;
    count(hotel).await;
    assert_eq!(brought(hotel, id).await, [1, 0, 700_000, 1, 3]);
    all_is_right(hotel).await;
    house.end().await;
}

async fn whoever_clicked_first_had_clicked_also_when_the_click_is_told_late(hotel: &Installation) {
    let friends = hotel.friends(2).await;
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    let id = campaign(hotel, template, None).await;
    let sending = &hotel.crm.sending;
    sending.send_now(&Actor::System, id).await.unwrap();
    hotel.run_jobs().await;
    hotel.clock.advance(TimeDelta::hours(1));
    let link = token(&hotel.line.messages_of(&friends[0].1)[0].message);
    hotel.crm.taps.follow(&link, true).await.unwrap();
    hotel.clock.advance(TimeDelta::hours(1));
    for (n, (member, _)) in friends.iter().enumerate() {
        book(hotel, *member, &format!("OD{n}"), hotel.now()).await;
    }
    // The click still waits in memory.
    let process = &hotel.crm;
    process.conversions.count_marked().await.unwrap();
    assert_eq!(brought(hotel, id).await, [2, 0, 1_200_000, 2, 4]);
    hotel.run_jobs().await;
    count(hotel).await;
    assert_eq!(brought(hotel, id).await[1], 0);
    hotel.clock.advance(TimeDelta::hours(12));
    let job = NewJob::of(&RecheckConversions {}, hotel.now()).unwrap();
    hotel.crm.database.put(job).await.unwrap();
    hotel.run_jobs().await;
    assert_eq!(brought(hotel, id).await, [2, 1, 1_200_000, 2, 4]);
}

async fn two_campaigns_share_a_booking_and_the_last_has_its_money(hotel: &Installation) {
    let guest = hotel.friends(1).await[0].0;
    let first = send(hotel).await;
    hotel.clock.advance(TimeDelta::days(1));
    let second = send(hotel).await;
    hotel.clock.advance(TimeDelta::days(1));
    book(hotel, guest, "OD1", hotel.now()).await;
    hotel.clock.advance(TimeDelta::days(1));
    let third = send(hotel).await;
    count(hotel).await;
    assert_eq!(brought(hotel, first).await, [1, 0, 0, 0, 0]);
    assert_eq!(brought(hotel, second).await, [1, 0, 600_000, 1, 2]);
    assert_eq!(brought(hotel, third).await, [0; 5]);
    all_is_right(hotel).await;
}

async fn the_window_ends_on_the_second(hotel: &Installation) {
    let friends = hotel.friends(4).await;
    let id = send(hotel).await;
    let sent = hotel.now();
    let month = TimeDelta::days(30);
    let second = TimeDelta::seconds(1);
    hotel.clock.advance(month + month);
    let moments = [sent, sent + second, sent + month, sent + month + second];
    for (n, ((member, _), at)) in friends.iter().zip(moments).enumerate() {
        book(hotel, *member, &format!("OD{n}"), at).await;
    }
    count(hotel).await;
    assert_eq!(brought(hotel, id).await, [2, 0, 1_200_000, 2, 4]);
    assert_eq!(
        figure(hotel, "campaign_converted", id, sent + month).await,
        1
    );
}

async fn what_two_guests_booked_is_one_guests_once_they_are_one(hotel: &Installation) {
    let friend = hotel.friends(1).await[0].0;
    let desk = at_the_desk(hotel, 1).await;
    let id = send(hotel).await;
    hotel.clock.advance(TimeDelta::hours(1));
    // The desk knows somebody who got nothing, and who booked.
    book(hotel, desk, "OD1", hotel.now()).await;
    count(hotel).await;
    assert_eq!(brought(hotel, id).await, [0; 5]);
    let merged = merge(hotel, desk, friend).await.unwrap();
    count(hotel).await;
    assert_eq!(brought(hotel, id).await, [1, 0, 600_000, 1, 2]);
    all_is_right(hotel).await;
    let members = &hotel.crm.members;
    members.undo_merge(&Actor::System, merged).await.unwrap();
    count(hotel).await;
    assert_eq!(brought(hotel, id).await, [0; 5]);
    all_is_right(hotel).await;
}

async fn what_an_erased_guest_booked_stays_counted(hotel: &Installation) {
    let friends = hotel.friends(2).await;
    let id = send(hotel).await;
    hotel.clock.advance(TimeDelta::hours(1));
    for (n, (member, _)) in friends.iter().enumerate() {
        book(hotel, *member, &format!("OD{n}"), hotel.now()).await;
    }
    count(hotel).await;
    let before = brought(hotel, id).await;
    assert_eq!(before, [2, 0, 1_200_000, 2, 4]);
    let erasure = &hotel.crm.erasure;
    erasure.erase(&Actor::System, friends[0].0).await.unwrap();
    count(hotel).await;
    assert_eq!(brought(hotel, id).await, before);
    let nobody = "SELECT COUNT(*) FROM conversions WHERE member_id IS NULL";
    assert_eq!(number(hotel, nobody).await, 1);
    hotel.crm.conversions.recount_all().await.unwrap();
    assert_eq!(brought(hotel, id).await, before);
    assert_eq!(
        figure(hotel, "campaign_revenue", id, hotel.now()).await,
        before[2]
    );
    all_is_right(hotel).await;
}

/// So many friends to whom two campaigns were sent, and who all booked twice.
async fn busy(hotel: &Installation, n: usize) -> [CampaignId; 2] {
    let friends = hotel.friends(n).await;
    let first = send(hotel).await;
    hotel.clock.advance(TimeDelta::hours(1));
    let second = send(hotel).await;
    hotel.clock.advance(TimeDelta::hours(1));
    for (i, (member, _)) in friends.iter().enumerate() {
        book(hotel, *member, &format!("A{i}"), hotel.now()).await;
        let between = hotel.now() - TimeDelta::minutes(90);
        book(hotel, *member, &format!("B{i}"), between).await;
    }
    [first, second]
}

async fn work_cut_off_at_any_moment_counts_everybody_once(hotel: &Installation) {
    let [first, second] = busy(hotel, 60).await;
    let mut cuts = 0;
    for ms in [1, 2, 3, 4, 6, 8, 10, 13, 17, 22, 28] {
        let pms = std::sync::Arc::new(crm_members::NoPms);
        let process = hotel.mortal(pms).await;
        let some = process.conversions.count_some(10);
        let cut = tokio::time::timeout(Duration::from_millis(ms), some).await;
        cuts += u32::from(cut.is_err());
    }
    assert!(cuts > 0);
    count(hotel).await;
    assert_eq!(brought(hotel, first).await, [60, 0, 36_000_000, 60, 120]);
    assert_eq!(brought(hotel, second).await, [60, 0, 36_000_000, 60, 120]);
    let between = hotel.now() - TimeDelta::minutes(90);
    let days = figure(hotel, "campaign_converted", first, between).await;
    assert_eq!(days, 60);
    all_is_right(hotel).await;
}

async fn bookings_clicks_and_counting_at_once_lose_nothing(hotel: &Installation) {
    let friends = hotel.friends(30).await;
    let id = send(hotel).await;
    hotel.clock.advance(TimeDelta::hours(1));
    let other = hotel.beside(hotel.clock.clone());
    let booking = async {
        for (i, (member, _)) in friends.iter().enumerate() {
            book(hotel, *member, &format!("A{i}"), hotel.now()).await;
        }
    };
    let counting = |crm: crm_bootstrap::Crm| async move {
        for _ in 0..20 {
            crm.conversions.count_marked().await.unwrap();
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    };
    let merging = async {
        for (i, (member, _)) in friends.iter().enumerate().take(8) {
            let desk = at_the_desk(hotel, i).await;
            merge(hotel, desk, *member).await.unwrap();
        }
    };
    let template = plain_template(hotel).await;
    let next = campaign(hotel, template, None).await;
    let sending = async {
        let sending = &hotel.crm.sending;
        sending.send_now(&Actor::System, next).await.unwrap();
        run_jobs_of(&hotel.crm).await;
    };
    tokio::join!(
        async {
            booking.await;
            merging.await;
        },
        counting(hotel.crm.clone()),
        counting(other),
        sending,
    );
    count(hotel).await;
    assert_eq!(brought(hotel, id).await[0], 30);
    hotel.crm.conversions.recheck().await.unwrap();
    all_is_right(hotel).await;
}
