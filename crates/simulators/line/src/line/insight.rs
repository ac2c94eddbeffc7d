//! What LINE counted, by aggregation unit.

use actix_web::web::{Bytes, Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;
use serde_json::json;

use super::answer::Answer;
use super::gate::pass;
use crate::shared::Shared;
use crate::state::Endpoint;

/// The end may lie so many days after the start.
const LONGEST: TimeDelta = TimeDelta::days(30);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    #[serde(default)]
    custom_aggregation_unit: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

impl Asked {
    fn wrong(&self) -> Option<&'static str> {
        let day = |text: &str| {
            let is_written_so = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
            let day = NaiveDate::parse_from_str(text, "%Y%m%d").ok();
            day.filter(|_| is_written_so)
        };
        let name = &self.custom_aggregation_unit;
        let is_name = (1..=30).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        match (day(&self.from), day(&self.to)) {
            _ if !is_name => Some("customAggregationUnit"),
            (None, _) => Some("from"),
            (Some(from), Some(to)) if from <= to && to <= from + LONGEST => None,
            _ => Some("to"),
        }
    }
}

/// Figures are those of all time: whoever simulates days moves the clock, not the period.
pub(super) async fn unit(
    shared: Data<Shared>,
    request: HttpRequest,
    asked: Query<Asked>,
) -> HttpResponse {
    let endpoint = Endpoint::UnitInsight;
    pass(&shared, &request, endpoint, &Ok(Bytes::new()), |call| {
        if let Some(parameter) = asked.wrong() {
            let message = format!("The value for the '{parameter}' parameter is invalid");
            return Answer::bad_request(&message);
        }
        let now = call.shared.clock.now_ms();
        let mut world = call.shared.world();
        if !world.units.ask(now) {
            return Answer::rate_limited();
        }
        Answer::ok(world.units.report(&asked.custom_aggregation_unit))
    })
    .await
}

pub(super) async fn units_used(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    let endpoint = Endpoint::UnitsUsed;
    pass(&shared, &request, endpoint, &Ok(Bytes::new()), |call| {
        let now = call.shared.clock.now_ms();
        let used = call.shared.world().units.used(now).len();
        Answer::ok(json!({"numOfCustomAggregationUnits": used}))
    })
    .await
}
