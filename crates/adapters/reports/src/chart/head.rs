use crate::ruler::Measure;
use crate::scene::{Anchor, Frame, Point, Scene, Type};
use crate::scheme::{INK, QUIET, colour, dash, mark};
use crm_exports::{Chart, ChartKind};

/// Draws title, unit and legend, and gives the place below them.
pub fn draw(scene: &mut Scene, chart: &Chart, size: f32, measure: &dyn Measure) -> Frame {
    let edge = size;
    let right = scene.width - edge;
    let mut y = edge * 0.6;
    let title = Type::bold(size * 1.25, INK);
    let unit = if chart.unit.trim().is_empty() {
        String::new()
    } else {
        format!("單位：{}", chart.unit.trim())
    };
    let small = Type::plain(size * 0.95, QUIET);
    let unit = measure.fit(&unit, small, scene.width / 3.0);
    let taken = measure.width(&unit, small);
    if !chart.title.trim().is_empty() || !unit.is_empty() {
        y += size * 1.5;
        let words = measure.fit(&chart.title, title, right - edge * 2.0 - taken);
        scene.words((edge, y), Anchor::Start, title, words);
        scene.words((right, y), Anchor::End, small, unit);
        y += size * 0.5;
    }
    if chart.kind != ChartKind::Bars && chart.series.len() > 1 {
        y = legend(scene, chart, (edge, y), size, measure);
    }
    y += size * 0.4;
    Frame {
        x: edge,
        y,
        width: (right - edge).max(1.0),
        height: (scene.height - y - edge * 0.7).max(1.0),
    }
}

/// The names of the series with what tells them apart; two lines at most.
fn legend(scene: &mut Scene, chart: &Chart, start: Point, size: f32, measure: &dyn Measure) -> f32 {
    let style = Type::plain(size, INK);
    let (mut x, mut y, mut rows) = (start.0, start.1 + size * 1.4, 1);
    let right = scene.width - size;
    for (n, series) in chart.series.iter().enumerate() {
        let name = measure.fit(&series.name, style, scene.width / 3.0);
        let sample = if chart.kind == ChartKind::Lines {
            size * 2.7
        } else {
            size * 1.9
        };
        let wide = sample + measure.width(&name, style);
        if x > start.0 && x + wide > right {
            if rows == 2 {
                break;
            }
            rows += 1;
            x = start.0;
            y += size * 1.6;
        }
        let middle = y - size * 0.35;
        if chart.kind == ChartKind::Lines {
            let line = vec![(x, middle), (x + size * 2.2, middle)];
            scene.line(line, colour(n), 1.8, dash(n));
            mark(scene, n, (x + size * 1.1, middle), size * 0.26);
        } else {
            let frame = Frame {
                x,
                y: middle - size * 0.5,
                width: size * 1.4,
                height: size,
            };
            super::groups::bar(scene, n, frame);
        }
        let place = (x + sample, y);
        scene.words(place, Anchor::Start, style, name);
        x += wide + size * 1.6;
    }
    y + size * 0.5
}
