//! Who changed what.

use super::answer::{ApiResult, Envelope, PageOf, success};
use super::extract::{Allowed, AuditRead, FromQuery, Paging, Query, QueryReader};
use super::problem::Problems;
use actix_web::get;
use actix_web::web::Data;
use chrono::{DateTime, NaiveDate, Utc};
use crm_accounts::{AuditFilter, AuditRow};
use crm_bootstrap::Crm;
use crm_kernel::{Facts, HotelTime, UserId};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_audit_logs);
}

/// Which entries.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListAuditLogs {
    /// What this user did
    #[param(value_type = Option<i64>)]
    user_id: Option<UserId>,
    /// What was done: `member.updated`
    action: Option<String>,
    /// The kind of thing it was done to: `member`
    subject: Option<String>,
    /// The thing it was done to; needs `subject`
    subject_id: Option<i64>,
    /// First day, in hotel time
    start_date: Option<NaiveDate>,
    /// Last day, in hotel time
    end_date: Option<NaiveDate>,
}

impl FromQuery for ListAuditLogs {
    fn read(query: &mut QueryReader) -> Self {
        let (start_date, end_date) = query.period("start_date", "end_date");
        // Ids of different kinds of things have nothing in common, nor is there an index of them.
        let (subject, subject_id) = (query.text("subject"), query.id("subject_id"));
        if subject_id.is_some() && subject.is_none() {
            query.problem("subject", "is needed with subject_id");
        }
        Self {
            user_id: query.id("user_id"),
            action: query.text("action"),
            subject,
            subject_id,
            start_date,
            end_date,
        }
    }
}

impl ListAuditLogs {
    fn into_filter(self, hotel: HotelTime) -> AuditFilter {
        AuditFilter {
            user: self.user_id,
            action: self.action,
            subject: self.subject,
            subject_id: self.subject_id,
            from: self.start_date.map(|day| hotel.start_of(day)),
            before: self.end_date.map(|day| hotel.end_of(day)),
        }
    }
}

/// Something that somebody did.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 812, "at": "2026-10-08T10:30:00Z", "actor": "user",
    "user": {"id": 2, "username": "mei.lin", "full_name": "林美"},
    "action": "member.updated", "subject": "member", "subject_id": 17,
    "before": {"phone": "0912-345-678"}, "after": {"phone": "0987-654-321"}
}))]
pub(crate) struct AuditLog {
    id: i64,
    at: DateTime<Utc>,
    /// `user`, `guest` or `system`.
    actor: String,
    user: Option<AuditUser>,
    action: String,
    subject: String,
    subject_id: Option<i64>,
    /// What changed, as it was before; empty once a guest is erased.
    #[schema(value_type = Object)]
    before: Facts,
    /// What changed, as it is since; empty once a guest is erased.
    #[schema(value_type = Object)]
    after: Facts,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditUser {
    id: i64,
    username: Option<String>,
    full_name: Option<String>,
}

impl From<AuditRow> for AuditLog {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            actor: row.actor,
            user: row.user.map(|user| AuditUser {
                id: user.id.get(),
                username: user.username,
                full_name: user.full_name,
            }),
            action: row.action,
            subject: row.subject,
            subject_id: row.subject_id,
            before: row.before,
            after: row.after,
        }
    }
}

/// A page of the audit log, the newest entry first.
#[utoipa::path(
    tag = "audit",
    security(("bearer" = [])),
    params(ListAuditLogs, Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<AuditLog>>), Problems),
)]
#[get("/audit-logs")]
async fn list_audit_logs(
    _user: Allowed<AuditRead>,
    query: Query<ListAuditLogs>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<AuditLog>> {
    let filter = query.0.into_filter(crm.hotel);
    let page = crm.accounts.audit_log(&filter, paging.0.0).await?;
    Ok(success(PageOf::of(page, AuditLog::from)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(query: &str) -> String {
        let mut reader = QueryReader::new(query).unwrap();
        ListAuditLogs::read(&mut reader);
        reader
            .finish()
            .map_or_else(|error| error.field_names(), |()| String::new())
    }

    #[test]
    fn an_id_is_looked_for_only_among_things_of_one_kind() {
        assert_eq!(wrong("subject_id=7"), "subject");
        assert_eq!(wrong("subject=&subject_id=7"), "subject");
        assert_eq!(wrong("subject=member&subject_id=7"), "");
        assert_eq!(wrong("subject=member"), "");
    }
}
