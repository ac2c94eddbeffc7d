//! Reports as they come out: read back by others' readers.

#[cfg(test)]
mod charts;
#[cfg(test)]
mod papers;
#[cfg(test)]
mod random;
#[cfg(test)]
mod sheets;
