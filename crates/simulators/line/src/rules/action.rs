//! Action objects: what a tap does.

use super::node::{
    Node,
    Presence::{self, Optional, Required},
    Unit,
};

/// Where an action stands; that decides on its label and on which kinds are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Template,
    ImageCarousel,
    /// A tappable image, column or whole bubble: the label is not shown.
    Unlabelled,
    FlexButton,
    FlexPart,
    QuickReply,
}

impl Place {
    fn label(self) -> (Presence, usize) {
        match self {
            Self::Template | Self::QuickReply => (Required, 20),
            Self::ImageCarousel => (Optional, 12),
            Self::Unlabelled => (Optional, 20),
            Self::FlexButton => (Required, 40),
            Self::FlexPart => (Optional, 40),
        }
    }

    fn kinds(self) -> &'static [&'static str] {
        const EVERYWHERE: [&str; 5] = ["postback", "message", "uri", "datetimepicker", "clipboard"];
        const QUICK: [&str; 8] = [
            "postback",
            "message",
            "uri",
            "datetimepicker",
            "clipboard",
            "camera",
            "cameraRoll",
            "location",
        ];
        if self == Self::QuickReply {
            &QUICK
        } else {
            &EVERYWHERE
        }
    }
}

pub(super) fn check(action: &Node<'_>, place: Place) {
    let Some(kind) = action.one_of("type", Required, place.kinds()) else {
        return;
    };
    let (presence, max) = place.label();
    action.text("label", presence, max, Unit::Grapheme);
    match kind {
        "postback" => postback(action),
        "message" => {
            action.text("text", Required, 300, Unit::Grapheme);
        }
        "uri" => {
            action.link("uri", Required, 1000);
            if let Some(alternative) = action.child("altUri", Optional) {
                alternative.link("desktop", Optional, 1000);
            }
        }
        "datetimepicker" => {
            action.text("data", Required, 300, Unit::Utf16);
            action.one_of("mode", Required, &["date", "time", "datetime"]);
        }
        "clipboard" => {
            action.text("clipboardText", Required, 1000, Unit::Utf16);
        }
        _ => {}
    }
}

fn postback(action: &Node<'_>) {
    action.text("data", Required, 300, Unit::Utf16);
    action.text("displayText", Optional, 300, Unit::Grapheme);
    action.text("text", Optional, 300, Unit::Grapheme);
    if action.has("text") && action.has("displayText") {
        action.note("text", "Cannot be used together with displayText");
    }
    let input = action.one_of(
        "inputOption",
        Optional,
        &["closeRichMenu", "openRichMenu", "openKeyboard", "openVoice"],
    );
    action.text("fillInText", Optional, 300, Unit::Grapheme);
    if action.has("fillInText") && input != Some("openKeyboard") {
        action.note("fillInText", "Requires inputOption openKeyboard");
    }
}
