use crate::samples::{campaign, look, plain_template};
use chrono::TimeDelta;
use crm_auto_responses::{CreateAutoResponse, TriggerType};
use crm_campaigns::CampaignStatus;
use crm_kernel::{Actor, DomainError, ErrorKind, Patch, TemplateId};
use crm_templates::{
    Button, CardDraft, InteractionResult, Template, TemplateChanges, TemplateDraft, TemplateError,
    TemplateKind,
};
use crm_tests::Installation;
use crm_uploads::{Category, Upload, UploadPicture};
use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::{Value, json};
use std::io::Cursor;

crate::stories!(
    an_uploaded_picture_is_kept_by_its_path_and_sent_by_its_address,
    every_upload_can_be_a_templates_picture,
    a_picture_is_swept_only_when_nothing_is_written_with_it,
    a_template_that_a_rule_answers_with_stays_and_the_rule_is_named,
);

const BASE: &str = "http://127.0.0.1:8000";
const ME: Actor = Actor::System;

async fn upload(hotel: &Installation, category: Category, format: ImageFormat) -> Upload {
    let mut bytes = Cursor::new(Vec::new());
    let image = RgbImage::from_fn(40, 30, |x, y| image::Rgb([x as u8, y as u8, 90]));
    DynamicImage::from(image)
        .write_to(&mut bytes, format)
        .unwrap();
    let picture = UploadPicture {
        category: category.as_str().into(),
        bytes: bytes.into_inner(),
        crop_square: false,
    };
    hotel.crm.uploads.upload(&ME, picture).await.unwrap()
}

fn card(picture: &str) -> CardDraft {
    CardDraft {
        image_url: picture.into(),
        title: Some("海景房".into()),
        buttons: vec![Button {
            label: "看".into(),
            interaction_result: Some(InteractionResult::TriggerImage(picture.into())),
            interaction_tag_id: None,
        }],
        ..CardDraft::default()
    }
}

fn showing(picture: &str) -> TemplateDraft {
    TemplateDraft {
        name: Some("海景".into()),
        notification_text: Some("海景房優惠".into()),
        cards: vec![card(picture)],
        ..TemplateDraft::new(TemplateKind::ImageCard)
    }
}

async fn template_showing(hotel: &Installation, picture: &str) -> Template {
    let created = hotel.crm.templates.create(&ME, showing(picture)).await;
    created.unwrap()
}

/// The picture of the one card in a message as LINE gets it.
fn picture_in(message: &Value) -> &str {
    message["contents"]["hero"]["url"].as_str().unwrap()
}

async fn preview(hotel: &Installation, template: TemplateId) -> Value {
    let preview = hotel.crm.sending.preview_template(template, None).await;
    preview.unwrap().0.remove(0)
}

async fn sweep_after_a_week(hotel: &Installation) -> u64 {
    hotel.clock.advance(TimeDelta::days(8));
    hotel.crm.uploads.sweep().await.unwrap().uploads
}

async fn an_uploaded_picture_is_kept_by_its_path_and_sent_by_its_address(hotel: &Installation) {
    let friend = hotel.friends(1).await.remove(0);
    let picture = upload(hotel, Category::Templates, ImageFormat::WebP).await;
    let template = template_showing(hotel, &picture.url()).await;
    let kept = hotel.crm.templates.get(template.id()).await.unwrap();
    assert_eq!(kept.content().cards[0].image_url, picture.url());
    assert!(picture.url().ends_with(".webp"));

    let id = campaign(hotel, template.id(), None).await;
    let preview = hotel.crm.sending.preview(id, Some(friend.0)).await.unwrap();
    hotel.crm.sending.send_now(&ME, id).await.unwrap();
    hotel.run_jobs().await;
    assert_eq!(look(hotel, id).await.status(), CampaignStatus::Sent);
    let sent = &hotel.line.messages_of(&friend.1)[0].message;
    assert_eq!(preview.messages.0, std::slice::from_ref(sent));
    let address = picture_in(sent);
    assert_eq!(address, format!("{BASE}{}", picture.line_url()));
    let path = address.strip_prefix(&format!("{BASE}/static/uploads/"));
    let file = hotel.crm.uploads.find_file(path.unwrap()).await.unwrap();
    assert_eq!(file.unwrap().media_type, "image/jpeg");
}

