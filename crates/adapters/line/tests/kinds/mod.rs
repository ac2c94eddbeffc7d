//! One template of every kind, rendered for one guest.

use crm_templates::{
    Button, CardDraft, InteractionResult, NewTemplate, OutgoingMessage, Person, TapItem, TapLinks,
    TemplateDraft, TemplateKind,
};

struct Links;

impl TapLinks for Links {
    fn base_url(&self) -> &str {
        "https://crm.hotel.com"
    }
    fn url(&self, item: TapItem, _target: &str) -> String {
        format!("https://crm.hotel.com/t/token-{item}")
    }
    fn postback(&self, item: TapItem) -> String {
        format!("c=1&i={item}")
    }
}

pub fn open(url: &str) -> InteractionResult {
    InteractionResult::OpenUrl(url.into())
}

fn button(label: &str, result: InteractionResult) -> Button {
    Button {
        label: label.into(),
        interaction_result: Some(result),
        interaction_tag_id: None,
    }
}

pub fn picture() -> CardDraft {
    CardDraft {
        image_url: "https://cdn.hotel.com/001.jpg".into(),
        ..CardDraft::default()
    }
}

pub fn suite() -> CardDraft {
    CardDraft {
        title: Some("{{last_name}}様, a suite".into()),
        description: Some("Monday to Thursday".into()),
        price_minor: Some(399_900),
        action_url: Some("https://hotel.com/suite".into()),
        buttons: vec![
            button("Book", open("https://hotel.com/book")),
            button("Call", open("tel:+886212345678")),
            button("More", InteractionResult::TriggerMessage("soon".into())),
        ],
        ..picture()
    }
}

pub fn text() -> TemplateDraft {
    TemplateDraft {
        content: Some("Dear {{name|guest}}".into()),
        ..draft(TemplateKind::Text)
    }
}

pub fn text_button() -> TemplateDraft {
    TemplateDraft {
        content: Some("Will you come?".into()),
        buttons: vec![
            button("Yes", InteractionResult::None),
            button("See rooms", open("https://hotel.com/rooms")),
        ],
        ..draft(TemplateKind::TextButton)
    }
}

pub fn cards(kind: TemplateKind, cards: Vec<CardDraft>) -> TemplateDraft {
    TemplateDraft {
        cards,
        ..draft(kind)
    }
}

fn draft(kind: TemplateKind) -> TemplateDraft {
    TemplateDraft {
        name: Some("a template".into()),
        notification_text: Some("An offer for you".into()),
        ..TemplateDraft::new(kind)
    }
}

pub fn rendered(draft: TemplateDraft) -> Vec<OutgoingMessage> {
    let person = Person {
        display_name: Some("sunny".into()),
        first_name: Some("小明".into()),
        last_name: Some("王".into()),
        birthday_month: Some(9),
    };
    let template = NewTemplate::check(draft).unwrap();
    template.content().render(&person, &Links).unwrap()
}
