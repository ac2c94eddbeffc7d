use crate::answer::{Answer, TooMany};
use crate::client::LineClient;
use crate::limits;
use async_trait::async_trait;
use chrono::NaiveDate;
use crm_campaigns::LineFigures;
use crm_kernel::GatewayError;
use crm_templates::OutgoingMessage;
use crm_workflows::{
    Accepted, EncodeError, LineGateway, LineProfile, MediaContent, Preparation, Quota, SendKind,
    WireMessages,
};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProfileBody {
    display_name: String,
    #[serde(default)]
    picture_url: Option<String>,
}

#[derive(Deserialize)]
struct LimitBody {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    value: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UseBody {
    total_usage: u64,
}

#[derive(Deserialize)]
struct UnitBody {
    overview: UnitOverview,
}

/// What LINE hides is null, or left out.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UnitOverview {
    unique_impression: Option<i64>,
    unique_click: Option<i64>,
    unique_media_played: Option<i64>,
    #[serde(rename = "uniqueMediaPlayed100Percent")]
    unique_media_played_100_percent: Option<i64>,
}

#[async_trait]
impl LineGateway for LineClient {
    fn encode(&self, messages: &[OutgoingMessage]) -> Result<WireMessages, EncodeError> {
        crate::encode(messages)
    }

    async fn validate(&self, kind: SendKind, messages: &WireMessages) -> Result<(), GatewayError> {
        let body = json!({ "messages": messages });
        let path = ["message", "validate", kind.as_str()];
        let answer = self.post("validate", &path, &body, None).await?;
        done(&answer)
    }

    async fn multicast(
        &self,
        to: &[String],
        messages: &WireMessages,
        retry_key: Uuid,
        unit: Option<&str>,
    ) -> Result<Accepted, GatewayError> {
        if !(1..=limits::MULTICAST_RECIPIENTS).contains(&to.len()) {
            return Err(GatewayError::Rejected {
                message: "a multicast has 1 to 500 recipients".into(),
                properties: vec!["to".into()],
            });
        }
        let body = counted(json!({ "to": to, "messages": messages }), unit);
        let path = ["message", "multicast"];
        let answer = self
            .post("multicast", &path, &body, Some(retry_key))
            .await?;
        self.taken(&answer).await
    }

    async fn push(
        &self,
        to: &str,
        messages: &WireMessages,
        retry_key: Uuid,
        unit: Option<&str>,
    ) -> Result<Accepted, GatewayError> {
        let body = counted(json!({ "to": to, "messages": messages }), unit);
        let path = ["message", "push"];
        let answer = self.post("push", &path, &body, Some(retry_key)).await?;
        self.taken(&answer).await
    }

    async fn reply(
        &self,
        reply_token: &str,
        messages: &WireMessages,
    ) -> Result<Accepted, GatewayError> {
        let body = json!({ "replyToken": reply_token, "messages": messages });
        // no retry key: LINE refuses requests that bring one here
        let answer = self
            .post("reply", &["message", "reply"], &body, None)
            .await?;
        done(&answer).map_err(token_is_gone)?;
        Ok(Accepted {
            request_id: answer.request_id().map(str::to_owned),
            repeated: false,
        })
    }

    async fn profile(&self, line_uid: &str) -> Result<Option<LineProfile>, GatewayError> {
        let answer = self.get("profile", &["profile", line_uid]).await?;
        match done(&answer) {
            Err(GatewayError::NotFound) => return Ok(None),
            other => other?,
        }
        let body: ProfileBody = answer.into_json()?;
        Ok(Some(LineProfile {
            display_name: body.display_name,
            picture_url: body.picture_url,
        }))
    }

    async fn unit_figures(
        &self,
        unit: &str,
        from: NaiveDate,
        until: NaiveDate,
    ) -> Result<LineFigures, GatewayError> {
        let path = ["insight", "message", "event", "aggregation"];
        let day = |day: NaiveDate| day.format("%Y%m%d").to_string();
        let (from, until) = (day(from), day(until));
        let query = [
            ("customAggregationUnit", unit),
            ("from", &from),
            ("to", &until),
        ];
        let answer = self.ask("unit figures", &path, &query).await?;
        done(&answer)?;
        let body: UnitBody = answer.into_json()?;
        let figures = body.overview;
        Ok(LineFigures {
            unique_impressions: figures.unique_impression,
            unique_clicks: figures.unique_click,
            unique_media_played: figures.unique_media_played,
            unique_media_completed: figures.unique_media_played_100_percent,
        })
    }

    async fn quota(&self) -> Result<Quota, GatewayError> {
        let (limit, used) = tokio::try_join!(
            self.get("quota", &["message", "quota"]),
            self.get("consumption", &["message", "quota", "consumption"]),
        )?;
        done(&limit)?;
        done(&used)?;
        let limit: LimitBody = limit.into_json()?;
        let used: UseBody = used.into_json()?;
        let limit = match (limit.kind.as_str(), limit.value) {
            ("none", _) => None,
            (_, Some(value)) => Some(value),
            (_, None) => {
                return Err(GatewayError::Unavailable {
                    reason: "the quota has no value".into(),
                });
            }
        };
        Ok(Quota {
            limit,
            used: used.total_usage,
        })
    }

    async fn preparation(&self, message_id: &str) -> Result<Preparation, GatewayError> {
        self.preparation_of(message_id).await
    }

    async fn content(&self, message_id: &str) -> Result<Option<MediaContent>, GatewayError> {
        self.content_of(message_id).await
    }
}

/// The same request, counted by LINE for `unit`.
fn counted(mut body: Value, unit: Option<&str>) -> Value {
    if let Some(unit) = unit {
        body["customAggregationUnits"] = json!([unit]);
    }
    body
}

impl LineClient {
    /// What became of a send with a retry key. Where a 429 does not say which limit it means,
    /// the quota does.
    async fn taken(&self, answer: &Answer) -> Result<Accepted, GatewayError> {
        if let Some(accepted) = answer.accepted() {
            return Ok(accepted);
        }
        let unclear = answer.status == StatusCode::TOO_MANY_REQUESTS
            && matches!(answer.too_many(), TooMany::Unclear);
        if unclear && self.quota().await.is_ok_and(|q| q.remaining() == Some(0)) {
            return Err(GatewayError::QuotaExhausted);
        }
        Err(answer.error())
    }
}

/// LINE tells a reply token that is used or too old ("Invalid reply token") from other faults of
/// a reply by words alone.
fn token_is_gone(error: GatewayError) -> GatewayError {
    match error {
        GatewayError::Rejected { message, .. }
            if message.to_lowercase().contains("reply token") =>
        {
            GatewayError::NotFound
        }
        other => other,
    }
}

pub(crate) fn done(answer: &Answer) -> Result<(), GatewayError> {
    if answer.status.is_success() {
        return Ok(());
    }
    Err(answer.error())
}
