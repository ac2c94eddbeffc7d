//! What a single message was made of and whether it was tapped, what triggered a tag, templates
//! that answer taps, and clicks on tracked links.

crate::step!(
    "m0019_clicks",
    up: &[
        // The template as it was when the message was made: its links go on meaning what they
        // meant.
        "ALTER TABLE messages ADD COLUMN frozen_template {text}",
        "ALTER TABLE messages ADD COLUMN clicked_at {time}",
        // `once_key` makes one row per (member, tag, campaign or message).
        "ALTER TABLE tag_trigger_logs ADD COLUMN message_id BIGINT",
        // What was tapped: its number, and what it says.
        "ALTER TABLE tag_trigger_logs ADD COLUMN item INT",
        "ALTER TABLE tag_trigger_logs ADD COLUMN label {name:100}",
        // Templates that taps on a template are answered with; they stay as long as it does.
        "CREATE TABLE template_answers (
            template_id BIGINT NOT NULL,
            answer_id BIGINT NOT NULL,
            CONSTRAINT pk_template_answers PRIMARY KEY (template_id, answer_id),
            CONSTRAINT fk_template_answers_template FOREIGN KEY (template_id)
                REFERENCES message_templates (id) ON DELETE CASCADE,
            CONSTRAINT fk_template_answers_answer FOREIGN KEY (answer_id)
                REFERENCES message_templates (id)
        ) {end}",
        "CREATE INDEX ix_template_answers_answer ON template_answers (answer_id)",
        // Clicks on tracked links, of campaigns (`message_id` 0) and of single messages
        // (`campaign_id` 0), until their window is over. No foreign keys: whom a link was sent to
        // may be part of another member since, and is looked for when a click is recorded.
        "CREATE TABLE link_clicks (
            id {id},
            member_id BIGINT NOT NULL,
            campaign_id BIGINT NOT NULL DEFAULT 0,
            message_id BIGINT NOT NULL DEFAULT 0,
            item INT NOT NULL,
            time_window BIGINT NOT NULL,
            clicked_at {time} NOT NULL,
            click_group BIGINT NOT NULL,
            is_recorded BOOLEAN NOT NULL DEFAULT FALSE,
            CONSTRAINT uq_link_clicks_once UNIQUE (member_id, campaign_id, message_id, item, time_window)
        ) {end}",
        "CREATE INDEX ix_link_clicks_group ON link_clicks (click_group)",
        "CREATE INDEX ix_link_clicks_clicked ON link_clicks (clicked_at)",
    ],
    down: &[
        "DROP TABLE link_clicks",
        "DROP TABLE template_answers",
        "ALTER TABLE tag_trigger_logs DROP COLUMN label",
        "ALTER TABLE tag_trigger_logs DROP COLUMN item",
        "ALTER TABLE tag_trigger_logs DROP COLUMN message_id",
        "ALTER TABLE messages DROP COLUMN clicked_at",
        "ALTER TABLE messages DROP COLUMN frozen_template",
    ],
);
