use crate::scene::{Anchor, Frame, Ink, Point, Scene, Shape, Type};
use crate::words::is_noise;
use std::fmt::Write;

const FAMILY: &str =
    "'Noto Sans TC','Noto Sans CJK TC','PingFang TC','Microsoft JhengHei',sans-serif";

/// A size that a chart can be drawn in.
pub fn bounded(width: u32, height: u32) -> (f32, f32) {
    let side =
        |n: u32, least: u16| f32::from(u16::try_from(n).unwrap_or(u16::MAX).clamp(least, 4_000));
    (side(width, 240), side(height, 160))
}

/// A scene as SVG that says its title to those who cannot see it.
pub fn picture(title: &str, scene: &Scene) -> String {
    let (width, height) = (scene.width, scene.height);
    let title = escaped(title);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\" \
         font-family=\"{FAMILY}\"><title>{title}</title>"
    );
    for shape in &scene.shapes {
        out.push_str(&element(shape));
    }
    out.push_str("</svg>");
    out
}

fn element(shape: &Shape) -> String {
    match shape {
        Shape::Panel {
            frame,
            round,
            fill,
            edge,
        } => panel(frame, *round, *fill, *edge),
        Shape::Area { points, fill } => format!(
            "<polygon points=\"{}\" fill=\"{}\"/>",
            places(points),
            colour(*fill)
        ),
        Shape::Line {
            points,
            ink,
            width,
            dash,
        } => format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{} \
             stroke-linejoin=\"round\"/>",
            places(points),
            colour(*ink),
            short(*width),
            dashes(dash)
        ),
        Shape::Dot { at, radius, fill } => format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"/>",
            short(at.0),
            short(at.1),
            short(*radius),
            colour(*fill)
        ),
        Shape::Words {
            at,
            anchor,
            style,
            words,
        } => text(*at, *anchor, *style, words),
    }
}

fn panel(frame: &Frame, round: f32, fill: Ink, edge: Option<Ink>) -> String {
    let edge = edge.map_or_else(String::new, |ink| format!(" stroke=\"{}\"", colour(ink)));
    let round = if round > 0.0 {
        format!(" rx=\"{}\"", short(round))
    } else {
        String::new()
    };
    format!(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{round} fill=\"{}\"{edge}/>",
        short(frame.x),
        short(frame.y),
        short(frame.width),
        short(frame.height),
        colour(fill)
    )
}

fn text(at: Point, anchor: Anchor, style: Type, words: &str) -> String {
    let anchor = match anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let weight = if style.bold {
        " font-weight=\"700\""
    } else {
        ""
    };
    format!(
        "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{weight}{anchor} fill=\"{}\">{}</text>",
        short(at.0),
        short(at.1),
        short(style.size),
        colour(style.ink),
        escaped(words)
    )
}

fn places(points: &[Point]) -> String {
    let mut out = String::with_capacity(points.len() * 12);
    for (i, (x, y)) in points.iter().enumerate() {
        let gap = if i == 0 { "" } else { " " };
        // Writing to a string cannot fail.
        let _ = write!(out, "{gap}{},{}", short(*x), short(*y));
    }
    out
}

fn dashes(dash: &[f32]) -> String {
    if dash.is_empty() {
        return String::new();
    }
    let parts: Vec<String> = dash.iter().map(|part| short(*part)).collect();
    format!(" stroke-dasharray=\"{}\"", parts.join(" "))
}

/// A length with two digits behind the point at most.
fn short(n: f32) -> String {
    let hundredths = (n * 100.0).round() / 100.0;
    hundredths.to_string()
}

fn colour(Ink(r, g, b): Ink) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if is_noise(c) => {}
            c => out.push(c),
        }
    }
    out
}
