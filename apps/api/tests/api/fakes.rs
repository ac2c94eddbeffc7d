use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use crm_bootstrap::SystemClock;
use crm_campaigns::LineFigures;
use crm_kernel::{Clock, GatewayError};
use crm_templates::OutgoingMessage;
use crm_workflows::{
    Accepted, EncodeError, InboundEvent, LineGateway, LineProfile, MediaContent, Preparation,
    Quota, SendKind, WebhookError, WebhookReader, What, WireMessages,
};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// The computer's clock, put forward by tests.
#[derive(Default)]
pub struct MovedClock {
    seconds: AtomicI64,
}

impl MovedClock {
    pub fn advance(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + TimeDelta::seconds(self.seconds.load(Ordering::SeqCst))
    }
}

/// A LINE that takes everything and does nothing.
pub struct QuietLine;

#[async_trait]
impl LineGateway for QuietLine {
    fn encode(&self, messages: &[OutgoingMessage]) -> Result<WireMessages, EncodeError> {
        let encoded = messages.iter().map(|m| json!({"debug": format!("{m:?}")}));
        Ok(WireMessages(encoded.collect()))
    }

    async fn validate(&self, _: SendKind, _: &WireMessages) -> Result<(), GatewayError> {
        Ok(())
    }

    async fn multicast(
        &self,
        _: &[String],
        _: &WireMessages,
        _: Uuid,
        _: Option<&str>,
    ) -> Result<Accepted, GatewayError> {
        Err(GatewayError::NotFound)
    }

    async fn push(
        &self,
        _: &str,
        _: &WireMessages,
        _: Uuid,
        _: Option<&str>,
    ) -> Result<Accepted, GatewayError> {
        Err(GatewayError::NotFound)
    }

    async fn reply(&self, _: &str, _: &WireMessages) -> Result<Accepted, GatewayError> {
        Err(GatewayError::NotFound)
    }

    async fn profile(&self, _: &str) -> Result<Option<LineProfile>, GatewayError> {
        Ok(None)
    }

    async fn unit_figures(
        &self,
        _: &str,
        _: NaiveDate,
        _: NaiveDate,
    ) -> Result<LineFigures, GatewayError> {
        Ok(LineFigures::default())
    }

    async fn quota(&self) -> Result<Quota, GatewayError> {
        Ok(Quota {
            limit: Some(1_000),
            used: 10,
        })
    }

    async fn preparation(&self, _: &str) -> Result<Preparation, GatewayError> {
        Ok(Preparation::Going)
    }

    async fn content(&self, _: &str) -> Result<Option<MediaContent>, GatewayError> {
        Ok(None)
    }
}

/// Reads bodies signed with the word `good`, each event a follow of the user it names.
pub struct TrustingReader;

impl WebhookReader for TrustingReader {
    fn read(
        &self,
        body: &[u8],
        signature: Option<&str>,
    ) -> Result<Vec<InboundEvent>, WebhookError> {
        if signature != Some("good") {
            return Err(WebhookError::BadSignature);
        }
        let body: Value = serde_json::from_slice(body)
            .map_err(|_| WebhookError::NotAWebhook("not JSON".into()))?;
        let events = body["events"]
            .as_array()
            .ok_or_else(|| WebhookError::NotAWebhook("no events".into()))?;
        Ok(events.iter().map(follow).collect())
    }
}

fn follow(event: &Value) -> InboundEvent {
    InboundEvent {
        id: event["webhookEventId"].to_string(),
        line_uid: event["user"].as_str().map(str::to_owned),
        at: DateTime::<Utc>::UNIX_EPOCH,
        reply_token: None,
        redelivered: false,
        what: What::Follow { unblocked: false },
        raw: event.clone(),
    }
}
