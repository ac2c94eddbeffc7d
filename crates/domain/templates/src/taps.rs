use crate::{Button, Card, InteractionResult, TemplateContent, urls};
use crm_kernel::TagId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The number of something tappable in a content: from 1, cards in their order, each card's
/// picture before its buttons. Stable as long as the content is, which a frozen one is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TapItem(u16);

impl TapItem {
    /// The item with this number.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for TapItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Something a guest can tap, with everything that follows from a tap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tap {
    /// Its number.
    pub item: TapItem,
    /// What happens, its own or inherited.
    pub result: InteractionResult,
    /// The tag that whoever taps gets, its own or inherited.
    pub tag: Option<TagId>,
    /// A button's label or a card's title, as written.
    pub label: Option<String>,
}

impl Tap {
    /// Where the counting address leads on to; `None` when the tap is not a link or not one
    /// that goes through us (`tel:`, `line:`).
    #[must_use]
    pub fn tracked_target(&self) -> Option<&str> {
        match &self.result {
            InteractionResult::OpenUrl(url) if urls::is_trackable(url) => Some(url),
            _ => None,
        }
    }
}

/// The taps of one card.
pub(crate) struct CardTaps {
    pub(crate) picture: Tap,
    pub(crate) buttons: Vec<Tap>,
}

impl TemplateContent {
    /// Everything that can be tapped, in the order of its numbers.
    ///
    /// What a button leaves out it takes from its card, what a card leaves out from the
    /// template, result and tag each for itself. A result of `none` counts as given. A picture
    /// is always tappable, so that its taps are counted.
    #[must_use]
    pub fn taps(&self) -> Vec<Tap> {
        let mut taps = self.button_taps();
        for card in self.card_taps() {
            taps.push(card.picture);
            taps.extend(card.buttons);
        }
        taps
    }

    /// The tap with this number.
    #[must_use]
    pub fn tap(&self, item: TapItem) -> Option<Tap> {
        self.taps().into_iter().find(|tap| tap.item == item)
    }

    /// Taps of the template's own buttons.
    pub(crate) fn button_taps(&self) -> Vec<Tap> {
        (1..)
            .zip(&self.buttons)
            .map(|(number, button)| {
                let inherited = (self.interaction_result.as_ref(), self.interaction_tag_id);
                button_tap(TapItem(number), button, inherited)
            })
            .collect()
    }

    /// Taps of the cards, card by card.
    pub(crate) fn card_taps(&self) -> Vec<CardTaps> {
        let mut numbers = (1..).skip(self.buttons.len()).map(TapItem);
        let mut next = || numbers.next().unwrap_or(TapItem(u16::MAX));
        self.cards
            .iter()
            .map(|card| {
                let inherited = self.inherited_by(card);
                CardTaps {
                    picture: Tap {
                        item: next(),
                        result: inherited.0.cloned().unwrap_or_default(),
                        tag: inherited.1,
                        label: card.title.clone(),
                    },
                    buttons: card
                        .buttons
                        .iter()
                        .map(|button| button_tap(next(), button, inherited))
                        .collect(),
                }
            })
            .collect()
    }

    fn inherited_by<'a>(&'a self, card: &'a Card) -> Inherited<'a> {
        (
            card.interaction_result
                .as_ref()
                .or(self.interaction_result.as_ref()),
            card.interaction_tag_id.or(self.interaction_tag_id),
        )
    }
}

type Inherited<'a> = (Option<&'a InteractionResult>, Option<TagId>);

fn button_tap(item: TapItem, button: &Button, (result, tag): Inherited<'_>) -> Tap {
    Tap {
        item,
        result: button
            .interaction_result
            .as_ref()
            .or(result)
            .cloned()
            .unwrap_or_default(),
        tag: button.interaction_tag_id.or(tag),
        label: Some(button.label.clone()),
    }
}
