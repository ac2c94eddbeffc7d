//! Flex messages: bubbles, carousels and the components inside.

use serde_json::Value;

use super::action::{self, Place};
use super::node::{
    Node,
    Presence::{Optional, Required},
    Unit,
};

/// LINE does not say whether a KB is 1000 or 1024 bytes; the smaller reading is the safe one.
const BUBBLE_BYTES: usize = 30_000;
const CAROUSEL_BYTES: usize = 50_000;
const MAX_BUBBLES: usize = 12;
/// Deep enough for every real layout, and a bound on recursion.
const MAX_DEPTH: usize = 32;

pub(super) fn check(container: &Node<'_>) {
    match container.one_of("type", Required, &["bubble", "carousel"]) {
        Some("bubble") => bubble(container, false),
        Some("carousel") => carousel(container),
        _ => {}
    }
}

fn carousel(container: &Node<'_>) {
    within(container, CAROUSEL_BYTES);
    let bubbles = container.children("contents", Required, 1, MAX_BUBBLES);
    for found in &bubbles {
        found.one_of("type", Required, &["bubble"]);
        bubble(found, true);
    }
    if bubbles
        .windows(2)
        .any(|pair| size(&pair[0]) != size(&pair[1]))
    {
        container.note(
            "contents",
            "All bubbles of a carousel must have the same size",
        );
    }
}

fn size<'a>(bubble: &Node<'a>) -> &'a str {
    let named = bubble.value("size").and_then(Value::as_str);
    named.unwrap_or("mega")
}

fn bubble(bubble: &Node<'_>, in_carousel: bool) {
    within(bubble, BUBBLE_BYTES);
    bubble.one_of(
        "size",
        Optional,
        &["nano", "micro", "deca", "hecto", "kilo", "mega", "giga"],
    );
    bubble.one_of("direction", Optional, &["ltr", "rtl"]);
    for block in ["header", "body", "footer"] {
        if let Some(part) = bubble.child(block, Optional) {
            part.one_of("type", Required, &["box"]);
            component(&part, None, 0);
        }
    }
    if let Some(hero) = bubble.child("hero", Optional) {
        let allowed: &[&str] = if in_carousel {
            &["box", "image"]
        } else {
            &["box", "image", "video"]
        };
        hero.one_of("type", Required, allowed);
        component(&hero, None, 0);
    }
    if let Some(tap) = bubble.child("action", Optional) {
        action::check(&tap, Place::FlexPart);
    }
}

fn within(container: &Node<'_>, max: usize) {
    let size = serde_json::to_vec(container.object()).map_or(0, |bytes| bytes.len());
    if size > max {
        container.note(
            "",
            format!("The size of the JSON must be at most {max} bytes"),
        );
    }
}

/// `layout` is that of the surrounding box; a baseline box takes fewer kinds.
fn component(part: &Node<'_>, layout: Option<&str>, depth: usize) {
    if depth > MAX_DEPTH {
        part.note("", "Nested too deeply");
        return;
    }
    let allowed: &[&str] = match layout {
        None => &["box", "image", "video"],
        Some("baseline") => &["icon", "text", "filler"],
        Some(_) => &["box", "button", "image", "text", "separator", "filler"],
    };
    let Some(kind) = part.one_of("type", Required, allowed) else {
        return;
    };
    if let Some(flex) = part.number("flex", Optional)
        && flex < 0.0
    {
        part.note("flex", "Must be greater than or equal to 0");
    }
    match kind {
        "box" => container_box(part, depth),
        "button" => button(part),
        "image" => image(part),
        "video" => video(part, depth),
        "icon" => part.media_url("url", Required),
        "text" => text(part),
        _ => {}
    }
    if kind != "button"
        && let Some(tap) = part.child("action", Optional)
    {
        action::check(&tap, Place::FlexPart);
    }
}

fn container_box(part: &Node<'_>, depth: usize) {
    let layout = part.one_of("layout", Required, &["horizontal", "vertical", "baseline"]);
    for inner in part.children("contents", Required, 0, usize::MAX) {
        component(&inner, layout.or(Some("vertical")), depth + 1);
    }
}

fn button(part: &Node<'_>) {
    part.one_of("style", Optional, &["primary", "secondary", "link"]);
    part.one_of("height", Optional, &["sm", "md"]);
    if let Some(tap) = part.child("action", Required) {
        action::check(&tap, Place::FlexButton);
    }
}

fn image(part: &Node<'_>) {
    part.media_url("url", Required);
    part.one_of("aspectMode", Optional, &["cover", "fit"]);
    let Some(ratio) = part.text("aspectRatio", Optional, usize::MAX, Unit::Utf16) else {
        return;
    };
    let sides = ratio
        .split_once(':')
        .and_then(|(w, h)| Some((w.parse::<f64>().ok()?, h.parse::<f64>().ok()?)));
    let good = sides.is_some_and(|(w, h)| {
        (1.0..=100_000.0).contains(&w) && (1.0..=100_000.0).contains(&h) && h <= 3.0 * w
    });
    if !good {
        part.note("aspectRatio", "Invalid aspect ratio");
    }
}

fn video(part: &Node<'_>, depth: usize) {
    part.media_url("url", Required);
    part.media_url("previewUrl", Required);
    if let Some(alternative) = part.child("altContent", Required) {
        component(&alternative, None, depth + 1);
    }
}

fn text(part: &Node<'_>) {
    let spans = part.children("contents", Optional, 0, usize::MAX);
    for span in &spans {
        span.one_of("type", Required, &["span"]);
    }
    if spans.is_empty() {
        part.text("text", Required, usize::MAX, Unit::Utf16);
    }
}
