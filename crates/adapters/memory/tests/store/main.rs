//! What only this storage promises or what its own bookkeeping could get wrong. The promises
//! that it shares with the databases are in the port contracts.

#[cfg(test)]
mod sending;
#[cfg(test)]
mod units_of_work;
