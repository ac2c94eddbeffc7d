//! Whose a row is, what a person says about it, and what becomes of members and their stays.

use super::house::{House, day};
use chrono::TimeDelta;
use crm_kernel::{Actor, MemberId};
use crm_members::{
    PmsKind, RegisterMember, ReviewDecision, ReviewReason, ReviewStatus, UpdateMember,
};
use crm_tests::Installation;
use crm_workflows::PmsSyncError;
use serde_json::{Value, json};

crate::stories!(
    a_guest_nobody_can_tell_waits_with_their_stays_until_a_person_decides,
    a_new_member_by_decision_and_somebody_ignored_for_good,
    a_guest_found_by_phone_or_number_is_the_member_staff_know,
    what_staff_typed_in_later_stays_and_consent_is_never_given_back,
    a_guest_merged_at_the_desk_takes_their_stays_along,
    guests_merged_one_after_the_other_end_as_one,
    a_full_run_tells_links_of_before_whom_their_guest_became,
    guests_who_are_each_the_other_hold_nothing_up,
    a_stay_called_off_after_arrival_leaves_the_list_and_the_sums,
    an_erased_guest_does_not_come_back,
    members_merged_here_stay_merged,
    the_guests_tags_follow_what_the_other_system_counts,
    a_question_about_a_known_guest_stays_until_a_person_answers,
    a_check_in_without_a_time_of_change_is_seen_at_night,
    a_stay_that_is_told_whose_it_is_asks_no_more,
);

async fn member(house: &House<'_>, name: (&str, &str), phone: &str, number: &str) -> MemberId {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let command = RegisterMember {
        last_name: text(name.0),
        first_name: text(name.1),
        phone: text(phone),
        id_number: text(number),
        ..RegisterMember::default()
    };
    let member = house.crm.members.register(&Actor::System, command).await;
    member.unwrap().id()
}

fn guest(house: &House<'_>, row: Value) {
    let _ = house.pms.add_guest(row);
}

fn stay(house: &House<'_>, order: &str, code: &str, from: i64) {
    let _ = house.pms.add_stay(json!({
        "ikey": order, "ikey_seq_nos": 1, "order_sta": "O", "gcust_cod": code,
        "ci_dat": day(house.hotel, from), "co_dat": day(house.hotel, from + 2),
        "room_nam": "商務雙人房", "rent_tot": 6000,
    }));
}

async fn later(house: &House<'_>) {
    house.hotel.clock.advance(TimeDelta::minutes(1));
    house.sync_both(false).await;
}

async fn a_guest_nobody_can_tell_waits_with_their_stays_until_a_person_decides(
    hotel: &Installation,
) {
    let house = House::with(hotel, 0, 0).await;
    let father = member(&house, ("王", "大明"), "0912345678", "").await;
    let son = member(&house, ("王", "小明"), "+886 912-345-678", "").await;
    guest(
        &house,
        json!({
            "gcust_cod": "G1", "last_nam": "王", "first_nam": "小明", "contact1_rmk": "8860912345678",
            "e_mail": "son@example.com",
        }),
    );
    stay(&house, "00000001", "G1", 3);
    let [guests, stays] = house.sync_both(false).await;
    assert_eq!((guests.counts.review, stays.counts.review), (1, 1));
    let before = house.count("members", "1 = 1").await;
    let review = house.open_reviews().await.remove(0);
    assert_eq!(review.review.new.reason, ReviewReason::SeveralMembers);
    assert_eq!(review.review.new.candidates, [father, son]);
    assert_eq!(review.waiting_stays, 1);
    assert_eq!(
        house.count("members", "email IS NOT NULL").await,
        0,
        "nothing was written"
    );

    let id = review.review.id;
    let nobody = ReviewDecision::Member(MemberId::new(99_999));
    let refused = house.crm.pms.decide(&Actor::System, id, nobody).await;
    assert!(matches!(refused, Err(PmsSyncError::Decision(_))));
    let son_it_is = ReviewDecision::Member(son);
    let decided = house
        .crm
        .pms
        .decide(&Actor::System, id, son_it_is)
        .await
        .unwrap();
    assert_eq!(decided.review.status, ReviewStatus::Decided);
    assert_eq!(house.stays_of(son).await, ["00000001"]);
    assert_eq!(house.count("members", "email = 'son@example.com'").await, 1);
    let again = house.crm.pms.decide(&Actor::System, id, son_it_is).await;
    assert!(again.is_err(), "it is decided");

    house.hotel.clock.advance(TimeDelta::minutes(1));
    let change = json!({ "requst_rmk": "高樓層" });
    house
        .pms
        .change(crm_simulator_dexon::Table::Guests, "G1", change)
        .unwrap();
    house.sync_both(true).await;
    assert!(
        house.open_reviews().await.is_empty(),
        "nobody is asked again"
    );
    assert_eq!(house.count("members", "1 = 1").await, before);
    house.end().await;
}

