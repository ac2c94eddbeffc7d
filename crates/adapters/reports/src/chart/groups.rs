use super::Board;
use super::scale::figure;
use crate::scene::{Anchor, Frame, Point, Scene, Type};
use crate::scheme::{INK, PAPER, colour};

pub fn draw(scene: &mut Scene, board: &Board<'_>) {
    let (plot, scale) = board.upright(scene);
    let (places, series) = (board.labels.len(), board.figures.0.len());
    let slot = plot.width / places as f32;
    let center = |at: usize| plot.x + slot * (at as f32 + 0.5);
    board.below(scene, plot, center);
    let thick = (slot * 0.74 / series as f32).min(board.size * 3.0);
    let nought = scale.y(0.0, plot);
    let small = Type::plain(board.size * 0.9, INK);
    for (n, values) in board.figures.0.iter().enumerate() {
        for (at, value) in values.iter().enumerate() {
            let Some(value) = *value else { continue };
            let end = scale.y(value, plot);
            let left = center(at) + thick * (n as f32 - series as f32 / 2.0);
            let gap = (thick * 0.06).min(1.5);
            let frame = Frame {
                x: left + gap,
                y: end.min(nought),
                width: (thick - gap * 2.0).max(0.2),
                height: (end - nought).abs(),
            };
            bar(scene, n, frame);
            let words = figure(value, board.unit);
            if board.measure.width(&words, small) <= thick * 1.15 {
                let y = if end > nought {
                    end + board.size * 1.1
                } else {
                    end - board.size * 0.4
                };
                scene.words((left + thick / 2.0, y), Anchor::Middle, small, words);
            }
        }
    }
}

/// The bar of the `n`th series: its colour, and from the second on lines over it.
pub fn bar(scene: &mut Scene, n: usize, frame: Frame) {
    scene.panel(frame, 0.0, colour(n), None);
    if frame.width < 3.0 {
        return;
    }
    for (from, to) in hatch(n, frame) {
        scene.rule(from, to, PAPER, 0.9);
    }
}

const BETWEEN: f32 = 5.0;

fn hatch(n: usize, frame: Frame) -> Vec<(Point, Point)> {
    match n % 4 {
        1 => slanting(frame).collect(),
        2 => lying(frame).collect(),
        3 => {
            // The other way.
            let mirrored = |(x, y): Point| (frame.x + frame.right() - x, y);
            slanting(frame)
                .map(|(from, to)| (mirrored(from), mirrored(to)))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn lying(frame: Frame) -> impl Iterator<Item = (Point, Point)> {
    let count = (frame.height / BETWEEN) as u16;
    (1..=count).map(move |n| {
        let y = frame.bottom() - f32::from(n) * BETWEEN;
        ((frame.x, y), (frame.right(), y))
    })
}

/// Lines upwards to the right, each cut where it leaves the frame.
fn slanting(frame: Frame) -> impl Iterator<Item = (Point, Point)> {
    let (width, height) = (frame.width, frame.height);
    let count = ((width + height) / BETWEEN) as u16;
    (1..=count).filter_map(move |n| {
        // x + y = reach, with y upwards from the lower left corner.
        let reach = f32::from(n) * BETWEEN;
        let (x0, x1) = ((reach - height).max(0.0), reach.min(width));
        let place = |x: f32| (frame.x + x, frame.y + (reach - x));
        (x1 > x0).then(|| (place(x0), place(x1)))
    })
}
