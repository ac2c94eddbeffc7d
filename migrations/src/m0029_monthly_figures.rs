//! Sums of whole months, of figures whose subjects are listed over long periods.

crate::step!(
    "m0029_monthly_figures",
    up: &[
        // The sum of the days, of rows that are gone too. `month` is its first day. It is filled
        // by the count that follows an upgrade, which also takes in whatever a program of before
        // wrote meanwhile; nothing here waits for those who write.
        "CREATE TABLE monthly_figures (
            name {key:30} NOT NULL,
            month DATE NOT NULL,
            subject BIGINT NOT NULL,
            n BIGINT NOT NULL,
            CONSTRAINT pk_monthly_figures PRIMARY KEY (name, month, subject)
        ) {end}",
        "UPDATE figures_state SET time_zone = NULL WHERE id = 1",
    ],
    down: &["DROP TABLE monthly_figures"],
);
