//! Rows as cells, page after page.

use super::Reports;
use super::error::Stop;
use crm_analytics::{Metric, Period};
use crm_exports::{
    Cell, Export, Failure, MemberLine, MessageLine, Place, RecipientLine, ReportType, Stretch,
    TagLine,
};
use crm_kernel::CampaignId;

/// Campaigns in one report at most; no hotel sends more in a year.
const MOST_CAMPAIGNS: u32 = 10_000;

/// What a sheet of days counts, column by column.
pub(super) const BY_DAY: [Metric; 9] = [
    Metric::Sent,
    Metric::Opened,
    Metric::Clicked,
    Metric::Converted,
    Metric::Revenue,
    Metric::MessagesSent,
    Metric::MessagesReceived,
    Metric::Follows,
    Metric::Blocks,
];

/// Cells of some rows, and where the next ones begin; `None` after the last.
pub(super) type PageOfCells = (Vec<Vec<Cell>>, Option<Place>);

impl Reports {
    /// How many rows a report will have, about.
    pub(super) async fn count(&self, export: &Export) -> Result<u64, Stop> {
        let rows = &*self.rows;
        Ok(match export.new.report {
            ReportType::Members => rows.count_members(self.stretch(export)).await?,
            ReportType::CampaignRecipients => {
                rows.count_recipients(self.campaign(export).await?).await?
            }
            ReportType::Messages => match self.stretch(export) {
                Some(stretch) => rows.count_messages(stretch).await?,
                None => 0,
            },
            ReportType::Tags => rows.count_tags().await?,
            ReportType::Overview | ReportType::CampaignPerformance => 0,
        })
    }

    /// The rows after a place; from the start without one.
    pub(super) async fn page(
        &self,
        export: &Export,
        after: Option<Place>,
    ) -> Result<PageOfCells, Stop> {
        let (rows, limit, hotel) = (&*self.rows, self.rows_at_once, self.exports.hotel);
        let after_id = after.map_or(0, |place| place.id);
        match export.new.report {
            ReportType::Members => {
                let lines = rows.members(self.stretch(export), after, limit).await?;
                let next = self.next(&lines, |line: &MemberLine| Place {
                    at: line.created_at,
                    id: line.id,
                });
                let shows = export.new.shows_id_numbers;
                let cells = lines.into_iter().map(|mut line| {
                    let sealed = line.id_number_sealed.take();
                    line.into_cells(shows.then(|| self.masked(sealed)), hotel)
                });
                Ok((cells.collect(), next))
            }
            ReportType::CampaignRecipients => {
                let campaign = self.campaign_id(export)?;
                let lines = rows.recipients(campaign, after_id, limit).await?;
                let now = self.now();
                let next = self.next(&lines, |line: &RecipientLine| Place {
                    at: now,
                    id: line.id,
                });
                let cells = lines.into_iter().map(|line| line.into_cells(hotel));
                Ok((cells.collect(), next))
            }
            ReportType::Messages => {
                let Some(stretch) = self.stretch(export) else {
                    return Ok((Vec::new(), None));
                };
                let lines = rows.messages(stretch, after, limit).await?;
                let next = self.next(&lines, |line: &MessageLine| Place {
                    at: line.created_at,
                    id: line.id,
                });
                let cells = lines.into_iter().map(|line| line.into_cells(hotel));
                Ok((cells.collect(), next))
            }
            ReportType::Tags => {
                let lines = rows.tags(after_id, limit).await?;
                let next = self.next(&lines, |line: &TagLine| Place {
                    at: line.created_at,
                    id: line.id,
                });
                let cells = lines.into_iter().map(|line| line.into_cells(hotel));
                Ok((cells.collect(), next))
            }
            ReportType::CampaignPerformance => {
                let cells = self.campaigns(self.period(export)?).await?;
                Ok((cells, None))
            }
            ReportType::Overview => Ok((self.days(self.period(export)?).await?, None)),
        }
    }

    /// The campaigns of a period, a row each.
    pub(super) async fn campaigns(&self, period: Period) -> Result<Vec<Vec<Cell>>, Stop> {
        let campaigns = self.analytics.performance(period, MOST_CAMPAIGNS).await?;
        let rate = |rate: crm_analytics::Rate| Cell::Percent(rate.tenths());
        let row = |campaign: crm_analytics::CampaignPerformance| {
            let sums = campaign.sums;
            vec![
                Cell::Number(campaign.id.get()),
                Cell::Text(campaign.title),
                Cell::Time(self.exports.hotel.wall(campaign.sent_at)),
                Cell::Number(sums.sent),
                Cell::Number(sums.opened),
                rate(sums.open_rate()),
                Cell::Number(sums.clicked),
                rate(sums.click_rate()),
                Cell::Number(sums.converted),
                rate(sums.conversion_rate()),
                Cell::Money(campaign.revenue_minor),
            ]
        };
        Ok(campaigns.into_iter().map(row).collect())
    }

    /// The days of a period, a row each.
    async fn days(&self, period: Period) -> Result<Vec<Vec<Cell>>, Stop> {
        let trends = self.analytics.trends(&BY_DAY, period, None).await?;
        let row = |(at, day): (usize, &chrono::NaiveDate)| {
            let cell = |series: &crm_analytics::DaySeries| {
                let value = series.values.get(at).copied().unwrap_or_default();
                match series.metric {
                    Metric::Revenue => Cell::Money(value),
                    _ => Cell::Number(value),
                }
            };
            let mut row = vec![Cell::Day(*day)];
            row.extend(trends.series.iter().map(cell));
            row
        };
        Ok(trends.days.iter().enumerate().map(row).collect())
    }

    /// The days a report is about.
    pub(super) fn period(&self, export: &Export) -> Result<Period, Stop> {
        let today = self.analytics.today();
        let (first, last) = export.new.about.days.unwrap_or((today, today));
        Ok(Period::new(first, last)?)
    }

    /// The title of the campaign that a report is about.
    pub(super) async fn campaign_title(&self, export: &Export) -> Result<String, Stop> {
        let id = self.campaign_id(export)?;
        let title = self.exports.ports.queries.campaign_title(id).await?;
        title.ok_or_else(campaign_gone)
    }

    async fn campaign(&self, export: &Export) -> Result<CampaignId, Stop> {
        self.campaign_title(export).await?;
        self.campaign_id(export)
    }

    fn campaign_id(&self, export: &Export) -> Result<CampaignId, Stop> {
        export.new.about.campaign.ok_or_else(campaign_gone)
    }

    fn stretch(&self, export: &Export) -> Option<Stretch> {
        let (first, last) = export.new.about.days?;
        let hotel = self.exports.hotel;
        Some((hotel.start_of(first), hotel.end_of(last)))
    }

    /// Where the next page begins; after one that is not full there is none.
    fn next<L>(&self, lines: &[L], place: impl FnOnce(&L) -> Place) -> Option<Place> {
        let is_full = lines.len() as u64 >= u64::from(self.rows_at_once);
        lines.last().filter(|_| is_full).map(place)
    }

    /// A number as those may see it who may know it.
    fn masked(&self, sealed: Option<String>) -> Option<String> {
        let number = self.vault.open(&sealed?);
        // One that cannot be opened is told by the guest's own page.
        Some(number.map_or_else(|_| "****".to_owned(), |number| number.masked()))
    }
}

fn campaign_gone() -> Stop {
    Stop::Never(Failure::new(
        "campaign_gone",
        "the campaign is there no more",
    ))
}
