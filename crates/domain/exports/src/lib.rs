//! Files that staff take away: what a report may be about, in which form, who may have which
//! columns, how far its making has come, and when its link dies; and the calendar by which
//! reports are made.
//!
//! A [`Sheet`] is rows under headings, as many as there are; a [`Paper`] is what somebody prints.
//! Making either of them into bytes is somebody else's ([`ReportMaker`]), and so is gathering
//! what stands in them.

mod about;
mod calendar;
mod cell;
mod chart;
mod columns;
mod download;
mod error;
mod export;
mod exports;
mod files;
mod jobs;
mod maker;
mod paper;
mod ports;
mod report;
mod request;
mod rights;
mod rows;
mod schedule;
#[cfg(test)]
mod schedule_tests;
mod schedules;
mod sheet;
mod sweep;

pub use about::About;
pub use cell::{Cell, CellKind};
pub use chart::{Chart, ChartKind, Series};
pub use columns::sheet_of;
pub use download::{Download, SignedLink};
pub use error::ExportError;
pub use export::{Export, ExportStatus, Failure, NewExport};
pub use exports::{Exports, ExportsPorts, Viewer};
pub use files::{Bytes, ExportFiles, OpenFile, OpenSheet};
pub use jobs::{BeginSchedules, MakeExport, SweepExports};
pub use maker::{MakerError, ReportMaker, SheetFormat, SheetWriter};
pub use paper::{Paper, Tile};
pub use ports::{DownloadLink, DownloadLinks, ExportQueries, ExportRepository, ExportsTx};
pub use report::{AsksFor, ExportFormat, ReportType};
pub use request::RequestExport;
pub use rights::Rights;
pub use rows::{ExportRows, MemberLine, MessageLine, Place, RecipientLine, Stretch, TagLine};
pub use schedule::{Frequency, NewSchedule, ReportSchedule, Rhythm, ScheduleDraft, UpdateSchedule};
pub use sheet::{Column, Sheet, Table};
pub use sweep::SweptExports;
