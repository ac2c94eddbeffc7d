//! Files that staff take away: what a report may be about, in which form, who may have which
//! columns, how far its making has come, and when its link dies.
//!
//! A [`Sheet`] is rows under headings, as many as there are; a [`Paper`] is what somebody prints.
//! Making either of them into bytes is somebody else's ([`ReportMaker`]).

mod cell;
mod chart;
mod maker;
mod paper;
mod sheet;

pub use cell::{Cell, CellKind};
pub use chart::{Chart, ChartKind, Series};
pub use maker::{MakerError, ReportMaker, SheetFormat, SheetWriter};
pub use paper::{Paper, Tile};
pub use sheet::{Column, Sheet, Table};
