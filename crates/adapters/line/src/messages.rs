use crate::{flex, limits};
use crm_templates::OutgoingMessage;
use crm_workflows::{EncodeError, WireMessages};
use serde_json::{Value, json};

/// Turns rendered messages into LINE's message objects and checks every limit LINE has.
///
/// # Errors
/// [`EncodeError`] for the first limit broken, in LINE's notation of the place.
pub fn encode(messages: &[OutgoingMessage]) -> Result<WireMessages, EncodeError> {
    limits::message_count(messages.len())?;
    messages
        .iter()
        .enumerate()
        .map(|(i, message)| encode_one(&format!("messages[{i}]"), message))
        .collect::<Result<_, _>>()
        .map(WireMessages)
}

fn encode_one(at: &str, message: &OutgoingMessage) -> Result<Value, EncodeError> {
    match message {
        OutgoingMessage::Text { text } => {
            limits::words(&format!("{at}.text"), text, limits::TEXT)?;
            Ok(json!({"type": "text", "text": text}))
        }
        OutgoingMessage::Image { url, preview_url } => {
            limits::media_url(&format!("{at}.originalContentUrl"), url)?;
            limits::media_url(&format!("{at}.previewImageUrl"), preview_url)?;
            Ok(json!({
                "type": "image",
                "originalContentUrl": url,
                "previewImageUrl": preview_url,
            }))
        }
        // Not LINE's "buttons" template: that ends at 160 characters.
        OutgoingMessage::TextWithButtons {
            text,
            alt_text,
            buttons,
        } => {
            let contents = flex::words_with_buttons(&format!("{at}.contents"), text, buttons)?;
            flex_message(at, alt_text, &contents)
        }
        // Not LINE's "carousel" template: its columns take 60 characters and must look alike.
        OutgoingMessage::Cards { alt_text, cards } => {
            let contents = flex::cards(&format!("{at}.contents"), cards)?;
            flex_message(at, alt_text, &contents)
        }
    }
}

fn flex_message(at: &str, alt_text: &str, contents: &Value) -> Result<Value, EncodeError> {
    limits::words(&format!("{at}.altText"), alt_text, limits::ALT_TEXT)?;
    Ok(json!({"type": "flex", "altText": alt_text, "contents": contents}))
}
