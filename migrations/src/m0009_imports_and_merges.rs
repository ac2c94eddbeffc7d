//! Files of members being read in, and members found to be one person (contract §4).

crate::step!(
    "m0009_imports_and_merges",
    up: &[
        // `processed_rows` moves in the transaction of the rows it counts, so that an import
        // goes on where its process died.
        "CREATE TABLE member_imports (
            id {id},
            dry_run BOOLEAN NOT NULL,
            status {key:10} NOT NULL,
            reason {key:40},
            file_path {key:200},
            file_name {name:200},
            total_rows BIGINT NOT NULL DEFAULT 0,
            processed_rows BIGINT NOT NULL DEFAULT 0,
            created_count BIGINT NOT NULL DEFAULT 0,
            updated_count BIGINT NOT NULL DEFAULT 0,
            unchanged_count BIGINT NOT NULL DEFAULT 0,
            failed_count BIGINT NOT NULL DEFAULT 0,
            created_by BIGINT,
            created_at {time} NOT NULL,
            finished_at {time},
            CONSTRAINT fk_member_imports_created_by FOREIGN KEY (created_by)
                REFERENCES users (id) ON DELETE SET NULL
        ) {end}",
        "CREATE TABLE member_import_errors (
            id {id},
            import_id BIGINT NOT NULL,
            row_number_in_file BIGINT NOT NULL,
            field {key:60} NOT NULL,
            message {name:300} NOT NULL,
            CONSTRAINT fk_member_import_errors_import FOREIGN KEY (import_id)
                REFERENCES member_imports (id) ON DELETE CASCADE
        ) {end}",
        "CREATE INDEX ix_member_import_errors_import ON member_import_errors (import_id, row_number_in_file, id)",
        // `record` is the member that went, as JSON with the id number still sealed, and what the
        // other one took over; emptied when undoing is no longer possible. No foreign keys: the
        // member that went has no row while it is merged.
        "CREATE TABLE member_merges (
            id {id},
            kept_member_id BIGINT NOT NULL,
            from_member_id BIGINT NOT NULL,
            record {text},
            merged_by BIGINT,
            merged_at {time} NOT NULL,
            undone_by BIGINT,
            undone_at {time}
        ) {end}",
        "CREATE INDEX ix_member_merges_kept ON member_merges (kept_member_id, id)",
        "CREATE INDEX ix_member_merges_from ON member_merges (from_member_id, id)",
        "CREATE INDEX ix_member_merges_merged ON member_merges (merged_at)",
        // Which rows changed hands, so that the very same ones go back.
        "CREATE TABLE member_merge_moves (
            merge_id BIGINT NOT NULL,
            what {key:20} NOT NULL,
            row_id BIGINT NOT NULL,
            CONSTRAINT pk_member_merge_moves PRIMARY KEY (merge_id, what, row_id),
            CONSTRAINT fk_member_merge_moves_merge FOREIGN KEY (merge_id)
                REFERENCES member_merges (id) ON DELETE CASCADE
        ) {end}",
    ],
    down: &[
        "DROP TABLE member_merge_moves",
        "DROP TABLE member_merges",
        "DROP TABLE member_import_errors",
        "DROP TABLE member_imports",
    ],
);
