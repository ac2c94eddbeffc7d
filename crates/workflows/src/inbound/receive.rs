use super::{Inbound, InboundEvent};
use crm_kernel::{DomainError, ErrorKind, StoreError};
use thiserror::Error;

/// Reads the vendor's webhook requests.
pub trait WebhookReader: Send + Sync {
    /// Checks the signature over the very bytes and reads the events; nothing is read before
    /// the signature is found right.
    ///
    /// # Errors
    /// `BadSignature`, or `NotAWebhook` for a signed body that is no webhook.
    fn read(&self, body: &[u8], signature: Option<&str>)
    -> Result<Vec<InboundEvent>, WebhookError>;
}

/// Why a webhook request was not taken.
#[derive(Debug, Error)]
pub enum WebhookError {
    /// Missing or wrong signature.
    #[error("the signature is missing or wrong")]
    BadSignature,
    /// Signed, but not a webhook body.
    #[error("the body is not a webhook: {0}")]
    NotAWebhook(String),
    /// Storage failed; LINE will deliver it again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DomainError for WebhookError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::BadSignature => ErrorKind::Unauthorized,
            Self::NotAWebhook(_) => ErrorKind::Invalid,
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::BadSignature => "bad_signature",
            Self::NotAWebhook(_) => "not_a_webhook",
            Self::Store(e) => e.code(),
        }
    }
}

impl Inbound {
    /// Takes a webhook request: every event is stored once, with a job for it, before LINE gets
    /// its answer. Answers how many were new.
    ///
    /// # Errors
    /// [`WebhookError`]; then nothing was stored.
    pub async fn receive(
        &self,
        body: &[u8],
        signature: Option<&str>,
    ) -> Result<usize, WebhookError> {
        let events = self.reader.read(body, signature)?;
        if events.is_empty() {
            return Ok(0);
        }
        Ok(self.inbox.store(events, self.clock.now()).await?)
    }
}
