use crm_kernel::TemplateId;
use serde::{Deserialize, Serialize};

/// The five answers to a tap, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InteractionKind {
    /// Nothing visible.
    None,
    /// A page opens.
    OpenUrl,
    /// We answer with a text.
    TriggerMessage,
    /// We answer with a picture.
    TriggerImage,
    /// We answer with a template.
    TriggerTemplate,
}

impl InteractionKind {
    /// The name used in the API and in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::OpenUrl => "open_url",
            Self::TriggerMessage => "trigger_message",
            Self::TriggerImage => "trigger_image",
            Self::TriggerTemplate => "trigger_template",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::None,
            Self::OpenUrl,
            Self::TriggerMessage,
            Self::TriggerImage,
            Self::TriggerTemplate,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == name)
    }
}

/// What happens when a guest taps a card or a button. As JSON:
/// `{"type": "open_url", "value": "https://…"}`.
///
/// The tap is counted and tagged whatever the result is, `None` included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub enum InteractionResult {
    /// Nothing visible.
    #[default]
    None,
    /// This address opens.
    OpenUrl(String),
    /// We answer with this text; variables are allowed.
    TriggerMessage(String),
    /// We answer with the picture at this address, or with this upload.
    TriggerImage(String),
    /// We answer with the template of this id, as it is then.
    TriggerTemplate(String),
}

impl InteractionResult {
    /// The result of this kind; a value given to `None` is dropped.
    #[must_use]
    pub fn new(kind: InteractionKind, value: impl Into<String>) -> Self {
        match kind {
            InteractionKind::None => Self::None,
            InteractionKind::OpenUrl => Self::OpenUrl(value.into()),
            InteractionKind::TriggerMessage => Self::TriggerMessage(value.into()),
            InteractionKind::TriggerImage => Self::TriggerImage(value.into()),
            InteractionKind::TriggerTemplate => Self::TriggerTemplate(value.into()),
        }
    }

    /// Which of the five it is.
    #[must_use]
    pub const fn kind(&self) -> InteractionKind {
        match self {
            Self::None => InteractionKind::None,
            Self::OpenUrl(_) => InteractionKind::OpenUrl,
            Self::TriggerMessage(_) => InteractionKind::TriggerMessage,
            Self::TriggerImage(_) => InteractionKind::TriggerImage,
            Self::TriggerTemplate(_) => InteractionKind::TriggerTemplate,
        }
    }

    /// The address, text or id; empty for `None`.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::None => "",
            Self::OpenUrl(value)
            | Self::TriggerMessage(value)
            | Self::TriggerImage(value)
            | Self::TriggerTemplate(value) => value,
        }
    }

    /// The template that a tap is answered with, if it is one.
    #[must_use]
    pub fn template(&self) -> Option<TemplateId> {
        let Self::TriggerTemplate(id) = self else {
            return None;
        };
        let number = id.parse().ok().filter(|number: &i64| *number > 0)?;
        Some(TemplateId::new(number))
    }
}

#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(rename = "type")]
    kind: InteractionKind,
    #[serde(default)]
    value: Option<String>,
}

impl From<Wire> for InteractionResult {
    fn from(wire: Wire) -> Self {
        Self::new(wire.kind, wire.value.unwrap_or_default())
    }
}

impl From<InteractionResult> for Wire {
    fn from(result: InteractionResult) -> Self {
        Self {
            kind: result.kind(),
            value: Some(result.value().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_result_is_written_as_type_and_value() {
        let result = InteractionResult::TriggerMessage("hello".into());
        let json = serde_json::to_value(&result).unwrap();
        assert_eq!(json, json!({"type": "trigger_message", "value": "hello"}));
        assert_eq!(
            serde_json::from_value::<InteractionResult>(json).unwrap(),
            result
        );
    }

    #[test]
    fn only_a_whole_number_names_a_template() {
        let template = |id: &str| InteractionResult::TriggerTemplate(id.into()).template();
        assert_eq!(template("12"), Some(TemplateId::new(12)));
        for wrong in ["", "0", "-1", "1.5", "twelve", "99999999999999999999"] {
            assert_eq!(template(wrong), None, "{wrong}");
        }
        assert_eq!(InteractionResult::OpenUrl("12".into()).template(), None);
    }

    #[test]
    fn none_may_come_with_an_empty_value_a_null_or_without() {
        for json in [
            json!({"type": "none", "value": ""}),
            json!({"type": "none", "value": null}),
            json!({"type": "none"}),
        ] {
            assert_eq!(
                serde_json::from_value::<InteractionResult>(json).unwrap(),
                InteractionResult::None
            );
        }
    }
}
