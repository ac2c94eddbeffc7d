use crate::ClicksTx;
use crm_kernel::{Actor, MemberId, Transactions};
use crm_members::{Member, MemberError, Members};
use crm_messages::{MessageError, Messages};
use crm_tags::{TagError, Tags};
use std::sync::Arc;

/// Deleting a member with everything that is theirs in other domains.
#[derive(Clone)]
pub struct Erasure {
    store: Arc<dyn Transactions<dyn ClicksTx>>,
    members: Members,
    tags: Tags,
    messages: Messages,
}

impl Erasure {
    /// Plugs the story into its ports.
    #[must_use]
    pub const fn new(
        store: Arc<dyn Transactions<dyn ClicksTx>>,
        members: Members,
        tags: Tags,
        messages: Messages,
    ) -> Self {
        Self {
            store,
            members,
            tags,
            messages,
        }
    }

    /// Lets the guests of the hotel's own system that were the member pass for nobody, takes off
    /// the member's tags, so that counters stay equal to rows, empties what LINE
    /// delivered from them, has the files they sent removed, and deletes the member. Campaign figures keep their numbers; recipient rows forget who it was.
    ///
    /// # Errors
    /// `NotFound`, or those of the store.
    pub async fn erase(&self, actor: &Actor, id: MemberId) -> Result<(), MemberError> {
        let mut tx = self.store.begin().await?;
        // Before the member is locked, as by the job that records clicks.
        tx.clicks().forget(id).await?;
        tx.pms().forget_member(id).await?;
        match self.tags.forget_member_in(&mut *tx, id).await {
            Ok(()) => {}
            Err(TagError::MemberNotFound) => return Err(MemberError::NotFound),
            Err(TagError::Store(error)) => return Err(error.into()),
            Err(other) => return Err(crm_kernel::StoreError::internal(other.to_string()).into()),
        }
        let member = tx.members().find(id).await?;
        if let Some(line) = member.as_ref().and_then(Member::line) {
            tx.inbound().forget(line.uid.as_str()).await?;
        }
        match self.messages.forget_media_of_in(&mut *tx, id).await {
            Ok(()) => {}
            Err(MessageError::Store(error)) => return Err(error.into()),
            Err(other) => return Err(crm_kernel::StoreError::internal(other.to_string()).into()),
        }
        self.members.delete_in(&mut *tx, actor, id).await?;
        tx.commit().await?;
        Ok(())
    }
}
