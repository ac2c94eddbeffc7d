use crate::{LineContact, LineLink, LineUid, MemberError, Members, MembersTx};
use chrono::{DateTime, Utc};
use tracing::instrument;

impl Members {
    /// Marks the guest as blocked since the time of the event. The member stays, and is left
    /// out of every send.
    ///
    /// A guest who was unknown becomes known as blocked: their follow may still be on its way,
    /// and must then not count as the latest word.
    ///
    /// # Errors
    /// The store's.
    #[instrument(name = "members.unfollow", skip_all, fields(member.id))]
    pub async fn unfollow_in(
        &self,
        tx: &mut dyn MembersTx,
        uid: LineUid,
        at: DateTime<Utc>,
    ) -> Result<LineContact, MemberError> {
        let first = LineLink::blocked(uid, at);
        // Leaving is no interaction: nothing a guest wants an answer to.
        self.line_event_in(tx, first, None, None, |link| link.unfollow(at))
            .await
    }
}
