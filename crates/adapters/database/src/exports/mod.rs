//! Files that staff take away, the calendar of reports, and the rows that stand in them.

mod members;
mod queries;
mod repository;
mod rows;
mod schedules;
mod stored;

pub(crate) use members::page_of_members;
pub(crate) use rows::{page_of_messages, page_of_recipients};