async fn every_upload_can_be_a_templates_picture(hotel: &Installation) {
    for category in Category::ALL {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let picture = upload(hotel, category, format).await;
            let template = template_showing(hotel, &picture.url()).await;
            let shown = preview(hotel, template.id()).await;
            let wanted = format!("{BASE}{}", picture.line_url());
            assert_eq!(picture_in(&shown), wanted);
            let small = template_showing(hotel, &picture.thumbnail_url()).await;
            let shown = preview(hotel, small.id()).await;
            let wanted = format!("{BASE}{}", picture.thumbnail_url());
            assert_eq!(picture_in(&shown), wanted);
        }
    }
}

async fn a_picture_is_swept_only_when_nothing_is_written_with_it(hotel: &Installation) {
    hotel.friends(1).await;
    let picture = upload(hotel, Category::Temp, ImageFormat::WebP).await;
    let sent = template_showing(hotel, &picture.url()).await;
    let unsent = template_showing(hotel, &picture.url()).await;
    assert_eq!(sweep_after_a_week(hotel).await, 0);

    // What was sent keeps it, whatever the templates show since.
    let id = campaign(hotel, sent.id(), None).await;
    hotel.crm.sending.send_now(&ME, id).await.unwrap();
    hotel.run_jobs().await;
    let other = upload(hotel, Category::Templates, ImageFormat::Png).await;
    for template in [&sent, &unsent] {
        let changes = TemplateChanges {
            cards: Patch::Set(vec![card(&other.url())]),
            ..TemplateChanges::default()
        };
        let changed = hotel.crm.templates.update(&ME, template.id(), changes);
        changed.await.unwrap();
    }
    assert_eq!(sweep_after_a_week(hotel).await, 0);

    // A deleted template keeps its picture too: who knows where it is shown.
    let deleted = hotel.crm.templates.delete(&ME, unsent.id()).await;
    deleted.unwrap();
    let lonely = upload(hotel, Category::Templates, ImageFormat::WebP).await;
    assert_eq!(sweep_after_a_week(hotel).await, 1);
    let refused = hotel
        .crm
        .templates
        .create(&ME, showing(&lonely.url()))
        .await;
    let TemplateError::Invalid(fields) = refused.unwrap_err() else {
        panic!("a picture that is gone was taken");
    };
    assert_eq!(fields[0].field, "carousel_items[0].image_url");
    for (picture, is_there) in [(&picture, true), (&other, true), (&lonely, false)] {
        let path = picture.record().jpeg_path.as_ref();
        let path = path.unwrap_or(&picture.record().path);
        let file = hotel.crm.uploads.find_file(path).await.unwrap();
        assert_eq!(file.is_some(), is_there, "{path}");
    }
}

async fn rule(hotel: &Installation, name: &str, template: TemplateId, is_active: bool) {
    let rule = CreateAutoResponse {
        name: name.into(),
        trigger_type: TriggerType::Welcome,
        content: None,
        messages: None,
        template_id: Some(template),
        keywords: None,
        is_active,
        allow_push: false,
        trigger_time_start: None,
        trigger_time_end: None,
        date_start: None,
        date_end: None,
    };
    hotel.crm.auto_responses.create(&ME, rule).await.unwrap();
}

async fn a_template_that_a_rule_answers_with_stays_and_the_rule_is_named(hotel: &Installation) {
    let removal = &hotel.crm.template_removal;
    let template = plain_template(hotel).await;
    let other = plain_template(hotel).await;
    rule(hotel, "歡迎", template, true).await;
    rule(hotel, "夜間", template, false).await;
    let refused = removal.delete(&ME, template).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    assert_eq!(refused.code(), "template_in_use");
    let told = json!({"campaigns": [], "auto_responses": ["歡迎", "夜間"], "templates": [], "canned_replies": []});
    assert_eq!(refused.details(), Some(told));

    campaign(hotel, template, None).await;
    let refused = removal.delete(&ME, template).await.unwrap_err();
    let told = json!({"campaigns": ["中秋送禮"], "auto_responses": ["歡迎", "夜間"], "templates": [], "canned_replies": []});
    assert_eq!(refused.details(), Some(told));
    assert!(hotel.crm.templates.get(template).await.is_ok());

    campaign(hotel, other, None).await;
    let refused = removal.delete(&ME, other).await.unwrap_err();
    let told = json!({"campaigns": ["中秋送禮"], "auto_responses": [], "templates": [], "canned_replies": []});
    assert_eq!(refused.details(), Some(told));
    let unused = plain_template(hotel).await;
    removal.delete(&ME, unused).await.unwrap();
    let gone = removal.delete(&ME, unused).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}
