use super::Allowance;
use super::windows::{Windows, standing};
use crate::http::problem::ApiError;
use chrono::{DateTime, TimeDelta, Utc};
use crm_bootstrap::{Crm, RateLimitStore};

/// So many requests of one kind within a minute, for each who makes them.
pub(super) struct Limit {
    kind: &'static str,
    limit: u32,
    store: RateLimitStore,
    windows: Windows<String>,
}

impl Limit {
    /// Nothing taken; `0` = no limit.
    pub(super) fn new(kind: &'static str, limit: u32, store: RateLimitStore) -> Self {
        Self {
            kind,
            limit,
            store,
            windows: Windows::new(limit),
        }
    }

    /// Takes one request and tells how the limit stands; `None` when there is none.
    pub(super) async fn take(
        &self,
        crm: &Crm,
        who: String,
        now: DateTime<Utc>,
    ) -> Result<Option<Allowance>, ApiError> {
        if self.limit == 0 {
            return Ok(None);
        }
        match self.store {
            RateLimitStore::Memory => Ok(self.windows.take(who, now)),
            RateLimitStore::Database => {
                let counted = format!("{}:{who}", self.kind);
                let (began, hits) = crm
                    .database
                    .count_request(&counted, now.timestamp_millis())
                    .await?;
                let began = DateTime::from_timestamp_millis(began).unwrap_or(now);
                let ends = began + TimeDelta::minutes(1);
                let taken = u32::try_from(hits).unwrap_or(u32::MAX);
                let is_over = taken > self.limit;
                Ok(Some(standing(
                    self.limit,
                    taken.min(self.limit),
                    (ends, now),
                    is_over,
                )))
            }
        }
    }
}
