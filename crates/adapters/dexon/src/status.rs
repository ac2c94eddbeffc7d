use chrono::NaiveDate;
use crm_members::PmsStatus;
use serde::Deserialize;

/// What the word of an order says. Hotels disagree on two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderWord {
    Booked,
    InHouse,
    CheckedOut,
    Cancelled,
    NoShow,
    /// `D`.
    CheckedOutOrCancelled,
    /// `S`.
    ArrivedOrNoShow,
    Unknown,
}

/// What the word of a guest in a room says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GuestWord {
    InHouse,
    CheckedOut,
    /// Bills of a group on a room that does not exist.
    MasterFolio,
}

/// Everything that says how a stay stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signs {
    pub(crate) order: OrderWord,
    pub(crate) guest: Option<GuestWord>,
    pub(crate) is_no_show: bool,
    pub(crate) has_arrived: bool,
    pub(crate) has_left: bool,
    pub(crate) is_cancelled: bool,
    pub(crate) check_in: NaiveDate,
    pub(crate) check_out: NaiveDate,
    /// The hotel's present day, which ends with the night audit.
    pub(crate) business_date: NaiveDate,
}

impl Signs {
    /// How the stay stands. Dates are believed before words; what nothing tells is unknown.
    pub(crate) fn status(&self) -> PmsStatus {
        use OrderWord as Order;
        let in_house = self.guest == Some(GuestWord::InHouse);
        if self.is_cancelled || self.order == Order::Cancelled {
            return PmsStatus::Cancelled;
        }
        let never_came = self.order == Order::ArrivedOrNoShow
            && !self.has_arrived
            && self.check_in < self.business_date;
        if self.is_no_show
            || self.order == Order::NoShow
            || (never_came && !in_house && !self.left())
        {
            return PmsStatus::NoShow;
        }
        if self.left() {
            return PmsStatus::CheckedOut;
        }
        match self.order {
            Order::CheckedOutOrCancelled
                if self.has_arrived && self.check_out <= self.business_date =>
            {
                PmsStatus::CheckedOut
            }
            Order::InHouse => PmsStatus::InHouse,
            Order::ArrivedOrNoShow if self.has_arrived => PmsStatus::InHouse,
            _ if in_house => PmsStatus::InHouse,
            Order::Booked => PmsStatus::Booked,
            _ => PmsStatus::Unknown,
        }
    }

    fn left(&self) -> bool {
        self.has_left
            || self.guest == Some(GuestWord::CheckedOut)
            || self.order == OrderWord::CheckedOut
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::Known;

    /// `order guest signs`; signs: a arrived, l left, c cancelled, n no-show. The stay is
    /// from the 15th to the 18th.
    fn status(row: &str, business_day: u32) -> PmsStatus {
        let known = Known::read().unwrap();
        let mut words = row.split(' ');
        let order = known.order_word(words.next().unwrap()).unwrap();
        let guest = known.guest_word(words.next().unwrap());
        let signs = words.next().unwrap_or_default();
        let day = |day| NaiveDate::from_ymd_opt(2025, 9, day).unwrap();
        Signs {
            order,
            guest,
            is_no_show: signs.contains('n'),
            has_arrived: signs.contains('a'),
            has_left: signs.contains('l'),
            is_cancelled: signs.contains('c'),
            check_in: day(15),
            check_out: day(18),
            business_date: day(business_day),
        }
        .status()
    }

    #[test]
    fn dates_are_believed_before_words() {
        use PmsStatus::{Booked, Cancelled, CheckedOut, InHouse, NoShow, Unknown};
        for (row, business_day, expected) in [
            ("N .", 10, Booked),
            ("O .", 10, Booked),
            ("R .", 20, Booked),
            ("I .", 16, InHouse),
            ("I O a", 16, InHouse),
            ("O O a", 16, InHouse),
            ("I C a", 18, CheckedOut),
            ("I O al", 18, CheckedOut),
            ("O . al", 18, CheckedOut),
            ("C .", 10, Cancelled),
            ("C C al", 20, Cancelled),
            ("I O ac", 16, Cancelled),
            ("O . c", 10, Cancelled),
            ("O . n", 16, NoShow),
            ("O . nc", 16, Cancelled),
            // D: checked out for one, cancelled for the other
            ("D . al", 20, CheckedOut),
            ("D . a", 18, CheckedOut),
            ("D . a", 17, Unknown),
            ("D . c", 20, Cancelled),
            ("D .", 20, Unknown),
            ("D O a", 16, InHouse),
            // S: checked in for one, no-show for the other
            ("S . a", 16, InHouse),
            ("S .", 16, NoShow),
            ("S .", 15, Unknown),
            ("S . al", 18, CheckedOut),
            ("S O", 16, InHouse),
            // words of files
            ("已退房 .", 20, CheckedOut),
            ("入住中 .", 16, InHouse),
            ("取消 .", 16, Cancelled),
            ("未到 .", 16, NoShow),
            ("預訂 .", 10, Booked),
            ("checked_out .", 20, CheckedOut),
            ("in_house .", 16, InHouse),
            ("cancelled .", 16, Cancelled),
            ("no_show .", 16, NoShow),
            ("booked .", 10, Booked),
            ("unknown .", 10, Unknown),
        ] {
            assert_eq!(
                status(row, business_day),
                expected,
                "{row} on the {business_day}th"
            );
        }
    }

    #[test]
    fn every_word_of_ours_is_read_as_itself() {
        let known = Known::read().unwrap();
        for status in PmsStatus::ALL {
            assert!(known.order_word(status.as_str()).is_some(), "{status:?}");
        }
    }
}
