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
    ],
    down: &[
        "ALTER TABLE tag_trigger_logs DROP COLUMN message_id",
        "ALTER TABLE messages DROP COLUMN clicked_at",
        "ALTER TABLE messages DROP COLUMN frozen_template",
    ],
);
