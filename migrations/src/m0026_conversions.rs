//! Which recipients booked after a campaign, whose stays count for it, and of whom that is to be
//! looked at again.

crate::step!(
    "m0026_conversions",
    up: &[
        // Only recipients who booked. `member_id` is NULL once the guest is erased: what was
        // counted stays. No foreign keys: whoever counts waits for nobody who changes a guest.
        "CREATE TABLE conversions (
            recipient_id BIGINT NOT NULL,
            campaign_id BIGINT NOT NULL,
            member_id BIGINT,
            booked_at {time} NOT NULL,
            had_clicked BOOLEAN NOT NULL,
            CONSTRAINT pk_conversions PRIMARY KEY (recipient_id)
        ) {end}",
        "CREATE INDEX ix_conversions_member ON conversions (member_id, recipient_id)",
        "CREATE INDEX ix_conversions_campaign ON conversions (campaign_id, had_clicked, booked_at)",
        // Stays whose money counts for the campaign, kept beyond the stays of erased guests.
        "CREATE TABLE conversion_stays (
            recipient_id BIGINT NOT NULL,
            stay_id BIGINT NOT NULL,
            campaign_id BIGINT NOT NULL,
            booked_at {time} NOT NULL,
            amount_minor BIGINT NOT NULL,
            nights BIGINT NOT NULL,
            CONSTRAINT pk_conversion_stays PRIMARY KEY (recipient_id, stay_id)
        ) {end}",
        "CREATE INDEX ix_conversion_stays_campaign
            ON conversion_stays (campaign_id, booked_at, amount_minor, nights)",
        // A guest may have several marks: nobody waits to write one, and one that is written
        // while others are worked off stays.
        "CREATE TABLE conversion_marks (
            id {id},
            member_id BIGINT NOT NULL
        ) {end}",
        // One row: whoever counts holds it.
        "CREATE TABLE conversion_turn (
            id INT NOT NULL,
            CONSTRAINT pk_conversion_turn PRIMARY KEY (id)
        ) {end}",
        "INSERT INTO conversion_turn (id) VALUES (1)",
        "CREATE INDEX ix_consumption_records_booked ON consumption_records (booked_at, member_id)",
        "INSERT INTO conversion_marks (member_id)
            SELECT DISTINCT member_id FROM consumption_records WHERE booked_at IS NOT NULL",
    ],
    down: &[
        "MySQL only: DROP INDEX ix_consumption_records_booked ON consumption_records",
        "SQLite only: DROP INDEX ix_consumption_records_booked",
        "DROP TABLE conversion_turn",
        "DROP TABLE conversion_marks",
        "DROP TABLE conversion_stays",
        "DROP TABLE conversions",
    ],
);
