use super::{Colleague, ConversationError, Conversations};
use crate::{ConversationChange, conversation_updated};
use crm_kernel::{Actor, AuditEntry, Facts, MemberId, UserId};
use tracing::instrument;

impl Conversations {
    /// Gives the conversation with this guest to a colleague, or to nobody. Giving it to whoever
    /// has it changes nothing. Answers the colleague.
    ///
    /// # Errors
    /// `member_not_found`, `conversation_invalid` for a user who does not exist or may not
    /// answer, else the store's.
    #[instrument(name = "conversations.assign", skip_all, fields(?actor, member.id = %member))]
    pub async fn assign(
        &self,
        actor: &Actor,
        member: MemberId,
        to: Option<UserId>,
    ) -> Result<Option<Colleague>, ConversationError> {
        let mut tx = self.store.begin().await?;
        let colleague = match to {
            None => None,
            Some(id) => {
                let found = tx.conversations().colleague(id).await?;
                let colleague = found.filter(|colleague| colleague.may_answer);
                let wrong = "is no active user who may answer guests";
                Some(colleague.ok_or_else(|| ConversationError::invalid("user_id", wrong))?)
            }
        };
        let before = tx.conversations().find(member).await?;
        let before = before.and_then(|conversation| conversation.assigned_to);
        // Also when nothing changes: that is how a member who is not there is found out.
        let assigned = tx.conversations().assign(member, to).await;
        assigned.map_err(ConversationError::unknown_member)?;
        if before != to {
            let now = self.clock.now();
            let entry =
                AuditEntry::new(actor, now, "conversation.assigned", "member", member.get());
            let entry = entry.changed(facts(before), facts(to));
            tx.audit().record(entry).await?;
            let change = ConversationChange::Assigned;
            tx.live()
                .announce(conversation_updated(member, change, now));
            tx.commit().await?;
        }
        Ok(colleague)
    }
}

fn facts(assigned_to: Option<UserId>) -> Facts {
    let id = assigned_to.map(UserId::get);
    Facts::from_iter([("assigned_to".to_owned(), id.into())])
}
