use crate::samples::{campaign, interaction_tag, look, personal_template, plain_template};
use chrono::TimeDelta;
use crm_campaigns::{
    CampaignError, CampaignStatus, CreateCampaign, RecipientFilter, RecipientStatus, StatusReason,
    UpdateCampaign,
};
use crm_kernel::{Actor, PageRequest, Patch};
use crm_members::RecordStay;
use crm_simulator_line::Endpoint;
use crm_templates::TemplateChanges;
use crm_tests::Installation;
use crm_workflows::SendingError;
use serde_json::{Value, json};

crate::stories!(
    a_bulk_campaign_reaches_each_of_1200_guests_exactly_once,
    a_personal_campaign_reaches_each_guest_with_their_own_words,
    whoever_blocked_or_opted_out_is_skipped_with_the_reason,
    a_campaign_is_sent_once_however_often_it_is_asked_for,
    a_schedule_fires_at_its_time_and_a_moved_one_only_at_the_new_time,
    a_schedule_that_is_two_hours_late_does_not_fire,
    what_was_frozen_is_sent_whatever_becomes_of_the_template,
    nobody_to_send_to_leaves_a_draft,
    a_guest_who_is_deleted_in_the_middle_is_not_sent,
    a_cancelled_campaign_sends_nothing_more_and_its_figures_add_up,
    a_campaign_by_rules_reaches_those_who_stayed_and_did_not_get_the_last_one,
);

async fn a_bulk_campaign_reaches_each_of_1200_guests_exactly_once(hotel: &Installation) {
    hotel.friends(1_200).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    let started = hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    assert_eq!(started.status(), CampaignStatus::Sending);
    assert_eq!(started.counts().recipients, 1_200);
    look(hotel, id).await;
    hotel.run_jobs().await;
    let counters = hotel.line.counters();
    assert_eq!(counters.deliveries, 1_200);
    assert_eq!(counters.max_deliveries_per_user, 1);
    assert_eq!(counters.requests_with(Endpoint::Multicast, 200), 3);
    let done = look(hotel, id).await;
    assert_eq!(done.status(), CampaignStatus::Sent);
    assert_eq!(done.counts().sent, 1_200);
}

async fn a_personal_campaign_reaches_each_guest_with_their_own_words(hotel: &Installation) {
    let friends = hotel.friends(250).await;
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    hotel.run_jobs().await;
    let counters = hotel.line.counters();
    assert_eq!(
        (counters.deliveries, counters.max_deliveries_per_user),
        (250, 1)
    );
    assert_eq!(counters.requests_with(Endpoint::Push, 200), 250);
    assert_eq!(look(hotel, id).await.status(), CampaignStatus::Sent);
    let message = &hotel.line.messages_of(&friends[7].1)[0].message;
    assert!(message.to_string().contains("客人7 您好"));
    assert_eq!(message["altText"], "中秋特別優惠來了！");
    // The preview shows the very objects that were sent.
    let preview = hotel
        .crm
        .sending
        .preview(id, Some(friends[7].0))
        .await
        .unwrap();
    assert_eq!(preview.messages.0, std::slice::from_ref(message));
}

async fn whoever_blocked_or_opted_out_is_skipped_with_the_reason(hotel: &Installation) {
    let friends = hotel.friends(10).await;
    let opt_out = |id| {
        hotel.crm.members.update(
            &Actor::System,
            id,
            crm_members::UpdateMember {
                accept_marketing: crm_kernel::Patch::Set(false),
                ..crm_members::UpdateMember::default()
            },
        )
    };
    opt_out(friends[0].0).await.unwrap();
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    // Opted out between the plan and the batch.
    opt_out(friends[1].0).await.unwrap();
    hotel.run_jobs().await;
    let done = look(hotel, id).await;
    assert_eq!((done.counts().sent, done.counts().skipped), (8, 2));
    assert_eq!(hotel.line.deliveries_of(&friends[0].1), 0);
    assert_eq!(hotel.line.deliveries_of(&friends[1].1), 0);
    let filter = RecipientFilter {
        status: Some(RecipientStatus::Skipped),
        reason: Some("opted_out".into()),
    };
    let page = PageRequest::new(1, 10).unwrap();
    let skipped = hotel
        .crm
        .campaigns
        .recipients(id, &filter, page)
        .await
        .unwrap();
    assert_eq!(skipped.total, 2);
}

