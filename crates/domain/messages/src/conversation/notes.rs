use super::{ConversationError, Conversations, ConversationsTx};
use crate::{ConversationChange, conversation_updated};
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, AuditEntry, LiveEvent, MemberId, NoteId, UserId};
use tracing::instrument;

/// Characters in a note.
pub const MAX_NOTE_CHARS: usize = 2000;

/// The words of a note.
#[derive(Clone, PartialEq, Eq)]
pub struct NoteText(String);

impl NoteText {
    /// Words without the blanks around them.
    ///
    /// # Errors
    /// What is wrong with them, safe to show.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err("must not be empty");
        }
        if typed.chars().count() > MAX_NOTE_CHARS {
            return Err("must have at most 2000 characters");
        }
        let is_wrong = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if typed.chars().any(is_wrong) {
            return Err("must not contain control characters");
        }
        Ok(Self(typed.to_owned()))
    }

    /// Words that were checked before they were stored.
    #[must_use]
    pub const fn from_stored(stored: String) -> Self {
        Self(stored)
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Words about guests do not belong in logs.
impl std::fmt::Debug for NoteText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NoteText(…)")
    }
}

/// What a colleague notes about a conversation; the guest never sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The id.
    pub id: NoteId,
    /// What is stored.
    pub new: NewNote,
    /// When its words changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// A note that is not stored yet, and so has no id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNote {
    /// Whose conversation it is about.
    pub member_id: MemberId,
    /// Who wrote it; nobody when they are deleted.
    pub author_id: Option<UserId>,
    /// Its words.
    pub text: NoteText,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

impl Conversations {
    /// Writes a note about the conversation with this guest.
    ///
    /// # Errors
    /// `conversation_invalid`, `member_not_found`, else the store's.
    #[instrument(name = "conversations.add_note", skip_all, fields(?actor, member.id = %member))]
    pub async fn add_note(
        &self,
        actor: &Actor,
        member: MemberId,
        text: &str,
    ) -> Result<NoteId, ConversationError> {
        let text = parsed(text)?;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let new = NewNote {
            member_id: member,
            author_id: actor.user_id(),
            text,
            created_at: now,
        };
        let id = tx.conversations().insert_note(&new).await;
        let id = id.map_err(ConversationError::unknown_member)?;
        let entry = entry(actor, now, "conversation.note_added", (member, id));
        tx.audit().record(entry).await?;
        tx.live().announce(noted(member, now));
        tx.commit().await?;
        Ok(id)
    }

    /// Changes the words of a note: one's own, or anybody's for an admin.
    ///
    /// # Errors
    /// `conversation_invalid`, `note_not_found`, `note_of_somebody_else`, else the store's.
    #[instrument(name = "conversations.edit_note", skip_all, fields(?actor, note.id = %id))]
    pub async fn edit_note(
        &self,
        (actor, is_admin): (&Actor, bool),
        member: MemberId,
        id: NoteId,
        text: &str,
    ) -> Result<(), ConversationError> {
        let text = parsed(text)?;
        let mut tx = self.store.begin().await?;
        let note = changeable(&mut *tx, (actor, is_admin), member, id).await?;
        if note.new.text == text {
            return Ok(());
        }
        let now = self.clock.now();
        tx.conversations().rewrite_note(id, &text, now).await?;
        let entry = entry(actor, now, "conversation.note_edited", (member, id));
        tx.audit().record(entry).await?;
        tx.live().announce(noted(member, now));
        tx.commit().await?;
        Ok(())
    }

    /// Deletes a note: one's own, or anybody's for an admin.
    ///
    /// # Errors
    /// `note_not_found`, `note_of_somebody_else`, else the store's.
    #[instrument(name = "conversations.delete_note", skip_all, fields(?actor, note.id = %id))]
    pub async fn delete_note(
        &self,
        (actor, is_admin): (&Actor, bool),
        member: MemberId,
        id: NoteId,
    ) -> Result<(), ConversationError> {
        let mut tx = self.store.begin().await?;
        changeable(&mut *tx, (actor, is_admin), member, id).await?;
        tx.conversations().delete_note(id).await?;
        let now = self.clock.now();
        let entry = entry(actor, now, "conversation.note_deleted", (member, id));
        tx.audit().record(entry).await?;
        tx.live().announce(noted(member, now));
        tx.commit().await?;
        Ok(())
    }
}

fn parsed(text: &str) -> Result<NoteText, ConversationError> {
    NoteText::parse(text).map_err(|wrong| ConversationError::invalid("content", wrong))
}

/// The note, if it is about this conversation and this actor may change it.
async fn changeable(
    tx: &mut dyn ConversationsTx,
    (actor, is_admin): (&Actor, bool),
    member: MemberId,
    id: NoteId,
) -> Result<Note, ConversationError> {
    let found = tx.conversations().find_note(id).await?;
    let note = found.filter(|note| note.new.member_id == member);
    let note = note.ok_or(ConversationError::NoteNotFound)?;
    let is_theirs = note.new.author_id.is_some() && note.new.author_id == actor.user_id();
    if is_theirs || is_admin {
        Ok(note)
    } else {
        Err(ConversationError::NotYours)
    }
}

fn noted(member: MemberId, at: DateTime<Utc>) -> LiveEvent {
    conversation_updated(member, ConversationChange::Noted, at)
}

/// Never the words: they may be about a guest.
fn entry(
    actor: &Actor,
    now: DateTime<Utc>,
    action: &'static str,
    (member, id): (MemberId, NoteId),
) -> AuditEntry {
    AuditEntry::new(actor, now, action, "conversation_note", id.get())
        .with("member_id", member.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_has_1_to_2000_characters_and_may_have_lines() {
        assert_eq!(NoteText::parse(" 一\n二 ").unwrap().as_str(), "一\n二");
        assert!(NoteText::parse(&"😀".repeat(2000)).is_ok());
        for wrong in ["", " \n", "a\u{0}b", "\u{1b}[2J"] {
            assert!(NoteText::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(NoteText::parse(&"字".repeat(2001)).is_err());
    }

    #[test]
    fn the_words_of_a_note_stay_out_of_logs() {
        assert_eq!(format!("{:?}", NoteText("秘密".into())), "NoteText(…)");
    }
}
