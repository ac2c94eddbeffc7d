//! Content that guests send: fetched from LINE into a file of ours ([`fetch`]), shown to staff
//! ([`show`]), and tidied up ([`tidy`]).
//!
//! The file's name is noted before the file is begun, and the file is whole before the message
//! says so. Whoever dies in between leaves a message that is still pending, whose job is run
//! again and writes the same file.

mod error;
mod fetch;
mod show;
mod tidy;

pub use error::MediaError;
pub use fetch::Fetched;
pub use show::OpenMedia;
pub use tidy::SweptMedia;

use crate::LineGateway;
use crm_kernel::{Clock, IdGenerator, Transactions};
use crm_messages::{MediaQueries, MediaStore, MediaTx};
use std::sync::Arc;

/// The folder of all files, below that of uploads.
const FOLDER: &str = "media";

/// Everything that content needs.
#[derive(Clone)]
pub struct Media {
    /// Units of work over it.
    pub store: Arc<dyn Transactions<dyn MediaTx>>,
    /// What is known of it.
    pub queries: Arc<dyn MediaQueries>,
    /// Its files.
    pub files: Arc<dyn MediaStore>,
    /// LINE, which keeps it for a while.
    pub line: Arc<dyn LineGateway>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Names that nobody guesses.
    pub ids: Arc<dyn IdGenerator>,
    /// Bytes of the largest that is kept.
    pub max_bytes: u64,
}
