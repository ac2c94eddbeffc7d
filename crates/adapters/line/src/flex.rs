//! The look of our flex messages (Messaging API reference, flex message).

use crate::limits;
use crm_templates::{RenderedButton, RenderedCard, TapAction};
use crm_workflows::EncodeError;
use serde_json::{Value, json};

/// One size for all, as LINE wants it within a carousel.
const SIZE: &str = "mega";
const PICTURE_ALONE: &str = "1:1";
const PICTURE_OVER_WORDS: &str = "20:13";
const QUIET: &str = "#666666";
const DARK: &str = "#1F2328";

/// A bubble of words with its buttons below.
pub(crate) fn words_with_buttons(
    at: &str,
    text: &str,
    buttons: &[RenderedButton],
) -> Result<Value, EncodeError> {
    limits::words(&format!("{at}.body.contents[0].text"), text, limits::TEXT)?;
    let mut bubble = json!({
        "type": "bubble",
        "size": SIZE,
        "body": vertical(&[
            json!({"type": "text", "text": text, "wrap": true, "color": DARK}),
        ]),
    });
    if let Some(footer) = footer(at, buttons)? {
        bubble["footer"] = footer;
    }
    limits::bubble_size(at, &bubble)?;
    Ok(bubble)
}

/// One card as a bubble, several as a carousel.
pub(crate) fn cards(at: &str, cards: &[RenderedCard]) -> Result<Value, EncodeError> {
    // side by side all pictures have the same shape
    let ratio = if cards.iter().any(has_words) {
        PICTURE_OVER_WORDS
    } else {
        PICTURE_ALONE
    };
    if let [only] = cards {
        return card(at, only, ratio);
    }
    let inside = format!("{at}.contents");
    limits::bubble_count(&inside, cards.len())?;
    let bubbles = cards
        .iter()
        .enumerate()
        .map(|(i, one)| card(&format!("{inside}[{i}]"), one, ratio))
        .collect::<Result<Vec<_>, _>>()?;
    let carousel = json!({"type": "carousel", "contents": bubbles});
    limits::carousel_size(at, &carousel)?;
    Ok(carousel)
}

fn card(at: &str, card: &RenderedCard, ratio: &str) -> Result<Value, EncodeError> {
    limits::media_url(&format!("{at}.hero.url"), &card.image_url)?;
    let tap = match &card.action {
        Some(tap) => Some(action(&format!("{at}.hero.action"), tap)?),
        None => None,
    };
    let mut hero = json!({
        "type": "image",
        "url": card.image_url,
        "size": "full",
        "aspectRatio": ratio,
        "aspectMode": "cover",
    });
    if let Some(tap) = &tap {
        hero["action"] = tap.clone();
    }
    let mut bubble = json!({"type": "bubble", "size": SIZE, "hero": hero});
    if has_words(card) {
        let mut body = vertical(&words(at, card)?);
        if let Some(tap) = tap {
            body["action"] = tap;
        }
        bubble["body"] = body;
    }
    if let Some(footer) = footer(at, &card.buttons)? {
        bubble["footer"] = footer;
    }
    limits::bubble_size(at, &bubble)?;
    Ok(bubble)
}

const fn has_words(card: &RenderedCard) -> bool {
    card.title.is_some() || card.description.is_some() || card.price_text.is_some()
}

fn words(at: &str, card: &RenderedCard) -> Result<Vec<Value>, EncodeError> {
    let styles = [
        (
            &card.title,
            json!({"weight": "bold", "size": "lg", "color": DARK}),
        ),
        (&card.description, json!({"size": "sm", "color": QUIET})),
        (
            &card.price_text,
            json!({"weight": "bold", "size": "md", "color": DARK, "margin": "md"}),
        ),
    ];
    let mut contents = Vec::new();
    for (text, mut style) in styles {
        let Some(text) = text else { continue };
        let place = format!("{at}.body.contents[{}].text", contents.len());
        limits::words(&place, text, limits::TEXT)?;
        style["type"] = "text".into();
        style["text"] = text.as_str().into();
        style["wrap"] = true.into();
        contents.push(style);
    }
    Ok(contents)
}

/// The first button is the one we would like to be tapped.
fn footer(at: &str, buttons: &[RenderedButton]) -> Result<Option<Value>, EncodeError> {
    if buttons.is_empty() {
        return Ok(None);
    }
    let mut contents = Vec::with_capacity(buttons.len());
    for (i, button) in buttons.iter().enumerate() {
        let place = format!("{at}.footer.contents[{i}].action");
        limits::label(&format!("{place}.label"), &button.label)?;
        let mut tap = action(&place, &button.action)?;
        tap["label"] = button.label.as_str().into();
        contents.push(json!({
            "type": "button",
            "style": if i == 0 { "primary" } else { "secondary" },
            "height": "sm",
            "action": tap,
        }));
    }
    Ok(Some(vertical(&contents)))
}

fn vertical(contents: &[Value]) -> Value {
    json!({"type": "box", "layout": "vertical", "spacing": "sm", "contents": contents})
}

fn action(at: &str, tap: &TapAction) -> Result<Value, EncodeError> {
    match tap {
        TapAction::OpenUrl { url } => {
            limits::link(&format!("{at}.uri"), url)?;
            Ok(json!({"type": "uri", "uri": url}))
        }
        TapAction::Postback { data, display_text } => {
            limits::postback_data(&format!("{at}.data"), data)?;
            let mut postback = json!({"type": "postback", "data": data});
            if let Some(text) = display_text {
                limits::display_text(&format!("{at}.displayText"), text)?;
                postback["displayText"] = text.as_str().into();
            }
            Ok(postback)
        }
    }
}
