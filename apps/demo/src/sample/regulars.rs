use super::dice::Dice;
use super::people;
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// A member by whom the hotel's own system knows one of its guests too.
#[derive(Clone, Debug)]
pub struct Regular {
    /// Family name.
    pub last: &'static str,
    /// Given name.
    pub first: String,
    /// Phone as it was typed.
    pub phone: String,
    /// Identity number, of those from the desk.
    pub id_number: Option<String>,
    /// Whether another member has the phone as well.
    pub shares_phone: bool,
}

/// The members with name and phone, in the order in which they were made; the same on any day.
#[must_use]
pub fn regulars() -> Vec<Regular> {
    let any = DateTime::<Utc>::UNIX_EPOCH;
    let guests = people::thrown(&mut Dice::new(), any, any.date_naive());
    let mut owners: HashMap<String, u32> = HashMap::new();
    for phone in guests.iter().filter_map(|guest| guest.phone.clone()) {
        *owners.entry(phone).or_default() += 1;
    }
    guests
        .into_iter()
        .filter_map(|guest| {
            let (name, phone) = (guest.name?, guest.phone?);
            Some(Regular {
                last: name.last,
                first: name.first,
                shares_phone: owners.get(&phone).is_some_and(|&n| n > 1),
                phone,
                id_number: guest.id_number,
            })
        })
        .collect()
}
