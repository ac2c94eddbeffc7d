//! Taps on what was sent in single messages, and figures that stay equal to rows whatever is
//! tapped by whomever.

use crate::merging::{at_the_desk, merge};
use crate::samples::{interaction_tag, look, personal_template, plain_template};
use crate::taps::{actions, sent, token};
use crate::webhook::{event, receive};
use chrono::TimeDelta;
use crm_kernel::{Actor, MemberId, MessageId, PageRequest, TagId, Transaction, Transactions};
use crm_messages::{MessageContent, MessageType, NewMessage};
use crm_templates::{InteractionResult, TemplateChanges, TemplateContent};
use crm_tests::Installation;
use crm_workflows::{Composing, CrmTx, SentIn, Tap, TapAnswer, Tapped};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

crate::stories!(
    taps_on_a_single_message_are_those_of_its_guest,
    a_tap_is_answered_also_when_it_is_not_counted,
    clicks_are_in_the_tables_only_when_they_are_written_down_and_none_is_lost,
    clicks_put_down_by_an_earlier_release_are_recorded,
    figures_equal_the_rows_whatever_is_tapped,
);

/// What guests got and what stands in it.
struct Sent {
    tokens: Vec<String>,
    postback: String,
}

impl Sent {
    fn read(message: &Value) -> Self {
        let mut found = Vec::new();
        actions(message, "postback", &mut found);
        Self {
            tokens: vec![token(message)],
            postback: found[0]["data"].as_str().unwrap().to_owned(),
        }
    }
}

async fn begin(hotel: &Installation) -> Box<dyn CrmTx> {
    hotel.crm.database.begin().await.unwrap()
}

/// A single message of the template to one guest.
async fn message(
    hotel: &Installation,
    content: &TemplateContent,
    member: MemberId,
) -> (MessageId, Sent) {
    let mut tx = begin(hotel).await;
    let guest = tx.members().find(member).await.unwrap().unwrap();
    let words = MessageContent::from_stored(MessageType::Template, "中秋優惠".into());
    let frozen = Composing::frozen(content).unwrap();
    let new = NewMessage::by_hand(member, words, None, hotel.crm.ids.uuid(), None, hotel.now());
    let new = new.made_of(1.into(), frozen);
    let id = tx.messages().insert(&new).await.unwrap();
    let composing = &hotel.crm.composing;
    let person = Composing::person_of(&guest);
    let messages = composing.compose(content, &person, member, id).unwrap();
    Transaction::commit(tx).await.unwrap();
    let wire = hotel.crm.sending.line.encode(&messages).unwrap();
    (id, Sent::read(&wire.0[0]))
}

