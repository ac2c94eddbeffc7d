//! The simulator as a client sees it.

mod faults;
mod paging;
mod rows;
mod size;
mod support;
