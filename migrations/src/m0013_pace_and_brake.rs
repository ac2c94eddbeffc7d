//! How fast LINE may be called, for all processes together, and the brake that stops every send.

crate::step!(
    "m0013_pace_and_brake",
    up: &[
        // One row for each endpoint that sends. Times are nanoseconds of the epoch by the
        // database's clock, `slowed_to` is in thousandths of a turn a second.
        "CREATE TABLE send_paces (
            kind {key:10} NOT NULL,
            next_at BIGINT NOT NULL,
            slowed_to BIGINT,
            slowed_at BIGINT,
            CONSTRAINT pk_send_paces PRIMARY KEY (kind)
        ) {end}",
        "INSERT INTO send_paces (kind, next_at) VALUES ('multicast', 0), ('push', 0)",
        // One row, always there, so that it can be locked; stopped while it has a time.
        "CREATE TABLE sending_brake (
            id BIGINT NOT NULL,
            stopped_at {time},
            stopped_by BIGINT,
            reason {name:200},
            CONSTRAINT pk_sending_brake PRIMARY KEY (id),
            CONSTRAINT fk_sending_brake_user FOREIGN KEY (stopped_by)
                REFERENCES users (id) ON DELETE SET NULL
        ) {end}",
        "INSERT INTO sending_brake (id) VALUES (1)",
    ],
    down: &["DROP TABLE sending_brake", "DROP TABLE send_paces"],
);
