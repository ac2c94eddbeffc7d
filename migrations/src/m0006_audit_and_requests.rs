//! Who did what (design §5), answers kept for a repeated request (contract §2), and request
//! counts that several API processes share (document 000 §5.4).

crate::step!(
    "m0006_audit_and_requests",
    up: &[
        // No foreign keys: the log outlives what it speaks of. `before_facts` and `after_facts`
        // are JSON, and NULL once the guest they speak of is erased.
        "CREATE TABLE audit_logs (
            id {id},
            at {time} NOT NULL,
            actor {key:10} NOT NULL,
            user_id BIGINT,
            action {key:60} NOT NULL,
            subject {key:30} NOT NULL,
            subject_id BIGINT,
            before_facts {text},
            after_facts {text}
        ) {end}",
        "CREATE INDEX ix_audit_logs_at ON audit_logs (at, id)",
        "CREATE INDEX ix_audit_logs_user ON audit_logs (user_id, at, id)",
        "CREATE INDEX ix_audit_logs_action ON audit_logs (action, at, id)",
        "CREATE INDEX ix_audit_logs_subject ON audit_logs (subject, subject_id, at, id)",
        // `slot` is the hash of user, method, path and key. Without a status the first request
        // is still under way, or died.
        "CREATE TABLE idempotency_keys (
            slot {key:64} NOT NULL,
            request_hash {key:64} NOT NULL,
            status SMALLINT,
            location {name:500},
            body {text},
            claimed_at BIGINT NOT NULL,
            CONSTRAINT pk_idempotency_keys PRIMARY KEY (slot)
        ) {end}",
        "CREATE INDEX ix_idempotency_keys_claimed ON idempotency_keys (claimed_at)",
        "CREATE TABLE request_counts (
            counted {key:190} NOT NULL,
            minute BIGINT NOT NULL,
            hits BIGINT NOT NULL,
            CONSTRAINT pk_request_counts PRIMARY KEY (counted)
        ) {end}",
        "CREATE INDEX ix_request_counts_minute ON request_counts (minute)",
    ],
    down: &[
        "DROP TABLE request_counts",
        "DROP TABLE idempotency_keys",
        "DROP TABLE audit_logs",
    ],
);
