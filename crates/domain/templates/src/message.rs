use serde::{Deserialize, Serialize};

/// A message for one guest with every variable filled in, in nobody's notation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutgoingMessage {
    /// Plain words.
    Text {
        /// The words.
        text: String,
    },
    /// Words with buttons under them.
    TextWithButtons {
        /// The words.
        text: String,
        /// What a notification shows.
        alt_text: String,
        /// 1–4 buttons.
        buttons: Vec<RenderedButton>,
    },
    /// One card, or several to swipe through.
    Cards {
        /// What a notification shows.
        alt_text: String,
        /// 1–12 cards in their order.
        cards: Vec<RenderedCard>,
    },
    /// A picture.
    Image {
        /// The whole address of the picture.
        url: String,
        /// A smaller one for the chat; may be the same.
        preview_url: String,
    },
}

/// A button ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderedButton {
    /// What it says.
    pub label: String,
    /// What it does.
    pub action: TapAction,
}

/// A card ready to be shown. Without title, description and price it is a picture only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderedCard {
    /// The whole address of its picture.
    pub image_url: String,
    /// Headline.
    #[serde(default)]
    pub title: Option<String>,
    /// A few words.
    #[serde(default)]
    pub description: Option<String>,
    /// The price as guests read it.
    #[serde(default)]
    pub price_text: Option<String>,
    /// What a tap on the picture does.
    #[serde(default)]
    pub action: Option<TapAction>,
    /// 0–3 buttons.
    #[serde(default)]
    pub buttons: Vec<RenderedButton>,
}

/// What the guest's LINE does on a tap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TapAction {
    /// Opens this address.
    OpenUrl {
        /// Already the counting address, where taps are counted.
        url: String,
    },
    /// Tells us.
    Postback {
        /// What we are told.
        data: String,
        /// What the guest seems to have written; nothing when `None`.
        #[serde(default)]
        display_text: Option<String>,
    },
}
