use crate::{
    AnalyticsError, AnalyticsQueries, CampaignPerformance, DaySeries, FriendDay, Funnel, Metric,
    Overview, Period, Rate, RulePerformance, TagShare, Trends, change_of_counts, change_of_rates,
};
use chrono::NaiveDate;
use crm_kernel::{AutoResponseId, CampaignId, Clock, Figure, HotelTime, TagId};
use std::collections::HashMap;
use std::sync::Arc;

/// Everything that can be asked of the figures.
#[derive(Clone)]
pub struct Analytics {
    queries: Arc<dyn AnalyticsQueries>,
    clock: Arc<dyn Clock>,
    hotel: HotelTime,
}

impl Analytics {
    /// Subjects listed at most: rules or tags.
    pub const MAX_SUBJECTS: u32 = 100;

    /// Figures of `queries`, by the days of `hotel`.
    #[must_use]
    pub fn new(
        queries: Arc<dyn AnalyticsQueries>,
        clock: Arc<dyn Clock>,
        hotel: HotelTime,
    ) -> Self {
        Self {
            queries,
            clock,
            hotel,
        }
    }

    /// The hotel's today.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.hotel.day_of(self.clock.now())
    }

    /// The figures at the head of the first page, and how they compare with the equally long
    /// period before.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn overview(&self, period: Period) -> Result<Overview, AnalyticsError> {
        let before = period.before();
        let sent = self.messages_sent(period).await?;
        let sent_before = self.messages_sent(before).await?;
        let (from, until) = period.moments(self.hotel);
        let now = self.queries.campaign_sums(from, until).await?;
        let (from, until) = before.moments(self.hotel);
        let then = self.queries.campaign_sums(from, until).await?;
        let change =
            |now_part, then_part| change_of_rates((now_part, now.sent), (then_part, then.sent));
        Ok(Overview {
            messages_sent: sent,
            open_rate: now.open_rate(),
            click_rate: now.click_rate(),
            conversion_rate: now.conversion_rate(),
            messages_sent_trend: change_of_counts(sent, sent_before),
            open_rate_trend: change(now.opened, then.opened),
            click_rate_trend: change(now.clicked, then.clicked),
            conversion_rate_trend: change(now.converted, then.converted),
        })
    }

    async fn messages_sent(&self, period: Period) -> Result<i64, AnalyticsError> {
        let figures = Metric::MessagesSent.figures();
        let (first, last) = (period.first(), period.last());
        let days = self.queries.days(figures, 0, first, last).await?;
        Ok(days.iter().map(|day| day.n).sum())
    }

    /// The campaigns sent in the period, best click rate first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn performance(
        &self,
        period: Period,
        limit: u32,
    ) -> Result<Vec<CampaignPerformance>, AnalyticsError> {
        let (from, until) = period.moments(self.hotel);
        Ok(self.queries.performance(from, until, limit).await?)
    }

    /// A line for each metric along the days of the period, of one campaign or of all.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn trends(
        &self,
        metrics: &[Metric],
        period: Period,
        campaign: Option<CampaignId>,
    ) -> Result<Trends, AnalyticsError> {
        let mut figures: Vec<Figure> = Vec::new();
        for figure in metrics.iter().flat_map(|metric| metric.figures()) {
            if !figures.contains(figure) {
                figures.push(*figure);
            }
        }
        let subject = campaign.map_or(0, CampaignId::get);
        let (first, last) = (period.first(), period.last());
        let counts = self.queries.days(&figures, subject, first, last).await?;
        let known: HashMap<(Figure, NaiveDate), i64> = counts
            .into_iter()
            .map(|count| ((count.figure, count.day), count.n))
            .collect();
        let days: Vec<NaiveDate> = period.each_day().collect();
        let value = |metric: &Metric, day: &NaiveDate| {
            let of = |figure: &Figure| known.get(&(*figure, *day)).copied().unwrap_or_default();
            metric.figures().iter().map(of).sum()
        };
        let series = metrics
            .iter()
            .map(|metric| DaySeries {
                metric: *metric,
                values: days.iter().map(|day| value(metric, day)).collect(),
            })
            .collect();
        Ok(Trends { days, series })
    }

    /// How often interaction tags were triggered in the period, or ever; most first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn tags(
        &self,
        period: Option<Period>,
        limit: u32,
    ) -> Result<Vec<TagShare>, AnalyticsError> {
        let days = period.map(|period| (period.first(), period.last()));
        let figure = Figure::TagTriggered;
        let counts = self.queries.subjects(figure, days, limit).await?;
        let all = match days {
            Some((first, last)) => {
                let total = self.queries.days(&[figure], 0, first, last).await?;
                total.iter().map(|day| day.n).sum()
            }
            None => self.queries.total(figure).await?,
        };
        Ok(counts
            .into_iter()
            .map(|count| TagShare {
                id: TagId::new(count.subject),
                name: count.name.unwrap_or_default(),
                triggered: count.n,
                share: Rate::of(count.n, all),
            })
            .collect())
    }

    /// What became of everybody whom a campaign was planned for.
    ///
    /// # Errors
    /// `CampaignNotFound`, or those of the store.
    pub async fn funnel(&self, id: CampaignId) -> Result<Funnel, AnalyticsError> {
        let funnel = self.queries.funnel(id).await?;
        funnel.ok_or(AnalyticsError::CampaignNotFound)
    }

    /// Friends won and lost on each day of the period.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn friends(&self, period: Period) -> Result<Vec<FriendDay>, AnalyticsError> {
        let metrics = [Metric::Follows, Metric::Blocks];
        let trends = self.trends(&metrics, period, None).await?;
        let of = |metric: usize, day: usize| {
            let series = trends.series.get(metric);
            series
                .and_then(|series| series.values.get(day))
                .copied()
                .unwrap_or_default()
        };
        Ok(trends
            .days
            .iter()
            .enumerate()
            .map(|(at, day)| FriendDay {
                day: *day,
                follows: of(0, at),
                blocks: of(1, at),
            })
            .collect())
    }

    /// How the automatic answers did in the period, those that fired most first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn rules(&self, period: Period) -> Result<Vec<RulePerformance>, AnalyticsError> {
        let days = Some((period.first(), period.last()));
        let most = Self::MAX_SUBJECTS;
        let fired = self.queries.subjects(Figure::RuleFired, days, most).await?;
        let succeeded = self
            .queries
            .subjects(Figure::RuleSucceeded, days, u32::MAX)
            .await?;
        let succeeded: HashMap<i64, i64> = succeeded
            .into_iter()
            .map(|count| (count.subject, count.n))
            .collect();
        Ok(fired
            .into_iter()
            .map(|count| RulePerformance {
                id: AutoResponseId::new(count.subject),
                name: count.name.unwrap_or_default(),
                trigger_type: count.kind.unwrap_or_default(),
                fired: count.n,
                succeeded: succeeded.get(&count.subject).copied().unwrap_or_default(),
            })
            .collect())
    }
}
