//! Charts laid out as shapes.

mod bars;
mod groups;
mod head;
mod lines;
mod scale;

use crate::ruler::Measure;
use crate::scene::{Anchor, Frame, Scene, Type};
use crate::scheme::{AXIS, HAIR, PAPER, QUIET};
use crm_exports::{Chart, ChartKind};
use scale::Scale;

/// What is said where there are no figures.
const NOTHING: &str = "沒有資料";

/// Lays out a chart.
pub fn draw(chart: &Chart, width: f32, height: f32, measure: &dyn Measure) -> Scene {
    let mut scene = Scene::new(width, height);
    let whole = Frame {
        x: 0.0,
        y: 0.0,
        width,
        height,
    };
    scene.panel(whole, 0.0, PAPER, None);
    let size = (width / 62.0).clamp(7.5, 13.0);
    let figures = Figures::of(chart);
    let body = head::draw(&mut scene, chart, size, measure);
    let board = Board {
        labels: &chart.labels,
        unit: chart.unit.trim(),
        figures: &figures,
        measure,
        size,
        body,
    };
    match chart.kind {
        _ if figures.is_empty() => nothing(&mut scene, &board),
        ChartKind::Lines => lines::draw(&mut scene, &board),
        ChartKind::Bars => bars::draw(&mut scene, &board),
        ChartKind::Groups => groups::draw(&mut scene, &board),
    }
    scene
}

/// The height that a chart wants on paper at a width.
pub fn height(chart: &Chart, width: f32) -> f32 {
    let size = (width / 62.0).clamp(7.5, 13.0);
    match chart.kind {
        ChartKind::Lines | ChartKind::Groups => (width * 0.4).max(170.0),
        ChartKind::Bars => {
            let bars = u16::try_from(chart.labels.len()).unwrap_or(u16::MAX);
            size * 4.0 + size * 2.3 * f32::from(bars.clamp(5, 24))
        }
    }
}

/// Figures that can be drawn: what is no number is a gap, and what is beyond all measure is
/// brought within it.
struct Figures(Vec<Vec<Option<f64>>>);

/// Beyond it nothing is counted.
const MOST: f64 = 1e15;

impl Figures {
    fn of(chart: &Chart) -> Self {
        let figure = |series: &crm_exports::Series, at: usize| {
            let value = series.values.get(at).copied().filter(|v| v.is_finite());
            value.map(|v| v.clamp(-MOST, MOST))
        };
        let places = chart.labels.len();
        let series = chart.series.iter();
        Self(
            series
                .map(|series| (0..places).map(|at| figure(series, at)).collect())
                .collect(),
        )
    }

    fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    fn all(&self) -> impl Iterator<Item = f64> + '_ {
        self.0.iter().flatten().copied().flatten()
    }
}

/// What a chart is drawn from, and the place it is drawn on.
struct Board<'a> {
    labels: &'a [String],
    unit: &'a str,
    figures: &'a Figures,
    measure: &'a dyn Measure,
    size: f32,
    body: Frame,
}

impl Board<'_> {
    const fn small(&self) -> Type {
        Type::plain(self.size, QUIET)
    }

    fn width(&self, words: &str) -> f32 {
        self.measure.width(words, self.small())
    }

    /// Draws the axis of the figures with a light grid, and gives the place that is left.
    fn upright(&self, scene: &mut Scene) -> (Frame, Scale) {
        let space = self.body.height - self.size * 2.2;
        let lines = (space / (self.size * 3.4)).clamp(2.0, 6.0);
        let scale = Scale::over(self.figures.all(), lines);
        let names: Vec<String> = scale.steps().map(|at| scale.name(at, self.unit)).collect();
        let wide = names.iter().map(|n| self.width(n)).fold(0.0, f32::max);
        let plot = Frame {
            x: self.body.x + wide + self.size * 0.8,
            y: self.body.y + self.size * 0.5,
            width: (self.body.width - wide - self.size * 0.8).max(1.0),
            height: space.max(1.0),
        };
        for (at, name) in scale.steps().zip(names) {
            let y = scale.y(at, plot);
            let ink = if at == 0.0 { AXIS } else { HAIR };
            scene.rule((plot.x, y), (plot.right(), y), ink, 0.8);
            let place = (plot.x - self.size * 0.6, y + self.size * 0.36);
            scene.words(place, Anchor::End, self.small(), name);
        }
        (plot, scale)
    }

    /// Draws the labels below, so many of them that none meets another.
    fn below(&self, scene: &mut Scene, plot: Frame, x: impl Fn(usize) -> f32) {
        let slot = plot.width / self.labels.len().max(1) as f32;
        let most = (plot.width / 3.0).min((slot * 1.6).max(self.size * 7.0));
        let names = self.labels.iter();
        let names: Vec<String> = names
            .map(|name| self.measure.fit(name, self.small(), most))
            .collect();
        let wide = names.iter().map(|n| self.width(n)).fold(1.0, f32::max);
        let step = ((wide + self.size) / slot).ceil().max(1.0) as usize;
        let mut free_from = f32::MIN;
        for (at, name) in names.into_iter().enumerate().step_by(step) {
            let half = self.width(&name) / 2.0;
            let center = x(at).min(self.body.right() - half).max(self.body.x + half);
            if center - half < free_from {
                continue;
            }
            free_from = center + half + self.size * 0.5;
            let place = (center, plot.bottom() + self.size * 1.6);
            scene.words(place, Anchor::Middle, self.small(), name);
        }
    }
}

fn nothing(scene: &mut Scene, board: &Board<'_>) {
    let (body, y) = (board.body, board.body.bottom() - board.size * 1.8);
    scene.rule((body.x, y), (body.right(), y), AXIS, 0.8);
    let center = (body.x + body.width / 2.0, body.y + body.height / 2.0);
    let style = Type::plain(board.size * 1.2, QUIET);
    scene.words(center, Anchor::Middle, style, NOTHING);
}
