use crate::{Gender, LineState, MemberSource, Phone};
use chrono::{DateTime, Utc};
use crm_kernel::TagId;

/// Which members a list shows; every part narrows it, an empty part does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberFilter {
    /// What the search box says.
    pub search: Option<MemberSearch>,
    /// Tags of either kind; one that does not exist matches nobody.
    pub tags: Vec<TagId>,
    /// How many of the tags a member must wear.
    pub tags_mode: TagsMode,
    /// One of these sources.
    pub sources: Vec<MemberSource>,
    /// This gender.
    pub gender: Option<Gender>,
    /// This state of the friendship; members without a LINE account have none.
    pub line_state: Option<LineState>,
    /// Not born before this moment.
    pub created_from: Option<DateTime<Utc>>,
    /// Born before this moment.
    pub created_before: Option<DateTime<Utc>>,
}

impl MemberFilter {
    /// Whether any part narrows the list. How many of the tags must be worn says nothing when no
    /// tag is named.
    #[must_use]
    pub fn has_condition(&self) -> bool {
        let says_nothing = Self {
            tags_mode: self.tags_mode,
            ..Self::default()
        };
        *self != says_nothing
    }
}

/// How many of several tags a member must wear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TagsMode {
    /// Each of them.
    #[default]
    All,
    /// One or more of them.
    Any,
}

impl TagsMode {
    /// Reads the spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "all" => Some(Self::All),
            "any" => Some(Self::Any),
            _ => None,
        }
    }
}

/// Text to be found anywhere, capitals or not, in the LINE name, the first and last name, both
/// orders of the two together with a blank between them or without, the e-mail address or the
/// phone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberSearch {
    text: String,
}

impl MemberSearch {
    /// `None` for blank text, which searches for nothing. Text is data: nothing in it has a
    /// meaning of its own.
    #[must_use]
    pub fn new(typed: &str) -> Option<Self> {
        let text = typed.trim();
        (!text.is_empty()).then(|| Self {
            text: text.to_owned(),
        })
    }

    /// What to find in names and addresses.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What to find among the digits of normalised phone numbers, when the text looks like a
    /// part of one.
    #[must_use]
    pub fn phone_digits(&self) -> Option<String> {
        Phone::search_digits(&self.text)
    }
}

/// The order of a list of members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberSort {
    /// By which column.
    pub column: MemberSortColumn,
    /// In which direction.
    pub order: SortOrder,
}

/// A direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// Smallest first.
    Asc,
    /// Largest first.
    #[default]
    Desc,
}

impl SortOrder {
    /// Reads the spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "asc" => Some(Self::Asc),
            "desc" => Some(Self::Desc),
            _ => None,
        }
    }
}

/// The columns that members can be ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemberSortColumn {
    /// The last thing the guest did.
    #[default]
    LastInteractionAt,
    /// When the row was born.
    CreatedAt,
    /// When it was changed.
    UpdatedAt,
    /// The id.
    Id,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// LINE name.
    LineDisplayName,
    /// E-mail address.
    Email,
}

impl MemberSortColumn {
    /// Reads the spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "last_interaction_at" => Self::LastInteractionAt,
            "created_at" => Self::CreatedAt,
            "updated_at" => Self::UpdatedAt,
            "id" => Self::Id,
            "first_name" => Self::FirstName,
            "last_name" => Self::LastName,
            "line_display_name" => Self::LineDisplayName,
            "email" => Self::Email,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_text_searches_for_nothing_and_signs_are_only_signs() {
        assert_eq!(MemberSearch::new("  "), None);
        let search = MemberSearch::new(" 50%_; DROP ").unwrap();
        assert_eq!(search.text(), "50%_; DROP");
        assert_eq!(search.phone_digits(), None);
    }

    #[test]
    fn a_mode_of_tags_without_tags_is_no_condition() {
        for tags_mode in [TagsMode::All, TagsMode::Any] {
            let filter = |tags: &[TagId]| MemberFilter {
                tags: tags.to_vec(),
                tags_mode,
                ..MemberFilter::default()
            };
            assert!(!filter(&[]).has_condition(), "{tags_mode:?}");
            assert!(filter(&[TagId::new(1)]).has_condition(), "{tags_mode:?}");
        }
        let women = MemberFilter {
            gender: Some(Gender::Female),
            ..MemberFilter::default()
        };
        assert!(women.has_condition());
    }

    #[test]
    fn the_default_order_shows_the_most_recent_guest_first() {
        let sort = MemberSort::default();
        assert_eq!(sort.column, MemberSortColumn::LastInteractionAt);
        assert_eq!(sort.order, SortOrder::Desc);
        assert_eq!(MemberSortColumn::parse("id_number"), None);
    }
}
