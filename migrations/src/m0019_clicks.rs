//! What a single message was made of and whether it was tapped, and the messages that triggered
//! tags.

crate::step!(
    "m0019_clicks",
    up: &[
        // The template as it was when the message was made: its links go on meaning what they
        // meant.
        "ALTER TABLE messages ADD COLUMN frozen_template {text}",
        "ALTER TABLE messages ADD COLUMN clicked_at {time}",
        // `once_key` makes one row per (member, tag, campaign or message).
        "ALTER TABLE tag_trigger_logs ADD COLUMN message_id BIGINT",
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
    ],
    down: &[
        "DROP TABLE template_answers",
        "ALTER TABLE tag_trigger_logs DROP COLUMN message_id",
        "ALTER TABLE messages DROP COLUMN clicked_at",
        "ALTER TABLE messages DROP COLUMN frozen_template",
    ],
);
