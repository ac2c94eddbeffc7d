//! Campaigns, the batches they are sent in, and their recipients (document 000 §3.2.6 and
//! §3.2.9).

crate::step!(
    "m0004_campaigns",
    up: &[
        "CREATE TABLE campaigns (
            id {id},
            title {name:100} NOT NULL,
            template_id BIGINT NOT NULL,
            target_audience {text} NOT NULL,
            trigger_condition {text},
            scheduled_at {time},
            sent_at {time},
            finished_at {time},
            shown_at {time} NOT NULL,
            status {key:20} NOT NULL,
            status_reason {key:40},
            frozen_template {text},
            recipient_count BIGINT NOT NULL DEFAULT 0,
            skipped_count BIGINT NOT NULL DEFAULT 0,
            sent_count BIGINT NOT NULL DEFAULT 0,
            failed_count BIGINT NOT NULL DEFAULT 0,
            opened_count BIGINT NOT NULL DEFAULT 0,
            clicked_count BIGINT NOT NULL DEFAULT 0,
            created_by BIGINT,
            created_at {time} NOT NULL,
            updated_at {time},
            CONSTRAINT fk_campaigns_template FOREIGN KEY (template_id)
                REFERENCES message_templates (id),
            CONSTRAINT fk_campaigns_created_by FOREIGN KEY (created_by)
                REFERENCES users (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_campaigns_shown ON campaigns (shown_at, id)",
        "CREATE INDEX ix_campaigns_status ON campaigns (status, shown_at, id)",
        "CREATE INDEX ix_campaigns_template ON campaigns (template_id)",
        "MySQL only: ALTER TABLE tags ADD CONSTRAINT fk_tags_campaign FOREIGN KEY (campaign_id)
            REFERENCES campaigns (id) ON DELETE SET NULL",
        "CREATE TABLE campaign_batches (
            id {id},
            campaign_id BIGINT NOT NULL,
            number BIGINT NOT NULL,
            mode {key:10} NOT NULL,
            state {key:10} NOT NULL,
            size INT NOT NULL,
            retry_key {key:36} NOT NULL,
            body {text},
            claim BIGINT NOT NULL DEFAULT 0,
            first_tried_at {time},
            finished_at {time},
            request_id {key:100},
            reason {key:40},
            message {name:500},
            CONSTRAINT uq_campaign_batches_number UNIQUE (campaign_id, number),
            CONSTRAINT fk_campaign_batches_campaign FOREIGN KEY (campaign_id)
                REFERENCES campaigns (id) ON DELETE CASCADE
        ) {end}",
        "CREATE INDEX ix_campaign_batches_state ON campaign_batches (campaign_id, state)",
        // A recipient's status is the row's own once it is not pending; until then it follows from
        // the batch of that number.
        "CREATE TABLE campaign_recipients (
            id {id},
            campaign_id BIGINT NOT NULL,
            member_id BIGINT,
            batch_number BIGINT,
            status {key:10} NOT NULL,
            reason {key:40},
            error_message {name:500},
            sent_at {time},
            opened_at {time},
            clicked_at {time},
            CONSTRAINT uq_campaign_recipients_member UNIQUE (campaign_id, member_id),
            CONSTRAINT fk_campaign_recipients_campaign FOREIGN KEY (campaign_id)
                REFERENCES campaigns (id) ON DELETE CASCADE,
            CONSTRAINT fk_campaign_recipients_member FOREIGN KEY (member_id)
                REFERENCES members (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_campaign_recipients_batch ON campaign_recipients (campaign_id, batch_number, member_id)",
        "CREATE INDEX ix_campaign_recipients_page ON campaign_recipients (campaign_id, id)",
        "CREATE INDEX ix_campaign_recipients_member ON campaign_recipients (member_id)",
    ],
    down: &[
        "DROP TABLE campaign_recipients",
        "DROP TABLE campaign_batches",
        "MySQL only: ALTER TABLE tags DROP FOREIGN KEY fk_tags_campaign",
        "DROP TABLE campaigns",
    ],
);