async fn number(hotel: &Installation, text: &str) -> i64 {
    let pool = hotel.crm.database.pool();
    let statement = Statement::from_string(pool.get_database_backend(), text);
    let row = pool.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

async fn postback(hotel: &Installation, uid: &str, data: &str) {
    let at = hotel.now().timestamp_millis();
    let more = json!({"type": "postback", "postback": {"data": data}});
    let id = hotel.crm.ids.uuid().to_string();
    receive(hotel, vec![event(&id, uid, at, more)]).await;
}

async fn clicked_at(hotel: &Installation, id: MessageId) -> Option<chrono::DateTime<chrono::Utc>> {
    hotel.crm.messages.get(id).await.unwrap().clicked_at
}

async fn counts(hotel: &Installation, tag: TagId) -> (u64, u64) {
    let row = hotel.crm.tags.get(tag).await.unwrap();
    (row.trigger_count, row.member_count)
}

async fn taps_on_a_single_message_are_those_of_its_guest(hotel: &Installation) {
    let friends = hotel.friends(2).await;
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    let content = hotel
        .crm
        .composing
        .content(template)
        .await
        .unwrap()
        .unwrap();
    let (first, said) = message(hotel, &content, friends[0].0).await;
    let (second, again) = message(hotel, &content, friends[0].0).await;
    // What was sent stays as it was.
    let changes = TemplateChanges {
        buttons: crm_kernel::Patch::Set(content.buttons[1..].to_vec()),
        ..TemplateChanges::default()
    };
    let templates = &hotel.crm.templates;
    templates
        .update(&Actor::System, template, changes)
        .await
        .unwrap();

    let follow = async |token: &str| hotel.crm.taps.follow(token, true).await.unwrap();
    let target = follow(&said.tokens[0]).await;
    assert_eq!(target.as_deref(), Some("https://hotel.tw/moon"));
    hotel.run_jobs().await;
    assert_eq!(clicked_at(hotel, first).await, Some(hotel.now()));
    assert_eq!(counts(hotel, tag).await, (1, 1));
    let clicked = hotel.now();
    hotel.clock.advance(TimeDelta::hours(2));
    follow(&said.tokens[0]).await;
    postback(hotel, &friends[0].1, &said.postback).await;
    assert_eq!(
        clicked_at(hotel, first).await,
        Some(clicked),
        "the first tap"
    );
    assert_eq!(counts(hotel, tag).await, (1, 1), "once for a message");

    // Somebody else got it from them.
    postback(hotel, &friends[1].1, &again.postback).await;
    assert_eq!(clicked_at(hotel, second).await, None);
    assert_eq!(counts(hotel, tag).await, (1, 1));

    // Who they are by now.
    let kept = at_the_desk(hotel, 1).await;
    merge(hotel, kept, friends[0].0).await.unwrap();
    follow(&again.tokens[0]).await;
    hotel.run_jobs().await;
    assert_eq!(clicked_at(hotel, second).await, Some(hotel.now()));
    assert_eq!(counts(hotel, tag).await, (2, 1), "another message");
    let page = PageRequest::new(1, 10).unwrap();
    let log = hotel.crm.tags.triggers(tag, page).await.unwrap();
    let lines: Vec<_> = log
        .items
        .iter()
        .map(|row| {
            let touched = row.touched.as_ref().unwrap();
            let label = touched.label.as_deref().unwrap();
            (
                row.message_id.unwrap(),
                row.member.as_ref().unwrap().id,
                label,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [(second, kept, "立即訂房"), (first, kept, "立即訂房")]
    );
    postback(hotel, &friends[0].1, &said.postback).await;
    assert_eq!(counts(hotel, tag).await, (2, 1), "also after a merge");

    // Whoever is erased is gone with their messages.
    hotel.crm.taps.follow(&said.tokens[0], true).await.unwrap();
    hotel.crm.erasure.erase(&Actor::System, kept).await.unwrap();
    hotel.run_jobs().await;
    // What is left is what the other guest was answered, who tapped a forwarded message.
    let theirs = "SELECT COUNT(*) FROM messages";
    let others = format!("{theirs} WHERE member_id <> {}", friends[1].0);
    assert_eq!(number(hotel, &others).await, 0);
    hotel.clock.advance(TimeDelta::minutes(2));
    assert_eq!(follow(&said.tokens[0]).await, None, "the message is gone");
}

async fn a_tap_is_answered_also_when_it_is_not_counted(hotel: &Installation) {
    let friends = hotel.friends(2).await;
    let answer = plain_template(hotel).await;
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    let mut content = hotel
        .crm
        .composing
        .content(template)
        .await
        .unwrap()
        .unwrap();
    let mut button = content.buttons[0].clone();
    button.interaction_result = Some(InteractionResult::TriggerTemplate(answer.to_string()));
    content.buttons.push(button);
    let (id, _) = message(hotel, &content, friends[0].0).await;
    for (member, counted) in [(friends[1].0, false), (friends[0].0, true)] {
        for (item, answer) in [
            (1, None),
            (2, Some(TapAnswer::Text("謝謝您的興趣".into()))),
            (3, Some(TapAnswer::Template(answer))),
            (4, None),
        ] {
            let tap = Tap {
                sent_in: SentIn::Message(id),
                member,
                item: crm_templates::TapItem::new(item),
                source: crm_tags::TriggerSource::Interaction,
                at: hotel.now(),
            };
            let mut tx = begin(hotel).await;
            let tapped = hotel.crm.taps.record_in(&mut *tx, &tap).await.unwrap();
            assert_eq!(tapped, Tapped { counted, answer });
            Transaction::commit(tx).await.unwrap();
        }
    }
    assert_eq!(counts(hotel, tag).await, (1, 1));
}

async fn clicks_are_in_the_tables_only_when_they_are_written_down_and_none_is_lost(
    hotel: &Installation,
) {
    let (id, tag, friends) = sent(hotel, 30).await;
    let taps = &hotel.crm.taps;
    for (_, uid) in &friends {
        let token = token(&hotel.line.messages_of(uid)[0].message);
        for _ in 0..3 {
            taps.follow(&token, true).await.unwrap().unwrap();
        }
    }
    assert_eq!(taps.clicks_waiting(), 30, "each once");
    assert_eq!(number(hotel, "SELECT COUNT(*) FROM link_clicks").await, 0);
    // Whoever writes is stopped when they have begun.
    {
        let mut write = std::pin::pin!(taps.write_down());
        assert!(futures::poll!(&mut write).is_pending());
    }
    taps.write_down().await.unwrap();
    assert_eq!(taps.clicks_waiting(), 0);
    assert_eq!(number(hotel, "SELECT COUNT(*) FROM link_clicks").await, 30);
    // Two job runners at once, and a job that is run again.
    tokio::join!(hotel.run_jobs(), hotel.run_jobs());
    hotel.run_jobs_for(TimeDelta::seconds(30)).await;
    assert_eq!(look(hotel, id).await.counts().clicked, 30);
    assert_eq!(counts(hotel, tag).await, (30, 30));
    hotel.clock.advance(TimeDelta::hours(3));
    taps.prune_clicks().await.unwrap();
    assert_eq!(number(hotel, "SELECT COUNT(*) FROM link_clicks").await, 0);
}

async fn clicks_put_down_by_an_earlier_release_are_recorded(hotel: &Installation) {
    let (id, tag, friends) = sent(hotel, 2).await;
    let payload = json!({
        "campaign_id": id, "member_id": friends[0].0, "item": 1, "at": hotel.now()
    });
    let insert = format!(
        "INSERT INTO jobs (lane, name, payload, run_at, max_attempts, dedupe_key) \
         VALUES ('interactive', 'taps.record_click', '{payload}', 0, 5, 'click:1')"
    );
    let pool = hotel.crm.database.pool();
    pool.execute_unprepared(&insert).await.unwrap();
    hotel.run_jobs().await;
    assert_eq!(look(hotel, id).await.counts().clicked, 1);
    assert_eq!(counts(hotel, tag).await, (1, 1));
}

/// Numbers that look like chance and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695);
        (self.0 >> 33) as usize % n
    }
}

async fn figures_equal_the_rows_whatever_is_tapped(hotel: &Installation) {
    let (campaign, tag, friends) = sent(hotel, 8).await;
    let template = hotel.crm.campaigns.get(campaign).await.unwrap().template.id;
    let content = hotel
        .crm
        .composing
        .content(template)
        .await
        .unwrap()
        .unwrap();
    let mut all = Vec::new();
    for (owner, (member, uid)) in friends.iter().enumerate() {
        let of_campaign = Sent::read(&hotel.line.messages_of(uid)[0].message);
        let (_, single) = message(hotel, &content, *member).await;
        all.extend([(owner, of_campaign), (owner, single)]);
    }
    let mut dice = Dice(5);
    for round in 0..25 {
        match round {
            8 => {
                let kept = at_the_desk(hotel, 1).await;
                merge(hotel, kept, friends[0].0).await.unwrap();
            }
            14 => hotel
                .crm
                .erasure
                .erase(&Actor::System, friends[1].0)
                .await
                .unwrap(),
            _ => {}
        }
        let at = hotel.now().timestamp_millis();
        let mut events = Vec::new();
        let mut links = Vec::new();
        for _ in 0..6 {
            let (owner, said) = &all[dice.below(all.len())];
            // One in five got it from somebody else.
            let who = if dice.below(5) == 0 {
                dice.below(8)
            } else {
                *owner
            };
            if dice.below(2) == 0 {
                links.push(said.tokens[0].clone());
            } else if who != 1 || round < 14 {
                let more = json!({"type": "postback", "postback": {"data": said.postback}});
                let id = hotel.crm.ids.uuid().to_string();
                events.push(event(&id, &friends[who].1, at, more));
            }
        }
        let clicks = async {
            for link in &links {
                hotel.crm.taps.follow(link, true).await.unwrap();
            }
            hotel.run_jobs().await;
        };
        tokio::join!(receive(hotel, events), clicks);
        hotel.run_jobs_for(TimeDelta::seconds(10)).await;
        hotel.clock.advance(TimeDelta::minutes(13));
    }
    hotel.run_jobs_for(TimeDelta::minutes(2)).await;
    let waiting = "SELECT COUNT(*) FROM jobs WHERE status <> 2 AND name LIKE 'taps%'";
    assert_eq!(number(hotel, waiting).await, 0, "nothing is left to do");

    let counts = *look(hotel, campaign).await.counts();
    let of = |column: &str| {
        format!(
            "SELECT COUNT(*) FROM campaign_recipients WHERE campaign_id = {campaign} \
             AND {column} IS NOT NULL"
        )
    };
    assert!(counts.clicked >= 5, "the dice are good: {}", counts.clicked);
    assert_eq!(counts.clicked, number(hotel, &of("clicked_at")).await);
    assert_eq!(counts.opened, number(hotel, &of("opened_at")).await);
    let (triggers, wearers) = self::counts(hotel, tag).await;
    let logs = format!(
        "SELECT COUNT(*) FROM tag_trigger_logs WHERE tag_id = {tag} AND once_key IS NOT NULL"
    );
    let worn = format!("SELECT COUNT(*) FROM member_tag_relations WHERE tag_id = {tag}");
    assert_eq!(i64::try_from(triggers).unwrap(), number(hotel, &logs).await);
    assert_eq!(i64::try_from(wearers).unwrap(), number(hotel, &worn).await);
    // Everybody who clicked wears the tag, and only they.
    let differ = format!(
        "SELECT COUNT(*) FROM campaign_recipients r LEFT JOIN member_tag_relations w \
         ON w.member_id = r.member_id AND w.tag_id = {tag} WHERE r.campaign_id = {campaign} \
         AND r.member_id IS NOT NULL AND r.clicked_at IS NOT NULL AND w.member_id IS NULL"
    );
    assert_eq!(number(hotel, &differ).await, 0);
}
