use super::Board;
use super::scale::{Scale, figure};
use crate::scene::{Anchor, Frame, Scene, Type};
use crate::scheme::{AXIS, INK, QUIET, colour};

pub fn draw(scene: &mut Scene, board: &Board<'_>) {
    let Some(values) = board.figures.0.first() else {
        return;
    };
    let (size, body) = (board.size, board.body);
    let rows = (body.height / (size * 1.7)).floor().max(1.0) as usize;
    let all = values.len();
    // One row less where a remark tells how many are left out.
    let shown = if all > rows {
        rows.saturating_sub(1).max(1)
    } else {
        all
    };
    let row = (body.height / (shown + usize::from(shown < all)) as f32).min(size * 3.2);
    let names: Vec<String> = board.labels[..shown]
        .iter()
        .map(|name| {
            board
                .measure
                .fit(name, Type::plain(size, INK), body.width * 0.36)
        })
        .collect();
    let figures: Vec<String> = values[..shown]
        .iter()
        .map(|value| value.map_or_else(|| "—".to_owned(), |v| figure(v, board.unit)))
        .collect();
    let widest = |words: &[String]| words.iter().map(|w| board.width(w)).fold(0.0, f32::max);
    let left = widest(&names) + size * 0.8;
    let right = widest(&figures) + size * 0.8;
    let scale = Scale::within(values[..shown].iter().copied().flatten());
    // Figures of bars to the left stand at their left end.
    let minus = if scale.part(0.0) > 0.0 { right } else { 0.0 };
    let plot = Frame {
        x: body.x + left + minus,
        y: body.y,
        width: (body.width - left - minus - right).max(1.0),
        height: row * shown as f32,
    };
    let nought = scale.x(0.0, plot);
    for (at, (name, words)) in names.into_iter().zip(figures).enumerate() {
        let middle = plot.y + row * (at as f32 + 0.5);
        let line = middle + size * 0.36;
        let name_at = (body.x + left - size * 0.8, line);
        scene.words(name_at, Anchor::End, Type::plain(size, INK), name);
        let end = values[at].map_or(nought, |value| scale.x(value, plot));
        let thick = (row * 0.62).min(size * 1.7);
        let bar = Frame {
            x: end.min(nought),
            y: middle - thick / 2.0,
            width: (end - nought).abs(),
            height: thick,
        };
        let ink = if end < nought { colour(3) } else { colour(0) };
        scene.panel(bar, 0.0, ink, None);
        let (x, anchor) = if end < nought {
            (end - size * 0.5, Anchor::End)
        } else {
            (end + size * 0.5, Anchor::Start)
        };
        scene.words((x, line), anchor, Type::bold(size, INK), words);
    }
    scene.rule((nought, plot.y), (nought, plot.bottom()), AXIS, 0.8);
    if shown < all {
        let place = (body.x + left, plot.bottom() + row * 0.5 + size * 0.36);
        let words = format!("另有 {} 項未列出", all - shown);
        scene.words(place, Anchor::Start, Type::plain(size, QUIET), words);
    }
}
