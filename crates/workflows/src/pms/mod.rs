//! Bringing over what the hotel's own system says of guests and stays.

mod tags;

pub use tags::tag_by_facts;
