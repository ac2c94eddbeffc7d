//! One message by hand: [`send`] stores it, asks LINE and writes down what came of it;
//! [`deliver`] does the same for a planned one, and for one that was left in the middle.
//!
//! What if the process dies right here?
//! - Before the first commit: nothing was stored, nothing sent; the caller has no answer.
//! - After it, before, during or after the call to LINE: the message is stored as pending with
//!   its retry key, and a job that was stored with it takes over two minutes later. It repeats
//!   the same words under the same key, which LINE carries out once.
//! - A planned message is marked as tried before LINE is asked: from that commit on it is not
//!   taken back any more.
//! - After LINE's answer was written down: the job finds the message settled and does nothing.
//!
//! A template is frozen when the message is stored: whatever becomes of it, a planned message
//! and every repetition say what the template said then, so that no template has to be kept for
//! them.
//!
//! LINE forgets a key after a day. A message that lay longer than 23 hours past its time, or
//! past its first try, is failed instead of tried, because it might be said twice.
//!
//! A message that some try may have brought to the guest never fails for a clear reason: it
//! fails as `line_unavailable`, which says that nobody knows.

mod deliver;
mod error;
mod ports;
mod push;
mod send;
mod template;

pub use error::TalkingError;
pub use ports::{Pause, TalkingTx};
pub(crate) use push::picture;
pub use send::{SendMessage, Talked};

use crate::{Brake, Composing, LineGateway, Pace};
use crm_kernel::{Clock, IdGenerator, Transactions};
use std::sync::Arc;

/// Everything that talking to one guest needs.
#[derive(Clone)]
pub struct Talking {
    store: Arc<dyn Transactions<dyn TalkingTx>>,
    line: Arc<dyn LineGateway>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    pause: Arc<dyn Pause>,
    pace: Arc<dyn Pace>,
    brake: Brake,
    composing: Composing,
    public_base_url: String,
}

impl Talking {
    /// Plugs the story into its ports. Templates become messages by `composing`; the hotel's own
    /// pictures are found below `public_base_url`.
    #[must_use]
    pub fn new(
        store: Arc<dyn Transactions<dyn TalkingTx>>,
        line: Arc<dyn LineGateway>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        pause: Arc<dyn Pause>,
        (pace, brake): (Arc<dyn Pace>, Brake),
        (composing, public_base_url): (Composing, &str),
    ) -> Self {
        Self {
            store,
            line,
            clock,
            ids,
            pause,
            pace,
            brake,
            composing,
            public_base_url: public_base_url.trim_end_matches('/').to_owned(),
        }
    }
}