async fn a_new_member_by_decision_and_somebody_ignored_for_good(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    member(&house, ("李", "四"), "0922000111", "A123456789").await;
    for (code, name) in [("G1", "張三"), ("G2", "趙五")] {
        guest(
            &house,
            json!({
                "gcust_cod": code, "alt_nam": name, "contact1_rmk": "0922-000-111",
                "id_nos": format!("B22222222{}", &code[1..]),
            }),
        );
        stay(&house, &format!("0000000{}", &code[1..]), code, 5);
    }
    house.sync_both(false).await;
    let reviews = house.open_reviews().await;
    assert_eq!(reviews.len(), 2);
    for (review, decision) in reviews
        .iter()
        .zip([ReviewDecision::New, ReviewDecision::Ignore])
    {
        assert_eq!(review.review.new.reason, ReviewReason::OtherIdNumber);
        let id = review.review.id;
        let decided = house.crm.pms.decide(&Actor::System, id, decision).await;
        let member = decided.unwrap().review.decided_member;
        assert_eq!(member.is_some(), decision == ReviewDecision::New);
        if let Some(member) = member {
            let born = format!("id = {member} AND source = 'crm'");
            assert_eq!(house.count("members", &born).await, 1);
        }
    }
    assert_eq!(house.count("members", "source = 'crm'").await, 1);
    assert_eq!(house.count("consumption_records", "1 = 1").await, 1);
    stay(&house, "00000009", "G2", 9);
    later(&house).await;
    house.sync_both(true).await;
    assert!(house.open_reviews().await.is_empty());
    assert_eq!(
        house.count("consumption_records", "1 = 1").await,
        1,
        "ignored for good"
    );
    assert_eq!(house.count("pms_waiting_stays", "1 = 1").await, 0);
    house.end().await;
}

async fn a_guest_found_by_phone_or_number_is_the_member_staff_know(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    let by_phone = member(&house, ("陳", "美"), "0933-111-222", "").await;
    let by_number = member(&house, ("", ""), "", "a123456789").await;
    guest(
        &house,
        json!({
            "gcust_cod": "G1  ", "last_nam": "陳　", "first_nam": "美", "contact1_rmk": "886886933111222",
            "birth_dat": "1988/05/20",
        }),
    );
    guest(
        &house,
        json!({
            "gcust_cod": "G2", "alt_nam": "歐陽小華", "id_nos": " A123456789 ", "sex_typ": "F",
        }),
    );
    stay(&house, "00000001", "G1", 1);
    stay(&house, "00000002", "G2", 2);
    house.sync_both(false).await;
    assert_eq!(house.count("members", "1 = 1").await, 2, "nobody new");
    assert_eq!(house.stays_of(by_phone).await, ["00000001"]);
    assert_eq!(house.stays_of(by_number).await, ["00000002"]);
    let told = "last_name = '歐陽' AND first_name = '小華' AND gender = 'female'";
    assert_eq!(house.count("members", told).await, 1);
    assert_eq!(house.count("members", "birthday = '1988-05-20'").await, 1);
    assert_eq!(
        house.count("members", "phone = '0933-111-222'").await,
        1,
        "as staff typed it"
    );
    house.end().await;
}

