use super::{
    CannedContent, CannedReplies, CannedRepliesTx, CannedReply, CannedReplyChanges,
    CannedReplyDraft, CannedReplyError, CannedReplyRecord, Shortcut,
};
use crate::MessageType;
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, AuditEntry, CannedReplyId, Facts, FieldError, StoreError, TemplateId};
use tracing::instrument;

impl CannedReplies {
    /// Keeps a new reply.
    ///
    /// # Errors
    /// `canned_reply_invalid`, `canned_reply_duplicate`, else the store's.
    #[instrument(name = "canned_replies.create", skip_all, fields(?actor))]
    pub async fn create(
        &self,
        actor: &Actor,
        draft: CannedReplyDraft,
    ) -> Result<CannedReply, CannedReplyError> {
        let now = self.clock.now();
        let record = draft.check(&*self.wording, now);
        let record = record.map_err(CannedReplyError::Invalid)?;
        let mut tx = self.store.begin().await?;
        check_rest(&mut *tx, &record, None, now).await?;
        let inserted = tx.canned_replies().insert(&record).await;
        let id = inserted.map_err(unknown_template)?;
        let entry = entry(actor, now, "canned_reply.created", id).born(facts(&record));
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(CannedReply::from_stored(id, record))
    }

    /// Changes a reply.
    ///
    /// # Errors
    /// `canned_reply_not_found`, `canned_reply_invalid`, `canned_reply_duplicate`, else the
    /// store's.
    #[instrument(name = "canned_replies.update", skip_all, fields(?actor, reply.id = %id))]
    pub async fn update(
        &self,
        actor: &Actor,
        id: CannedReplyId,
        changes: CannedReplyChanges,
    ) -> Result<CannedReply, CannedReplyError> {
        let mut tx = self.store.begin().await?;
        let found = tx.canned_replies().find(id).await?;
        let mut reply = found.ok_or(CannedReplyError::NotFound)?;
        let old = reply.record().clone();
        let draft = changes.apply(&old);
        let record = draft.check(&*self.wording, old.created_at);
        let record = CannedReplyRecord {
            updated_at: old.updated_at,
            ..record.map_err(CannedReplyError::Invalid)?
        };
        let now = self.clock.now();
        check_rest(&mut *tx, &record, Some(id), now).await?;
        if reply.become_record(record, now) {
            let updated = tx.canned_replies().update(&reply).await;
            updated.map_err(unknown_template)?;
            let entry = entry(actor, now, "canned_reply.updated", id);
            let entry = entry.changed(facts(&old), facts(reply.record()));
            tx.audit().record(entry).await?;
            tx.commit().await?;
        }
        Ok(reply)
    }

    /// Throws a reply away.
    ///
    /// # Errors
    /// `canned_reply_not_found`, else the store's.
    #[instrument(name = "canned_replies.delete", skip_all, fields(?actor, reply.id = %id))]
    pub async fn delete(&self, actor: &Actor, id: CannedReplyId) -> Result<(), CannedReplyError> {
        let mut tx = self.store.begin().await?;
        let found = tx.canned_replies().find(id).await?;
        let reply = found.ok_or(CannedReplyError::NotFound)?;
        tx.canned_replies().delete(id).await?;
        let now = self.clock.now();
        let entry = entry(actor, now, "canned_reply.deleted", id).gone(facts(reply.record()));
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// What only the storage can tell: pictures of ours that are not there, shortcuts of others.
async fn check_rest(
    tx: &mut dyn CannedRepliesTx,
    record: &CannedReplyRecord,
    own: Option<CannedReplyId>,
    now: DateTime<Utc>,
) -> Result<(), CannedReplyError> {
    if let CannedContent::Said(content) = &record.content {
        let said = [("content".to_owned(), content.body())];
        let missing = tx.pictures().keep_all(&said, now).await?;
        if content.kind() == MessageType::Image && !missing.is_empty() {
            return Err(CannedReplyError::Invalid(missing));
        }
    }
    if let Some(shortcut) = &record.shortcut {
        let key = shortcut.key();
        if tx.canned_replies().shortcut_taken(&key, own).await? {
            return Err(CannedReplyError::Duplicate);
        }
    }
    Ok(())
}

/// The template is the only row that a reply points to.
fn unknown_template(error: StoreError) -> CannedReplyError {
    match error {
        StoreError::Reference => {
            CannedReplyError::Invalid(vec![FieldError::new("template_id", "does not exist")])
        }
        other => other.into(),
    }
}

fn entry(actor: &Actor, now: DateTime<Utc>, action: &'static str, id: CannedReplyId) -> AuditEntry {
    AuditEntry::new(actor, now, action, "canned_reply", id.get())
}

fn facts(record: &CannedReplyRecord) -> Facts {
    let shortcut = record.shortcut.as_ref().map(Shortcut::as_str);
    let template = record.content.template_id().map(TemplateId::get);
    Facts::from_iter([
        ("title".to_owned(), record.title.as_str().into()),
        ("shortcut".to_owned(), shortcut.into()),
        (
            "message_type".to_owned(),
            record.content.kind().as_str().into(),
        ),
        ("content".to_owned(), record.content.body().into()),
        ("template_id".to_owned(), template.into()),
    ])
}
