use super::Conversion;
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, Figure, MemberId};
use std::collections::BTreeMap;

/// What campaigns brought, or by how much more it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// Recipients who booked.
    pub converted: i64,
    /// Those of them who had clicked before.
    pub converted_clicked: i64,
    /// Hundredths of what their stays cost.
    pub revenue_minor: i64,
    /// Stays.
    pub stays: i64,
    /// Nights.
    pub nights: i64,
}

/// What is to be written so that what is kept follows the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Recipients whose conversion is to go, also to be replaced.
    pub gone: Vec<i64>,
    /// Conversions that come, with their guest.
    pub come: Vec<(MemberId, Conversion)>,
    /// By how much campaigns brought more.
    pub campaigns: BTreeMap<CampaignId, Brought>,
    /// By how much figures move: of which campaign, by the day of which moment.
    pub figures: BTreeMap<(Figure, CampaignId, DateTime<Utc>), i64>,
}

impl Changes {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.come.is_empty()
    }

    fn count(&mut self, one: &Conversion, sign: i64) {
        let campaign = one.campaign;
        let sums = self.campaigns.entry(campaign).or_default();
        sums.converted += sign;
        sums.converted_clicked += sign * i64::from(one.had_clicked);
        for stay in &one.stays {
            sums.revenue_minor += sign * stay.amount_minor;
            sums.stays += sign;
            sums.nights += sign * stay.nights;
        }
        let mut figure = |figure, at, n| {
            *self.figures.entry((figure, campaign, at)).or_default() += n;
        };
        figure(Figure::CampaignConverted, one.booked_at, sign);
        for stay in &one.stays {
            let n = sign * stay.amount_minor;
            figure(Figure::CampaignRevenue, stay.booked_at, n);
        }
    }
}

/// Adds what makes `kept` of a guest into `right` to `changes`.
pub fn changes_between(
    changes: &mut Changes,
    member: MemberId,
    kept: &[Conversion],
    right: Vec<Conversion>,
) {
    for one in kept.iter().filter(|one| !right.contains(one)) {
        changes.count(one, -1);
        changes.gone.push(one.recipient);
    }
    for one in right {
        if !kept.contains(&one) {
            changes.count(&one, 1);
            changes.come.push((member, one));
        }
    }
}
