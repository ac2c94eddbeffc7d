//! What a hotel may write to its guests: message templates, their cards and buttons, the
//! variables in their texts, and the rendering of all that for one guest.
//!
//! A template is checked as a whole when it is written ([`NewTemplate::check`]), so that
//! everything stored can be sent. [`TemplateContent`] is a document: a campaign keeps its own
//! copy from the moment its send starts, and later edits change nothing that was sent.
//! Pictures are addresses elsewhere or paths of uploads; rendering makes whole addresses of both.
//! Rendering answers neutral [`OutgoingMessage`]s; the vendor's notation is the adapter's.

mod audit;
mod changes;
mod content;
mod draft;
mod error;
mod interaction;
mod message;
mod named;
mod person;
mod ports;
mod price;
mod render;
mod rules;
mod taps;
mod template;
mod templates;
mod uploads;
mod urls;
mod variables;

pub use changes::TemplateChanges;
pub use content::{Button, Card, TemplateContent, TemplateKind};
pub use draft::{CardDraft, TemplateDraft};
pub use error::TemplateError;
pub use interaction::{InteractionKind, InteractionResult};
pub use message::{OutgoingMessage, RenderedButton, RenderedCard, TapAction};
pub use person::Person;
pub use ports::{TemplateFilter, TemplateQueries, TemplateRepository, TemplateRow, TemplatesTx};
pub use price::Price;
pub use render::{RenderError, TapLinks};
pub use taps::{Tap, TapItem};
pub use template::{NewTemplate, Template};
pub use templates::Templates;
pub use variables::{Variable, VariableError, VariableText};

/// Limits of what may be written, each with its source.
pub mod limits {
    /// Units of UTF-16 in a text (LINE Messaging API reference, text message).
    pub const TEXT_UTF16: usize = 5000;
    /// Characters in a template's name (document 000 §3.2.7).
    pub const NAME: usize = 100;
    /// Characters in the notification and the preview (document 000 §3.2.7).
    pub const NOTICE: usize = 100;
    /// Characters in a card's title (document 000 §3.2.8).
    pub const TITLE: usize = 100;
    /// Characters in a card's description (document 000 §3.2.8).
    pub const DESCRIPTION: usize = 200;
    /// Characters in a card's image and action address (document 000 §3.2.8).
    pub const CARD_URL: usize = 500;
    /// Characters in any other address (LINE Messaging API reference, URI action).
    pub const URL: usize = 1000;
    /// Grapheme clusters in a label: LINE's strictest limit for actions with a visible label.
    pub const LABEL_GRAPHEMES: usize = 20;
    /// Characters in a label, so that stacked accents cannot make it endless.
    pub const LABEL_CHARS: usize = 100;
    /// Units of UTF-16 in the alternative text of a flex message (LINE reference).
    pub const ALT_TEXT_UTF16: usize = 1500;
    /// Cards of a template: bubbles of a flex carousel (LINE reference).
    pub const CARDS: usize = 12;
    /// Buttons under a text.
    pub const TEXT_BUTTONS: usize = 4;
    /// Buttons of a card with text.
    pub const CARD_BUTTONS: usize = 3;
}