async fn what_staff_typed_in_later_stays_and_consent_is_never_given_back(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    guest(
        &house,
        json!({
            "gcust_cod": "G1", "alt_nam": "林小美", "contact1_rmk": "0944555666",
            "e_mail": "old@example.com", "accept_dm": "N",
        }),
    );
    house.sync(PmsKind::Members, false).await;
    let id = house.member_with_phone("+886944555666").await.unwrap();
    hotel.clock.advance(TimeDelta::minutes(30));
    let typed = UpdateMember {
        email: crm_kernel::Patch::Set("typed@example.com".to_owned()),
        ..UpdateMember::default()
    };
    house
        .crm
        .members
        .update(&Actor::System, id, typed)
        .await
        .unwrap();
    // Changed at the desk before staff typed, told only now; and with a consent nobody gave.
    let before = super::house::wall(hotel.now() - TimeDelta::minutes(10));
    let change = json!({ "e_mail": "desk@example.com", "accept_dm": "Y", "upd_dat": before });
    house
        .pms
        .change(crm_simulator_dexon::Table::Guests, "G1", change)
        .unwrap();
    house.sync(PmsKind::Members, false).await;
    let kept = "email = 'typed@example.com' AND accept_marketing = FALSE";
    assert_eq!(house.count("members", kept).await, 1);
    hotel.clock.advance(TimeDelta::minutes(30));
    let change = json!({ "e_mail": "newest@example.com", "alt_nam": "" });
    house
        .pms
        .change(crm_simulator_dexon::Table::Guests, "G1", change)
        .unwrap();
    house.sync(PmsKind::Members, false).await;
    let newest = "email = 'newest@example.com' AND last_name = '林' AND accept_marketing = FALSE";
    assert_eq!(house.count("members", newest).await, 1);
    house.end().await;
}

async fn a_guest_merged_at_the_desk_takes_their_stays_along(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    guest(
        &house,
        json!({ "gcust_cod": "OLD", "alt_nam": "吳一", "contact1_rmk": "0955111111" }),
    );
    guest(
        &house,
        json!({ "gcust_cod": "NEW", "alt_nam": "吳二", "contact1_rmk": "0955222222" }),
    );
    stay(&house, "00000001", "OLD", 1);
    house.sync_both(false).await;
    let old = house.member_with_phone("+886955111111").await.unwrap();
    let new = house.member_with_phone("+886955222222").await.unwrap();
    hotel.clock.advance(TimeDelta::minutes(1));
    let merged = json!({ "merged_into": "NEW" });
    house
        .pms
        .change(crm_simulator_dexon::Table::Guests, "OLD", merged)
        .unwrap();
    stay(&house, "00000002", "OLD", 4);
    house.sync_both(false).await;
    assert_eq!(house.stays_of(new).await, ["00000002", "00000001"]);
    assert!(house.stays_of(old).await.is_empty());
    assert_eq!(
        house.count("members", "1 = 1").await,
        2,
        "no member is deleted"
    );
    house.end().await;
}

async fn guests_merged_one_after_the_other_end_as_one(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    let table = crm_simulator_dexon::Table::Guests;
    let guests = [
        ("FIRST", "1"),
        ("SECOND", "2"),
        ("THIRD", "3"),
        ("LAST", "4"),
    ];
    for (at, (code, digit)) in guests.into_iter().enumerate() {
        let phone = format!("09551111{digit}{digit}");
        guest(
            &house,
            json!({ "gcust_cod": code, "alt_nam": format!("吳{at}"), "contact1_rmk": phone }),
        );
        stay(&house, &format!("0000000{digit}"), code, 1);
    }
    house.sync_both(false).await;
    // Each becomes another a day after the one before became them.
    for (code, target) in [("FIRST", "SECOND"), ("SECOND", "THIRD"), ("THIRD", "LAST")] {
        hotel.clock.advance(TimeDelta::days(1));
        let merged = json!({ "merged_into": target });
        house.pms.change(table, code, merged).unwrap();
        house.sync_both(false).await;
    }
    let last = house.member_with_phone("+886955111144").await.unwrap();
    let mut stays = house.stays_of(last).await;
    stays.sort_unstable();
    assert_eq!(stays, ["00000001", "00000002", "00000003", "00000004"]);
    // A stay that is booked under the first of them is the last one's as well.
    hotel.clock.advance(TimeDelta::days(1));
    stay(&house, "00000005", "FIRST", 9);
    house.sync_both(false).await;
    assert_eq!(house.stays_of(last).await.len(), 5);
    house.end().await;
}

async fn a_full_run_tells_links_of_before_whom_their_guest_became(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    let table = crm_simulator_dexon::Table::Guests;
    for (code, digit) in [("FIRST", "1"), ("SECOND", "2"), ("LAST", "3")] {
        let phone = format!("09551111{digit}{digit}");
        let fields = json!({ "gcust_cod": code, "alt_nam": "吳", "contact1_rmk": phone });
        guest(&house, fields);
        stay(&house, &format!("0000000{digit}"), code, 1);
    }
    house.sync_both(false).await;
    for (code, target) in [("FIRST", "SECOND"), ("SECOND", "LAST")] {
        hotel.clock.advance(TimeDelta::days(1));
        let merged = json!({ "merged_into": target });
        house.pms.change(table, code, merged).unwrap();
        if code == "FIRST" {
            house.sync_both(false).await;
            // As it was stored by a program that did not know.
            let pool = hotel.crm.database.pool();
            let forget = "UPDATE pms_guests SET merged_into = NULL";
            sea_orm::ConnectionTrait::execute_unprepared(pool, forget)
                .await
                .unwrap();
            house.sync_both(true).await;
        }
    }
    house.sync_both(false).await;
    let last = house.member_with_phone("+886955111133").await.unwrap();
    assert_eq!(house.stays_of(last).await.len(), 3);
    house.end().await;
}

