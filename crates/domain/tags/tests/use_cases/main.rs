//! The use-cases of tags, over the memory store and a moved clock.

#[cfg(test)]
mod assign;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod read_only;
#[cfg(test)]
mod trigger;
#[cfg(test)]
mod write;
