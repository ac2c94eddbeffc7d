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

/// The values with the last one repeated until their number is a power of two: for `IN (…)`, to
/// which that makes no difference. A connection keeps its statements by their text. With a text
/// for every number of values it would keep hundreds of large ones, which is memory; and MySQL is
/// told again and again to forget one and to learn another, each time of which TCP holds the
/// second back for 40 ms.
pub(crate) fn rounded<T: Clone>(values: &[T]) -> Vec<T> {
    let mut all = values.to_vec();
    if let Some(last) = values.last() {
        all.resize(values.len().next_power_of_two(), last.clone());
    }
    all
}

/// Values for one `IN (…)`.
const NAMED_AT_ONCE: usize = 256;

/// Values for `IN (…)`, a piece for one statement each, [`rounded`].
pub(crate) fn named<T: Clone>(values: &[T]) -> impl Iterator<Item = Vec<T>> {
    values.chunks(NAMED_AT_ONCE).map(rounded)
}

/// Pieces of at most `most` rows for one `INSERT` each, each a power of two long, for the reason
/// of [`rounded`].
pub(crate) fn pieces<T>(mut rows: &[T], most: usize) -> Vec<&[T]> {
    let mut pieces = Vec::new();
    while !rows.is_empty() {
        let n = 1 << rows.len().min(most).ilog2();
        let (piece, rest) = rows.split_at(n);
        pieces.push(piece);
        rows = rest;
    }
    pieces
}

/// `(?, …), (?, …)` for so many rows.
pub(crate) fn rows(columns: usize, n: usize) -> String {
    vec![format!("({})", marks(columns)); n].join(", ")
}

/// Rows in one `INSERT`: few enough that a statement which is kept takes little memory.
pub(crate) const fn rows_at_once(columns: usize) -> usize {
    let rows = 2_500 / columns;
    if rows > 512 { 512 } else { rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_with_a_meaning_are_searched_for_as_they_are() {
        assert_eq!(contains("50%_!"), "%50!%!_!!%");
        assert_eq!(contains("王"), "%王%");
    }

    #[test]
    fn lists_of_any_length_have_few_texts() {
        assert_eq!(rounded::<i64>(&[]), Vec::<i64>::new());
        assert_eq!(rounded(&[7]), [7]);
        assert_eq!(rounded(&[1, 2, 3, 4, 5]), [1, 2, 3, 4, 5, 5, 5, 5]);
    }

    #[test]
    fn pieces_hold_every_row_once() {
        let rows: Vec<usize> = (0..1_037).collect();
        let cut = pieces(&rows, 500);
        assert_eq!(cut.concat(), rows);
        assert!(cut.iter().all(|piece| piece.len() <= 500));
        let lengths: Vec<usize> = pieces(&rows[..37], 500).iter().map(|p| p.len()).collect();
        assert_eq!(lengths, [32, 4, 1]);
    }
}
