//! Back-office users and their sign-ins (document 000 §3.2.1).

crate::step!(
    "m0001_users",
    up: &[
        // The …_key columns hold the folded forms that must be unique and are looked up.
        "CREATE TABLE users (
            id {id},
            username {name:50} NOT NULL,
            username_key {key:50} NOT NULL,
            email {name:100} NOT NULL,
            email_key {key:100} NOT NULL,
            password_hash {key:255} NOT NULL,
            full_name {name:100},
            role {key:20} NOT NULL,
            is_active BOOLEAN NOT NULL DEFAULT TRUE,
            last_login_at {time},
            created_at {time} NOT NULL,
            updated_at {time},
            CONSTRAINT uq_users_username UNIQUE (username_key),
            CONSTRAINT uq_users_email UNIQUE (email_key)
        ) {end}",
        "CREATE TABLE sessions (
            id {id},
            user_id BIGINT NOT NULL,
            created_at {time} NOT NULL,
            expires_at {time} NOT NULL,
            revoked_at {time},
            CONSTRAINT fk_sessions_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
        ) {end}",
        "CREATE INDEX ix_sessions_user ON sessions (user_id, revoked_at)",
    ],
    down: &["DROP TABLE sessions", "DROP TABLE users"],
);
