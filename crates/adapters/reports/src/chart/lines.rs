use super::Board;
use super::scale::Scale;
use crate::scene::{Frame, Point, Scene};
use crate::scheme::{colour, dash, mark, tint};

pub fn draw(scene: &mut Scene, board: &Board<'_>) {
    let (plot, scale) = board.upright(scene);
    let places = board.labels.len();
    let x = |at: usize| plot.x + plot.width * (at as f32 + 0.5) / places as f32;
    board.below(scene, plot, x);
    let slot = plot.width / places as f32;
    let alone = board.figures.0.len() == 1;
    let between = (board.size * 2.4 / slot).ceil().max(1.0) as usize;
    for (n, values) in board.figures.0.iter().enumerate() {
        let strokes = strokes(values, plot, scale, x);
        if alone {
            for stroke in &strokes {
                scene.area(down_to_nought(stroke, scale.y(0.0, plot)), tint(n));
            }
        }
        for stroke in strokes {
            // Where there is a gap on both sides, the mark alone tells the figure.
            if stroke.len() == 1 {
                mark(scene, n, stroke[0], board.size * 0.28);
            } else {
                scene.line(stroke, colour(n), board.size * 0.16, dash(n));
            }
        }
        // Marks of one series do not hide those of another.
        let shift = if between > 3 { n * between / 3 } else { 0 };
        for (at, value) in values.iter().enumerate() {
            if let Some(value) = value
                && (at + shift) % between == 0
            {
                mark(scene, n, (x(at), scale.y(*value, plot)), board.size * 0.28);
            }
        }
    }
}

/// A line for each run of figures without a gap.
fn strokes(
    values: &[Option<f64>],
    plot: Frame,
    scale: Scale,
    x: impl Fn(usize) -> f32,
) -> Vec<Vec<Point>> {
    let mut all = Vec::new();
    let mut stroke = Vec::new();
    for (at, value) in values.iter().enumerate() {
        match value {
            Some(value) => stroke.push((x(at), scale.y(*value, plot))),
            None => all.push(std::mem::take(&mut stroke)),
        }
    }
    all.push(stroke);
    all.retain(|stroke| !stroke.is_empty());
    all
}

fn down_to_nought(stroke: &[Point], nought: f32) -> Vec<Point> {
    let mut points = stroke.to_vec();
    if let (Some(first), Some(last)) = (stroke.first(), stroke.last()) {
        points.push((last.0, nought));
        points.push((first.0, nought));
    }
    points
}
