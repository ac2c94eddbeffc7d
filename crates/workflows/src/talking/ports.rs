use async_trait::async_trait;
use crm_members::MembersTx;
use crm_messages::MessagesTx;
use std::time::Duration;

/// The unit of work of talking: the member is locked before the message.
pub trait TalkingTx: MembersTx + MessagesTx {}
impl<T: MembersTx + MessagesTx + ?Sized> TalkingTx for T {}

/// Waits between two tries while somebody waits for the answer.
#[async_trait]
pub trait Pause: Send + Sync {
    /// Comes back after this long.
    async fn pause(&self, time: Duration);
}
