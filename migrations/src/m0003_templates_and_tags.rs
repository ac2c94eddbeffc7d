//! Tags of both kinds in one table, who wears them, the trigger log, message templates and
//! their cards (document 000 §3.2.3–5, §3.2.7–8, §3.2.14).

crate::step!(
    "m0003_templates_and_tags",
    up: &[
        // `campaign_key` is the campaign's id, or 0: a NULL would let two equal names through.
        // MySQL gets the foreign key to campaigns once that table exists.
        "MySQL only: CREATE TABLE tags (
            id {id},
            kind {key:20} NOT NULL,
            name {name:50} NOT NULL,
            name_key {key:700} NOT NULL,
            campaign_id BIGINT,
            campaign_key BIGINT NOT NULL DEFAULT 0,
            source {key:10} NOT NULL,
            description {name:200},
            member_count BIGINT NOT NULL DEFAULT 0,
            trigger_count BIGINT NOT NULL DEFAULT 0,
            created_at {time} NOT NULL,
            updated_at {time},
            CONSTRAINT uq_tags_name UNIQUE (kind, campaign_key, name_key)
        ) {end}",
        "SQLite only: CREATE TABLE tags (
            id {id},
            kind {key:20} NOT NULL,
            name {name:50} NOT NULL,
            name_key {key:700} NOT NULL,
            campaign_id BIGINT,
            campaign_key BIGINT NOT NULL DEFAULT 0,
            source {key:10} NOT NULL,
            description {name:200},
            member_count BIGINT NOT NULL DEFAULT 0,
            trigger_count BIGINT NOT NULL DEFAULT 0,
            created_at {time} NOT NULL,
            updated_at {time},
            CONSTRAINT uq_tags_name UNIQUE (kind, campaign_key, name_key),
            CONSTRAINT fk_tags_campaign FOREIGN KEY (campaign_id)
                REFERENCES campaigns (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_tags_campaign ON tags (campaign_id)",
        // The relation's key order answers \"does this member wear it\"; the second index
        // answers \"who wears it\" without touching the table.
        "CREATE TABLE member_tag_relations (
            member_id BIGINT NOT NULL,
            tag_id BIGINT NOT NULL,
            tagged_at {time} NOT NULL,
            CONSTRAINT pk_member_tag_relations PRIMARY KEY (member_id, tag_id),
            CONSTRAINT fk_member_tag_relations_member FOREIGN KEY (member_id)
                REFERENCES members (id) ON DELETE CASCADE,
            CONSTRAINT fk_member_tag_relations_tag FOREIGN KEY (tag_id)
                REFERENCES tags (id) ON DELETE CASCADE
        ) {end}",
        "CREATE INDEX ix_member_tag_relations_tag ON member_tag_relations (tag_id, member_id)",
        // The log outlives what it speaks of: no foreign keys, the tag's name is kept.
        // `once_key` makes one row per (member, tag, campaign) for taps and none for manual rows.
        "CREATE TABLE tag_trigger_logs (
            id {id},
            member_id BIGINT NOT NULL,
            tag_id BIGINT NOT NULL,
            tag_name {name:50} NOT NULL,
            campaign_id BIGINT,
            trigger_source {key:20} NOT NULL,
            triggered_at {time} NOT NULL,
            once_key {key:80},
            CONSTRAINT uq_tag_trigger_logs_once UNIQUE (once_key)
        ) {end}",
        "CREATE INDEX ix_tag_trigger_logs_tag ON tag_trigger_logs (tag_id, triggered_at)",
        "CREATE INDEX ix_tag_trigger_logs_member ON tag_trigger_logs (member_id, triggered_at)",
        "CREATE TABLE message_templates (
            id {id},
            type {key:20} NOT NULL,
            name {name:100},
            content {text},
            buttons {text},
            notification_text {name:100},
            preview_text {name:100},
            interaction_tag_id BIGINT,
            interaction_result {text},
            created_at {time} NOT NULL,
            updated_at {time},
            CONSTRAINT fk_message_templates_tag FOREIGN KEY (interaction_tag_id)
                REFERENCES tags (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_message_templates_type ON message_templates (type, id)",
        "CREATE TABLE template_carousel_items (
            id {id},
            template_id BIGINT NOT NULL,
            image_url {name:500} NOT NULL,
            title {name:100},
            description {name:200},
            price_minor BIGINT,
            interaction_result {text},
            interaction_tag_id BIGINT,
            buttons {text},
            sort_order INT NOT NULL DEFAULT 0,
            created_at {time} NOT NULL,
            CONSTRAINT fk_template_carousel_items_template FOREIGN KEY (template_id)
                REFERENCES message_templates (id) ON DELETE CASCADE,
            CONSTRAINT fk_template_carousel_items_tag FOREIGN KEY (interaction_tag_id)
                REFERENCES tags (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_template_carousel_items_template ON template_carousel_items (template_id, sort_order)",
    ],
    down: &[
        "DROP TABLE template_carousel_items",
        "DROP TABLE message_templates",
        "DROP TABLE tag_trigger_logs",
        "DROP TABLE member_tag_relations",
        "DROP TABLE tags",
    ],
);
