//! What is taken over from the hotel's own system: its runs, which guest is which member, and
//! what waits for a person to decide.

crate::step!(
    "m0021_pms",
    up: &[
        // A page's rows, its counts and `next_cursor` land in one transaction, so that a run goes
        // on where its process died.
        "CREATE TABLE pms_runs (
            id {id},
            kind {key:20} NOT NULL,
            mode {key:12} NOT NULL,
            status {key:10} NOT NULL,
            reason {key:40},
            message {text},
            file_path {key:200},
            file_name {name:200},
            file_headings {text},
            file_dry_run BOOLEAN,
            file_rows BIGINT,
            since_at {time},
            until_at {time},
            business_date DATE,
            next_cursor {text},
            pages BIGINT NOT NULL DEFAULT 0,
            restarts BIGINT NOT NULL DEFAULT 0,
            created_count BIGINT NOT NULL DEFAULT 0,
            updated_count BIGINT NOT NULL DEFAULT 0,
            unchanged_count BIGINT NOT NULL DEFAULT 0,
            review_count BIGINT NOT NULL DEFAULT 0,
            failed_count BIGINT NOT NULL DEFAULT 0,
            ignored_count BIGINT NOT NULL DEFAULT 0,
            requested_by BIGINT,
            created_at {time} NOT NULL,
            started_at {time},
            finished_at {time},
            CONSTRAINT fk_pms_runs_requested_by FOREIGN KEY (requested_by)
                REFERENCES users (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_pms_runs_kind ON pms_runs (kind, id)",
        "CREATE INDEX ix_pms_runs_status ON pms_runs (status, id)",
        "CREATE INDEX ix_pms_runs_kind_status ON pms_runs (kind, status, id)",
        "CREATE TABLE pms_run_faults (
            id {id},
            run_id BIGINT NOT NULL,
            row_number_in_run BIGINT NOT NULL,
            row_key {name:100} NOT NULL,
            field {name:60} NOT NULL,
            reason {name:300} NOT NULL,
            is_warning BOOLEAN NOT NULL,
            CONSTRAINT fk_pms_run_faults_run FOREIGN KEY (run_id)
                REFERENCES pms_runs (id) ON DELETE CASCADE
        ) {end}",
        "CREATE INDEX ix_pms_run_faults_run ON pms_run_faults (run_id, row_number_in_run, id)",
        // One row per kind, always there: whoever begins a run or goes on with one locks it.
        "CREATE TABLE pms_marks (
            kind {key:20} NOT NULL PRIMARY KEY,
            until_at {time},
            open_run_id BIGINT,
            failed_in_row BIGINT NOT NULL DEFAULT 0,
            completed_at {time},
            CONSTRAINT fk_pms_marks_open_run FOREIGN KEY (open_run_id)
                REFERENCES pms_runs (id) ON DELETE SET NULL
        ) {end}",
        "INSERT INTO pms_marks (kind) VALUES ('members'), ('consumption_records')",
        // Guests of the other system and which member each is.
        "CREATE TABLE pms_guests (
            id {id},
            code {key:40} NOT NULL,
            state {key:10} NOT NULL,
            member_id BIGINT,
            is_decided BOOLEAN NOT NULL,
            pms_updated_at {time},
            visits BIGINT,
            vip BOOLEAN,
            CONSTRAINT uq_pms_guests_code UNIQUE (code),
            CONSTRAINT fk_pms_guests_member FOREIGN KEY (member_id)
                REFERENCES members (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_pms_guests_member ON pms_guests (member_id)",
        // `subject` is `guest <code>` or `stay <order number>`; `open_key` is the same while nobody
        // has decided. `guest` is JSON, the id number sealed, and empty but for the code later.
        "CREATE TABLE pms_reviews (
            id {id},
            subject {key:60} NOT NULL,
            open_key {key:60},
            status {key:10} NOT NULL,
            reason {key:40} NOT NULL,
            guest {text} NOT NULL,
            run_id BIGINT NOT NULL,
            asked_at {time} NOT NULL,
            decision {key:10},
            decision_member_id BIGINT,
            decided_by BIGINT,
            decided_at {time},
            CONSTRAINT uq_pms_reviews_open UNIQUE (open_key),
            CONSTRAINT fk_pms_reviews_run FOREIGN KEY (run_id) REFERENCES pms_runs (id),
            CONSTRAINT fk_pms_reviews_decision_member FOREIGN KEY (decision_member_id)
                REFERENCES members (id) ON DELETE SET NULL,
            CONSTRAINT fk_pms_reviews_decided_by FOREIGN KEY (decided_by)
                REFERENCES users (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_pms_reviews_subject ON pms_reviews (subject, id)",
        "CREATE INDEX ix_pms_reviews_asked ON pms_reviews (status, asked_at, id)",
        "CREATE INDEX ix_pms_reviews_decided ON pms_reviews (status, decided_at, id)",
        "CREATE INDEX ix_pms_reviews_decision_member ON pms_reviews (decision_member_id)",
        "CREATE TABLE pms_review_candidates (
            review_id BIGINT NOT NULL,
            member_id BIGINT NOT NULL,
            CONSTRAINT pk_pms_review_candidates PRIMARY KEY (review_id, member_id),
            CONSTRAINT fk_pms_review_candidates_review FOREIGN KEY (review_id)
                REFERENCES pms_reviews (id) ON DELETE CASCADE,
            CONSTRAINT fk_pms_review_candidates_member FOREIGN KEY (member_id)
                REFERENCES members (id) ON DELETE CASCADE
        ) {end}",
        "CREATE INDEX ix_pms_review_candidates_member ON pms_review_candidates (member_id)",
        // `record` is the stay as JSON, the id number of its guest sealed.
        "CREATE TABLE pms_waiting_stays (
            order_number {key:50} NOT NULL PRIMARY KEY,
            subject {key:60} NOT NULL,
            pms_updated_at {time} NOT NULL,
            record {text} NOT NULL
        ) {end}",
        "CREATE INDEX ix_pms_waiting_stays_subject ON pms_waiting_stays (subject, order_number)",
        "ALTER TABLE consumption_records ADD COLUMN pms_guest_code {key:40}",
        "ALTER TABLE consumption_records ADD COLUMN pms_updated_at {time}",
        "CREATE INDEX ix_consumption_records_guest ON consumption_records (pms_guest_code)",
    ],
    down: &[
        "MySQL only: DROP INDEX ix_consumption_records_guest ON consumption_records",
        "SQLite only: DROP INDEX ix_consumption_records_guest",
        "ALTER TABLE consumption_records DROP COLUMN pms_updated_at",
        "ALTER TABLE consumption_records DROP COLUMN pms_guest_code",
        "DROP TABLE pms_waiting_stays",
        "DROP TABLE pms_review_candidates",
        "DROP TABLE pms_reviews",
        "DROP TABLE pms_guests",
        "DROP TABLE pms_marks",
        "DROP TABLE pms_run_faults",
        "DROP TABLE pms_runs",
    ],
);
