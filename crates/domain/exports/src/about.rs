use crate::{AsksFor, ReportType};
use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use crm_kernel::{CampaignId, FieldError, Problems};
use serde::{Deserialize, Serialize};

/// What a report is narrowed down by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The first and the last hotel day.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// The campaign.
    pub campaign: Option<CampaignId>,
}

/// Days of the longest period.
const MOST_DAYS: i64 = 366;
/// The years that every storage can keep.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2999;
const OUT_OF_TIME: &str = "must be between the years 1900 and 2999";
/// Days shown when nobody says.
const USUAL_DAYS: u64 = 30;
const NOT_HERE: &str = "does not apply to this report";

impl About {
    /// What somebody asked for, with what they left open filled in.
    ///
    /// # Errors
    /// Every broken rule, by the field it was written in.
    pub fn asked(
        report: ReportType,
        (first, last): (Option<NaiveDate>, Option<NaiveDate>),
        campaign: Option<CampaignId>,
        today: NaiveDate,
    ) -> Result<Self, Vec<FieldError>> {
        let mut problems = Problems::default();
        let asks_for = report.asks_for();
        let days = match asks_for {
            AsksFor::Period => Some(filled(first, last, today)),
            AsksFor::PeriodOrNone if first.is_some() || last.is_some() => {
                Some(filled(first, last, today))
            }
            AsksFor::PeriodOrNone => None,
            AsksFor::Campaign | AsksFor::Nothing => {
                problems.check(first.is_none(), "start_date", NOT_HERE);
                problems.check(last.is_none(), "end_date", NOT_HERE);
                None
            }
        };
        if let Some((first, last)) = days {
            let days = (last - first).num_days() + 1;
            problems.check(days > 0, "start_date", "must not be after end_date");
            let long = "must be at most 366 days, start_date included";
            problems.check(days <= MOST_DAYS, "end_date", long);
            let in_time = |day: NaiveDate| YEARS.contains(&day.year());
            if (1..=MOST_DAYS).contains(&days) {
                problems.check(in_time(first), "start_date", OUT_OF_TIME);
                problems.check(in_time(last), "end_date", OUT_OF_TIME);
            }
        }
        match (asks_for, campaign) {
            (AsksFor::Campaign, None) => problems.add("campaign_id", "is required"),
            (AsksFor::Campaign, Some(_)) | (_, None) => {}
            (_, Some(_)) => problems.add("campaign_id", NOT_HERE),
        }
        problems.into_result()?;
        Ok(Self { days, campaign })
    }
}

fn filled(
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
    today: NaiveDate,
) -> (NaiveDate, NaiveDate) {
    let last = last.unwrap_or_else(|| first.map_or(today, |first| first.max(today)));
    let usual = last.checked_sub_days(Days::new(USUAL_DAYS - 1));
    (first.or(usual).unwrap_or(last), last)
}

/// The days in front of `day`, so many.
pub(crate) fn days_before(day: NaiveDate, days: i64) -> (NaiveDate, NaiveDate) {
    let back = |n| day.checked_sub_signed(TimeDelta::days(n)).unwrap_or(day);
    (back(days), back(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn asked(
        report: ReportType,
        first: Option<&str>,
        last: Option<&str>,
        campaign: Option<i64>,
    ) -> Result<About, Vec<String>> {
        let days = (first.map(day), last.map(day));
        let campaign = campaign.map(CampaignId::new);
        About::asked(report, days, campaign, day("2026-10-30"))
            .map_err(|fields| fields.into_iter().map(|field| field.field).collect())
    }

    #[test]
    fn a_report_of_figures_is_about_thirty_days_unless_somebody_says() {
        let about = asked(ReportType::Overview, None, None, None).unwrap();
        assert_eq!(about.days, Some((day("2026-10-01"), day("2026-10-30"))));
        let about = asked(ReportType::Members, None, None, None).unwrap();
        assert_eq!(about.days, None, "all members");
        let about = asked(ReportType::Members, Some("2026-10-02"), None, None).unwrap();
        assert_eq!(about.days, Some((day("2026-10-02"), day("2026-10-30"))));
    }

    #[test]
    fn a_period_that_goes_backwards_or_on_for_too_long_is_refused_by_its_field() {
        let backwards = asked(
            ReportType::Messages,
            Some("2026-10-02"),
            Some("2026-10-01"),
            None,
        );
        assert_eq!(backwards.unwrap_err(), ["start_date"]);
        let long = asked(
            ReportType::Overview,
            Some("2024-01-01"),
            Some("2025-01-01"),
            None,
        );
        assert_eq!(long.unwrap_err(), ["end_date"]);
        let leap_year = (Some("2024-01-01"), Some("2024-12-31"));
        assert!(asked(ReportType::Overview, leap_year.0, leap_year.1, None).is_ok());
    }

    #[test]
    fn recipients_are_those_of_a_campaign_and_nothing_else_is() {
        let recipients = ReportType::CampaignRecipients;
        let missing = asked(recipients, None, None, None);
        assert_eq!(missing.unwrap_err(), ["campaign_id"]);
        assert!(asked(recipients, None, None, Some(1)).is_ok());
        let with_days = asked(recipients, Some("2026-10-01"), None, Some(1));
        assert_eq!(with_days.unwrap_err(), ["start_date"]);
        for report in ReportType::ALL {
            if report != recipients {
                let refused = asked(report, None, None, Some(1));
                assert_eq!(refused.unwrap_err(), ["campaign_id"], "{report:?}");
            }
        }
        let tags = asked(ReportType::Tags, None, Some("2026-10-01"), None);
        assert_eq!(tags.unwrap_err(), ["end_date"]);
    }

    #[test]
    fn far_ends_of_time_are_refused_and_harm_nobody() {
        let ends = (Some(NaiveDate::MIN), Some(NaiveDate::MAX));
        let today = day("2026-10-30");
        assert!(About::asked(ReportType::Overview, ends, None, today).is_err());
        let end = (None, Some(NaiveDate::MIN));
        assert!(About::asked(ReportType::Overview, end, None, today).is_err());
    }
}
