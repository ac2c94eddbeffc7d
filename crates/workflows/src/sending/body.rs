use crate::WireMessages;
use chrono::{Datelike, NaiveDate};
use crm_campaigns::BatchPerson;
use crm_kernel::MemberId;
use crm_templates::Person;
use serde::{Deserialize, Serialize};

/// What the first try of a batch says, stored before LINE is called and repeated word by word.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub(crate) enum BatchBody {
    /// One multicast.
    Bulk {
        messages: WireMessages,
        to: Vec<Addressee>,
    },
    /// One push each. The messages follow from the campaign's frozen template and these frozen
    /// values alone; storing them rendered would make a batch a hundred times larger.
    Personal { to: Vec<PersonalAddressee> },
}

/// Somebody in a multicast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Addressee {
    #[serde(rename = "m")]
    pub(crate) member: MemberId,
    #[serde(rename = "u")]
    pub(crate) line_uid: String,
}

/// Somebody who gets a push of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PersonalAddressee {
    #[serde(flatten)]
    pub(crate) who: Addressee,
    #[serde(rename = "p")]
    pub(crate) person: Person,
}

impl BatchBody {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Bulk { to, .. } => to.len(),
            Self::Personal { to } => to.len(),
        }
    }
}

/// What a template may say about a recipient.
pub(crate) fn person_of(recipient: &BatchPerson) -> Person {
    Person {
        display_name: recipient.display_name.clone(),
        first_name: recipient.first_name.clone(),
        last_name: recipient.last_name.clone(),
        birthday_month: birthday_month(recipient.birthday),
    }
}

pub(crate) fn birthday_month(birthday: Option<NaiveDate>) -> Option<u8> {
    birthday.and_then(|day| u8::try_from(day.month()).ok())
}

/// A guest for previews without a member, so that every variable shows something.
pub(crate) fn sample_person() -> Person {
    Person {
        display_name: Some("小明".into()),
        first_name: Some("小明".into()),
        last_name: Some("王".into()),
        birthday_month: Some(5),
    }
}
