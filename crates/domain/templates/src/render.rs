use crate::person::Person;
use crate::variables::{Variable, VariableText, utf16};
use crate::{
    InteractionResult, OutgoingMessage, RenderedButton, RenderedCard, Tap, TapAction, TapItem,
    TemplateContent, TemplateKind, limits, urls,
};
use std::collections::BTreeSet;
use thiserror::Error;

/// Where taps lead, and where the hotel's own pictures are. Whoever sends knows the campaign, the
/// guest and the product's address; rendering knows none of them.
pub trait TapLinks: Send + Sync {
    /// The product's public address: uploaded pictures lie below it.
    fn base_url(&self) -> &str;
    /// The counting address that leads on to `target`.
    fn url(&self, item: TapItem, target: &str) -> String;
    /// What LINE tells us when the item is tapped; at most 300 characters.
    fn postback(&self, item: TapItem) -> String;
}

/// A content that cannot become a message for this guest.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RenderError {
    /// A text is longer than LINE takes, once filled in.
    #[error("{field} has more than {limit} characters once filled in")]
    TooLong {
        /// Which text.
        field: String,
        /// How long it may be.
        limit: usize,
    },
    /// Nothing is left of a text that must say something.
    #[error("{field} is empty once filled in")]
    Empty {
        /// Which text.
        field: String,
    },
    /// The stored content was never a valid one.
    #[error("{field} of the stored template is damaged")]
    Damaged {
        /// Which part.
        field: String,
    },
}

impl TemplateContent {
    /// The messages for one guest.
    ///
    /// # Errors
    /// [`RenderError`] when a text breaks a limit with this guest's data; others may be fine.
    pub fn render(
        &self,
        person: &Person,
        links: &dyn TapLinks,
    ) -> Result<Vec<OutgoingMessage>, RenderError> {
        let message = match self.kind {
            TemplateKind::Text => OutgoingMessage::Text {
                text: self.words(person)?,
            },
            TemplateKind::TextButton => OutgoingMessage::TextWithButtons {
                text: self.words(person)?,
                alt_text: self.alt_text(person)?,
                buttons: buttons(&self.button_taps(), links),
            },
            TemplateKind::ImageClick | TemplateKind::ImageCard => OutgoingMessage::Cards {
                alt_text: self.alt_text(person)?,
                cards: self.rendered_cards(person, links)?,
            },
        };
        Ok(vec![message])
    }

    /// Which variables the message itself mentions. Texts sent in answer to a tap are filled in
    /// when they are sent and do not count.
    #[must_use]
    pub fn variables(&self) -> BTreeSet<Variable> {
        self.shown_texts()
            .filter_map(|text| VariableText::parse(text).ok())
            .flat_map(|text| text.variables())
            .collect()
    }

