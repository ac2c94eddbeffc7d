//! Storage over plain collections, so that domains can be tested and reused without a database.
//!
//! [`MemoryStore`] opens units of work that see a copy of everything and replace the original
//! when they are committed. One is open at a time; a second waits for it, and gives up after a
//! few seconds, since a test that opens two never ends otherwise. Unique keys, references and
//! what a deletion takes along are those of the database (its migrations are the source).
//!
//! Only what decisions need is here: repositories and transactions. Screens ask queries, and
//! those exist in the database adapter alone. Also here: a clock to be moved, ids that count,
//! and a vault that anybody can open, for tests.

mod accounts;
mod audience;
mod audit;
mod auto_responses;
mod batches;
mod campaigns;
mod canned_replies;
mod clock;
mod conversations;
mod exports;
mod figures;
mod ids;
mod imports;
mod inbound;
mod jobs;
mod live;
mod media;
mod members;
mod merge_moves;
mod merges;
mod messages;
mod plans;
mod pms;
mod pms_merges;
mod pms_reviews;
mod recipients;
mod replies;
mod samples;
mod store;
mod tables;
mod tags;
mod templates;
mod tx;
mod uploads;
mod vault;

pub use clock::MovedClock;
pub use ids::CountingIds;
pub use recipients::StoredRecipient;
pub use store::MemoryStore;
pub use tx::MemoryTx;
pub use vault::PlainVault;
