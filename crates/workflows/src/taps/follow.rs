use super::buffer::Kind;
use super::leads::Targets;
use super::{Click, RecordClicks, Taps};
use crate::{Composing, LinkToken, SentIn};
use crm_kernel::StoreError;
use crm_templates::TemplateContent;
use std::sync::Arc;

/// Clicks written down in one transaction.
const AT_ONCE: usize = 500;
/// All bits but the sign.
const POSITIVE: u64 = u64::MAX >> 1;

impl Taps {
    /// Where a tracked link leads; `None` when we did not make it or what it was sent in is
    /// gone. With `count`, the click is kept in memory until it is written down: the database
    /// is not asked, but for the first look at something sent, and when there is no room.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn follow(&self, token: &str, count: bool) -> Result<Option<Arc<str>>, StoreError> {
        let Some(link) = self.ports.links.open(token) else {
            return Ok(None);
        };
        let Some(targets) = self.targets(link.sent_in).await? else {
            return Ok(None);
        };
        let Some(target) = targets.to(link.item) else {
            return Ok(None);
        };
        // A link of a preview leads to its target and is nobody's.
        if count && link.member.get() != 0 {
            self.keep(link).await;
        }
        Ok(Some(target))
    }

    async fn keep(&self, link: LinkToken) {
        let click = Click {
            sent_in: link.sent_in,
            member: link.member,
            item: link.item,
            at: self.ports.clock.now(),
        };
        if self.buffer.keep(click, self.window) != Kind::NoRoom {
            return;
        }
        // A guest never fails over our figures.
        if let Err(error) = self.write(&[click]).await {
            tracing::warn!(%error, "a click could not be written down and is not counted");
        }
    }

    /// Writes down the clicks that are in memory, each group with the job that records it. To be
    /// called again and again, a few times a second, and at the end of the process.
    ///
    /// # Errors
    /// Those of the store; then what was not written down waits for the next time.
    pub async fn write_down(&self) -> Result<(), StoreError> {
        loop {
            let in_hand = self.buffer.take(AT_ONCE);
            if in_hand.clicks().is_empty() {
                return Ok(());
            }
            self.write(in_hand.clicks()).await?;
            in_hand.written();
        }
    }

    async fn write(&self, clicks: &[Click]) -> Result<(), StoreError> {
        // The second half of a UUID is random but for two bits.
        let group = (self.ports.ids.uuid().as_u64_pair().1 & POSITIVE).cast_signed();
        let mut tx = self.ports.store.begin().await?;
        let new = tx.clicks().put_down(group, clicks, self.window).await?;
        if new > 0 {
            let now = self.ports.clock.now();
            tx.outbox().enqueue(&RecordClicks { group }, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Where the links of something sent lead, remembered for a while. When the database is
    /// away, what was remembered is good for longer.
    async fn targets(&self, sent_in: SentIn) -> Result<Option<Arc<Targets>>, StoreError> {
        let now = self.ports.clock.now();
        let known = self.leads.get(sent_in);
        if let Some(known) = known.as_ref().filter(|known| known.is_fresh(now)) {
            return Ok(Some(Arc::clone(known)));
        }
        let document = match sent_in {
            SentIn::Campaign(id) => self.ports.campaigns.frozen_template(id).await,
            SentIn::Message(id) => self.ports.messages.frozen_template(id).await,
        };
        let document = match (document, known) {
            (Err(error), Some(known)) => {
                tracing::warn!(%error, "links lead where they led before");
                return Ok(Some(known));
            }
            (document, _) => document?,
        };
        if let Some(content) = document.as_deref().and_then(read) {
            let targets = Arc::new(Targets::of(&content, now));
            self.leads.remember(sent_in, &targets);
            return Ok(Some(targets));
        }
        self.leads.forget(sent_in);
        let present = match sent_in {
            SentIn::Campaign(id) => self.present_words(id).await?,
            SentIn::Message(_) => None,
        };
        Ok(present.map(|content| Arc::new(Targets::of(&content, now))))
    }

    /// What a campaign says that is not on its way yet; links of its previews lead there.
    async fn present_words(
        &self,
        id: crm_kernel::CampaignId,
    ) -> Result<Option<TemplateContent>, StoreError> {
        let Some(detail) = self.ports.campaigns.detail(id).await? else {
            return Ok(None);
        };
        let template = detail.campaign.record().template_id;
        let template = self.ports.templates.find(template).await?;
        Ok(template.map(|t| t.content().clone()))
    }
}

pub(super) fn read(frozen: &str) -> Option<TemplateContent> {
    Composing::thawed(frozen)
        .inspect_err(|error| tracing::error!(%error, "a frozen template cannot be read"))
        .ok()
}
