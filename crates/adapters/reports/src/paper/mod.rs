//! Papers laid out on pages: head, tiles, charts, tables, remarks.

mod charts;
mod columns;
mod press;
mod table;
mod tiles;
mod wrap;

use crate::ruler::Measure;
use crate::scene::{Anchor, Scene, Type};
use crate::scheme::{BRAND, INK, QUIET};
use crm_exports::Paper;
use press::Press;
use wrap::wrap;

/// The pages of a paper. It lies across where a table is too wide for a standing one.
pub fn pages(paper: &Paper, measure: &dyn Measure) -> Vec<Scene> {
    let across = paper
        .tables
        .iter()
        .any(|table| !columns::fits_upright(table, measure));
    let mut press = Press::new(across, paper, measure);
    head(&mut press, paper);
    tiles::draw(&mut press, &paper.tiles);
    charts::draw(&mut press, &paper.charts);
    for table in &paper.tables {
        table::draw(&mut press, table);
    }
    remarks(&mut press, &paper.remarks);
    press.finish()
}

fn head(press: &mut Press<'_>, paper: &Paper) {
    let style = Type::bold(21.0, BRAND);
    for line in wrap(&paper.title, style, press.room(), 2, press.measure) {
        press.y += 22.0;
        let place = (press.left(), press.y);
        press.page().words(place, Anchor::Start, style, line);
        press.y += 4.0;
    }
    let made_at = if paper.made_at.trim().is_empty() {
        String::new()
    } else {
        format!("製表時間：{}", paper.made_at.trim())
    };
    let small = Type::plain(9.0, QUIET);
    let made_at = press.measure.fit(&made_at, small, press.room() * 0.5);
    let taken = press.measure.width(&made_at, small) + 12.0;
    let below = Type::plain(10.5, INK);
    let room = press.room() - taken;
    let subtitle = press.measure.fit(&paper.subtitle, below, room);
    press.y += 15.0;
    let (left, right, y) = (press.left(), press.right(), press.y);
    let page = press.page();
    page.words((left, y), Anchor::Start, below, subtitle);
    page.words((right, y), Anchor::End, small, made_at);
    page.rule((left, y + 9.0), (right, y + 9.0), BRAND, 1.6);
    press.y += 25.0;
}

fn remarks(press: &mut Press<'_>, remarks: &[String]) {
    let style = Type::plain(8.0, QUIET);
    let room = press.room() - 10.0;
    let mut first = true;
    for remark in remarks {
        let lines = wrap(remark, style, room, 40, press.measure);
        if lines.is_empty() {
            continue;
        }
        if first {
            press.need(40.0);
            press.y += 12.0;
            let place = (press.left(), press.y);
            let heading = Type::bold(8.5, QUIET);
            press.page().words(place, Anchor::Start, heading, "備註");
            press.y += 3.0;
            first = false;
        }
        for (at, line) in lines.into_iter().enumerate() {
            press.need(12.0);
            press.y += 12.0;
            let (left, y) = (press.left(), press.y);
            if at == 0 {
                press.page().dot((left + 3.0, y - 3.0), 1.3, QUIET);
            }
            press
                .page()
                .words((left + 10.0, y), Anchor::Start, style, line);
        }
    }
}
