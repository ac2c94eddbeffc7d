//! What happened to a campaign, how fast it goes, who among its recipients did what, and what
//! LINE counted.

crate::step!(
    "m0014_campaign_watching",
    up: &[
        // `facts` is a JSON object of figures and times, never anything about a guest.
        "CREATE TABLE campaign_events (
            id {id},
            campaign_id BIGINT NOT NULL,
            at {time} NOT NULL,
            kind {key:20} NOT NULL,
            actor {key:10} NOT NULL,
            user_id BIGINT,
            reason {key:40},
            facts {text},
            CONSTRAINT fk_campaign_events_campaign FOREIGN KEY (campaign_id)
                REFERENCES campaigns (id) ON DELETE CASCADE,
            CONSTRAINT fk_campaign_events_user FOREIGN KEY (user_id)
                REFERENCES users (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_campaign_events_campaign ON campaign_events (campaign_id, id)",
        // All that the pace of a campaign is read from.
        "CREATE INDEX ix_campaign_batches_finished
            ON campaign_batches (campaign_id, finished_at, state, size)",
        // By outcome, and by opening; SQLite's leave out those of whom there is nothing to tell.
        "MySQL only: CREATE INDEX ix_campaign_recipients_outcome
            ON campaign_recipients (campaign_id, status, reason)",
        "SQLite only: CREATE INDEX ix_campaign_recipients_outcome
            ON campaign_recipients (campaign_id, status, reason) WHERE status <> 'pending'",
        "MySQL only: CREATE INDEX ix_campaign_recipients_opened
            ON campaign_recipients (campaign_id, opened_at)",
        "SQLite only: CREATE INDEX ix_campaign_recipients_opened
            ON campaign_recipients (campaign_id, opened_at) WHERE opened_at IS NOT NULL",
        // What LINE counted under `line_unit`; NULL where LINE tells nothing, which is not 0.
        // `line_asked_at` is the last time that LINE was asked, `line_fetched_at` that it answered.
        "ALTER TABLE campaigns ADD COLUMN line_unit {key:30}",
        "ALTER TABLE campaigns ADD COLUMN line_unique_impressions BIGINT",
        "ALTER TABLE campaigns ADD COLUMN line_unique_clicks BIGINT",
        "ALTER TABLE campaigns ADD COLUMN line_unique_media_played BIGINT",
        "ALTER TABLE campaigns ADD COLUMN line_unique_media_completed BIGINT",
        "ALTER TABLE campaigns ADD COLUMN line_asked_at {time}",
        "ALTER TABLE campaigns ADD COLUMN line_fetched_at {time}",
        "CREATE INDEX ix_campaigns_line_asked ON campaigns (line_asked_at)",
    ],
    down: &[
        "MySQL only: DROP INDEX ix_campaigns_line_asked ON campaigns",
        "SQLite only: DROP INDEX ix_campaigns_line_asked",
        "ALTER TABLE campaigns DROP COLUMN line_fetched_at",
        "ALTER TABLE campaigns DROP COLUMN line_asked_at",
        "ALTER TABLE campaigns DROP COLUMN line_unique_media_completed",
        "ALTER TABLE campaigns DROP COLUMN line_unique_media_played",
        "ALTER TABLE campaigns DROP COLUMN line_unique_clicks",
        "ALTER TABLE campaigns DROP COLUMN line_unique_impressions",
        "ALTER TABLE campaigns DROP COLUMN line_unit",
        "MySQL only: DROP INDEX ix_campaign_recipients_opened ON campaign_recipients",
        "MySQL only: DROP INDEX ix_campaign_recipients_outcome ON campaign_recipients",
        "MySQL only: DROP INDEX ix_campaign_batches_finished ON campaign_batches",
        "SQLite only: DROP INDEX ix_campaign_recipients_opened",
        "SQLite only: DROP INDEX ix_campaign_recipients_outcome",
        "SQLite only: DROP INDEX ix_campaign_batches_finished",
        "DROP TABLE campaign_events",
    ],
);
