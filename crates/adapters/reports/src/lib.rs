//! Reports as files: sheets as Excel and CSV, papers as PDF, charts as SVG.
//!
//! Sheets are written row by row and never held. Papers and charts are first laid out as plain
//! shapes ([`scene`]), so that a chart looks the same on a screen and on paper. Words on paper
//! are measured with the very font that goes into the file; the font comes from a package of
//! the system ([`fonts`]) and only what is used of it is taken along.

mod chart;
mod fonts;
mod paper;
mod pdf;
mod ruler;
mod scene;
mod scheme;
mod sheet;
mod svg;
mod words;

use crm_exports::{Chart, MakerError, Paper, ReportMaker, Sheet, SheetFormat, SheetWriter};
use std::path::{Path, PathBuf};

use fonts::ReportFonts;
use ruler::Guess;

/// Makes reports into files and charts into pictures.
#[derive(Debug, Default)]
pub struct Reports {
    fonts: ReportFonts,
}

impl Reports {
    /// A maker that takes its font from `font`, or else from where the package
    /// `fonts-noto-cjk` puts it. The font is read when the first paper is made.
    #[must_use]
    pub fn new(font: Option<PathBuf>) -> Self {
        Self {
            fonts: ReportFonts::new(font),
        }
    }
}

impl ReportMaker for Reports {
    fn begin(
        &self,
        format: SheetFormat,
        sheet: &Sheet,
        file: &Path,
    ) -> Result<Box<dyn SheetWriter>, MakerError> {
        sheet::begin(format, sheet, file)
    }

    fn pdf(&self, paper: &Paper) -> Result<Vec<u8>, MakerError> {
        let fonts = self.fonts.get()?;
        let ruler = fonts.ruler()?;
        let pages = paper::pages(paper, &ruler);
        pdf::document(&paper.title, &pages, &fonts, &ruler)
    }

    fn svg(&self, chart: &Chart, width: u32, height: u32) -> Result<String, MakerError> {
        let (width, height) = svg::bounded(width, height);
        let scene = chart::draw(chart, width, height, &Guess);
        Ok(svg::picture(&chart.title, &scene))
    }
}
