//! Files of members being read in: which column says what, what a row says, whom it is about,
//! and the run through the file in steps that survive the end of the process.

mod birthday;
mod chunk;
mod columns;
mod entity;
mod files;
mod full_name;
mod known;
mod plan;
mod ports;
mod row;
mod run;
mod screens;
mod start;
mod words;

pub use columns::folded_heading;
pub use entity::{Import, ImportCounts, ImportStatus, NewImport};
pub use files::{ImportFileError, ImportFiles, NoImportFiles, Sheet};
pub use ports::{CandidateKeys, ImportRepository, RowError};
pub use start::StartImport;
