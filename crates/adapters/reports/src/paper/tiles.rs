use super::press::Press;
use crate::scene::{Anchor, Frame, Ink, Point, Scene, Type};
use crate::scheme::{BRAND, HAIR, LESS, MORE, PAPER, QUIET};
use crate::words::fixed;
use crm_exports::Tile;

const HEIGHT: f32 = 66.0;
const GAP: f32 = 10.0;
const PAD: f32 = 11.0;

pub fn draw(press: &mut Press<'_>, tiles: &[Tile]) {
    let columns = match tiles.len() {
        0 => return,
        1 | 2 => 2,
        3 | 5 | 6 | 9 => 3,
        _ => 4,
    };
    let width = (press.room() - GAP * (columns - 1) as f32) / columns as f32;
    for row in tiles.chunks(columns) {
        press.need(HEIGHT);
        for (at, tile) in row.iter().enumerate() {
            let frame = Frame {
                x: press.left() + (width + GAP) * at as f32,
                y: press.y,
                width,
                height: HEIGHT,
            };
            one(press, tile, frame);
        }
        press.y += HEIGHT + GAP;
    }
    press.y += 4.0;
}

fn one(press: &mut Press<'_>, tile: &Tile, frame: Frame) {
    let (measure, room) = (press.measure, frame.width - PAD * 2.0);
    let label = Type::plain(8.5, QUIET);
    let words = measure.fit(&tile.label, label, room);
    let mut value = Type::bold(20.0, BRAND);
    while value.size > 9.0 && measure.width(&tile.value, value) > room {
        value.size -= 1.0;
    }
    let figure = measure.fit(&tile.value, value, room);
    let page = press.page();
    page.panel(frame, 4.0, PAPER, Some(HAIR));
    let stripe = Frame {
        y: frame.y + 9.0,
        width: 2.6,
        height: frame.height - 18.0,
        ..frame
    };
    page.panel(stripe, 0.0, BRAND, None);
    let x = frame.x + PAD;
    page.words((x, frame.y + 18.0), Anchor::Start, label, words);
    page.words((x, frame.y + 41.0), Anchor::Start, value, figure);
    if let Some(tenths) = tile.change {
        change(page, tenths, (x, frame.y + 56.5), |words, style| {
            measure.fit(words, style, room - 10.0)
        });
    }
}

/// More or less than before: told by an arrow, a word and a colour.
fn change(page: &mut Scene, tenths: i64, at: Point, fit: impl Fn(&str, Type) -> String) {
    let percent = fixed(tenths, 1);
    let percent = percent.trim_start_matches('-');
    let (words, ink) = match tenths {
        1.. => (format!("較前期增加 {percent}%"), MORE),
        0 => ("與前期持平".to_owned(), QUIET),
        _ => (format!("較前期減少 {percent}%"), LESS),
    };
    let style = Type::plain(8.0, ink);
    let words = fit(&words, style);
    arrow(page, tenths, at, ink);
    page.words((at.0 + 10.0, at.1), Anchor::Start, style, words);
}

fn arrow(page: &mut Scene, tenths: i64, (x, y): Point, ink: Ink) {
    let points = match tenths {
        1.. => vec![(x, y), (x + 7.0, y), (x + 3.5, y - 6.2)],
        0 => vec![
            (x, y - 3.8),
            (x + 7.0, y - 3.8),
            (x + 7.0, y - 2.2),
            (x, y - 2.2),
        ],
        _ => vec![(x, y - 6.2), (x + 7.0, y - 6.2), (x + 3.5, y)],
    };
    page.area(points, ink);
}
