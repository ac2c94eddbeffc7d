use super::columns::{self, at_the_right, pad};
use super::press::Press;
use super::wrap::wrap;
use crate::scene::{Anchor, Frame, Type};
use crate::scheme::{BAND, BRAND, HAIR, INK, PAPER, QUIET};
use crm_exports::{Column, Table};

/// Lines of words in one cell.
const MOST_LINES: usize = 3;

pub fn draw(press: &mut Press<'_>, table: &Table) {
    if table.columns.is_empty() {
        return;
    }
    let (size, widths) = columns::plan(table, press.room(), press.measure);
    let grid = Grid {
        columns: &table.columns,
        widths: &widths,
        size,
    };
    let heading = grid.heading(press);
    // A title does not stay behind alone.
    press.need(26.0 + heading.height + grid.line() * 2.0);
    title(press, &table.title);
    grid.put(press, &heading, Look::Heading);
    if table.rows.is_empty() {
        nothing(press, size);
    }
    for (n, cells) in table.rows.iter().enumerate() {
        let row = grid.row(press, cells);
        if press.need(row.height) {
            grid.put(press, &heading, Look::Heading);
        }
        grid.put(
            press,
            &row,
            if n % 2 == 1 { Look::Band } else { Look::Plain },
        );
    }
    press.y += 16.0;
}

/// How wide and large a table is set.
struct Grid<'a> {
    columns: &'a [Column],
    widths: &'a [f32],
    size: f32,
}

/// One row, its words on lines.
struct Row {
    cells: Vec<Vec<String>>,
    height: f32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Heading,
    Plain,
    Band,
}

impl Grid<'_> {
    const fn line(&self) -> f32 {
        self.size * 1.4
    }

    fn heading(&self, press: &Press<'_>) -> Row {
        let words = self.columns.iter().map(|column| column.heading.clone());
        let words: Vec<String> = words.collect();
        self.wrapped(press, &words, Type::bold(self.size, PAPER), 2)
    }

    fn row(&self, press: &Press<'_>, cells: &[crm_exports::Cell]) -> Row {
        let words: Vec<String> = cells.iter().map(columns::words).collect();
        self.wrapped(press, &words, Type::plain(self.size, INK), MOST_LINES)
    }

    fn wrapped(&self, press: &Press<'_>, words: &[String], style: Type, most: usize) -> Row {
        let cells: Vec<Vec<String>> = words
            .iter()
            .zip(self.widths)
            .map(|(words, width)| {
                // Room for what measuring rounds.
                let room = width - pad(self.size) * 2.0 + 0.5;
                wrap(words, style, room, most, press.measure)
            })
            .collect();
        let lines = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
        Row {
            cells,
            height: self.line() * lines as f32 + self.size * 0.7,
        }
    }

    fn put(&self, press: &mut Press<'_>, row: &Row, look: Look) {
        let frame = Frame {
            x: press.left(),
            y: press.y,
            width: press.room(),
            height: row.height,
        };
        let page = press.page();
        let style = match look {
            Look::Heading => {
                page.panel(frame, 0.0, BRAND, None);
                Type::bold(self.size, PAPER)
            }
            Look::Band => {
                page.panel(frame, 0.0, BAND, None);
                Type::plain(self.size, INK)
            }
            Look::Plain => Type::plain(self.size, INK),
        };
        let mut left = frame.x;
        for ((lines, column), width) in row.cells.iter().zip(self.columns).zip(self.widths) {
            let (x, anchor) = if at_the_right(column) {
                (left + width - pad(self.size), Anchor::End)
            } else {
                (left + pad(self.size), Anchor::Start)
            };
            // A heading on one line stands in the middle of one with two.
            let block = self.line() * lines.len() as f32;
            let top = if look == Look::Heading {
                frame.y + (frame.height - block) / 2.0
            } else {
                frame.y + self.size * 0.35
            };
            for (at, line) in lines.iter().enumerate() {
                let y = top + self.line() * at as f32 + self.size * 1.06;
                page.words((x, y), anchor, style, line.clone());
            }
            left += width;
        }
        page.rule(
            (frame.x, frame.bottom()),
            (frame.right(), frame.bottom()),
            HAIR,
            0.6,
        );
        press.y += row.height;
    }
}

fn title(press: &mut Press<'_>, title: &str) {
    if title.trim().is_empty() {
        return;
    }
    let style = Type::bold(11.5, BRAND);
    let words = press.measure.fit(title, style, press.room());
    press.y += 14.0;
    let place = (press.left(), press.y);
    press.page().words(place, Anchor::Start, style, words);
    press.y += 7.0;
}

fn nothing(press: &mut Press<'_>, size: f32) {
    let place = (press.left() + press.room() / 2.0, press.y + size * 2.2);
    let style = Type::plain(size, QUIET);
    press.page().words(place, Anchor::Middle, style, "沒有資料");
    press.y += size * 3.4;
}
