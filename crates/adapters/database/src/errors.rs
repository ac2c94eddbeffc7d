use crm_kernel::StoreError;
use sea_orm::sqlx;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// Every unique rule: what the databases call it, and its name for domains. SQLite names the
/// columns of a broken rule, MySQL the constraint.
const UNIQUE_RULES: [(&str, &str, &str); 11] = [
    ("uq_users_username", "users.username_key", "user_username"),
    ("uq_users_email", "users.email_key", "user_email"),
    ("uq_members_line_uid", "members.line_uid", "member_line_uid"),
    (
        "uq_members_id_number",
        "members.id_number_index",
        "member_id_number",
    ),
    (
        "uq_consumption_records_order",
        "consumption_records.order_number",
        "stay_order_number",
    ),
    ("uq_tags_name", "tags.kind", "tag_name"),
    (
        "uq_tag_trigger_logs_once",
        "tag_trigger_logs.once_key",
        "tag_trigger_once",
    ),
    ("PRIMARY", "member_tag_relations.member_id", "member_tag"),
    (
        "uq_campaign_recipients_member",
        "campaign_recipients.campaign_id",
        "campaign_recipient",
    ),
    ("uq_jobs_dedupe", "jobs.lane", "job_dedupe"),
    (
        "uq_line_events_event",
        "line_events.webhook_event_id",
        "line_event",
    ),
];

/// What a database error means to a caller.
pub(crate) fn store_error(error: DbErr) -> StoreError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(message)) => {
            let rule = UNIQUE_RULES
                .iter()
                .find(|(name, columns, _)| message.contains(name) || message.contains(columns));
            return match rule {
                Some((_, _, key)) => StoreError::Duplicate { key },
                None => StoreError::Internal(Box::new(error)),
            };
        }
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => return StoreError::Reference,
        _ => {}
    }
    match kind_of(&error) {
        Kind::Away => StoreError::Unavailable(Box::new(error)),
        Kind::Busy => StoreError::Busy(Box::new(error)),
        Kind::Other => StoreError::Internal(Box::new(error)),
    }
}

enum Kind {
    Away,
    Busy,
    Other,
}

fn kind_of(error: &DbErr) -> Kind {
    let runtime = match error {
        DbErr::ConnectionAcquire(_) => return Kind::Away,
        DbErr::Conn(runtime) | DbErr::Exec(runtime) | DbErr::Query(runtime) => runtime,
        _ => return Kind::Other,
    };
    let RuntimeErr::SqlxError(error) = runtime else {
        return Kind::Other;
    };
    match &**error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => Kind::Away,
        sqlx::Error::Database(error) => match error.code().as_deref() {
            // Deadlock and lock wait time-out come as SQLSTATE 40001 / HY000; SQLite's codes 5 and
            // 517 are "database is locked", 6 a locked table.
            Some("40001" | "5" | "517" | "261" | "6") => Kind::Busy,
            // Server going away, shutting down, or not letting anybody in.
            Some("08S01" | "08004" | "08001") => Kind::Away,
            // SQLite cannot open its file, or its disk is failing or full.
            Some("14" | "10" | "13") => Kind::Away,
            _ if error.message().contains("Lock wait timeout") => Kind::Busy,
            _ if error.message().contains("shutdown in progress")
                || error.message().contains("killed") =>
            {
                Kind::Away
            }
            _ => Kind::Other,
        },
        _ => Kind::Other,
    }
}
