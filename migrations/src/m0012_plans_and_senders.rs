//! Plans made in parts, senders instead of a job per batch, active campaigns, and what is skipped
//! for which reason.

crate::step!(
    "m0012_plans_and_senders",
    up: &[
        "CREATE TABLE campaign_plans (
            campaign_id BIGINT NOT NULL,
            phase {key:10} NOT NULL,
            mode {key:10} NOT NULL,
            batch_size INT NOT NULL,
            asked_at {time} NOT NULL,
            again BOOLEAN NOT NULL,
            scheduled_at {time},
            after_member BIGINT NOT NULL,
            up_to_member BIGINT NOT NULL,
            first_batch BIGINT NOT NULL,
            eligible BIGINT NOT NULL,
            remaining BIGINT,
            claim BIGINT NOT NULL,
            beat_at {time} NOT NULL,
            CONSTRAINT pk_campaign_plans PRIMARY KEY (campaign_id),
            CONSTRAINT fk_campaign_plans_campaign FOREIGN KEY (campaign_id)
                REFERENCES campaigns (id) ON DELETE CASCADE
        ) {end}",
        "CREATE TABLE campaign_skips (
            campaign_id BIGINT NOT NULL,
            reason {key:40} NOT NULL,
            skipped BIGINT NOT NULL,
            CONSTRAINT pk_campaign_skips PRIMARY KEY (campaign_id, reason),
            CONSTRAINT fk_campaign_skips_campaign FOREIGN KEY (campaign_id)
                REFERENCES campaigns (id) ON DELETE CASCADE
        ) {end}",
        "INSERT INTO campaign_skips (campaign_id, reason, skipped)
            SELECT r.campaign_id,
                CASE WHEN r.status = 'skipped' THEN r.reason ELSE 'cancelled' END, COUNT(*)
            FROM campaign_recipients r LEFT JOIN campaign_batches b
                ON b.campaign_id = r.campaign_id AND b.number = r.batch_number
            WHERE (r.status = 'skipped' AND r.reason IS NOT NULL)
                OR (r.status = 'pending' AND b.state = 'cancelled')
            GROUP BY r.campaign_id,
                CASE WHEN r.status = 'skipped' THEN r.reason ELSE 'cancelled' END",
        "ALTER TABLE campaigns ADD COLUMN recurring BOOLEAN NOT NULL DEFAULT FALSE",
        "ALTER TABLE campaigns ADD COLUMN senders BIGINT NOT NULL DEFAULT 0",
        // Numbers of batches that a plan in the making has taken, besides those there are.
        "ALTER TABLE campaigns ADD COLUMN next_batch BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE campaign_batches ADD COLUMN sender BIGINT",
        // Attempts go back when a job is put off; claims never do, and are what a report names.
        "ALTER TABLE jobs ADD COLUMN claims INT NOT NULL DEFAULT 0",
        "UPDATE jobs SET claims = attempts",
        // The next untried batch of a campaign, and its last number, by looking at one row.
        "CREATE INDEX ix_campaign_batches_next ON campaign_batches (campaign_id, state, number)",
        "MySQL only: DROP INDEX ix_campaign_batches_state ON campaign_batches",
        "SQLite only: DROP INDEX ix_campaign_batches_state",
        // Batches that an older release began have no sender yet.
        "UPDATE campaign_batches SET sender = -id WHERE state = 'sending'",
    ],
    down: &[
        "CREATE INDEX ix_campaign_batches_state ON campaign_batches (campaign_id, state)",
        "MySQL only: DROP INDEX ix_campaign_batches_next ON campaign_batches",
        "SQLite only: DROP INDEX ix_campaign_batches_next",
        "ALTER TABLE jobs DROP COLUMN claims",
        "ALTER TABLE campaign_batches DROP COLUMN sender",
        "ALTER TABLE campaigns DROP COLUMN next_batch",
        "ALTER TABLE campaigns DROP COLUMN senders",
        "ALTER TABLE campaigns DROP COLUMN recurring",
        "DROP TABLE campaign_skips",
        "DROP TABLE campaign_plans",
    ],
);
