//! What LINE delivered, handled in order per guest, and the answers to it.

crate::step!(
    "m0016_inbox",
    up: &[
        // A claim that has run out is nobody's. `message_id` is LINE's id of the message that the
        // event brings or takes back.
        "ALTER TABLE line_events ADD COLUMN attempts INT NOT NULL DEFAULT 0",
        "ALTER TABLE line_events ADD COLUMN claim_token {key:36}",
        "ALTER TABLE line_events ADD COLUMN claimed_until {time}",
        "ALTER TABLE line_events ADD COLUMN next_try_at {time}",
        "ALTER TABLE line_events ADD COLUMN last_error {name:500}",
        "ALTER TABLE line_events ADD COLUMN message_id {key:64}",
        // The next event of a guest; it serves all that the index before it served.
        "CREATE INDEX ix_line_events_guest ON line_events (line_uid, status, occurred_at, id)",
        "MySQL only: DROP INDEX ix_line_events_user ON line_events",
        "SQLite only: DROP INDEX ix_line_events_user",
        "CREATE INDEX ix_line_events_type ON line_events (type, id)",
        // One answer to one event. `words` are LINE's message objects as they are sent,
        // `message_ids` a JSON array of the conversation's rows. `status`: pending, sent, failed.
        "CREATE TABLE replies (
            id {id},
            event_id BIGINT NOT NULL,
            member_id BIGINT NOT NULL,
            auto_response_id BIGINT,
            keyword_id BIGINT,
            reply_token {key:255},
            token_until {time},
            allow_push BOOLEAN NOT NULL DEFAULT FALSE,
            retry_key {key:36} NOT NULL,
            words {text} NOT NULL,
            message_ids {text} NOT NULL,
            status {key:10} NOT NULL,
            reason {key:40},
            way {key:5},
            in_doubt BOOLEAN NOT NULL DEFAULT FALSE,
            pushed_at {time},
            created_at {time} NOT NULL,
            settled_at {time},
            CONSTRAINT uq_replies_event UNIQUE (event_id),
            CONSTRAINT fk_replies_member FOREIGN KEY (member_id)
                REFERENCES members (id) ON DELETE CASCADE
        ) {end}",
        "CREATE INDEX ix_replies_member ON replies (member_id)",
        "CREATE INDEX ix_replies_rule ON replies (auto_response_id, id)",
        "CREATE INDEX ix_replies_status ON replies (status, id)",
        "ALTER TABLE auto_responses ADD COLUMN allow_push BOOLEAN NOT NULL DEFAULT FALSE",
        // One row, raised by every change of a rule.
        "CREATE TABLE auto_response_version (version BIGINT NOT NULL) {end}",
        "INSERT INTO auto_response_version (version) VALUES (1)",
    ],
    down: &[
        "DROP TABLE auto_response_version",
        "ALTER TABLE auto_responses DROP COLUMN allow_push",
        "DROP TABLE replies",
        "CREATE INDEX ix_line_events_user ON line_events (line_uid, occurred_at)",
        "MySQL only: DROP INDEX ix_line_events_type ON line_events",
        "SQLite only: DROP INDEX ix_line_events_type",
        "MySQL only: DROP INDEX ix_line_events_guest ON line_events",
        "SQLite only: DROP INDEX ix_line_events_guest",
        "ALTER TABLE line_events DROP COLUMN message_id",
        "ALTER TABLE line_events DROP COLUMN last_error",
        "ALTER TABLE line_events DROP COLUMN next_try_at",
        "ALTER TABLE line_events DROP COLUMN claimed_until",
        "ALTER TABLE line_events DROP COLUMN claim_token",
        "ALTER TABLE line_events DROP COLUMN attempts",
    ],
);
