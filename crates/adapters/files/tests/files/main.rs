//! Files, pictures and tables, good and bad.

#[cfg(test)]
mod pictures;
#[cfg(test)]
mod sheets;
#[cfg(test)]
mod store;
