use crm_kernel::StoreError;
use sea_orm::sqlx;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// Every unique rule: what the databases call it, and its name for domains. SQLite names the
/// columns of a broken rule, MySQL the constraint.
const UNIQUE_RULES: [(&str, &str, &str); 19] = [
    ("uq_replies_event", "replies.event_id", "reply_event"),
    ("pk_idempotency_keys", "idempotency_keys.slot", "kept_slot"),
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
    ("uq_uploads_path", "uploads.path", "upload_path"),
    (
        "uq_auto_response_keywords_keyword",
        "auto_response_keywords.auto_response_id",
        "auto_response_keyword",
    ),
    (
        "uq_messages_line_message",
        "messages.line_message_id",
        "message_line_message",
    ),
    (
        "uq_canned_replies_shortcut",
        "canned_replies.shortcut_key",
        "canned_reply_shortcut",
    ),
    (
        "uq_pms_import_profiles_name",
        "pms_import_profiles.kind",
        "import_profile_name",
    ),
    (
        "uq_pms_reviews_open",
        "pms_reviews.open_key",
        "pms_review_open",
    ),
];

/// What a database error means to a caller.
pub(crate) fn store_error(error: DbErr) -> StoreError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(message)) => {
            // MySQL quotes the value first, which may hold anything.
            let broken = message
                .rsplit_once(" for key ")
                .map_or(message.as_str(), |(_, key)| key);
            let rule = UNIQUE_RULES
                .iter()
                .find(|(name, columns, _)| broken.contains(name) || broken.contains(columns));
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
        | sqlx::Error::WorkerCrashed => Kind::Away,
        // A value that cannot be encoded comes as "expected 6 parameters but 5 were provided".
        sqlx::Error::Protocol(words) if !words.contains("parameters") => Kind::Away,
        sqlx::Error::Database(error) => kind_of_code(&**error),
        _ => Kind::Other,
    }
}

fn kind_of_code(error: &dyn sqlx::error::DatabaseError) -> Kind {
    let code = error.code().unwrap_or_default();
    if error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some()
    {
        // The lowest byte is the code; the rest tells it apart further.
        return match code.parse::<u32>().unwrap_or_default() & 0xff {
            // Busy, locked.
            5 | 6 => Kind::Busy,
            // The disk fails or is full, or the file cannot be opened.
            10 | 13 | 14 => Kind::Away,
            _ => Kind::Other,
        };
    }
    let message = error.message();
    match &*code {
        // A deadlock.
        "40001" => Kind::Busy,
        // The server goes away, shuts down, or lets nobody in.
        "08S01" | "08004" | "08001" | "70100" => Kind::Away,
        _ if message.contains("Lock wait timeout") || message.contains("NOWAIT is set") => {
            Kind::Busy
        }
        _ if ["shutdown in progress", "killed", "read-only", "read only"]
            .iter()
            .any(|words| message.contains(words)) =>
        {
            Kind::Away
        }
        _ => Kind::Other,
    }
}
