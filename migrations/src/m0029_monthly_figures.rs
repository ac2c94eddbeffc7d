//! Sums of whole months, of figures whose subjects are listed over long periods.

crate::step!(
    "m0029_monthly_figures",
    up: &[
        // Always the sum of the days, of rows that are gone too. `month` is its first day.
        "CREATE TABLE monthly_figures (
            name {key:30} NOT NULL,
            month DATE NOT NULL,
            subject BIGINT NOT NULL,
            n BIGINT NOT NULL,
            CONSTRAINT pk_monthly_figures PRIMARY KEY (name, month, subject)
        ) {end}",
        "SQLite only: INSERT INTO monthly_figures (name, month, subject, n)
            SELECT name, substr(day, 1, 8) || '01', subject, SUM(n) FROM daily_figures
            WHERE subject <> 0 AND name IN ('rule_fired', 'rule_succeeded', 'tag_triggered')
            GROUP BY 1, 2, 3",
        "MySQL only: INSERT INTO monthly_figures (name, month, subject, n)
            SELECT name, DATE_FORMAT(day, '%Y-%m-01'), subject, SUM(n) FROM daily_figures
            WHERE subject <> 0 AND name IN ('rule_fired', 'rule_succeeded', 'tag_triggered')
            GROUP BY 1, 2, 3",
    ],
    down: &["DROP TABLE monthly_figures"],
);
