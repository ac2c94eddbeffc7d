//! What reports read instead of the rows: figures per hotel day, and what campaigns brought.

crate::step!(
    "m0024_figures",
    up: &[
        // Subject 0 is all subjects, in parts so that writers seldom wait for each other. Part
        // -1 is what was counted of rows that are gone with the member they were about.
        "CREATE TABLE daily_figures (
            name {key:30} NOT NULL,
            subject BIGINT NOT NULL,
            day DATE NOT NULL,
            part INT NOT NULL,
            n BIGINT NOT NULL,
            CONSTRAINT pk_daily_figures PRIMARY KEY (name, subject, day, part)
        ) {end}",
        "CREATE INDEX ix_daily_figures_day ON daily_figures (name, day, subject, n)",
        // By whose days the figures were counted; one row.
        "CREATE TABLE figures_state (
            id INT NOT NULL,
            time_zone {key:64},
            rebuilt_at {time},
            version BIGINT NOT NULL DEFAULT 0,
            CONSTRAINT pk_figures_state PRIMARY KEY (id)
        ) {end}",
        "INSERT INTO figures_state (id) VALUES (1)",
        // Friends won and lost, kept when the guest is erased.
        "CREATE TABLE friend_changes (
            id {id},
            member_id BIGINT,
            follows BOOLEAN NOT NULL,
            changed_at {time} NOT NULL,
            CONSTRAINT fk_friend_changes_member FOREIGN KEY (member_id)
                REFERENCES members (id) ON DELETE SET NULL
        ) {end}",
        "CREATE INDEX ix_friend_changes_member ON friend_changes (member_id)",
        "INSERT INTO friend_changes (member_id, follows, changed_at)
            SELECT id, TRUE, followed_at FROM members WHERE followed_at IS NOT NULL",
        "INSERT INTO friend_changes (member_id, follows, changed_at)
            SELECT id, FALSE, unfollowed_at FROM members WHERE unfollowed_at IS NOT NULL",
        "ALTER TABLE campaigns ADD COLUMN converted_count BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE campaigns ADD COLUMN converted_clicked_count BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE campaigns ADD COLUMN revenue_minor BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE campaigns ADD COLUMN revenue_stays BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE campaigns ADD COLUMN revenue_nights BIGINT NOT NULL DEFAULT 0",
        "CREATE INDEX ix_campaigns_sent ON campaigns (sent_at, id)",
    ],
    down: &[
        "MySQL only: DROP INDEX ix_campaigns_sent ON campaigns",
        "SQLite only: DROP INDEX ix_campaigns_sent",
        "ALTER TABLE campaigns DROP COLUMN revenue_nights",
        "ALTER TABLE campaigns DROP COLUMN revenue_stays",
        "ALTER TABLE campaigns DROP COLUMN revenue_minor",
        "ALTER TABLE campaigns DROP COLUMN converted_clicked_count",
        "ALTER TABLE campaigns DROP COLUMN converted_count",
        "DROP TABLE friend_changes",
        "DROP TABLE figures_state",
        "DROP TABLE daily_figures",
    ],
);
