//! What staff have prepared: rules that answer, and a campaign with buttons that half of the
//! guests have got.

use super::line::Line;
use super::model::{BREAKFAST, Cause, Hours, SERVICE};
use super::plan::BUTTONS;
use crm_tests::Api;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// Their ids.
pub struct Hotel {
    /// What the campaign's buttons carry.
    pub postbacks: Vec<String>,
    /// Tags of the second and the third button.
    pub tags: [i64; 2],
    /// Rules by what they are for.
    pub welcome: i64,
    pub breakfast: i64,
    pub service: i64,
    pub hours: i64,
    /// Keywords by their words.
    pub keywords: BTreeMap<String, i64>,
}

impl Hotel {
    /// Sends the campaign to everybody who is known, and writes the rules.
    pub async fn open(api: &Api, line: &Line, guest: &str, hours: Hours) -> Self {
        let mut tags = [0; 2];
        for (tag, name) in tags.iter_mut().zip(["住房", "餐飲"]) {
            let made = json!({"name": name, "type": "interaction"});
            *tag = id(&api.create("/tags", made).await);
        }
        send_campaign(api, tags).await;
        let postbacks = line.postbacks_of(guest).await;
        assert_eq!(postbacks.len(), BUTTONS, "{postbacks:?}");
        let welcome = rule(
            api,
            json!({"trigger_type": "welcome", "content": "{{display_name|貴賓}} 歡迎光臨"}),
        );
        let welcome = id(&welcome.await);
        let breakfast = rule(
            api,
            json!({"trigger_type": "keyword", "keywords": BREAKFAST,
                "messages": ["早餐七點開始", "在二樓餐廳"]}),
        )
        .await;
        let service = rule(
            api,
            json!({"trigger_type": "keyword", "keywords": SERVICE, "content": "請洽櫃檯",
                "allow_push": true}),
        )
        .await;
        let (start, end) = hours.written();
        let hours = rule(
            api,
            json!({"trigger_type": "time", "content": "我們稍後回覆",
                "trigger_time_start": start, "trigger_time_end": end}),
        )
        .await;
        let mut keywords = BTreeMap::new();
        for rule in [&breakfast, &service] {
            for entry in rule["keywords"].as_array().unwrap() {
                let word = entry["keyword"].as_str().unwrap();
                keywords.insert(word.to_owned(), id(entry));
            }
        }
        Self {
            postbacks,
            tags,
            welcome,
            breakfast: id(&breakfast),
            service: id(&service),
            hours: id(&hours),
            keywords,
        }
    }

    /// The rule and the keyword that a reply must name.
    pub fn cause(&self, cause: &Cause) -> (Option<i64>, Option<i64>) {
        match cause {
            Cause::Welcome => (Some(self.welcome), None),
            Cause::Hours => (Some(self.hours), None),
            Cause::Tap => (None, None),
            Cause::Keyword(word) => {
                let rule = if BREAKFAST.contains(word) {
                    self.breakfast
                } else {
                    self.service
                };
                (Some(rule), Some(self.keywords[*word]))
            }
        }
    }

    pub fn rules(&self) -> [i64; 4] {
        [self.welcome, self.breakfast, self.service, self.hours]
    }
}

fn id(made: &Value) -> i64 {
    made["id"].as_i64().unwrap()
}

async fn rule(api: &Api, mut rule: Value) -> Value {
    rule["name"] = rule["trigger_type"].clone();
    api.create("/auto-responses", rule).await
}

/// The first button answers, the second has a tag, the third has both.
async fn send_campaign(api: &Api, tags: [i64; 2]) {
    let answered = |words: &str| json!({"type": "trigger_message", "value": words});
    let template = json!({
        "type": "text_button", "name": "優惠", "content": "中秋住房八折",
        "notification_text": "中秋優惠", "preview_text": "點擊查看",
        "buttons": [
            {"label": "電話", "interaction_result": answered("02-1234-5678")},
            {"label": "想要", "interaction_tag_id": tags[0], "interaction_result": {"type": "none"}},
            {"label": "餐廳", "interaction_tag_id": tags[1],
                "interaction_result": answered("二樓")},
        ],
    });
    let template = id(&api.create("/templates", template).await);
    let campaign = json!({"title": "中秋", "template_id": template,
        "target_audience": {"type": "all"}});
    let campaign = id(&api.create("/campaigns", campaign).await);
    let path = format!("/campaigns/{campaign}");
    let (status, answer) = api.post(&format!("{path}/send"), json!({})).await;
    assert_eq!(status, 202, "{answer}");
    api.wait_for(&path, PATIENCE, |detail| detail["status"] == "sent")
        .await;
}
