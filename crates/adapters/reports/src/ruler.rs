use crate::fonts::Face;
use crate::scene::Type;
use crm_exports::MakerError;
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{GlyphId, MetadataProvider};

/// What stands for a character that the font does not have.
const MISSING: char = '□';

/// Knows how wide characters are.
pub trait Measure {
    /// The width of one character, in sizes of the type.
    fn advance(&self, c: char, bold: bool) -> f32;

    /// The width of some words on one line.
    fn width(&self, words: &str, style: Type) -> f32 {
        let sizes: f32 = words.chars().map(|c| self.advance(c, style.bold)).sum();
        sizes * style.size
    }

    /// The words, or as much of them as there is room for and a `…`.
    fn fit(&self, words: &str, style: Type, room: f32) -> String {
        let words: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if self.width(&words, style) <= room {
            return words;
        }
        let room = room - self.width("…", style);
        let (mut width, mut out) = (0.0, String::new());
        for c in words.chars() {
            width += self.advance(c, style.bold) * style.size;
            if width > room {
                break;
            }
            out.push(c);
        }
        out.truncate(out.trim_end().len());
        out.push('…');
        out
    }
}

/// Guesses how wide characters are in an ordinary type; for pictures whose font is chosen
/// where they are shown.
pub struct Guess;

impl Measure for Guess {
    fn advance(&self, c: char, bold: bool) -> f32 {
        let plain = match c {
            c if is_unseen(c) => 0.0,
            'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.28,
            'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.9,
            'A'..='Z' | '+' | '=' | '&' => 0.66,
            c if c < '\u{1100}' => 0.56,
            _ => 1.0,
        };
        if bold { plain * 1.04 } else { plain }
    }
}

/// Measures with the font that goes into the file.
pub struct Ruler<'a> {
    regular: Pen<'a>,
    bold: Pen<'a>,
}

struct Pen<'a> {
    map: Charmap<'a>,
    widths: GlyphMetrics<'a>,
    em: f32,
}

impl<'a> Ruler<'a> {
    pub fn new(regular: &'a Face, bold: &'a Face) -> Result<Self, MakerError> {
        Ok(Self {
            regular: Pen::new(regular)?,
            bold: Pen::new(bold)?,
        })
    }

    /// The glyph of a character and its width in sizes of the type; none for what is not seen.
    pub fn glyph(&self, c: char, bold: bool) -> Option<(GlyphId, f32)> {
        if is_unseen(c) {
            return None;
        }
        let pen = if bold { &self.bold } else { &self.regular };
        let glyph = pen.map.map(c).or_else(|| pen.map.map(MISSING))?;
        Some((glyph, pen.widths.advance_width(glyph)? / pen.em))
    }
}

impl Measure for Ruler<'_> {
    fn advance(&self, c: char, bold: bool) -> f32 {
        self.glyph(c, bold).map_or(0.0, |(_, width)| width)
    }
}

impl<'a> Pen<'a> {
    fn new(face: &'a Face) -> Result<Self, MakerError> {
        let font = face.read()?;
        let all = LocationRef::default();
        Ok(Self {
            map: font.charmap(),
            widths: font.glyph_metrics(Size::unscaled(), all),
            em: f32::from(font.metrics(Size::unscaled(), all).units_per_em).max(1.0),
        })
    }
}

/// Whether a character only tells how others are to be shown, or is no writing at all.
pub const fn is_unseen(c: char) -> bool {
    crate::words::is_noise(c)
        || matches!(c,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::INK;

    #[test]
    fn words_without_room_end_in_dots_and_keep_within_it() {
        let style = Type::plain(10.0, INK);
        assert_eq!(Guess.fit("力麗飯店", style, 40.0), "力麗飯店");
        assert_eq!(Guess.fit("力麗飯店", style, 39.0), "力麗…");
        assert_eq!(Guess.fit("a\nb", style, 99.0), "a b");
    }
}
