use crate::http::answer::{ApiResult, Envelope, success};
use crate::http::campaigns::TargetAudience;
use crate::http::extract::{Allowed, AnalyticsRead, FromQuery, Query, QueryReader};
use crate::http::problem::Problems;
use crate::http::wire::{Money, Segment};
use actix_web::get;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_campaigns::{Audience, Bounds, RfmRule, Rule};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// Which guests.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichGuests {
    /// Only those with this money score, from 1 to 5
    money: Option<u8>,
}

impl FromQuery for WhichGuests {
    fn read(query: &mut QueryReader) -> Self {
        let money = query.count("money", 0, 5);
        Self {
            money: u8::try_from(money).ok().filter(|money| *money > 0),
        }
    }
}

/// All guests who have stayed, by how lately and how often.
#[derive(Serialize, ToSchema)]
pub(crate) struct RfmGrid {
    /// When this was worked out: each night, and within an hour of stays that the hotel's own
    /// system told. Null when it never was.
    computed_at: Option<DateTime<Utc>>,
    /// The money score that was asked for.
    money: Option<u8>,
    /// Guests in the grid.
    members: i64,
    /// What they paid for all their stays.
    amount: Money,
    /// The 25 cells: recency from 5 down, in it frequency from 1 up.
    grid: Vec<RfmCell>,
    /// Every segment, best first.
    segments: Vec<RfmSegment>,
}

/// Guests of one recency and one frequency.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "recency": 5, "frequency": 5, "segment": "champions", "segment_name": "冠軍客",
    "members": 320, "amount": 5120000, "average_amount": 16000, "share": 6.4,
    "audience": {"type": "rules", "rule": {"rfm": {
        "recency": {"from": 5, "to": 5}, "frequency": {"from": 5, "to": 5}
    }}}
}))]
pub(crate) struct RfmCell {
    /// How lately they stayed; 5 is latest.
    recency: u8,
    /// How often; 5 is most often.
    frequency: u8,
    segment: Segment,
    segment_name: &'static str,
    members: i64,
    amount: Money,
    average_amount: Money,
    /// Of all guests in the grid, in percent.
    share: f64,
    /// The `target_audience` of a campaign for them.
    audience: TargetAudience,
}

/// Guests of one segment.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "segment": "at_risk", "segment_name": "流失風險", "members": 410, "amount": 6150000,
    "average_amount": 15000, "share": 8.2,
    "audience": {"type": "rules", "rule": {"rfm": {"segment": "at_risk"}}}
}))]
pub(crate) struct RfmSegment {
    segment: Segment,
    segment_name: &'static str,
    members: i64,
    amount: Money,
    average_amount: Money,
    /// Of all guests in the grid, in percent.
    share: f64,
    /// The `target_audience` of a campaign for them.
    audience: TargetAudience,
}

/// Which guests are worth most.
///
/// Three scores from 1 to 5 for each guest with a stay that took place: how lately (last
/// check-out), how often and for how much. A score is 1 plus the whole fifths of guests who do
/// worse; who do equally well have the same. Where a measure has fewer than five different values
/// they are spread by their order: 3; 1 and 5; 1, 3 and 5; 1, 2, 4 and 5. Members deleted since
/// are still counted until it is worked out anew.
#[utoipa::path(
    tag = "analytics",
    security(("bearer" = [])),
    params(WhichGuests),
    responses((status = 200, description = "The grid", body = Envelope<RfmGrid>), Problems),
)]
#[get("/analytics/rfm")]
pub(super) async fn rfm_grid(
    _user: Allowed<AnalyticsRead>,
    query: Query<WhichGuests>,
    crm: Data<Crm>,
) -> ApiResult<RfmGrid> {
    let grid = crm.rfm.grid(query.0.money).await?;
    Ok(success(grid.into()))
}

impl From<crm_analytics::RfmGrid> for RfmGrid {
    fn from(grid: crm_analytics::RfmGrid) -> Self {
        let exactly = |score: u8| Bounds {
            from: Some(u32::from(score)),
            to: Some(u32::from(score)),
        };
        let of_money = RfmRule {
            money: grid.money.map(exactly),
            ..RfmRule::default()
        };
        let cells = grid.cells.into_iter().map(|cell| RfmCell {
            recency: cell.recency,
            frequency: cell.frequency,
            segment: cell.segment.into(),
            segment_name: cell.segment.title(),
            members: cell.sum.members,
            amount: Money(cell.sum.amount_minor),
            average_amount: Money(cell.sum.average_minor()),
            share: cell.share.percent(),
            audience: audience(RfmRule {
                recency: Some(exactly(cell.recency)),
                frequency: Some(exactly(cell.frequency)),
                ..of_money
            }),
        });
        let segments = grid.segments.into_iter().map(|one| RfmSegment {
            segment: one.segment.into(),
            segment_name: one.segment.title(),
            members: one.sum.members,
            amount: Money(one.sum.amount_minor),
            average_amount: Money(one.sum.average_minor()),
            share: one.share.percent(),
            audience: audience(RfmRule {
                segment: Some(one.segment),
                ..of_money
            }),
        });
        Self {
            computed_at: grid.computed_at,
            money: grid.money,
            members: grid.sum.members,
            amount: Money(grid.sum.amount_minor),
            grid: cells.collect(),
            segments: segments.collect(),
        }
    }
}

fn audience(rule: RfmRule) -> TargetAudience {
    let rule = Rule::Rfm(rule);
    TargetAudience::from(&Audience::Rules { rule })
}
