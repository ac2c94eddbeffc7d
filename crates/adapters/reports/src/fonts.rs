//! Where the font for paper comes from, and which face of it is taken.

use crate::ruler::Ruler;
use crm_exports::MakerError;
use krilla::text::Font;
use skrifa::string::StringId;
use skrifa::{FontRef, MetadataProvider};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Where Debian's and Ubuntu's package `fonts-noto-cjk` puts it, and other systems theirs.
const PLACES: [&str; 4] = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/noto/NotoSansTC-Regular.ttf",
];

const ADVICE: &str = "install the package fonts-noto-cjk, or set PDF_FONT_PATH";

/// The font for paper, read when it is first needed and kept.
#[derive(Default)]
pub struct ReportFonts {
    path: Option<PathBuf>,
    kept: Mutex<Option<Arc<Fonts>>>,
}

impl fmt::Debug for ReportFonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReportFonts")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl ReportFonts {
    pub const fn new(path: Option<PathBuf>) -> Self {
        Self {
            path,
            kept: Mutex::new(None),
        }
    }

    /// The fonts. What failed is tried again the next time: the package may have come.
    pub fn get(&self) -> Result<Arc<Fonts>, MakerError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fonts) = &*kept {
            return Ok(fonts.clone());
        }
        let fonts = Arc::new(Fonts::read(&self.place()?)?);
        *kept = Some(fonts.clone());
        Ok(fonts)
    }

    fn place(&self) -> Result<PathBuf, MakerError> {
        if let Some(path) = &self.path {
            return Ok(path.clone());
        }
        let found = PLACES.iter().map(Path::new).find(|place| place.is_file());
        found
            .map(Path::to_owned)
            .ok_or_else(|| MakerError::NoFont(format!("no font with Chinese characters: {ADVICE}")))
    }
}

/// The two faces that papers are set in.
pub struct Fonts {
    pub regular: Face,
    pub bold: Face,
}

impl Fonts {
    fn read(path: &Path) -> Result<Self, MakerError> {
        let regular = Face::read_from(path)?;
        let bold = bold_beside(path).and_then(|path| Face::read_from(&path).ok());
        let bold = bold.unwrap_or_else(|| regular.clone());
        Ok(Self { regular, bold })
    }

    pub fn ruler(&self) -> Result<Ruler<'_>, MakerError> {
        Ruler::new(&self.regular, &self.bold)
    }
}

/// One face of a font file.
#[derive(Clone)]
pub struct Face {
    data: Arc<Vec<u8>>,
    index: u32,
    /// The same, as it goes into a file.
    pub font: Font,
}

impl Face {
    fn read_from(path: &Path) -> Result<Self, MakerError> {
        let data = fs::read(path).map_err(|_| unusable(path, "cannot be read"))?;
        let index = traditional(&data).ok_or_else(|| unusable(path, "is no font"))?;
        let data = Arc::new(data);
        let font = Font::new(data.clone().into(), index);
        let font = font.ok_or_else(|| unusable(path, "is no font"))?;
        let face = Self { data, index, font };
        if face.read()?.charmap().map('頁').is_none() {
            return Err(unusable(path, "has no Chinese characters"));
        }
        Ok(face)
    }

    pub fn read(&self) -> Result<FontRef<'_>, MakerError> {
        FontRef::from_index(&self.data, self.index)
            .map_err(|_| MakerError::NoFont(format!("the font cannot be read: {ADVICE}")))
    }
}

fn unusable(path: &Path, why: &str) -> MakerError {
    MakerError::NoFont(format!("the font {} {why}: {ADVICE}", path.display()))
}

/// The face for Traditional Chinese as it is written in Taiwan; the first one where none says
/// that it is.
fn traditional(data: &[u8]) -> Option<u32> {
    let mut first = None;
    for (index, font) in (0..).zip(FontRef::fonts(data)) {
        let Ok(font) = font else { continue };
        first = first.or(Some(index));
        let name = font.localized_strings(StringId::FAMILY_NAME);
        let name = name.english_or_first().map(|name| name.to_string());
        if name.is_some_and(|name| name.ends_with(" TC") && !name.contains("Mono")) {
            return Some(index);
        }
    }
    first
}

fn bold_beside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let bold = path.with_file_name(name.replace("Regular", "Bold"));
    (bold != path && bold.is_file()).then_some(bold)
}
