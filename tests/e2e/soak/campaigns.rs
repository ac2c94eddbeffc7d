//! What staff do: write campaigns and send them, again if they got no answer.

use crate::processes::PASSWORD;
use crm_tests::Api;
use serde_json::{Value, json};
use std::time::Duration;

/// A client that takes no answer for an answer.
#[derive(Clone)]
pub struct Staff {
    base: String,
    token: String,
    http: reqwest::Client,
}

/// A campaign under way.
pub struct Underway {
    pub id: i64,
    /// Words that no other campaign says.
    pub words: String,
}

impl Staff {
    pub async fn sign_in(base: &str) -> Self {
        let api = Api::sign_in(base, "admin", PASSWORD).await;
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        Self {
            base: format!("{base}/api/v1"),
            token: api.token().to_owned(),
            http,
        }
    }

    /// Status and `data`; none when the API went away in the middle.
    async fn call(&self, path: &str, body: Option<Value>) -> Option<(u16, Value)> {
        let url = format!("{}{path}", self.base);
        let request = match body {
            Some(body) => self.http.post(url).json(&body),
            None => self.http.get(url),
        };
        let answer = request.bearer_auth(&self.token).send().await.ok()?;
        let status = answer.status().as_u16();
        let mut body: Value = answer.json().await.ok()?;
        Some((status, body["data"].take()))
    }

    /// A template and a campaign for everybody, as a draft; none when the API went away.
    pub async fn write(&self, number: usize, personal: bool) -> Option<Underway> {
        let words = format!("第{number}波中秋優惠");
        let template = if personal {
            json!({"type": "text", "name": words, "content": format!("{{{{display_name|貴賓}}}} {words}")})
        } else {
            json!({"type": "text", "name": words, "content": words})
        };
        let (status, template) = self.call("/templates", Some(template)).await?;
        assert_eq!(status, 201, "{template}");
        let campaign = json!({"title": words, "template_id": template["id"],
            "target_audience": {"type": "all"}});
        let (status, campaign) = self.call("/campaigns", Some(campaign)).await?;
        assert_eq!(status, 201, "{campaign}");
        let id = campaign["id"].as_i64().unwrap();
        Some(Underway { id, words })
    }

    /// Presses *send*. Whatever is not answered, or not taken because LINE is away, is pressed
    /// again when the campaign turns out to be a draft still.
    pub async fn send(&self, id: i64) -> Option<u16> {
        let path = format!("/campaigns/{id}/send");
        let (status, data) = self.call(&path, Some(json!({}))).await?;
        assert!(
            matches!(status, 202 | 409 | 500..),
            "sending is answered with {status}: {data}"
        );
        Some(status)
    }

    /// The campaign as the API shows it.
    pub async fn detail(&self, id: i64) -> Option<Value> {
        let (status, data) = self.call(&format!("/campaigns/{id}"), None).await?;
        (status == 200).then_some(data)
    }
}
