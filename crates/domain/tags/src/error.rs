use crate::{Tag, TagUses};
use crm_kernel::{DomainError, ErrorKind, FieldError, StoreError, TagId};
use serde_json::{Value, json};
use thiserror::Error;

/// What can go wrong with tags.
#[derive(Debug, Error)]
pub enum TagError {
    /// No tag has this id.
    #[error("tag not found")]
    NotFound,
    /// No member has this id.
    #[error("member not found")]
    MemberNotFound,
    /// The input breaks rules; each of them is named.
    #[error("the tag's details are not valid")]
    Invalid(Vec<FieldError>),
    /// Another tag has this name.
    #[error("another tag has the same name")]
    Duplicate,
    /// Templates or campaigns still name the tag.
    #[error("the tag is in use")]
    InUse(TagUses),
    /// The hotel's own systems keep these tags; staff may describe them, and no more.
    #[error("the hotel's own systems keep this tag")]
    ReadOnly(Vec<TagId>),
    /// The storage failed.
    #[error("tags could not be stored or read")]
    Store(#[source] StoreError),
}

impl TagError {
    /// One broken rule.
    pub(crate) fn invalid(field: &str, message: &str) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    /// Refuses what staff may not do with tags that the hotel's own systems keep.
    ///
    /// # Errors
    /// `tag_read_only` with those of these tags.
    pub fn refuse_read_only<'a>(tags: impl IntoIterator<Item = &'a Tag>) -> Result<(), Self> {
        let kept = tags.into_iter().filter(|tag| tag.is_read_only());
        let kept: Vec<TagId> = kept.map(Tag::id).collect();
        if kept.is_empty() {
            Ok(())
        } else {
            Err(Self::ReadOnly(kept))
        }
    }
}

impl From<StoreError> for TagError {
    /// The friendly check before a write can lose a race; the key then says the same.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate { key: "tag_name" } => Self::Duplicate,
            other => Self::Store(other),
        }
    }
}

impl DomainError for TagError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::MemberNotFound => ErrorKind::NotFound,
            Self::Invalid(_) => ErrorKind::Invalid,
            Self::Duplicate | Self::InUse(_) | Self::ReadOnly(_) => ErrorKind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "tag_not_found",
            Self::MemberNotFound => "member_not_found",
            Self::Invalid(_) => "tag_invalid",
            Self::Duplicate => "tag_duplicate",
            Self::InUse(_) => "tag_in_use",
            Self::ReadOnly(_) => "tag_read_only",
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::Duplicate => vec![FieldError::new("name", "is already used by another tag")],
            Self::NotFound
            | Self::MemberNotFound
            | Self::InUse(_)
            | Self::ReadOnly(_)
            | Self::Store(_) => Vec::new(),
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::InUse(uses) => Some(json!({
                "template_ids": uses.templates,
                "campaign_ids": uses.campaigns,
            })),
            Self::ReadOnly(tags) => Some(json!({ "tag_ids": tags })),
            _ => None,
        }
    }
}
