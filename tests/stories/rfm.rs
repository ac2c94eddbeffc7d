//! From stays to scores, from scores to a campaign for one cell of the grid.

use crate::samples::{look, plain_template};
use chrono::{Days, TimeDelta};
use crm_analytics::RfmGrid;
use crm_campaigns::{Audience, Bounds, CampaignStatus, CreateCampaign, RfmRule, Rule};
use crm_job_runner::runner;
use crm_kernel::{Actor, CampaignId, MemberId, RfmScores, RfmSegment};
use crm_members::RecordStay;
use crm_tests::Installation;

crate::stories!(
    a_campaign_for_a_cell_reaches_exactly_the_guests_in_it,
    a_campaign_for_a_segment_goes_by_the_last_night,
);

/// So many stays, the last of which ended so many days ago, each for so much.
async fn stays(hotel: &Installation, member: MemberId, n: u64, ago: u64, amount: i64) {
    let today = hotel.crm.hotel.day_of(hotel.now());
    for i in 0..n {
        let check_out_date = today - Days::new(ago + 10 * i);
        let stay = RecordStay {
            order_number: format!("{member}-{i}"),
            room_type: None,
            amount_minor: amount,
            check_in_date: check_out_date - Days::new(1),
            check_out_date,
            booked_at: None,
        };
        let members = &hotel.crm.members;
        members
            .record_stay(&Actor::System, member, stay)
            .await
            .unwrap();
    }
}

/// Lets the night come, with everything that is due then.
async fn night(hotel: &Installation) {
    hotel.clock.advance(TimeDelta::days(1));
    runner(&hotel.crm, &hotel.settings)
        .put_due_schedules()
        .await;
    hotel.run_jobs().await;
}

async fn grid(hotel: &Installation) -> RfmGrid {
    hotel.crm.rfm.grid(None).await.unwrap()
}

async fn scores(hotel: &Installation, member: MemberId) -> Option<RfmScores> {
    hotel.crm.members.get(member).await.unwrap().rfm
}

async fn send(hotel: &Installation, rule: RfmRule) -> (CampaignId, i64) {
    let new = CreateCampaign {
        title: "格子".into(),
        template_id: plain_template(hotel).await,
        audience: Audience::Rules {
            rule: Rule::Rfm(rule),
        },
        trigger: None,
        scheduled_at: None,
    };
    let campaign = hotel.crm.campaigns.create(&Actor::System, new).await;
    let id = campaign.unwrap().id();
    let sent = hotel.crm.sending.send_now(&Actor::System, id).await;
    sent.unwrap();
    hotel.run_jobs().await;
    let done = look(hotel, id).await;
    assert_eq!(done.status(), CampaignStatus::Sent);
    (id, done.counts().sent)
}

fn exactly(score: u8) -> Option<Bounds<u32>> {
    let score = Some(u32::from(score));
    Some(Bounds {
        from: score,
        to: score,
    })
}

async fn a_campaign_for_a_cell_reaches_exactly_the_guests_in_it(hotel: &Installation) {
    let guests = hotel.friends(12).await;
    // The last two never stayed.
    for (i, (member, _)) in guests.iter().take(10).enumerate() {
        let i = i as u64;
        stays(hotel, *member, 1 + i % 5, 5 + 20 * (i / 2), 100_000).await;
    }
    night(hotel).await;
    let grid = grid(hotel).await;
    assert_eq!(grid.sum.members, 10);
    assert_eq!(scores(hotel, guests[11].0).await, None);
    let best = grid.cells.iter().find(|cell| cell.sum.members > 0).unwrap();
    assert_eq!(best.recency, 5);
    let mut of_cell = Vec::new();
    for (member, uid) in &guests {
        let is_in = |s: RfmScores| (s.recency, s.frequency) == (best.recency, best.frequency);
        if scores(hotel, *member).await.is_some_and(is_in) {
            of_cell.push(uid.clone());
        }
    }
    assert_eq!(i64::try_from(of_cell.len()).unwrap(), best.sum.members);
    let rule = RfmRule {
        recency: exactly(best.recency),
        frequency: exactly(best.frequency),
        ..RfmRule::default()
    };
    let (_, sent) = send(hotel, rule).await;
    assert_eq!(sent, best.sum.members);
    for (_, uid) in &guests {
        let is_in = of_cell.contains(uid);
        assert_eq!(hotel.line.deliveries_of(uid), u32::from(is_in));
    }
}

async fn a_campaign_for_a_segment_goes_by_the_last_night(hotel: &Installation) {
    let guests = hotel.friends(6).await;
    for (i, (member, _)) in guests.iter().enumerate() {
        let i = i as u64;
        stays(hotel, *member, 6 - i, 5 + 20 * i, 100_000).await;
    }
    night(hotel).await;
    let champions = RfmRule {
        segment: Some(RfmSegment::Champions),
        ..RfmRule::default()
    };
    let (best, last) = (&guests[0], &guests[5]);
    assert_eq!(
        scores(hotel, best.0).await.unwrap().segment(),
        RfmSegment::Champions
    );
    assert_eq!(
        scores(hotel, last.0).await.unwrap().segment(),
        RfmSegment::Lost
    );
    let of_segment = grid(hotel).await.segments[0].sum.members;
    let (_, sent) = send(hotel, champions).await;
    assert_eq!((sent, hotel.line.deliveries_of(&best.1)), (of_segment, 1));
    assert_eq!(hotel.line.deliveries_of(&last.1), 0);

    // A guest who stays again is where they were until the next night.
    for i in 0..9 {
        let today = hotel.crm.hotel.day_of(hotel.now());
        let stay = RecordStay {
            order_number: format!("again-{i}"),
            room_type: None,
            amount_minor: 500_000,
            check_in_date: today - Days::new(1),
            check_out_date: today,
            booked_at: None,
        };
        let members = &hotel.crm.members;
        members
            .record_stay(&Actor::System, last.0, stay)
            .await
            .unwrap();
    }
    assert_eq!(
        scores(hotel, last.0).await.unwrap().segment(),
        RfmSegment::Lost
    );
    night(hotel).await;
    assert_eq!(
        scores(hotel, last.0).await.unwrap().segment(),
        RfmSegment::Champions
    );
    send(hotel, champions).await;
    assert_eq!(hotel.line.deliveries_of(&last.1), 1);
}
