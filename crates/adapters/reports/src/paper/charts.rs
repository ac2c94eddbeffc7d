use super::press::Press;
use crate::chart;
use crate::scene::Frame;
use crate::scheme::{HAIR, PAPER};
use crm_exports::{Chart, ChartKind};

const GAP: f32 = 10.0;
const PAD: f32 = 3.0;

/// Lines take the whole width; bars share it with the bars that come next.
pub fn draw(press: &mut Press<'_>, charts: &[Chart]) {
    let mut rest = charts;
    while let Some((first, after)) = rest.split_first() {
        match after.split_first() {
            Some((second, after)) if narrow(first) && narrow(second) => {
                row(press, &[first, second]);
                rest = after;
            }
            _ => {
                row(press, &[first]);
                rest = after;
            }
        }
    }
}

fn narrow(chart: &Chart) -> bool {
    match chart.kind {
        ChartKind::Lines => false,
        ChartKind::Bars => true,
        ChartKind::Groups => chart.labels.len() * chart.series.len() <= 12,
    }
}

fn row(press: &mut Press<'_>, charts: &[&Chart]) {
    let count = charts.len() as f32;
    let width = (press.room() - GAP * (count - 1.0)) / count;
    let inner = width - PAD * 2.0;
    let heights = charts.iter().map(|chart| chart::height(chart, inner));
    let height = heights.fold(0.0, f32::max).min(press.height() - PAD * 2.0);
    press.need(height + PAD * 2.0);
    let measure = press.measure;
    for (at, chart) in charts.iter().enumerate() {
        let frame = Frame {
            x: press.left() + (width + GAP) * at as f32,
            y: press.y,
            width,
            height: height + PAD * 2.0,
        };
        let scene = chart::draw(chart, inner, height, measure);
        let page = press.page();
        page.panel(frame, 4.0, PAPER, Some(HAIR));
        page.place(scene, (frame.x + PAD, frame.y + PAD));
    }
    press.y += height + PAD * 2.0 + GAP;
}
