use super::PmsKind;
use chrono::{DateTime, Utc};
use crm_kernel::{ImportProfileId, UserId};

/// Which headings of a hotel's own tables mean which fields, before it is stored under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewImportProfile {
    /// The name, unique among those of a kind by its [`name_key`](Self::name_key).
    pub name: String,
    /// What the tables hold.
    pub kind: PmsKind,
    /// Heading and field, besides the known ones.
    pub headings: Vec<(String, String)>,
    /// Who saved it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// The same as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportProfile {
    /// The id.
    pub id: ImportProfileId,
    /// What was saved.
    pub new: NewImportProfile,
}

impl NewImportProfile {
    /// Longest name stored.
    pub const MAX_NAME: usize = 50;
    /// Most headings of one table.
    pub const MAX_HEADINGS: usize = 100;
    /// Longest heading.
    pub const MAX_HEADING: usize = 100;

    /// The form in which two names are compared.
    #[must_use]
    pub fn name_key(&self) -> String {
        use unicode_normalization::UnicodeNormalization;
        self.name.nfkc().collect::<String>().to_lowercase()
    }
}
