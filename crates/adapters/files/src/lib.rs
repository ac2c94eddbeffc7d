//! Files: where they lie ([`FileStore`]), pictures made anew ([`Pictures`]), tables that staff
//! send as CSV or Excel ([`read_sheet`]), and files that staff take away ([`ExportFolder`]).
//!
//! Whatever is read here came from outside. Sizes are counted before anything is unpacked, and
//! what a file is called or claims to be never decides how it is read. What is unpacked at one
//! time is bounded for the whole process, whoever asks.

mod export_folder;
mod export_sheet;
mod import_files;
mod jpeg;
mod media;
mod pictures;
mod room;
mod scale;
mod sheet;
mod store;

pub use export_folder::ExportFolder;
pub use import_files::{PutAside, PutAsideError};
pub use pictures::Pictures;
pub use sheet::{Sheet, SheetError, read_sheet};
pub use store::FileStore;
