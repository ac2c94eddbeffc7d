//! Who a guest of the other system turned out to be, so that those who did before go along.

crate::step!(
    "m0028_pms_followers",
    up: &[
        "ALTER TABLE pms_guests ADD COLUMN merged_into {key:40}",
        "CREATE INDEX ix_pms_guests_merged_into ON pms_guests (merged_into, code)",
    ],
    down: &[
        "MySQL only: DROP INDEX ix_pms_guests_merged_into ON pms_guests",
        "SQLite only: DROP INDEX ix_pms_guests_merged_into",
        "ALTER TABLE pms_guests DROP COLUMN merged_into",
    ],
);
