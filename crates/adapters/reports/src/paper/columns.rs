use super::press::{MARGIN, SHORT};
use crate::ruler::Measure;
use crate::scene::Type;
use crate::scheme::INK;
use crate::words::{day, fixed, fixed_grouped, grouped, readable, time};
use crm_exports::{Cell, CellKind, Column, Table};

/// Free room on each side of a cell.
pub fn pad(size: f32) -> f32 {
    size * 0.55
}

/// Rows that are looked at to see how wide a column is.
const LOOKED_AT: usize = 2_000;

/// Sizes of type that are tried, while reading is no trouble.
const UPRIGHT: [f32; 3] = [9.0, 8.5, 8.0];
const SIZES: [f32; 9] = [9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0];

/// Whether a table can be read on a standing page.
pub fn fits_upright(table: &Table, measure: &dyn Measure) -> bool {
    let room = SHORT - MARGIN * 2.0;
    UPRIGHT
        .iter()
        .any(|&size| Wants::of(table, size, measure).least() <= room)
}

/// The size of type for a table, and the widths of its columns.
pub fn plan(table: &Table, room: f32, measure: &dyn Measure) -> (f32, Vec<f32>) {
    let smallest = SIZES[SIZES.len() - 1];
    let size = SIZES
        .into_iter()
        .find(|&size| Wants::of(table, size, measure).least() <= room)
        .unwrap_or(smallest);
    (size, Wants::of(table, size, measure).share(room))
}

/// What stands in a cell on paper.
pub fn words(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(words) => readable(words),
        Cell::Number(n) => grouped(*n),
        Cell::Money(hundredths) => fixed_grouped(*hundredths, 2),
        Cell::Percent(tenths) => format!("{}%", fixed(*tenths, 1)),
        Cell::Day(at) => day(*at),
        Cell::Time(at) => time(*at),
    }
}

/// Whether what stands in a column ends at its right side.
pub const fn at_the_right(column: &Column) -> bool {
    matches!(
        column.kind,
        CellKind::Number | CellKind::Money | CellKind::Percent
    )
}

/// For each column how wide it has to be, and how wide it would be with nothing wrapped.
struct Wants(Vec<(f32, f32)>);

impl Wants {
    fn of(table: &Table, size: f32, measure: &dyn Measure) -> Self {
        let (plain, bold) = (Type::plain(size, INK), Type::bold(size, INK));
        let columns = table.columns.iter().enumerate();
        Self(
            columns
                .map(|(at, column)| {
                    let cells = table.rows.iter().take(LOOKED_AT);
                    let cells = cells.filter_map(|row| row.get(at));
                    let widest = cells
                        .map(|cell| measure.width(&words(cell), plain))
                        .fold(0.0, f32::max);
                    let heading = measure.width(&column.heading, bold);
                    // A long heading may stand on two lines.
                    let head = heading.min((heading * 0.5 + size).max(size * 5.0));
                    let least = match column.kind {
                        CellKind::Text => widest.min(size * 7.0).max(head),
                        _ => widest.max(head),
                    };
                    let most = widest.max(heading);
                    (least + pad(size) * 2.0, most + pad(size) * 2.0)
                })
                .collect(),
        )
    }

    fn least(&self) -> f32 {
        self.0.iter().map(|(least, _)| least).sum()
    }

    /// Room that is left goes first to those that would have to wrap, then to all.
    fn share(&self, room: f32) -> Vec<f32> {
        let least = self.least();
        if least >= room {
            return self.0.iter().map(|(w, _)| w / least * room).collect();
        }
        let wish: f32 = self.0.iter().map(|(least, most)| most - least).sum();
        let given = if wish > 0.0 {
            ((room - least) / wish).min(1.0)
        } else {
            0.0
        };
        let widths = self
            .0
            .iter()
            .map(|(least, most)| least + (most - least) * given);
        let widths: Vec<f32> = widths.collect();
        let taken: f32 = widths.iter().sum();
        widths.into_iter().map(|w| w / taken * room).collect()
    }
}
