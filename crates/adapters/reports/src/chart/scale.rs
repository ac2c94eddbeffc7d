use crate::scene::Frame;
use crate::words::{fixed_grouped, grouped};

/// An axis of figures from a round one to a round one, with nought on it.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    least: f64,
    most: f64,
    step: f64,
}

impl Scale {
    /// One that holds all of the figures, with about so many lines.
    pub fn over(figures: impl Iterator<Item = f64>, lines: f32) -> Self {
        let (mut least, mut most, mut whole) = (0.0_f64, 0.0_f64, true);
        for figure in figures {
            least = least.min(figure);
            most = most.max(figure);
            whole &= figure.fract() == 0.0;
        }
        if least == most {
            most = 1.0;
        }
        let mut step = round((most - least) / f64::from(lines));
        if whole {
            step = step.max(1.0);
        }
        Self {
            least: (least / step).floor() * step,
            most: (most / step).ceil() * step,
            step,
        }
    }

    /// One that ends with the figures themselves.
    pub fn within(figures: impl Iterator<Item = f64>) -> Self {
        let (least, most) = figures.fold((0.0_f64, 0.0_f64), |(least, most), figure| {
            (least.min(figure), most.max(figure))
        });
        let most = if least < most { most } else { 1.0 };
        Self {
            least,
            most,
            step: most - least,
        }
    }

    /// The figures at its lines, upwards.
    pub fn steps(self) -> impl Iterator<Item = f64> {
        let first = (self.least / self.step).round();
        let count = ((self.most - self.least) / self.step).round() as u32;
        (0..=count).map(move |n| {
            let at = (first + f64::from(n)) * self.step;
            // No "-0".
            if at == 0.0 { 0.0 } else { at }
        })
    }

    /// Where between its ends a figure is, from 0 to 1.
    pub fn part(self, figure: f64) -> f32 {
        ((figure - self.least) / (self.most - self.least)) as f32
    }

    pub fn x(self, figure: f64, plot: Frame) -> f32 {
        plot.x + plot.width * self.part(figure)
    }

    pub fn y(self, figure: f64, plot: Frame) -> f32 {
        plot.bottom() - plot.height * self.part(figure)
    }

    /// What stands at a line.
    pub fn name(self, at: f64, unit: &str) -> String {
        let size = self.most.abs().max(self.least.abs());
        for (least, word) in [(1e12, "兆"), (1e8, "億"), (1e4, "萬")] {
            if size >= least && self.step >= least / 1e3 && at != 0.0 && unit != "%" {
                let digits = if self.step / least >= 1.0 { 0 } else { 2 };
                let words = format!("{:.digits$}", at / least);
                return format!("{}{word}", trimmed(&words));
            }
        }
        figure(at, unit)
    }
}

/// A figure as people write it.
pub fn figure(value: f64, unit: &str) -> String {
    let words = if value.fract() == 0.0 {
        grouped(value as i64)
    } else if value.abs() < 0.095 {
        trimmed(&format!("{value:.3}")).to_owned()
    } else if value.abs() < 1e13 {
        let tenths = fixed_grouped((value * 10.0).round() as i64, 1);
        trimmed(&tenths).to_owned()
    } else {
        grouped(value.round() as i64)
    };
    if unit == "%" {
        return format!("{words}%");
    }
    words
}

fn trimmed(words: &str) -> &str {
    if words.contains('.') {
        return words.trim_end_matches('0').trim_end_matches('.');
    }
    words
}

/// The next of 1, 2, 5, 10, 20, …
fn round(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|n| n * power >= step);
    times.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(figures: &[f64], unit: &str) -> Vec<String> {
        let scale = Scale::over(figures.iter().copied(), 5.0);
        scale.steps().map(|at| scale.name(at, unit)).collect()
    }

    #[test]
    fn an_axis_has_round_figures_and_nought() {
        assert_eq!(names(&[3.0, 47.0], ""), ["0", "10", "20", "30", "40", "50"]);
        assert_eq!(
            names(&[-30.0, 20.0], ""),
            ["-30", "-20", "-10", "0", "10", "20"]
        );
        assert_eq!(names(&[0.0], ""), ["0", "1"]);
        assert_eq!(names(&[2.0], ""), ["0", "1", "2"]);
        assert_eq!(names(&[0.31], "%"), ["0%", "0.1%", "0.2%", "0.3%", "0.4%"]);
    }

    #[test]
    fn large_figures_are_told_in_ten_thousands() {
        assert_eq!(
            names(&[50_000.0], ""),
            ["0", "1萬", "2萬", "3萬", "4萬", "5萬"]
        );
        assert_eq!(names(&[12_000.0], ""), ["0", "0.5萬", "1萬", "1.5萬"]);
        assert_eq!(
            names(&[900_000_000.0], ""),
            ["0", "2億", "4億", "6億", "8億", "10億"]
        );
    }
}
