//! Which messages LINE may have got already, which pictures something uses, and an index of what
//! guests wrote and nobody read.

crate::step!(
    "m0011_tries_and_pictures",
    up: &[
        // `first_tried_at` is set before LINE is asked for the first time; `in_doubt` while a
        // try had no clear answer, so that LINE may have carried it out.
        "ALTER TABLE messages ADD COLUMN first_tried_at {time}",
        "ALTER TABLE messages ADD COLUMN in_doubt BOOLEAN NOT NULL DEFAULT FALSE",
        "UPDATE messages SET first_tried_at = created_at, in_doubt = TRUE
            WHERE status = 'pending' AND direction = 'outgoing' AND scheduled_at IS NULL",
        "CREATE INDEX ix_messages_unread ON messages (member_id, direction, read_at)",
        // When something that was saved first named one of the paths; kept for good from then on.
        "ALTER TABLE uploads ADD COLUMN used_at {time}",
        "CREATE INDEX ix_uploads_unused ON uploads (used_at, category, id)",
        "UPDATE uploads SET used_at = created_at WHERE used_at IS NULL AND EXISTS (
            SELECT 1 FROM message_templates t
            WHERE INSTR(t.content, uploads.path) > 0
            OR INSTR(t.content, uploads.jpeg_path) > 0
            OR INSTR(t.content, uploads.thumbnail_path) > 0
            OR INSTR(t.buttons, uploads.path) > 0
            OR INSTR(t.buttons, uploads.jpeg_path) > 0
            OR INSTR(t.buttons, uploads.thumbnail_path) > 0
            OR INSTR(t.interaction_result, uploads.path) > 0
            OR INSTR(t.interaction_result, uploads.jpeg_path) > 0
            OR INSTR(t.interaction_result, uploads.thumbnail_path) > 0)",
        "UPDATE uploads SET used_at = created_at WHERE used_at IS NULL AND EXISTS (
            SELECT 1 FROM template_carousel_items t
            WHERE INSTR(t.image_url, uploads.path) > 0
            OR INSTR(t.image_url, uploads.jpeg_path) > 0
            OR INSTR(t.image_url, uploads.thumbnail_path) > 0
            OR INSTR(t.buttons, uploads.path) > 0
            OR INSTR(t.buttons, uploads.jpeg_path) > 0
            OR INSTR(t.buttons, uploads.thumbnail_path) > 0
            OR INSTR(t.interaction_result, uploads.path) > 0
            OR INSTR(t.interaction_result, uploads.jpeg_path) > 0
            OR INSTR(t.interaction_result, uploads.thumbnail_path) > 0)",
        "UPDATE uploads SET used_at = created_at WHERE used_at IS NULL AND EXISTS (
            SELECT 1 FROM auto_responses t
            WHERE INSTR(t.messages, uploads.path) > 0
            OR INSTR(t.messages, uploads.jpeg_path) > 0
            OR INSTR(t.messages, uploads.thumbnail_path) > 0)",
        "UPDATE uploads SET used_at = created_at WHERE used_at IS NULL AND EXISTS (
            SELECT 1 FROM campaigns t
            WHERE INSTR(t.frozen_template, uploads.path) > 0
            OR INSTR(t.frozen_template, uploads.jpeg_path) > 0
            OR INSTR(t.frozen_template, uploads.thumbnail_path) > 0)",
        "UPDATE uploads SET used_at = created_at WHERE used_at IS NULL AND EXISTS (
            SELECT 1 FROM messages t
            WHERE INSTR(t.content, uploads.path) > 0
            OR INSTR(t.content, uploads.jpeg_path) > 0
            OR INSTR(t.content, uploads.thumbnail_path) > 0)",
    ],
    down: &[
        "MySQL only: DROP INDEX ix_uploads_unused ON uploads",
        "MySQL only: DROP INDEX ix_messages_unread ON messages",
        "SQLite only: DROP INDEX ix_uploads_unused",
        "SQLite only: DROP INDEX ix_messages_unread",
        "ALTER TABLE uploads DROP COLUMN used_at",
        "ALTER TABLE messages DROP COLUMN in_doubt",
        "ALTER TABLE messages DROP COLUMN first_tried_at",
    ],
);