async fn a_campaign_is_sent_once_however_often_it_is_asked_for(hotel: &Installation) {
    hotel.friends(20).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    let racers = (0..6).map(|_| hotel.crm.sending.send_now(&Actor::System, id));
    let mut started = 0;
    for result in futures::future::join_all(racers).await {
        match result {
            Ok(_) => started += 1,
            Err(SendingError::Campaign(CampaignError::WrongState { .. })) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(started, 1);
    hotel.run_jobs().await;
    assert_eq!(hotel.line.counters().max_deliveries_per_user, 1);
    let again = hotel.crm.sending.send_now(&Actor::System, id).await;
    assert!(matches!(
        again,
        Err(SendingError::Campaign(CampaignError::WrongState { .. }))
    ));
}

async fn a_schedule_fires_at_its_time_and_a_moved_one_only_at_the_new_time(hotel: &Installation) {
    hotel.friends(3).await;
    let template = plain_template(hotel).await;
    let (first, second) = (
        hotel.now() + TimeDelta::minutes(10),
        hotel.now() + TimeDelta::minutes(30),
    );
    let id = campaign(hotel, template, Some(first)).await;
    let change = UpdateCampaign {
        scheduled_at: Patch::Set(second),
        ..UpdateCampaign::default()
    };
    hotel
        .crm
        .campaigns
        .update(&Actor::System, id, change)
        .await
        .unwrap();
    hotel.clock.advance(TimeDelta::minutes(11));
    hotel.run_jobs().await;
    assert_eq!(look(hotel, id).await.status(), CampaignStatus::Scheduled);
    hotel.clock.advance(TimeDelta::minutes(20));
    hotel.run_jobs().await;
    assert_eq!(look(hotel, id).await.status(), CampaignStatus::Sent);
    assert_eq!(hotel.line.counters().deliveries, 3);
}

async fn a_schedule_that_is_two_hours_late_does_not_fire(hotel: &Installation) {
    hotel.friends(3).await;
    let template = plain_template(hotel).await;
    let at = hotel.now() + TimeDelta::minutes(10);
    let id = campaign(hotel, template, Some(at)).await;
    hotel
        .clock
        .advance(TimeDelta::minutes(10) + TimeDelta::hours(2) + TimeDelta::seconds(1));
    hotel.run_jobs().await;
    let failed = look(hotel, id).await;
    assert_eq!(failed.status(), CampaignStatus::Failed);
    assert_eq!(
        failed.record().status_reason,
        Some(StatusReason::MissedWindow)
    );
    assert_eq!(hotel.line.counters().deliveries, 0);
}

async fn what_was_frozen_is_sent_whatever_becomes_of_the_template(hotel: &Installation) {
    let friends = hotel.friends(3).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    let changes = TemplateChanges {
        content: Patch::Set("別的話".to_owned()),
        ..TemplateChanges::default()
    };
    let templates = &hotel.crm.templates;
    templates
        .update(&Actor::System, template, changes)
        .await
        .unwrap();
    hotel.run_jobs().await;
    let message = &hotel.line.messages_of(&friends[0].1)[0].message;
    assert_eq!(message["text"], "中秋快樂，平安團圓");
    let preview = hotel.crm.sending.preview(id, None).await.unwrap();
    assert_eq!(preview.messages.0[0]["text"], "中秋快樂，平安團圓");
}

async fn nobody_to_send_to_leaves_a_draft(hotel: &Installation) {
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    let refused = hotel.crm.sending.send_now(&Actor::System, id).await;
    assert!(matches!(
        refused,
        Err(SendingError::Campaign(CampaignError::AudienceEmpty))
    ));
    let campaign = look(hotel, id).await;
    assert_eq!(campaign.status(), CampaignStatus::Draft);
    assert_eq!(campaign.counts().recipients, 0);
}

async fn a_guest_who_is_deleted_in_the_middle_is_not_sent(hotel: &Installation) {
    let friends = hotel.friends(5).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    hotel
        .crm
        .erasure
        .erase(&Actor::System, friends[2].0)
        .await
        .unwrap();
    hotel.run_jobs().await;
    let done = look(hotel, id).await;
    assert_eq!((done.counts().sent, done.counts().skipped), (4, 1));
    assert_eq!(done.status(), CampaignStatus::Sent);
    assert_eq!(hotel.line.deliveries_of(&friends[2].1), 0);
}

async fn a_cancelled_campaign_sends_nothing_more_and_its_figures_add_up(hotel: &Installation) {
    hotel.friends(30).await;
    let template = plain_template(hotel).await;
    let id = campaign(hotel, template, None).await;
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    hotel
        .crm
        .campaigns
        .cancel(&Actor::System, id)
        .await
        .unwrap();
    hotel.run_jobs().await;
    let cancelled = look(hotel, id).await;
    assert_eq!(cancelled.status(), CampaignStatus::Cancelled);
    assert_eq!(cancelled.counts().skipped, 30);
    assert_eq!(hotel.line.counters().deliveries, 0);
    let filter = RecipientFilter {
        status: None,
        reason: Some("cancelled".into()),
    };
    let page = PageRequest::new(1, 10).unwrap();
    let skipped = hotel
        .crm
        .campaigns
        .recipients(id, &filter, page)
        .await
        .unwrap();
    assert_eq!(skipped.total, 30);
}

async fn a_campaign_by_rules_reaches_those_who_stayed_and_did_not_get_the_last_one(
    hotel: &Installation,
) {
    let friends = hotel.friends(6).await;
    let template = plain_template(hotel).await;
    let day = |days_ago: i64| {
        let moment = hotel.crm.clock.now() - TimeDelta::days(days_ago);
        hotel.crm.hotel.day_of(moment)
    };
    // How long ago the stays of each guest ended.
    let stays: [&[i64]; 6] = [
        &[400, 200],
        &[400, 200],
        &[200],
        &[400, 30],
        &[],
        &[300, 250],
    ];
    for ((id, _), ended) in friends.iter().zip(stays) {
        for days_ago in ended {
            let stay = RecordStay {
                order_number: format!("{id}-{days_ago}"),
                room_type: None,
                amount_minor: 800_000,
                check_in_date: day(days_ago + 2),
                check_out_date: day(*days_ago),
                booked_at: None,
            };
            let recorded = hotel
                .crm
                .members
                .record_stay(&Actor::System, *id, stay)
                .await;
            recorded.unwrap();
        }
    }
    let by_rule = async |rule: Value| {
        let audience = json!({"type": "rules", "rule": rule});
        let new = CreateCampaign {
            title: "好久不見".into(),
            template_id: template,
            audience: serde_json::from_value(audience).unwrap(),
            trigger: None,
            scheduled_at: None,
        };
        let campaign = hotel.crm.campaigns.create(&Actor::System, new).await;
        let id = campaign.unwrap().id();
        let sending = hotel.crm.sending.send_now(&Actor::System, id).await;
        sending.unwrap();
        hotel.run_jobs().await;
        id
    };
    let last_one = json!({"stays": {"amount": {"from": 16000}, "count": {"to": 2},
        "last_check_out_days_ago": {"from": 200, "to": 200}}});
    let last = by_rule(json!({"all": [last_one, {"friend_days": {"from": 30, "to": 30}}]})).await;
    assert_eq!(look(hotel, last).await.counts().sent, 2);
    let next = by_rule(json!({"all": [
        {"stays": {"count": {"from": 2}, "last_check_out_days_ago": {"from": 180, "to": 365}}},
        {"not": {"campaign": {"any_of": [last], "did": "got"}}}
    ]}))
    .await;
    let done = look(hotel, next).await;
    assert_eq!(
        (done.status(), done.counts().sent),
        (CampaignStatus::Sent, 1)
    );
    assert_eq!(hotel.line.deliveries_of(&friends[5].1), 1);
}
