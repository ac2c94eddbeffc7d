//! Reports: what is read of the kept figures, and the comparison with the rows they count.

mod queries;
mod rebuild;
mod rows;
