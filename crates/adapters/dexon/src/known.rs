use crate::field::Field;
use crate::status::{GuestWord, OrderWord};
use crate::text::{folded, words};
use chrono::NaiveDate;
use crm_members::{Gender, PmsKind};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

const DATA: &str = include_str!("../data/dexon.json");

/// What the vendor calls things, and what is not to be believed: `data/dexon.json`.
pub(crate) struct Known {
    guests: Vec<FieldFacts>,
    stays: Vec<FieldFacts>,
    absent_texts: HashSet<String>,
    absent_dates: HashSet<NaiveDate>,
    absent_phones: HashSet<String>,
    absent_names: HashSet<String>,
    pub(crate) agencies: Agencies,
    relay_domains: Vec<String>,
    pub(crate) surnames: Vec<String>,
    yes_no: HashMap<String, bool>,
    genders: HashMap<String, Gender>,
    order_words: HashMap<String, OrderWord>,
    guest_words: HashMap<String, GuestWord>,
}

/// A field of a kind of rows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldFacts {
    pub(crate) field: Field,
    pub(crate) columns: Vec<String>,
    #[serde(default)]
    pub(crate) required: bool,
    pub(crate) headings: Vec<String>,
}

/// Travel agencies, whose name in a guest's place says nothing of the guest.
pub(crate) struct Agencies {
    /// What their names begin with, word by word.
    pub(crate) names: Vec<Vec<String>>,
    /// What their names end with, folded.
    pub(crate) endings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "about")]
    _about: Vec<String>,
    guests: Vec<FieldFacts>,
    stays: Vec<FieldFacts>,
    absent: Absent,
    agencies: WrittenAgencies,
    relay_domains: Vec<String>,
    two_character_surnames: Vec<String>,
    words: Words,
    order_status: HashMap<OrderWord, Vec<String>>,
    guest_status: HashMap<GuestWord, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAgencies {
    names: Vec<String>,
    endings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Absent {
    texts: Vec<String>,
    dates: Vec<NaiveDate>,
    phones: Vec<String>,
    names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    yes: Vec<String>,
    no: Vec<String>,
    male: Vec<String>,
    female: Vec<String>,
}

impl Known {
    /// Reads the data file.
    pub(crate) fn read() -> Result<Self, serde_json::Error> {
        let written: Written = serde_json::from_str(DATA)?;
        let said = written.words;
        Ok(Self {
            guests: written.guests,
            stays: written.stays,
            absent_texts: written.absent.texts.iter().map(|t| plain(t)).collect(),
            absent_dates: written.absent.dates.into_iter().collect(),
            absent_phones: written.absent.phones.into_iter().collect(),
            absent_names: written.absent.names.iter().map(|t| folded(t)).collect(),
            agencies: Agencies {
                names: written.agencies.names.iter().map(|n| words(n)).collect(),
                endings: written.agencies.endings.iter().map(|e| folded(e)).collect(),
            },
            relay_domains: written.relay_domains,
            surnames: written.two_character_surnames,
            yes_no: by_word([(true, said.yes), (false, said.no)]),
            genders: by_word([(Gender::Male, said.male), (Gender::Female, said.female)]),
            order_words: by_word(written.order_status),
            guest_words: by_word(written.guest_status),
        })
    }

    pub(crate) fn fields(&self, kind: PmsKind) -> &[FieldFacts] {
        match kind {
            PmsKind::Members => &self.guests,
            PmsKind::ConsumptionRecords => &self.stays,
        }
    }

    /// Whether a text is one of those that people write where there is nothing to write.
    pub(crate) fn is_absent(&self, text: &str) -> bool {
        text.is_empty() || self.absent_texts.contains(&plain(text))
    }

    pub(crate) fn is_absent_date(&self, day: NaiveDate) -> bool {
        self.absent_dates.contains(&day)
    }

    pub(crate) fn is_absent_phone(&self, digits: &str) -> bool {
        self.absent_phones.contains(digits)
    }

    pub(crate) fn is_absent_name(&self, name: &str) -> bool {
        self.absent_names.contains(&folded(name))
    }

    /// Whether mail to this domain reaches a booking site instead of the guest.
    pub(crate) fn is_relay(&self, domain: &str) -> bool {
        let domain = domain.to_lowercase();
        self.relay_domains.iter().any(|relay| {
            domain
                .strip_suffix(relay.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }

    pub(crate) fn yes_no(&self, word: &str) -> Option<bool> {
        self.yes_no.get(&folded(word)).copied()
    }

    pub(crate) fn gender(&self, word: &str) -> Option<Gender> {
        self.genders.get(&folded(word)).copied()
    }

    pub(crate) fn order_word(&self, word: &str) -> Option<OrderWord> {
        self.order_words.get(&folded(word)).copied()
    }

    pub(crate) fn guest_word(&self, word: &str) -> Option<GuestWord> {
        self.guest_words.get(&folded(word)).copied()
    }
}

/// Signs count here: a `-` alone means nothing, and folded it would be nothing.
fn plain(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfkc().flat_map(char::to_lowercase).collect()
}

fn by_word<T: Copy>(meanings: impl IntoIterator<Item = (T, Vec<String>)>) -> HashMap<String, T> {
    meanings
        .into_iter()
        .flat_map(|(meaning, words)| words.into_iter().map(move |w| (folded(&w), meaning)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_file_can_be_read_and_names_every_field_as_the_code_does() {
        let known = Known::read().unwrap();
        let value: serde_json::Value = serde_json::from_str(DATA).unwrap();
        for (kind, key) in [
            (PmsKind::Members, "guests"),
            (PmsKind::ConsumptionRecords, "stays"),
        ] {
            let written = value[key].as_array().unwrap();
            for (facts, written) in known.fields(kind).iter().zip(written) {
                assert_eq!(facts.field.name(), written["field"], "{key}");
                assert!(!facts.columns.is_empty(), "{key} {}", facts.field.name());
            }
        }
    }

    #[test]
    fn no_word_means_two_things() {
        let value: serde_json::Value = serde_json::from_str(DATA).unwrap();
        let words = value["words"].as_object().unwrap();
        let pair = |a: &str, b: &str| [words[a].clone(), words[b].clone()];
        let mut groups = vec![pair("yes", "no").to_vec(), pair("male", "female").to_vec()];
        for key in ["order_status", "guest_status"] {
            groups.push(value[key].as_object().unwrap().values().cloned().collect());
        }
        for group in groups {
            let mut met = HashMap::new();
            for (place, words) in group.iter().enumerate() {
                for word in words.as_array().unwrap() {
                    let word = folded(word.as_str().unwrap());
                    assert_eq!(*met.entry(word.clone()).or_insert(place), place, "{word}");
                }
            }
        }
    }

    #[test]
    fn mail_to_a_booking_site_is_known_by_its_domain_and_those_below() {
        let known = Known::read().unwrap();
        for relay in ["guest.booking.com", "Agoda-Messaging.com", "a.b.agoda.com"] {
            assert!(known.is_relay(relay), "{relay}");
        }
        for own in ["booking.com.tw", "notagoda.com", "example.com"] {
            assert!(!known.is_relay(own), "{own}");
        }
    }
}
