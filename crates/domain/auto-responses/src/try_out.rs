use crate::{AutoResponse, AutoResponseError, AutoResponses, KeywordEntry};
use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use crm_kernel::HotelTime;

/// What would answer a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// Which rule.
    pub rule: AutoResponse,
    /// The keyword it answers to; none when its hours do.
    pub keyword: Option<KeywordEntry>,
}

impl AutoResponses {
    /// Which rule would answer this text at this moment (now, when none is given). Nothing is
    /// sent or counted.
    ///
    /// # Errors
    /// The store's.
    pub async fn try_text(
        &self,
        text: &str,
        at: Option<DateTime<Utc>>,
    ) -> Result<Option<Tried>, AutoResponseError> {
        let book = self.rule_book().await?;
        let wall = self.wall_at(at.unwrap_or_else(|| self.clock.now()));
        Ok(book.answer_to_text(text, wall).map(|found| Tried {
            rule: found.rule.clone(),
            keyword: found.keyword.cloned(),
        }))
    }

    /// What the hotel's wall shows at a moment.
    #[must_use]
    pub fn wall_at(&self, moment: DateTime<Utc>) -> NaiveDateTime {
        wall_at(self.hotel, moment)
    }
}

fn wall_at(hotel: HotelTime, moment: DateTime<Utc>) -> NaiveDateTime {
    let day = hotel.day_of(moment);
    let guess = day.and_time(NaiveTime::MIN) + (moment - hotel.start_of(day));
    // On a day with a clock change the guess is off by the change.
    guess + (moment - hotel.utc_of(guess))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn the_wall_shows_hotel_time_also_on_days_with_a_clock_change() {
        let shows = |zone, h, day| {
            let moment = Utc.with_ymd_and_hms(2026, 3, day, h, 30, 0).unwrap();
            wall_at(HotelTime::new(zone), moment).to_string()
        };
        assert_eq!(shows(chrono_tz::Asia::Taipei, 16, 1), "2026-03-02 00:30:00");
        assert_eq!(
            shows(chrono_tz::Europe::Berlin, 0, 29),
            "2026-03-29 01:30:00"
        );
        assert_eq!(
            shows(chrono_tz::Europe::Berlin, 10, 29),
            "2026-03-29 12:30:00"
        );
    }
}
