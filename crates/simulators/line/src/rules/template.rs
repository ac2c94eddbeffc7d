//! Template messages: buttons, confirm, carousel, image carousel.

use super::action::{self, Place};
use super::node::{
    Node,
    Presence::{Optional, Required},
    Unit,
};

pub(super) fn check(template: &Node<'_>) {
    match template.one_of(
        "type",
        Required,
        &["buttons", "confirm", "carousel", "image_carousel"],
    ) {
        Some("buttons") => {
            looks(template);
            card(template, 160, 4);
        }
        Some("confirm") => {
            template.text("text", Required, 240, Unit::Grapheme);
            actions(template, 2, 2);
        }
        Some("carousel") => carousel(template),
        Some("image_carousel") => image_carousel(template),
        _ => {}
    }
}

fn looks(template: &Node<'_>) {
    template.one_of("imageAspectRatio", Optional, &["rectangle", "square"]);
    template.one_of("imageSize", Optional, &["cover", "contain"]);
}

/// A card with an optional image and title; either of them shortens the text to 60.
fn card(card: &Node<'_>, plain_text: usize, max_actions: usize) {
    let decorated = card.has("thumbnailImageUrl") || card.has("title");
    let max_text = if decorated { 60 } else { plain_text };
    card.media_url("thumbnailImageUrl", Optional);
    card.text("title", Optional, 40, Unit::Grapheme);
    card.text("text", Required, max_text, Unit::Grapheme);
    if let Some(default) = card.child("defaultAction", Optional) {
        action::check(&default, Place::Unlabelled);
    }
    actions(card, 1, max_actions);
}

fn actions(parent: &Node<'_>, min: usize, max: usize) {
    for found in parent.children("actions", Required, min, max) {
        action::check(&found, Place::Template);
    }
}

fn carousel(template: &Node<'_>) {
    looks(template);
    let columns = template.children("columns", Required, 1, 10);
    for column in &columns {
        card(column, 120, 3);
    }
    let shape = |column: &Node<'_>| {
        let actions = column.value("actions").and_then(|a| a.as_array());
        (
            actions.map(Vec::len),
            column.has("thumbnailImageUrl"),
            column.has("title"),
        )
    };
    // All columns agree on the number of actions and on having an image and a title.
    if columns
        .windows(2)
        .any(|pair| shape(&pair[0]) != shape(&pair[1]))
    {
        template.note(
            "columns",
            "All columns must have the same number of actions, and the same use of image and title",
        );
    }
}

fn image_carousel(template: &Node<'_>) {
    for column in template.children("columns", Required, 1, 10) {
        column.media_url("imageUrl", Required);
        if let Some(tap) = column.child("action", Required) {
            action::check(&tap, Place::ImageCarousel);
        }
    }
}
