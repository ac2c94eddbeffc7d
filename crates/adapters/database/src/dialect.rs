//! The few words on which SQLite and MySQL differ.

use sea_orm::DbBackend;

/// What a `SELECT` says to lock the rows it finds; SQLite's writers are alone anyway.
pub(crate) fn for_update(backend: DbBackend) -> &'static str {
    if backend == DbBackend::MySql {
        " FOR UPDATE"
    } else {
        ""
    }
}

/// The same, for one table of a join, passing over rows that others hold.
pub(crate) fn skip_locked(backend: DbBackend) -> &'static str {
    if backend == DbBackend::MySql {
        " FOR UPDATE SKIP LOCKED"
    } else {
        ""
    }
}

/// The operator that divides whole numbers.
pub(crate) fn div(backend: DbBackend) -> &'static str {
    if backend == DbBackend::MySql {
        "DIV"
    } else {
        "/"
    }
}

/// A pattern for `LIKE ? ESCAPE '!'` that finds `text` anywhere, as it is written.
pub(crate) fn contains(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '!' | '%' | '_') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// `?, ?, ?` for `n` values.
pub(crate) fn marks(n: usize) -> String {
    vec!["?"; n].join(", ")
}

/// `(?, …), (?, …)` for so many rows.
pub(crate) fn rows(columns: usize, n: usize) -> String {
    vec![format!("({})", marks(columns)); n].join(", ")
}

/// Rows in one `INSERT`, so that their values stay below both databases' limits.
pub(crate) const fn rows_at_once(columns: usize) -> usize {
    let rows = 30_000 / columns;
    if rows > 1_000 { 1_000 } else { rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_with_a_meaning_are_searched_for_as_they_are() {
        assert_eq!(contains("50%_!"), "%50!%!_!!%");
        assert_eq!(contains("王"), "%王%");
    }
}
