//! What was told to those who listen, kept for a day for those who come back.

crate::step!(
    "m0018_live_events",
    up: &[
        // `facts` is a JSON object of ids and states. Without a foreign key: whoever writes one
        // here has its message locked, and must not wait for the member then.
        "CREATE TABLE live_events (
            id {id},
            kind {key:40} NOT NULL,
            audience {key:40} NOT NULL,
            member_id BIGINT,
            facts {text},
            created_at {time} NOT NULL
        ) {end}",
        "CREATE INDEX ix_live_events_member ON live_events (member_id)",
    ],
    down: &["DROP TABLE live_events"],
);
