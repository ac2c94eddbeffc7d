//! What makes long lists of members quick: an index of the parts of names, addresses and
//! numbers, an index for each order of the list, and kept totals.

crate::step!(
    "m0010_member_lists",
    up: &[
        // Everything a member may be found by, folded; NULL = still to be indexed.
        "MySQL only: ALTER TABLE members ADD COLUMN search_key TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "SQLite only: ALTER TABLE members ADD COLUMN search_key TEXT",
        "MySQL only: CREATE INDEX ix_members_to_index ON members (search_key(1))",
        "SQLite only: CREATE INDEX ix_members_to_index ON members (id) WHERE search_key IS NULL",
        // Bytes, so that both databases order and compare alike. No foreign key: it would need
        // an index as large as the table, and `search_key` tells which rows a member has.
        "MySQL only: CREATE TABLE member_search_terms (
            term VARBINARY(24) NOT NULL,
            member_id BIGINT NOT NULL,
            CONSTRAINT pk_member_search_terms PRIMARY KEY (term, member_id)
        ) {end}",
        "SQLite only: CREATE TABLE member_search_terms (
            term BLOB NOT NULL,
            member_id BIGINT NOT NULL,
            CONSTRAINT pk_member_search_terms PRIMARY KEY (term, member_id)
        ) WITHOUT ROWID",
        "CREATE INDEX ix_members_updated ON members (updated_at, id)",
        "CREATE INDEX ix_members_first_name ON members (first_name, id)",
        "CREATE INDEX ix_members_last_name ON members (last_name, id)",
        "CREATE INDEX ix_members_line_name ON members (line_display_name, id)",
        "CREATE INDEX ix_members_filters ON members (source, gender, line_state)",
        // Several parts of one total, so that writers seldom wait for each other.
        "CREATE TABLE kept_totals (
            name {key:40} NOT NULL,
            part INT NOT NULL,
            n BIGINT NOT NULL,
            CONSTRAINT pk_kept_totals PRIMARY KEY (name, part)
        ) {end}",
        "INSERT INTO kept_totals (name, part, n) VALUES
            ('members', 1, 0), ('members', 2, 0), ('members', 3, 0), ('members', 4, 0),
            ('members', 5, 0), ('members', 6, 0), ('members', 7, 0)",
        "INSERT INTO kept_totals (name, part, n) SELECT 'members', 0, COUNT(*) FROM members",
    ],
    down: &[
        "DROP TABLE kept_totals",
        "MySQL only: DROP INDEX ix_members_filters ON members",
        "MySQL only: DROP INDEX ix_members_line_name ON members",
        "MySQL only: DROP INDEX ix_members_last_name ON members",
        "MySQL only: DROP INDEX ix_members_first_name ON members",
        "MySQL only: DROP INDEX ix_members_updated ON members",
        "MySQL only: DROP INDEX ix_members_to_index ON members",
        "SQLite only: DROP INDEX ix_members_filters",
        "SQLite only: DROP INDEX ix_members_line_name",
        "SQLite only: DROP INDEX ix_members_last_name",
        "SQLite only: DROP INDEX ix_members_first_name",
        "SQLite only: DROP INDEX ix_members_updated",
        "SQLite only: DROP INDEX ix_members_to_index",
        "DROP TABLE member_search_terms",
        "ALTER TABLE members DROP COLUMN search_key",
    ],
);
