//! Saved words on which headings of tables that come from a hotel's own system mean which fields.

crate::step!(
    "m0023_import_profiles",
    up: &[
        // `name_key` is the folded form that is compared; `headings` is JSON, pairs of heading and
        // field.
        "CREATE TABLE pms_import_profiles (
            id {id},
            kind {key:20} NOT NULL,
            name {name:50} NOT NULL,
            name_key {key:150} NOT NULL,
            headings {text} NOT NULL,
            created_by BIGINT,
            created_at {time} NOT NULL,
            CONSTRAINT uq_pms_import_profiles_name UNIQUE (kind, name_key),
            CONSTRAINT fk_pms_import_profiles_created_by FOREIGN KEY (created_by)
                REFERENCES users (id) ON DELETE SET NULL
        ) {end}",
    ],
    down: &["DROP TABLE pms_import_profiles"],
);
