//! An index that answers what audiences ask of a member's stays without touching the rows.

crate::step!(
    "m0015_stays_by_rule",
    up: &[
        "CREATE INDEX ix_consumption_records_rule ON consumption_records
            (member_id, pms_status, check_in_date, check_out_date, nights, amount_minor, room_type)",
    ],
    down: &[
        "MySQL only: DROP INDEX ix_consumption_records_rule ON consumption_records",
        "SQLite only: DROP INDEX ix_consumption_records_rule",
    ],
);
