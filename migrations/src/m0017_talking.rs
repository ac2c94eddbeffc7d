//! Conversations with their kept figures, notes about them, and replies kept ready.

crate::step!(
    "m0017_talking",
    up: &[
        // One row per guest with whom anything was ever written one to one, planned messages
        // included. `last_…` is the last that was said by either: received or sent, by whom ever
        // but a campaign; NULL while nothing was. No foreign key for the message: it goes with
        // the guest, and so does this row.
        "CREATE TABLE conversations (
            member_id BIGINT NOT NULL,
            last_message_id BIGINT,
            last_at {time},
            last_direction {key:10},
            last_incoming_at {time},
            unread_count BIGINT NOT NULL DEFAULT 0,
            is_unread BOOLEAN GENERATED ALWAYS AS (unread_count > 0) STORED,
            assigned_to BIGINT,
            CONSTRAINT pk_conversations PRIMARY KEY (member_id),
            CONSTRAINT fk_conversations_member FOREIGN KEY (member_id)
                REFERENCES members (id) ON DELETE CASCADE,
            CONSTRAINT fk_conversations_assigned FOREIGN KEY (assigned_to)
                REFERENCES users (id) ON DELETE SET NULL
        ) {end}",
        "INSERT INTO conversations (member_id, last_incoming_at, unread_count)
            SELECT member_id, MAX(CASE WHEN direction = 'incoming' THEN created_at END),
                COUNT(CASE WHEN direction = 'incoming' AND read_at IS NULL THEN 1 END)
            FROM messages WHERE sender_type IS NULL OR sender_type <> 'campaign'
            GROUP BY member_id",
        "UPDATE conversations SET last_message_id = (
            SELECT m.id FROM messages m WHERE m.member_id = conversations.member_id
                AND m.status IN ('received', 'sent')
                AND (m.sender_type IS NULL OR m.sender_type <> 'campaign')
            ORDER BY COALESCE(m.sent_at, m.created_at) DESC, m.id DESC LIMIT 1)",
        "UPDATE conversations SET
            last_at = (SELECT COALESCE(m.sent_at, m.created_at) FROM messages m
                WHERE m.id = conversations.last_message_id),
            last_direction = (SELECT m.direction FROM messages m
                WHERE m.id = conversations.last_message_id)",
        // One for each way in which the list is narrowed, in its order.
        "CREATE INDEX ix_conversations_last ON conversations (last_at, member_id)",
        "CREATE INDEX ix_conversations_unread ON conversations (is_unread, last_at, member_id)",
        "CREATE INDEX ix_conversations_direction
            ON conversations (last_direction, last_at, member_id)",
        "CREATE INDEX ix_conversations_assigned
            ON conversations (assigned_to, last_at, member_id)",
        "CREATE TABLE conversation_notes (
            id {id},
            member_id BIGINT NOT NULL,
            author_id BIGINT,
            content {text} NOT NULL,
            created_at {time} NOT NULL,
            updated_at {time},
            CONSTRAINT fk_conversation_notes_member FOREIGN KEY (member_id)
                REFERENCES members (id) ON DELETE CASCADE,
            CONSTRAINT fk_conversation_notes_author FOREIGN KEY (author_id)
                REFERENCES users (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_conversation_notes_member ON conversation_notes (member_id, id)",
        // `title_key` and `shortcut_key` are the folded forms that are compared.
        "CREATE TABLE canned_replies (
            id {id},
            title {name:100} NOT NULL,
            title_key {key:300} NOT NULL,
            shortcut {name:30},
            shortcut_key {key:90},
            message_type {key:20} NOT NULL,
            content {text},
            template_id BIGINT,
            created_at {time} NOT NULL,
            updated_at {time},
            CONSTRAINT uq_canned_replies_shortcut UNIQUE (shortcut_key),
            CONSTRAINT fk_canned_replies_template FOREIGN KEY (template_id)
                REFERENCES message_templates (id)
        ) {end}",
        "CREATE INDEX ix_canned_replies_title ON canned_replies (title_key, id)",
        "CREATE INDEX ix_canned_replies_template ON canned_replies (template_id)",
    ],
    down: &[
        "DROP TABLE canned_replies",
        "DROP TABLE conversation_notes",
        "DROP TABLE conversations",
    ],
);
