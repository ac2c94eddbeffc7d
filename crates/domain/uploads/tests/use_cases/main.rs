//! The use-cases of uploads, over small fakes and a moved clock.

#[cfg(test)]
mod fakes;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod upload;
