use super::Workshop;
use super::templates::Templates;
use crate::DemoError;
use crm_auto_responses::{CreateAutoResponse, TriggerType};
use crm_kernel::TemplateId;

/// Rules that answer whoever writes from the simulator's phone. The one for the night is off:
/// it would answer everything.
pub(super) async fn create(
    workshop: &Workshop<'_>,
    templates: &Templates,
) -> Result<(), DemoError> {
    let night = CreateAutoResponse {
        is_active: false,
        trigger_time_start: Some("22:00".to_owned()),
        trigger_time_end: Some("06:59".to_owned()),
        ..rule(
            "夜間",
            TriggerType::Time,
            "夜深了，櫃檯明早七點為您服務。緊急請撥分機 9。",
        )
    };
    let rooms = CreateAutoResponse {
        template_id: Some(templates.rooms),
        ..listening("房型", &["房型", "房間", "rooms"], "我們的房型：")
    };
    for new in [
        rule(
            "歡迎",
            TriggerType::Welcome,
            "{{display_name|貴賓}}您好，歡迎加入！",
        ),
        listening("停車", &["停車", "parking"], "地下一樓有停車場，住客免費。"),
        listening(
            "無線網路",
            &["wifi", "無線網路", "網路密碼"],
            "網路名稱 Hotel-Guest，密碼在房卡背面。",
        ),
        rooms,
        night,
    ] {
        let rules = &workshop.crm.auto_responses;
        rules.create(&workshop.admin, new).await?;
    }
    Ok(())
}

fn rule(name: &str, trigger_type: TriggerType, text: &str) -> CreateAutoResponse {
    CreateAutoResponse {
        name: name.to_owned(),
        trigger_type,
        content: Some(text.to_owned()),
        messages: None,
        template_id: None::<TemplateId>,
        keywords: None,
        is_active: true,
        allow_push: false,
        trigger_time_start: None,
        trigger_time_end: None,
        date_start: None,
        date_end: None,
    }
}

fn listening(name: &str, words: &[&str], text: &str) -> CreateAutoResponse {
    CreateAutoResponse {
        keywords: Some(words.iter().map(|&word| word.to_owned()).collect()),
        ..rule(name, TriggerType::Keyword, text)
    }
}
