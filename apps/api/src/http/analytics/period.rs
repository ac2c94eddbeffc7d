use crate::http::extract::{FromQuery, QueryReader};
use crate::http::problem::ApiError;
use chrono::NaiveDate;
use crm_analytics::{Analytics, Period};
use utoipa::IntoParams;

/// Which hotel days.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Days {
    /// First hotel day; without it, 30 days until the last
    start_date: Option<NaiveDate>,
    /// Last hotel day, at most 366 days in all; without it, today
    end_date: Option<NaiveDate>,
}

impl FromQuery for Days {
    fn read(query: &mut QueryReader) -> Self {
        let (start_date, end_date) = (query.day("start_date"), query.day("end_date"));
        Self {
            start_date,
            end_date,
        }
    }
}

impl Days {
    /// The days asked for, or the usual ones.
    pub(super) fn period(&self, analytics: &Analytics) -> Result<Period, ApiError> {
        Ok(Period::asked(
            self.start_date,
            self.end_date,
            analytics.today(),
        )?)
    }

    /// The days asked for, if any were.
    pub(super) fn period_if_any(&self, analytics: &Analytics) -> Result<Option<Period>, ApiError> {
        if self.start_date.is_none() && self.end_date.is_none() {
            return Ok(None);
        }
        self.period(analytics).map(Some)
    }
}
