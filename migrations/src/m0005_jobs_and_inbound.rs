//! Work for later (the outbox that the job runner takes from) and what LINE delivered to the
//! webhook. Machine times are epoch milliseconds of the application's clock.

crate::step!(
    "m0005_jobs_and_inbound",
    up: &[
        // status: 0 ready, 1 running, 2 done, 3 dead.
        "CREATE TABLE jobs (
            id {id},
            lane {key:20} NOT NULL,
            name {key:60} NOT NULL,
            payload {text} NOT NULL,
            status SMALLINT NOT NULL DEFAULT 0,
            run_at BIGINT NOT NULL,
            attempts INT NOT NULL DEFAULT 0,
            max_attempts INT NOT NULL,
            lease_token {key:64},
            lease_until BIGINT,
            last_error {name:500},
            dedupe_key {key:190},
            finished_at BIGINT,
            CONSTRAINT uq_jobs_dedupe UNIQUE (lane, dedupe_key)
        ) {end}",
        "CREATE INDEX ix_jobs_due ON jobs (lane, status, run_at, id)",
        "CREATE INDEX ix_jobs_lease ON jobs (status, lease_until)",
        "CREATE INDEX ix_jobs_token ON jobs (lease_token)",
        "CREATE INDEX ix_jobs_finished ON jobs (status, finished_at)",
        // Job runners that are alive, for /ready.
        "CREATE TABLE job_runners (
            token {key:64} NOT NULL,
            good_until BIGINT NOT NULL,
            CONSTRAINT pk_job_runners PRIMARY KEY (token)
        ) {end}",
        "CREATE TABLE line_events (
            id {id},
            webhook_event_id {key:80} NOT NULL,
            type {key:40} NOT NULL,
            line_uid {key:100},
            occurred_at {time} NOT NULL,
            received_at {time} NOT NULL,
            handled_at {time},
            status {key:10} NOT NULL,
            payload {text} NOT NULL,
            CONSTRAINT uq_line_events_event UNIQUE (webhook_event_id)
        ) {end}",
        "CREATE INDEX ix_line_events_user ON line_events (line_uid, occurred_at)",
        "CREATE INDEX ix_line_events_status ON line_events (status, id)",
    ],
    down: &["DROP TABLE line_events", "DROP TABLE job_runners", "DROP TABLE jobs"],
);
