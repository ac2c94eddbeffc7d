use super::Workshop;
use super::tags::Tags;
use crate::DemoError;
use crm_kernel::{TagId, TemplateId};
use crm_templates::{Button, CardDraft, InteractionResult, TemplateDraft, TemplateKind};

const SITE: &str = "https://www.hotel.example";

/// The templates, by what they are for.
pub(super) struct Templates {
    pub(super) greeting: TemplateId,
    pub(super) birthday: TemplateId,
    pub(super) spring: TemplateId,
    pub(super) gallery: TemplateId,
    pub(super) rooms: TemplateId,
}

/// Writes templates of all four forms.
pub(super) async fn create(
    workshop: &Workshop<'_>,
    tags: &Tags,
    pictures: &str,
) -> Result<Templates, DemoError> {
    let write = async |draft: TemplateDraft| -> Result<TemplateId, DemoError> {
        let templates = &workshop.crm.templates;
        Ok(templates.create(&workshop.admin, draft).await?.id())
    };
    Ok(Templates {
        greeting: write(greeting()).await?,
        birthday: write(birthday()).await?,
        spring: write(spring(tags)?).await?,
        gallery: write(gallery(tags, pictures)?).await?,
        rooms: write(rooms(tags, pictures)?).await?,
    })
}

fn opens(path: &str) -> Option<InteractionResult> {
    Some(InteractionResult::OpenUrl(format!("{SITE}/{path}")))
}

fn answers(words: &str) -> Option<InteractionResult> {
    Some(InteractionResult::TriggerMessage(words.to_owned()))
}

fn button(label: &str, result: Option<InteractionResult>, tag: TagId) -> Button {
    Button {
        label: label.to_owned(),
        interaction_result: result,
        interaction_tag_id: Some(tag),
    }
}

fn greeting() -> TemplateDraft {
    TemplateDraft {
        name: Some("中秋問候".into()),
        content: Some(
            "中秋佳節將至，全體同仁祝您月圓人團圓 🌕\n\
             即日起中秋禮盒開放預購，回覆「禮盒」由專人為您服務。"
                .into(),
        ),
        ..TemplateDraft::new(TemplateKind::Text)
    }
}

fn birthday() -> TemplateDraft {
    TemplateDraft {
        name: Some("生日祝福".into()),
        content: Some(
            "{{display_name|親愛的貴賓}} 您好：\n\
             祝您 {{birthday_month|本}} 月生日快樂 🎂\n\
             當月入住可享雙人早餐升級，並致贈小蛋糕一份。"
                .into(),
        ),
        ..TemplateDraft::new(TemplateKind::Text)
    }
}

fn spring(tags: &Tags) -> Result<TemplateDraft, DemoError> {
    let (spring, wish, contact) = (
        tags.id("溫泉體驗")?,
        tags.id("訂房意願")?,
        tags.id("希望聯繫")?,
    );
    Ok(TemplateDraft {
        name: Some("溫泉住宿二日".into()),
        content: Some(
            "{{last_name|}}{{first_name|貴賓}} 您好，天氣轉涼了 ♨️\n\
             溫泉住宿二日平日 NT$ 4,280 起，含雙人湯屋 90 分鐘與早餐。"
                .into(),
        ),
        notification_text: Some("溫泉住宿二日，平日 NT$ 4,280 起".into()),
        preview_text: Some("含雙人湯屋 90 分鐘與早餐".into()),
        buttons: vec![
            button("立即訂房", opens("booking?plan=spring"), wish),
            button(
                "索取湯屋優惠",
                answers("優惠碼 ONSEN90 已為您保留，訂房時輸入即享湯屋加時 30 分鐘。"),
                spring,
            ),
            button(
                "請專人聯繫",
                answers("已收到，客服將於上班時間（09:00–18:00）與您聯繫。"),
                contact,
            ),
        ],
        ..TemplateDraft::new(TemplateKind::TextButton)
    })
}

fn gallery(tags: &Tags, pictures: &str) -> Result<TemplateDraft, DemoError> {
    let (moon, dinner) = (tags.id("中秋活動")?, tags.id("餐飲優惠")?);
    let card = |picture: &str, result, tag, button| CardDraft {
        image_url: format!("{pictures}/{picture}"),
        interaction_result: result,
        interaction_tag_id: Some(tag),
        button,
        ..CardDraft::default()
    };
    let menu = InteractionResult::TriggerImage(format!("{pictures}/dinner.png"));
    Ok(TemplateDraft {
        name: Some("中秋活動圖輯".into()),
        notification_text: Some("中秋賞月住房與餐廳活動開跑".into()),
        cards: vec![
            card(
                "moon.png",
                opens("moon-festival"),
                moon,
                Some(button("看活動", None, moon)),
            ),
            card("dinner.png", Some(menu), dinner, None),
            card(
                "sea.png",
                answers("海景房連住兩晚，第二晚半價，洽詢請直接回覆日期。"),
                moon,
                None,
            ),
        ],
        ..TemplateDraft::new(TemplateKind::ImageClick)
    })
}

fn rooms(tags: &Tags, pictures: &str) -> Result<TemplateDraft, DemoError> {
    let (early, wish) = (tags.id("早鳥優惠")?, tags.id("訂房意願")?);
    let card = |picture: &str, title: &str, words: &str, dollars: i64, path: &str| CardDraft {
        image_url: format!("{pictures}/{picture}"),
        title: Some(title.to_owned()),
        description: Some(words.to_owned()),
        price_minor: Some(dollars * 100),
        interaction_result: opens(path),
        buttons: vec![
            button("立即訂房", opens(&format!("booking?room={path}")), wish),
            button(
                "早鳥條件",
                answers("30 天前預訂享 85 折，可免費改期一次，不可退訂。"),
                early,
            ),
        ],
        ..CardDraft::default()
    };
    Ok(TemplateDraft {
        name: Some("早鳥住房專案".into()),
        notification_text: Some("早鳥住房 85 折，三種房型任選".into()),
        preview_text: Some("30 天前預訂享優惠".into()),
        interaction_tag_id: Some(early),
        cards: vec![
            card("room.png", "豪華家庭房", "四人入住含早餐", 5_270, "family"),
            card("sea.png", "景觀套房", "全海景、獨立浴缸", 7_480, "suite"),
            card("spring.png", "湯屋雙人房", "房內溫泉湯池", 6_120, "spring"),
        ],
        ..TemplateDraft::new(TemplateKind::ImageCard)
    })
}
