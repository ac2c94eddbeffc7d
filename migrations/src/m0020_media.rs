//! What LINE tells of a message besides its words, and content that guests send: pictures,
//! videos, sound and files.

crate::step!(
    "m0020_media",
    up: &[
        // A JSON document; null where the words are all.
        "ALTER TABLE messages ADD COLUMN details {text}",
        // A table of its own: most messages have no content, and what becomes of it is written
        // while others read the conversation. `state`: pending, stored, failed, gone. `path` is
        // chosen before the file is begun, so that a repetition writes the same one.
        "CREATE TABLE message_media (
            message_id BIGINT NOT NULL,
            kind {key:10} NOT NULL,
            state {key:10} NOT NULL,
            path {key:200},
            begun_at {time},
            content_type {key:100},
            bytes BIGINT,
            failure {key:40},
            ended_at {time},
            CONSTRAINT pk_message_media PRIMARY KEY (message_id),
            CONSTRAINT fk_message_media_message FOREIGN KEY (message_id)
                REFERENCES messages (id) ON DELETE CASCADE
        ) {end}",
        "CREATE INDEX ix_message_media_path ON message_media (path)",
    ],
    down: &[
        "DROP TABLE message_media",
        "ALTER TABLE messages DROP COLUMN details",
    ],
);
