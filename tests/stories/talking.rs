//! Staff answer guests: a template by hand, and what the list of conversations shows of it.

use crate::samples::{interaction_tag, personal_template};
use chrono::TimeDelta;
use crm_kernel::{Actor, MemberId, PageRequest, Patch, TemplateId};
use crm_messages::{ConversationFilter, ConversationRow, MessageType};
use crm_templates::TemplateChanges;
use crm_tests::Installation;
use crm_workflows::{SendMessage, Talked};
use serde_json::Value;

crate::stories!(
    a_template_by_hand_is_sent_and_its_taps_lead_back,
    a_planned_template_goes_out_as_it_was_planned,
);

fn of_template(member: MemberId, template: TemplateId) -> SendMessage {
    SendMessage {
        member_id: member,
        content: String::new(),
        message_type: MessageType::Template,
        template_id: Some(template),
        scheduled_at: None,
    }
}

async fn conversations(hotel: &Installation) -> Vec<ConversationRow> {
    let page = PageRequest::new(1, 20).unwrap();
    let all = ConversationFilter::default();
    let list = hotel.crm.conversations.list(&all, page).await.unwrap();
    list.items
}

/// The first address in a message that counts taps.
fn token(message: &Value) -> String {
    let text = message.to_string();
    let (_, rest) = text.split_once("/t/").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn a_template_by_hand_is_sent_and_its_taps_lead_back(hotel: &Installation) {
    let (member, uid) = hotel.friends(1).await.remove(0);
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    let command = of_template(member, template);
    let sent = hotel.crm.talking.send(&Actor::System, command).await;
    let Talked::Sent(id) = sent.unwrap() else {
        panic!("it was to be sent at once");
    };
    let message = &hotel.line.messages_of(&uid)[0].message;
    let target = hotel.crm.taps.follow(&token(message), true).await.unwrap();
    assert_eq!(target.as_deref(), Some("https://hotel.tw/moon"));

    let row = hotel.crm.messages.get(id).await.unwrap();
    assert_eq!(row.message_type, MessageType::Template);
    assert!(
        !row.content.is_empty() && !row.content.contains("{{"),
        "filled in"
    );
    let shown = conversations(hotel).await.remove(0);
    assert_eq!((shown.member.id, shown.last.id), (member, id));
    assert!(!shown.needs_answer());
    hotel.run_jobs().await;
    assert_eq!(
        hotel.line.deliveries_of(&uid),
        1,
        "the job has nothing left to do"
    );
}

async fn a_planned_template_goes_out_as_it_was_planned(hotel: &Installation) {
    let (member, uid) = hotel.friends(1).await.remove(0);
    let tag = interaction_tag(hotel).await;
    let template = personal_template(hotel, tag).await;
    let plan = SendMessage {
        scheduled_at: Some(hotel.now() + TimeDelta::hours(1)),
        ..of_template(member, template)
    };
    hotel.crm.talking.send(&Actor::System, plan).await.unwrap();
    assert!(
        conversations(hotel).await.is_empty(),
        "nothing was said yet"
    );
    let changes = TemplateChanges {
        content: Patch::Set("改過了".into()),
        ..TemplateChanges::default()
    };
    let templates = &hotel.crm.templates;
    let changed = templates.update(&Actor::System, template, changes).await;
    changed.unwrap();
    hotel.clock.advance(TimeDelta::hours(1));
    hotel.run_jobs().await;
    let messages = hotel.line.messages_of(&uid);
    assert_eq!(messages.len(), 1);
    assert!(!messages[0].message.to_string().contains("改過了"));
    assert_eq!(conversations(hotel).await.len(), 1);
}