async fn guests_who_are_each_the_other_hold_nothing_up(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    for (code, phone, target) in [
        ("ONE", "0955111111", "OTHER"),
        ("OTHER", "0955222222", "ONE"),
    ] {
        guest(
            &house,
            json!({ "gcust_cod": code, "alt_nam": "吳", "contact1_rmk": phone, "merged_into": target }),
        );
    }
    for _ in 0..3 {
        hotel.clock.advance(TimeDelta::minutes(1));
        let change = json!({ "e_mail": "wu@example.com" });
        let table = crm_simulator_dexon::Table::Guests;
        house.pms.change(table, "ONE", change).unwrap();
        let [guests, _] = house.sync_both(false).await;
        assert_eq!(guests.counts.failed, 0);
    }
    house.end().await;
}

async fn a_stay_called_off_after_arrival_leaves_the_list_and_the_sums(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    guest(
        &house,
        json!({ "gcust_cod": "G1", "alt_nam": "周七", "contact1_rmk": "0966777888" }),
    );
    stay(&house, "00000001", "G1", -1);
    stay(&house, "00000002", "G1", 9);
    house.sync_both(false).await;
    let id = house.member_with_phone("+886966777888").await.unwrap();
    let table = crm_simulator_dexon::Table::Stays;
    let today = day(hotel, 0);
    for (fields, shown, spent) in [
        (
            json!({ "order_sta": "I", "guest_sta": "O", "aci_dat": today }),
            2,
            600_000,
        ),
        (json!({ "order_sta": "C", "cancel_dat": today }), 1, 0),
    ] {
        hotel.clock.advance(TimeDelta::minutes(1));
        house.pms.change(table, "00000001-001", fields).unwrap();
        house.sync_both(false).await;
        assert_eq!(house.stays_of(id).await.len(), shown);
        let detail = house.crm.members.get(id).await.unwrap();
        assert_eq!(detail.consumption_summary.total_amount, spent);
    }
    house.end().await;
}

async fn an_erased_guest_does_not_come_back(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    guest(
        &house,
        json!({ "gcust_cod": "G1", "alt_nam": "鄭八", "contact1_rmk": "0977888999" }),
    );
    stay(&house, "00000001", "G1", 1);
    house.sync_both(false).await;
    let id = house.member_with_phone("+886977888999").await.unwrap();
    house.crm.erasure.erase(&Actor::System, id).await.unwrap();
    later(&house).await;
    let [guests, stays] = house.sync_both(true).await;
    assert_eq!((guests.counts.ignored, stays.counts.ignored), (1, 1));
    assert_eq!(house.count("members", "1 = 1").await, 0);
    house.end().await;
}

async fn members_merged_here_stay_merged(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    guest(
        &house,
        json!({ "gcust_cod": "G1", "alt_nam": "孫九", "contact1_rmk": "0988111222" }),
    );
    stay(&house, "00000001", "G1", 1);
    house.sync_both(false).await;
    let from_pms = house.member_with_phone("+886988111222").await.unwrap();
    let friend = hotel.friends(1).await.remove(0).0;
    house
        .crm
        .members
        .merge(&Actor::System, friend, from_pms)
        .await
        .unwrap();
    stay(&house, "00000002", "G1", 6);
    later(&house).await;
    house.sync_both(true).await;
    assert_eq!(house.stays_of(friend).await, ["00000002", "00000001"]);
    assert_eq!(house.count("members", "1 = 1").await, 1);
    house.end().await;
}

async fn the_guests_tags_follow_what_the_other_system_counts(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    guest(
        &house,
        json!({
            "gcust_cod": "G1", "alt_nam": "錢多", "contact1_rmk": "0999000111", "visit_nos": 6,
            "vip_sta": "1",
        }),
    );
    house.sync(PmsKind::Members, false).await;
    let worn = "SELECT t.name FROM tags t JOIN member_tag_relations w ON w.tag_id = t.id \
                WHERE t.source = 'api' ORDER BY t.name";
    assert_eq!(
        house.column(worn).await,
        ["VIP", "住宿 2 次以上", "住宿 5 次以上"]
    );
    hotel.clock.advance(TimeDelta::minutes(1));
    let change = json!({ "visit_nos": 1, "vip_sta": "0" });
    house
        .pms
        .change(crm_simulator_dexon::Table::Guests, "G1", change)
        .unwrap();
    house.sync(PmsKind::Members, false).await;
    assert!(house.column(worn).await.is_empty());
    house.end().await;
}

