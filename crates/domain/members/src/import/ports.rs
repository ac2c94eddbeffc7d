use super::{Import, NewImport};
use crate::Member;
use async_trait::async_trait;
use crm_kernel::{ImportId, StoreError};

/// What is wrong with a row of a file; nothing of what the row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// The row's number in the file; 1 is the header.
    pub row: u64,
    /// The field at fault, as the API names it.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

/// By what the members of a few rows can be known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CandidateKeys {
    /// Blind indexes of id numbers.
    pub id_indexes: Vec<String>,
    /// Normalised phone numbers ([`crate::Phone::normalised`]).
    pub phones: Vec<String>,
    /// E-mail addresses as they are compared ([`crate::Email::compare_key`]).
    pub emails: Vec<String>,
}

/// Imports, for decisions: finds lock the row until the unit of work ends. The import is locked
/// first, then members in the order of their ids.
///
/// To add a method, write its promise in `tests/ports` first, then memory and database.
#[async_trait]
pub trait ImportRepository: Send {
    /// Stores an import that is `pending`, nothing processed, all counts zero; answers the id
    /// it got.
    ///
    /// # Errors
    /// `Reference` when the user does not exist, else the storage's.
    async fn insert(&mut self, new: &NewImport) -> Result<ImportId, StoreError>;

    /// The import with this id, locked. Sees what others committed before the call: a second
    /// runner that waited for the lock must see how far the first has come.
    ///
    /// # Errors
    /// The storage's.
    async fn find(&mut self, id: ImportId) -> Result<Option<Import>, StoreError>;

    /// Writes back status, reason, `total_rows`, `processed_rows`, the counts and `finished_at`
    /// of an import that was found in this unit of work.
    ///
    /// # Errors
    /// `Reference` when the row is gone, else the storage's.
    async fn update(&mut self, import: &Import) -> Result<(), StoreError>;

    /// Every member who has one of the id numbers, phone numbers or e-mail addresses, each
    /// once, in the order of their ids, locked. The lists may be empty, and hold some thousand
    /// keys together.
    ///
    /// # Errors
    /// The storage's.
    async fn candidates(&mut self, keys: &CandidateKeys) -> Result<Vec<Member>, StoreError>;

    /// Deletes all errors of an import.
    ///
    /// # Errors
    /// The storage's.
    async fn forget_errors(&mut self, id: ImportId) -> Result<(), StoreError>;

    /// Stores errors in their order, until the import has `at_most` in all; leaves out the
    /// rest.
    ///
    /// # Errors
    /// `Reference` when there is no such import, else the storage's.
    async fn insert_errors(
        &mut self,
        id: ImportId,
        errors: &[RowError],
        at_most: u64,
    ) -> Result<(), StoreError>;
}
