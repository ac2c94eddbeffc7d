//! The use-cases of accounts, over an in-memory store, a see-through hasher and a moved clock.

#[cfg(test)]
mod fakes;
#[cfg(test)]
mod passwords;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod store;
#[cfg(test)]
mod update_user;
#[cfg(test)]
mod users;
