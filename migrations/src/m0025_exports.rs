//! Files that staff take away, and reports that are made by the calendar.

crate::step!(
    "m0025_exports",
    up: &[
        // A campaign may go while its file is there: no foreign key.
        "CREATE TABLE exports (
            id {id},
            report_type {key:30} NOT NULL,
            format {key:10} NOT NULL,
            first_day DATE,
            last_day DATE,
            campaign_id BIGINT,
            shows_id_numbers BOOLEAN NOT NULL,
            is_scheduled BOOLEAN NOT NULL,
            requested_by BIGINT,
            status {key:10} NOT NULL,
            attempt BIGINT NOT NULL DEFAULT 0,
            rows_done BIGINT NOT NULL DEFAULT 0,
            rows_total BIGINT NOT NULL DEFAULT 0,
            file {key:100},
            bytes BIGINT,
            reason {key:40},
            message {text},
            created_at {time} NOT NULL,
            started_at {time},
            touched_at {time},
            finished_at {time},
            expires_at {time},
            CONSTRAINT fk_exports_requested_by FOREIGN KEY (requested_by)
                REFERENCES users (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_exports_owner ON exports (requested_by, id)",
        "CREATE INDEX ix_exports_status ON exports (status, expires_at)",
        "CREATE INDEX ix_exports_created ON exports (created_at)",
        "CREATE INDEX ix_exports_file ON exports (file)",
        // `day` is 1 (Monday) to 7 of a week, 1 to 28 of a month; `next_at` is empty while the
        // report is not made.
        "CREATE TABLE report_schedules (
            id {id},
            report_type {key:30} NOT NULL,
            format {key:10} NOT NULL,
            frequency {key:10} NOT NULL,
            day INT NOT NULL,
            hour INT NOT NULL,
            is_active BOOLEAN NOT NULL,
            created_by BIGINT,
            created_at {time} NOT NULL,
            updated_at {time},
            next_at {time},
            last_at {time},
            last_export_id BIGINT,
            CONSTRAINT fk_report_schedules_created_by FOREIGN KEY (created_by)
                REFERENCES users (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_report_schedules_owner ON report_schedules (created_by, id)",
        "CREATE INDEX ix_report_schedules_next ON report_schedules (next_at)",
    ],
    down: &["DROP TABLE report_schedules", "DROP TABLE exports"],
);
