use crate::StatusReason;
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::GatewayError;
use std::time::Duration;

/// LINE remembers a retry key for 24 hours from the first try (reference, "Retry failed API
/// requests"). An hour before that, a batch without a clear answer is given up as unknown:
/// a later repetition would be a new send.
pub const GIVE_UP_AFTER: TimeDelta = TimeDelta::hours(23);
/// Shortest pause between two tries of a batch.
const MIN_DELAY: Duration = Duration::from_millis(500);
/// Longest pause between two tries of a batch.
const MAX_DELAY: Duration = Duration::from_secs(30);

/// Why a recipient ended as failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailReason {
    /// LINE refuses this recipient.
    LineRejected,
    /// The message cannot be rendered for this recipient within LINE's limits.
    RenderError,
    /// No clear answer until LINE forgot the key.
    OutcomeUnknown,
}

impl FailReason {
    /// The name stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LineRejected => "line_rejected",
            Self::RenderError => "render_error",
            Self::OutcomeUnknown => "outcome_unknown",
        }
    }
}

/// What to do after LINE's answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchNext {
    /// The same request again, after this long.
    Again(Duration),
    /// Divide the batch: somebody in it is at fault, nobody got anything.
    Split,
    /// Stop the whole campaign until somebody has looked; nobody is failed for it.
    Pause(StatusReason),
    /// This request will never be accepted.
    Fail(FailReason),
}

/// Decides what LINE's refusal of a request to `recipients` people means (design: "LINE's
/// answers"). `first_tried_at` is when the request was first made.
#[must_use]
pub fn next_after(
    error: &GatewayError,
    recipients: usize,
    first_tried_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> BatchNext {
    match error {
        GatewayError::Unavailable { .. } | GatewayError::RateLimited { .. }
            if now - first_tried_at >= GIVE_UP_AFTER =>
        {
            BatchNext::Fail(FailReason::OutcomeUnknown)
        }
        GatewayError::RateLimited {
            retry_after: Some(wait),
        } => BatchNext::Again((*wait).min(MAX_DELAY)),
        GatewayError::Unavailable { .. } | GatewayError::RateLimited { .. } => {
            BatchNext::Again(retry_delay(now - first_tried_at))
        }
        GatewayError::QuotaExhausted => BatchNext::Pause(StatusReason::QuotaExhausted),
        GatewayError::Unauthorized => BatchNext::Pause(StatusReason::LineCredentials),
        // The message is at fault, or the request as such: repeating it for half of them is no use.
        GatewayError::Rejected { .. } if !names_a_recipient(error) => {
            BatchNext::Pause(StatusReason::MessageRejected)
        }
        GatewayError::Rejected { .. } if recipients > 1 => BatchNext::Split,
        GatewayError::Rejected { .. } => BatchNext::Fail(FailReason::LineRejected),
        // A send is never "not found": something else than LINE answers.
        GatewayError::NotFound => BatchNext::Pause(StatusReason::LineUnexpected),
    }
}

/// Whether LINE refuses somebody rather than what is said. It names a recipient as `to` or
/// `to[3]`, or names nothing for an unknown user ("Failed to send messages"); a message as
/// `messages[0].text`, or as a path inside it (`/hero/url`) with `messages[0]` in its words.
fn names_a_recipient(error: &GatewayError) -> bool {
    let GatewayError::Rejected {
        message,
        properties,
    } = error
    else {
        return false;
    };
    let is_recipient = |p: &String| p == "to" || p.starts_with("to[");
    properties.iter().any(is_recipient)
        || message.contains(" to[")
        || (properties.is_empty() && !message.contains("messages["))
}

/// The pause after a try that took nothing and started the batch's clock anew: doubled with each
/// claim, at least half a second, at most 30 s.
#[must_use]
pub fn fresh_delay(claim: i64) -> Duration {
    let doublings = u32::try_from(claim.clamp(0, 10)).unwrap_or_default();
    MIN_DELAY.saturating_mul(1 << doublings).min(MAX_DELAY)
}

/// The pause before the next try: as long as has passed since the first one, so that the time
/// between tries doubles without anybody counting them; at least half a second, at most 30 s.
#[must_use]
pub fn retry_delay(since_first_try: TimeDelta) -> Duration {
    since_first_try
        .to_std()
        .unwrap_or_default()
        .clamp(MIN_DELAY, MAX_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn first() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 9, 25, 1, 0, 0).unwrap()
    }

    fn unavailable() -> GatewayError {
        GatewayError::Unavailable {
            reason: "time-out".into(),
        }
    }

    fn rejected(property: &str) -> GatewayError {
        GatewayError::Rejected {
            message: "bad request".into(),
            properties: vec![property.into()],
        }
    }

    #[test]
    fn an_unclear_answer_is_tried_again_until_line_would_forget_the_key() {
        let soon = first() + TimeDelta::minutes(1);
        assert_eq!(
            next_after(&unavailable(), 500, first(), first()),
            BatchNext::Again(Duration::from_millis(500))
        );
        assert_eq!(
            next_after(&unavailable(), 500, first(), soon),
            BatchNext::Again(Duration::from_secs(30))
        );
        assert_eq!(
            next_after(&unavailable(), 500, first(), first() + GIVE_UP_AFTER),
            BatchNext::Fail(FailReason::OutcomeUnknown)
        );
    }

    #[test]
    fn a_bad_recipient_is_found_by_halves_and_alone_it_fails() {
        assert_eq!(
            next_after(&rejected("to[3]"), 500, first(), first()),
            BatchNext::Split
        );
        assert_eq!(
            next_after(&rejected("to[0]"), 1, first(), first()),
            BatchNext::Fail(FailReason::LineRejected)
        );
    }

    #[test]
    fn a_bad_message_stops_the_campaign_instead_of_failing_everybody() {
        assert_eq!(
            next_after(&rejected("messages[0].text"), 500, first(), first()),
            BatchNext::Pause(StatusReason::MessageRejected)
        );
    }

    #[test]
    fn a_fault_inside_a_card_is_the_messages_however_line_names_it() {
        let inside = GatewayError::Rejected {
            message: "A message (messages[0]) in the request body is invalid".into(),
            properties: vec!["/hero/url".into()],
        };
        assert_eq!(
            next_after(&inside, 500, first(), first()),
            BatchNext::Pause(StatusReason::MessageRejected)
        );
        let unknown_user = GatewayError::Rejected {
            message: "Failed to send messages".into(),
            properties: vec![],
        };
        assert_eq!(
            next_after(&unknown_user, 1, first(), first()),
            BatchNext::Fail(FailReason::LineRejected)
        );
    }

    #[test]
    fn an_address_that_is_not_lines_stops_the_campaign_and_fails_nobody() {
        assert_eq!(
            next_after(&GatewayError::NotFound, 500, first(), first()),
            BatchNext::Pause(StatusReason::LineUnexpected)
        );
    }

    #[test]
    fn quota_and_token_trouble_pause_the_campaign() {
        assert_eq!(
            next_after(&GatewayError::QuotaExhausted, 500, first(), first()),
            BatchNext::Pause(StatusReason::QuotaExhausted)
        );
        assert_eq!(
            next_after(&GatewayError::Unauthorized, 1, first(), first()),
            BatchNext::Pause(StatusReason::LineCredentials)
        );
    }
}
