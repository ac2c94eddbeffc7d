use crate::{MediaTx, MessageError, Messages, RemoveMedia};
use crm_kernel::{MemberId, MessageId};

impl Messages {
    /// Forgets what LINE told of a message and the content that belongs to it, with its file. A
    /// message without any is left as it is, and so may be called twice.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget_media_in(
        &self,
        tx: &mut dyn MediaTx,
        message: MessageId,
    ) -> Result<(), MessageError> {
        let now = self.clock.now();
        if let Some(path) = tx.media().forget(message, now).await? {
            let paths = vec![path];
            tx.outbox().enqueue(&RemoveMedia { paths }, now).await?;
        }
        Ok(())
    }

    /// Has the files of everything a member sent removed, once the unit of work is done: the
    /// member is about to be deleted with all their messages.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget_media_of_in(
        &self,
        tx: &mut dyn MediaTx,
        member: MemberId,
    ) -> Result<(), MessageError> {
        let now = self.clock.now();
        let paths = tx.media().paths_of(member).await?;
        for some in paths.chunks(RemoveMedia::AT_ONCE) {
            let paths = some.to_vec();
            tx.outbox().enqueue(&RemoveMedia { paths }, now).await?;
        }
        Ok(())
    }
}
