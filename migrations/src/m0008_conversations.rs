//! Rules that answer guests by themselves, and what guests and the hotel wrote to each other
//! (document 000 §3.2.10–12).

crate::step!(
    "m0008_conversations",
    up: &[
        // `messages` is a JSON array of 1 to 5 texts, `content` is the first. Times of day are
        // `HH:MM` in hotel time. The success rate follows from the two counts.
        "CREATE TABLE auto_responses (
            id {id},
            name {name:100} NOT NULL,
            trigger_type {key:10} NOT NULL,
            content {text} NOT NULL,
            messages {text} NOT NULL,
            template_id BIGINT,
            is_active BOOLEAN NOT NULL DEFAULT TRUE,
            trigger_time_start {key:5},
            trigger_time_end {key:5},
            date_start DATE,
            date_end DATE,
            trigger_count BIGINT NOT NULL DEFAULT 0,
            success_count BIGINT NOT NULL DEFAULT 0,
            created_at {time} NOT NULL,
            updated_at {time},
            CONSTRAINT fk_auto_responses_template FOREIGN KEY (template_id)
                REFERENCES message_templates (id)
        ) {end}",
        "CREATE INDEX ix_auto_responses_type ON auto_responses (trigger_type, is_active, id)",
        "CREATE INDEX ix_auto_responses_template ON auto_responses (template_id)",
        // `keyword_key` is the folded form that is compared.
        "CREATE TABLE auto_response_keywords (
            id {id},
            auto_response_id BIGINT NOT NULL,
            keyword {name:50} NOT NULL,
            keyword_key {key:200} NOT NULL,
            match_count BIGINT NOT NULL DEFAULT 0,
            created_at {time} NOT NULL,
            CONSTRAINT uq_auto_response_keywords_keyword UNIQUE (auto_response_id, keyword_key),
            CONSTRAINT fk_auto_response_keywords_rule FOREIGN KEY (auto_response_id)
                REFERENCES auto_responses (id) ON DELETE CASCADE
        ) {end}",
        "CREATE INDEX ix_auto_response_keywords_key ON auto_response_keywords (keyword_key)",
        // `status`: received, pending (planned or on its way), sent, failed.
        "CREATE TABLE messages (
            id {id},
            member_id BIGINT NOT NULL,
            campaign_id BIGINT,
            template_id BIGINT,
            content {text} NOT NULL,
            direction {key:10} NOT NULL,
            message_type {key:20} NOT NULL,
            sender_type {key:10},
            sender_id BIGINT,
            status {key:10} NOT NULL,
            reason {key:40},
            error_message {name:500},
            retry_key {key:36},
            line_message_id {key:80},
            scheduled_at {time},
            sent_at {time},
            read_at {time},
            created_at {time} NOT NULL,
            CONSTRAINT uq_messages_line_message UNIQUE (line_message_id),
            CONSTRAINT fk_messages_member FOREIGN KEY (member_id)
                REFERENCES members (id) ON DELETE CASCADE,
            CONSTRAINT fk_messages_campaign FOREIGN KEY (campaign_id)
                REFERENCES campaigns (id) ON DELETE SET NULL,
            CONSTRAINT fk_messages_sender FOREIGN KEY (sender_id)
                REFERENCES users (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_messages_member ON messages (member_id, created_at, id)",
        "CREATE INDEX ix_messages_created ON messages (created_at, id)",
        "CREATE INDEX ix_messages_direction ON messages (direction, created_at, id)",
    ],
    down: &[
        "DROP TABLE messages",
        "DROP TABLE auto_response_keywords",
        "DROP TABLE auto_responses",
    ],
);
