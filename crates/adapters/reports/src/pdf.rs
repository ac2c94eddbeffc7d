use crate::fonts::Fonts;
use crate::ruler::Ruler;
use crate::scene::{Anchor, Frame, Ink, Point, Scene, Shape, Type};
use crm_exports::MakerError;
use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point as Place, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineJoin, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};

/// How far the handles of a quarter of a circle reach.
const HANDLE: f32 = 0.552_284_8;

/// Pages as a PDF.
pub fn document(
    title: &str,
    pages: &[Scene],
    fonts: &Fonts,
    ruler: &Ruler<'_>,
) -> Result<Vec<u8>, MakerError> {
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title(crate::words::readable(title))
            .language("zh-TW".to_owned()),
    );
    for page in pages {
        let settings = PageSettings::from_wh(page.width, page.height)
            .ok_or_else(|| MakerError::Failed("a page has no size".to_owned()))?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        for shape in &page.shapes {
            draw(&mut surface, shape, fonts, ruler);
        }
        surface.finish();
        sheet.finish();
    }
    document
        .finish()
        .map_err(|e| MakerError::Failed(format!("the pages cannot be written: {e:?}")))
}

fn draw(surface: &mut Surface<'_>, shape: &Shape, fonts: &Fonts, ruler: &Ruler<'_>) {
    match shape {
        Shape::Panel {
            frame,
            round,
            fill,
            edge,
        } => {
            surface.set_fill(Some(filled(*fill)));
            surface.set_stroke(edge.map(|ink| stroke(ink, 0.75, &[])));
            paint(surface, panel(frame, *round));
        }
        Shape::Area { points, fill } => {
            surface.set_fill(Some(filled(*fill)));
            surface.set_stroke(None);
            paint(surface, path(points, true));
        }
        Shape::Line {
            points,
            ink,
            width,
            dash,
        } => {
            surface.set_fill(None);
            surface.set_stroke(Some(stroke(*ink, *width, dash)));
            paint(surface, path(points, false));
        }
        Shape::Dot { at, radius, fill } => {
            surface.set_fill(Some(filled(*fill)));
            surface.set_stroke(None);
            let frame = Frame {
                x: at.0 - radius,
                y: at.1 - radius,
                width: radius * 2.0,
                height: radius * 2.0,
            };
            paint(surface, panel(&frame, *radius));
        }
        Shape::Words {
            at,
            anchor,
            style,
            words,
        } => text(surface, (*at, *anchor, *style, words), fonts, ruler),
    }
}

fn text(
    surface: &mut Surface<'_>,
    (at, anchor, style, words): (Point, Anchor, Type, &str),
    fonts: &Fonts,
    ruler: &Ruler<'_>,
) {
    let mut shown = String::with_capacity(words.len());
    let mut glyphs = Vec::with_capacity(words.len());
    let mut width = 0.0;
    for c in words.chars() {
        let Some((glyph, advance)) = ruler.glyph(c, style.bold) else {
            continue;
        };
        let start = shown.len();
        shown.push(c);
        let id = GlyphId::new(glyph.to_u32());
        let range = start..shown.len();
        glyphs.push(KrillaGlyph::new(id, advance, 0.0, 0.0, 0.0, range, None));
        width += advance * style.size;
    }
    if glyphs.is_empty() {
        return;
    }
    let x = match anchor {
        Anchor::Start => at.0,
        Anchor::Middle => at.0 - width / 2.0,
        Anchor::End => at.0 - width,
    };
    let face = if style.bold {
        &fonts.bold
    } else {
        &fonts.regular
    };
    surface.set_fill(Some(filled(style.ink)));
    surface.set_stroke(None);
    let font = face.font.clone();
    let place = Place::from_xy(x, at.1);
    surface.draw_glyphs(place, &glyphs, font, &shown, style.size, false);
}

fn paint(surface: &mut Surface<'_>, path: Option<Path>) {
    if let Some(path) = path {
        surface.draw_path(&path);
    }
}

fn path(points: &[Point], closed: bool) -> Option<Path> {
    let (first, rest) = points.split_first()?;
    let mut builder = PathBuilder::new();
    builder.move_to(first.0, first.1);
    for point in rest {
        builder.line_to(point.0, point.1);
    }
    if closed {
        builder.close();
    }
    builder.finish()
}

fn panel(frame: &Frame, round: f32) -> Option<Path> {
    let mut builder = PathBuilder::new();
    if round <= 0.0 {
        builder.push_rect(Rect::from_xywh(
            frame.x,
            frame.y,
            frame.width,
            frame.height,
        )?);
        return builder.finish();
    }
    let (left, top, right, bottom) = (frame.x, frame.y, frame.right(), frame.bottom());
    let r = round.min(frame.width / 2.0).min(frame.height / 2.0);
    let h = r * (1.0 - HANDLE);
    builder.move_to(left + r, top);
    builder.line_to(right - r, top);
    builder.cubic_to(right - h, top, right, top + h, right, top + r);
    builder.line_to(right, bottom - r);
    builder.cubic_to(right, bottom - h, right - h, bottom, right - r, bottom);
    builder.line_to(left + r, bottom);
    builder.cubic_to(left + h, bottom, left, bottom - h, left, bottom - r);
    builder.line_to(left, top + r);
    builder.cubic_to(left, top + h, left + h, top, left + r, top);
    builder.close();
    builder.finish()
}

fn filled(Ink(r, g, b): Ink) -> Fill {
    Fill {
        paint: rgb::Color::new(r, g, b).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }
}

fn stroke(Ink(r, g, b): Ink, width: f32, dash: &[f32]) -> Stroke {
    Stroke {
        paint: rgb::Color::new(r, g, b).into(),
        width,
        line_join: LineJoin::Round,
        dash: (!dash.is_empty()).then(|| StrokeDash {
            array: dash.to_vec(),
            offset: 0.0,
        }),
        ..Stroke::default()
    }
}