async fn a_question_about_a_known_guest_stays_until_a_person_answers(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    let known = member(&house, ("高", "一"), "0910101010", "A111111111").await;
    member(&house, ("高", "二"), "0920202020", "B222222222").await;
    guest(
        &house,
        json!({ "gcust_cod": "G1", "alt_nam": "高一", "id_nos": "A111111111" }),
    );
    stay(&house, "00000001", "G1", 1);
    house.sync_both(false).await;
    let table = crm_simulator_dexon::Table::Guests;
    for change in [json!({ "id_nos": "B222222222" }), json!({ "visit_nos": 7 })] {
        hotel.clock.advance(TimeDelta::minutes(1));
        house.pms.change(table, "G1", change).unwrap();
        house.sync_both(false).await;
        let reasons: Vec<ReviewReason> = house
            .open_reviews()
            .await
            .iter()
            .map(|review| review.review.new.reason)
            .collect();
        assert_eq!(reasons, [ReviewReason::IdNumberOfAnother]);
        assert_eq!(house.stays_of(known).await, ["00000001"], "nothing moved");
    }
    house
        .crm
        .erasure
        .erase(&Actor::System, known)
        .await
        .unwrap();
    later(&house).await;
    house.sync_both(true).await;
    assert_eq!(house.count("members", "1 = 1").await, 1, "erased for good");
    house.end().await;
}

async fn a_check_in_without_a_time_of_change_is_seen_at_night(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    guest(
        &house,
        json!({ "gcust_cod": "G1", "alt_nam": "夜七", "contact1_rmk": "0930303030" }),
    );
    stay(&house, "00000001", "G1", 0);
    house.sync_both(false).await;
    let table = crm_simulator_dexon::Table::Stays;
    let row = house
        .pms
        .with(|pms, _| pms.find(table, "00000001-001").unwrap());
    let at = row.fields["upd_dat"].clone();
    let arrived = json!({ "guest_sta": "O", "aci_dat": day(hotel, 0), "upd_dat": at });
    house.pms.change(table, "00000001-001", arrived).unwrap();
    hotel.clock.advance(TimeDelta::hours(16));
    house.sync_both(false).await;
    house.crm.pms.sweep_stays().await.unwrap();
    crm_tests::run_jobs_of(&house.crm).await;
    assert_eq!(
        house
            .count("pms_runs", "mode = 'sweep' AND status = 'completed'")
            .await,
        1
    );
    let status = house
        .column("SELECT pms_status FROM consumption_records")
        .await;
    assert_eq!(status, ["in_house"]);
    house.end().await;
}

async fn a_stay_that_is_told_whose_it_is_asks_no_more(hotel: &Installation) {
    let house = House::with(hotel, 0, 0).await;
    for name in ["甲", "乙"] {
        member(&house, ("方", name), "0940404040", "").await;
    }
    let _ = house.pms.add_stay(json!({
        "ikey": "00000001", "ikey_seq_nos": 1, "order_sta": "O", "alt_nam": "方甲",
        "contact1_rmk": "0940404040", "ci_dat": day(hotel, 1), "co_dat": day(hotel, 2),
    }));
    guest(
        &house,
        json!({ "gcust_cod": "G9", "alt_nam": "方丙", "contact1_rmk": "0950505050" }),
    );
    house.sync_both(false).await;
    assert_eq!(house.open_reviews().await.len(), 1);
    hotel.clock.advance(TimeDelta::minutes(1));
    let table = crm_simulator_dexon::Table::Stays;
    let told = json!({ "gcust_cod": "G9", "alt_nam": "方丙", "contact1_rmk": "0950505050" });
    house.pms.change(table, "00000001-001", told).unwrap();
    house.sync_both(false).await;
    assert!(house.open_reviews().await.is_empty());
    assert_eq!(house.count("pms_waiting_stays", "1 = 1").await, 0);
    let id = house.member_with_phone("+886950505050").await.unwrap();
    assert_eq!(house.stays_of(id).await, ["00000001"]);
    house.end().await;
}
