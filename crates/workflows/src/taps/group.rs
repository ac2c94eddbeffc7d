use super::follow::read;
use super::{Click, ClicksTx, Tap, Taps, Triggered};
use crate::{InboundError, SentIn};
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, MemberId, StoreError, TagId};
use crm_tags::{Touched, TriggerSource};
use std::collections::{BTreeMap, BTreeSet};

/// Rows deleted in one transaction.
const PRUNE_AT_ONCE: u32 = 5_000;

/// Of each member one moment.
type Moments = BTreeMap<MemberId, DateTime<Utc>>;

impl Taps {
    /// Records the clicks that were written down together. Done already: nothing is left to do.
    ///
    /// # Errors
    /// [`InboundError`]; then nothing was changed and the job is run again.
    pub async fn record_group(&self, group: i64) -> Result<(), InboundError> {
        let mut tx = self.ports.store.begin().await?;
        let clicks = tx.clicks().waiting(group).await?;
        if clicks.is_empty() {
            return Ok(());
        }
        self.record_all(&mut *tx, clicks).await?;
        tx.clicks().recorded(group).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Records one click, as an earlier release put it down.
    ///
    /// # Errors
    /// [`InboundError`]; then nothing was changed and the job is run again.
    pub async fn record(&self, click: impl Into<Click>) -> Result<(), InboundError> {
        let mut tx = self.ports.store.begin().await?;
        self.record_all(&mut *tx, vec![click.into()]).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Deletes recorded clicks whose window is over, so that they keep no later one from
    /// counting any more.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn prune_clicks(&self) -> Result<(), StoreError> {
        let before = self.ports.clock.now() - self.window;
        loop {
            let mut tx = self.ports.store.begin().await?;
            let pruned = tx.clicks().prune(before, PRUNE_AT_ONCE).await?;
            tx.commit().await?;
            if pruned < u64::from(PRUNE_AT_ONCE) {
                return Ok(());
            }
        }
    }

    async fn record_all(
        &self,
        tx: &mut dyn ClicksTx,
        clicks: Vec<Click>,
    ) -> Result<(), InboundError> {
        let clicks = self.by_who_they_are(tx, clicks).await?;
        let mut campaigns: BTreeMap<CampaignId, Vec<Click>> = BTreeMap::new();
        let mut single = Vec::new();
        for click in clicks {
            match click.sent_in {
                SentIn::Campaign(id) => campaigns.entry(id).or_default().push(click),
                SentIn::Message(_) => single.push(click),
            }
        }
        let mut interacted = Moments::new();
        for (campaign, clicks) in campaigns {
            self.record_campaign(tx, campaign, &clicks, &mut interacted)
                .await?;
        }
        for click in single {
            let tap = Tap {
                sent_in: click.sent_in,
                member: click.member,
                item: click.item,
                source: TriggerSource::Click,
                at: click.at,
            };
            // A link that somebody else opened (forwarded) is not the guest's doing.
            if self.record_in(tx, &tap).await?.counted {
                latest(&mut interacted, click.member, click.at);
            }
        }
        let interacted: Vec<_> = interacted.into_iter().collect();
        tx.clicks().interacted(&interacted).await?;
        Ok(())
    }

    /// The clicks with whom their members are by now, all of them locked in the order of their
    /// ids; without those of members who were deleted, which are nobody's any more.
    async fn by_who_they_are(
        &self,
        tx: &mut dyn ClicksTx,
        clicks: Vec<Click>,
    ) -> Result<Vec<Click>, InboundError> {
        let named: BTreeSet<MemberId> = clicks.iter().map(|click| click.member).collect();
        let named: Vec<MemberId> = named.into_iter().collect();
        let present = tx.bulk_tags().lock_members(&named).await?;
        let mut became: BTreeMap<MemberId, MemberId> =
            present.into_iter().map(|id| (id, id)).collect();
        for id in named {
            if let std::collections::btree_map::Entry::Vacant(entry) = became.entry(id)
                && let Some(member) = self.ports.members.present_in(tx, id).await?
            {
                entry.insert(member.id());
            }
        }
        let known = clicks.into_iter().filter_map(|click| {
            let member = *became.get(&click.member)?;
            Some(Click { member, ..click })
        });
        Ok(known.collect())
    }

    async fn record_campaign(
        &self,
        tx: &mut dyn ClicksTx,
        id: CampaignId,
        clicks: &[Click],
        interacted: &mut Moments,
    ) -> Result<(), InboundError> {
        let Some(campaign) = tx.campaigns().find(id).await? else {
            return Ok(());
        };
        let Some(content) = campaign.record().frozen_template.as_deref().and_then(read) else {
            return Ok(());
        };
        let mut first = Moments::new();
        for click in clicks {
            earliest(&mut first, click.member, click.at);
        }
        let first: Vec<_> = first.into_iter().collect();
        // Those it was sent to; a forwarded link is not the guest's doing.
        let theirs = tx.clicks().clicked(id, &first).await?;
        let theirs: BTreeSet<MemberId> = theirs.into_iter().collect();
        let taps = content.taps();
        let mut tagged: BTreeMap<TagId, BTreeMap<MemberId, Triggered>> = BTreeMap::new();
        for click in clicks.iter().filter(|c| theirs.contains(&c.member)) {
            latest(interacted, click.member, click.at);
            let Some(tap) = taps.iter().find(|tap| tap.item == click.item) else {
                continue;
            };
            let Some(tag) = tap.tag else { continue };
            let of_tag = tagged.entry(tag).or_default();
            if of_tag
                .get(&click.member)
                .is_none_or(|old| click.at < old.at)
            {
                let touched = Touched {
                    item: tap.item.get(),
                    label: tap.label.clone(),
                };
                let triggered = Triggered {
                    member: click.member,
                    touched,
                    at: click.at,
                };
                of_tag.insert(click.member, triggered);
            }
        }
        for (tag, members) in tagged {
            // Deleted after the send; the clicks still count.
            let Some(tag) = tx.tags().find(tag).await? else {
                continue;
            };
            let members: Vec<Triggered> = members.into_values().collect();
            tx.clicks().trigger(&tag, id, &members).await?;
        }
        Ok(())
    }
}

fn earliest(moments: &mut Moments, member: MemberId, at: DateTime<Utc>) {
    let known = moments.entry(member).or_insert(at);
    *known = at.min(*known);
}

fn latest(moments: &mut Moments, member: MemberId, at: DateTime<Utc>) {
    let known = moments.entry(member).or_insert(at);
    *known = at.max(*known);
}
