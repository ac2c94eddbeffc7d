//! Every table, for SQLite and MySQL/MariaDB alike: the repositories of a unit of work
//! ([`DatabaseTx`]), the queries of screens, and the job queue.
//!
//! SQL is written out, one statement where the work is one statement, over SeaORM's connection
//! and transaction types; the few words on which the two databases differ are in `dialect`. Row types
//! stay private. Only this crate knows how a row is locked, what an error code means, and that
//! SQLite's transactions must begin as writers.

mod accounts;
mod analytics;
mod audience;
mod audit;
mod auto_response_queries;
mod auto_responses;
mod batches;
mod brake;
mod bulk_tags;
mod campaign_events;
mod campaign_progress;
mod campaign_queries;
mod campaigns;
mod canned_replies;
mod clicks;
mod commits;
mod connect;
mod conversation_list;
mod conversation_queries;
mod conversations;
mod conversion_histories;
mod conversion_marks;
mod conversion_sums;
mod conversions;
mod dialect;
mod errors;
mod explain;
mod exports;
mod figures;
mod imports;
mod inbound;
mod inbox;
mod job_figures;
mod jobs;
mod kept_conversations;
mod line_stats;
mod live;
mod media;
mod member_list;
mod member_list_statements;
mod member_queries;
mod members;
mod merge_moves;
mod merges;
mod message_queries;
mod messages;
mod pace;
mod plans;
mod pms;
mod recipient_list;
mod recipient_list_statements;
mod recipient_plans;
mod recipients;
mod replies;
mod requests;
mod rfm;
mod search_index;
mod search_terms;
mod sql;
mod stays;
mod stranded;
mod tag_queries;
mod tags;
mod template_queries;
mod templates;
mod timeline;
mod totals;
mod tx;
mod uploads;
mod worn_tags;
mod writer;

pub use commits::noting_commits;
pub use connect::{Database, DatabaseOptions};
pub use inbox::GroupedInbox;
pub use job_figures::{JobFigures, JobRow};
pub use requests::KeptSlot;
pub use tx::DatabaseTx;