    /// Whether every guest gets a message of their own: it speaks of them, or has links that
    /// tell who tapped. Postbacks come with the guest's id and need no message of their own.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        !self.variables().is_empty() || self.taps().iter().any(|tap| tap.tracked_target().is_some())
    }

    fn shown_texts(&self) -> impl Iterator<Item = &str> {
        let notice = match self.kind {
            TemplateKind::Text => None,
            _ => self.notification_text.as_deref(),
        };
        let cards = self
            .cards
            .iter()
            .flat_map(|card| [card.title.as_deref(), card.description.as_deref()]);
        [self.content.as_deref(), notice]
            .into_iter()
            .chain(cards)
            .flatten()
    }

    fn words(&self, person: &Person) -> Result<String, RenderError> {
        let written = self.content.as_deref().unwrap_or_default();
        said(written, person, "content", limits::TEXT_UTF16)
    }

    /// LINE has one field for the notification and the list of chats. Should nothing be left of
    /// the notification, the preview is the next best, then the title.
    fn alt_text(&self, person: &Person) -> Result<String, RenderError> {
        let title = self.cards.first().and_then(|card| card.title.as_deref());
        let choices = [
            self.notification_text.as_deref(),
            self.preview_text.as_deref(),
            title,
        ];
        for text in choices.into_iter().flatten() {
            if let Some(text) = filled(text, person, "notification_text", limits::ALT_TEXT_UTF16)? {
                return Ok(text);
            }
        }
        Err(RenderError::Empty {
            field: "notification_text".into(),
        })
    }

    fn rendered_cards(
        &self,
        person: &Person,
        links: &dyn TapLinks,
    ) -> Result<Vec<RenderedCard>, RenderError> {
        if self.cards.is_empty() {
            return Err(RenderError::Damaged {
                field: "carousel_items".into(),
            });
        }
        let mut rendered = Vec::with_capacity(self.cards.len());
        for (i, (card, taps)) in self.cards.iter().zip(self.card_taps()).enumerate() {
            let text = |written: &Option<String>, field: &str| match written {
                Some(written) => {
                    let field = format!("carousel_items[{i}].{field}");
                    filled(written, person, &field, limits::TEXT_UTF16)
                }
                None => Ok(None),
            };
            rendered.push(RenderedCard {
                image_url: urls::picture(&card.image_url, links.base_url()),
                title: text(&card.title, "title")?,
                description: text(&card.description, "description")?,
                price_text: card.price.map(|price| price.to_string()),
                action: Some(action(&taps.picture, None, links)),
                buttons: buttons(&taps.buttons, links),
            });
        }
        Ok(rendered)
    }
}

impl InteractionResult {
    /// What we answer to a tap, for one guest; `None` when the tap speaks for itself, or when
    /// the answer is a template, which is rendered like any other. Uploaded
    /// pictures lie below `base_url`, the product's public address.
    ///
    /// # Errors
    /// [`RenderError`] when the text breaks a limit with this guest's data.
    pub fn answer(
        &self,
        person: &Person,
        base_url: &str,
    ) -> Result<Option<OutgoingMessage>, RenderError> {
        Ok(match self {
            Self::None | Self::OpenUrl(_) | Self::TriggerTemplate(_) => None,
            Self::TriggerMessage(text) => Some(OutgoingMessage::Text {
                text: said(text, person, "interaction_result.value", limits::TEXT_UTF16)?,
            }),
            Self::TriggerImage(url) => {
                let url = urls::picture(url, base_url);
                Some(OutgoingMessage::Image {
                    preview_url: url.clone(),
                    url,
                })
            }
        })
    }
}

fn buttons(taps: &[Tap], links: &dyn TapLinks) -> Vec<RenderedButton> {
    taps.iter()
        .map(|tap| RenderedButton {
            label: tap.label.clone().unwrap_or_default(),
            action: action(tap, tap.label.clone(), links),
        })
        .collect()
}

fn action(tap: &Tap, display_text: Option<String>, links: &dyn TapLinks) -> TapAction {
    match (&tap.result, tap.tracked_target()) {
        (_, Some(target)) => TapAction::OpenUrl {
            url: links.url(tap.item, target),
        },
        (InteractionResult::OpenUrl(url), None) => TapAction::OpenUrl {
            url: urls::encoded(url),
        },
        _ => TapAction::Postback {
            data: links.postback(tap.item),
            display_text,
        },
    }
}

/// A text that must say something.
fn said(written: &str, person: &Person, field: &str, limit: usize) -> Result<String, RenderError> {
    filled(written, person, field, limit)?.ok_or_else(|| RenderError::Empty {
        field: field.into(),
    })
}

/// `None` when nothing visible is left.
fn filled(
    written: &str,
    person: &Person,
    field: &str,
    limit: usize,
) -> Result<Option<String>, RenderError> {
    let text = VariableText::parse(written)
        .map_err(|_| RenderError::Damaged {
            field: field.into(),
        })?
        .fill(person);
    if utf16(&text) > limit {
        return Err(RenderError::TooLong {
            field: field.into(),
            limit,
        });
    }
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "render_laws.rs"]
mod laws;
