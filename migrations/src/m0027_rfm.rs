//! How guests who have stayed compare with each other. Each run makes a generation of rows of
//! its own; `rfm_state` says which one is shown.

crate::step!(
    "m0027_rfm",
    up: &[
        "CREATE TABLE rfm_state (
            id INT NOT NULL,
            begun BIGINT NOT NULL,
            shown BIGINT NOT NULL,
            computed_at {time},
            CONSTRAINT pk_rfm_state PRIMARY KEY (id)
        ) {end}",
        "INSERT INTO rfm_state (id, begun, shown) VALUES (1, 0, 0)",
        // The key answers for one member, which is what audiences and the member's page ask.
        "CREATE TABLE member_rfm (
            member_id BIGINT NOT NULL,
            generation BIGINT NOT NULL,
            recency INT NOT NULL,
            frequency INT NOT NULL,
            money INT NOT NULL,
            last_check_out DATE,
            stays BIGINT NOT NULL,
            amount_minor BIGINT NOT NULL,
            CONSTRAINT pk_member_rfm PRIMARY KEY (member_id, generation),
            CONSTRAINT fk_member_rfm_member FOREIGN KEY (member_id)
                REFERENCES members (id) ON DELETE CASCADE
        ) {end}",
        // Cells of the generation that is shown; those without members are left out.
        "CREATE TABLE rfm_cells (
            recency INT NOT NULL,
            frequency INT NOT NULL,
            money INT NOT NULL,
            members BIGINT NOT NULL,
            amount_minor BIGINT NOT NULL,
            CONSTRAINT pk_rfm_cells PRIMARY KEY (recency, frequency, money)
        ) {end}",
    ],
    down: &[
        "DROP TABLE rfm_cells",
        "DROP TABLE member_rfm",
        "DROP TABLE rfm_state",
    ],
);
