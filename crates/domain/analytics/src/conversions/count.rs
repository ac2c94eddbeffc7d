use super::{
    Changes, ConversionQueries, ConversionsTx, GuestHistory, Marked, changes_between,
    conversions_of,
};
use crate::AnalyticsError;
use chrono::TimeDelta;
use crm_kernel::{Clock, MemberId, StoreError, Transactions};
use std::sync::Arc;

/// Keeping what campaigns brought.
#[derive(Clone)]
pub struct Conversions {
    store: Arc<dyn Transactions<dyn ConversionsTx>>,
    queries: Arc<dyn ConversionQueries>,
    clock: Arc<dyn Clock>,
    window: TimeDelta,
}

impl Conversions {
    /// Marks that one unit of work takes.
    pub const AT_ONCE: u32 = 512;
    /// Bookings are looked at once more for so long.
    pub const RECHECKED: TimeDelta = TimeDelta::days(2);

    /// Plugs the story into its ports; bookings until `window_days` after a send belong to it.
    #[must_use]
    pub fn new(
        store: Arc<dyn Transactions<dyn ConversionsTx>>,
        queries: Arc<dyn ConversionQueries>,
        clock: Arc<dyn Clock>,
        window_days: u32,
    ) -> Self {
        Self {
            store,
            queries,
            clock,
            window: TimeDelta::days(window_days.into()),
        }
    }

    /// Works marks off until there are none; answers how many.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn count_marked(&self) -> Result<u64, AnalyticsError> {
        let mut worked_off = 0;
        loop {
            let taken = self.count_some(Self::AT_ONCE).await?;
            worked_off += taken as u64;
            if taken < Self::AT_ONCE as usize {
                return Ok(worked_off);
            }
        }
    }

    /// Works marks off, unless somebody else does or a campaign is held by whoever sends it:
    /// then they wait for the next time. Answers how many.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn count_if_free(&self) -> Result<u64, AnalyticsError> {
        let mut tx = self.store.begin().await?;
        let is_free = tx.conversions().is_free().await?;
        drop(tx);
        if !is_free {
            return Ok(0);
        }
        match self.count_marked().await {
            Err(AnalyticsError::Store(StoreError::Busy(_))) => Ok(0),
            counted => counted,
        }
    }

    /// Works the oldest marks off, all of it or nothing; answers how many there were.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn count_some(&self, limit: u32) -> Result<usize, AnalyticsError> {
        let mut tx = self.store.begin().await?;
        let marks = tx.conversions().marked(limit).await?;
        if marks.is_empty() {
            return Ok(0);
        }
        let members = members_of(&marks);
        let histories = tx.conversions().histories(&members).await?;
        let changes = self.changes(&histories);
        if !changes.is_empty() {
            tx.conversions().change(&changes).await?;
            for ((figure, campaign, at), n) in &changes.figures {
                tx.figures().add(*figure, campaign.get(), *at, *n);
            }
        }
        tx.conversions().unmark(&marks).await?;
        tx.commit().await?;
        Ok(marks.len())
    }

    fn changes(&self, histories: &[GuestHistory]) -> Changes {
        let mut changes = Changes::default();
        for guest in histories {
            let right = conversions_of(&guest.sends, &guest.stays, self.window);
            changes_between(&mut changes, guest.member, &guest.kept, right);
        }
        changes
    }

    /// Marks the guests who booked of late, and works the marks off.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn recheck(&self) -> Result<u64, AnalyticsError> {
        let since = self.clock.now() - Self::RECHECKED;
        let mut tx = self.store.begin().await?;
        tx.conversions().mark_booked_since(since).await?;
        tx.commit().await?;
        self.count_marked().await
    }

    /// Looks at everybody anew, and adds up the campaigns. What erased guests booked stays.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn recount_all(&self) -> Result<u64, AnalyticsError> {
        let mut tx = self.store.begin().await?;
        tx.conversions().mark_everybody().await?;
        tx.commit().await?;
        let worked_off = self.count_marked().await?;
        let mut tx = self.store.begin().await?;
        tx.conversions().add_up_campaigns().await?;
        tx.commit().await?;
        Ok(worked_off)
    }

    /// How many guests have other conversions than they should, and how many campaigns brought
    /// something else than their conversions add up to. Writes nothing.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn conversions_differ(&self) -> Result<u64, AnalyticsError> {
        let mut differ = self.queries.campaigns_that_differ().await?.len() as u64;
        let mut after = MemberId::new(0);
        loop {
            let limit = Self::AT_ONCE;
            let some = self.queries.histories_after(after, limit).await?;
            let Some(last) = some.last() else {
                return Ok(differ);
            };
            after = last.member;
            let wrong = |guest: &&GuestHistory| {
                guest.kept != conversions_of(&guest.sends, &guest.stays, self.window)
            };
            differ += some.iter().filter(wrong).count() as u64;
        }
    }
}

fn members_of(marks: &[Marked]) -> Vec<MemberId> {
    let mut members: Vec<MemberId> = marks.iter().map(|mark| mark.member).collect();
    members.sort_unstable();
    members.dedup();
    members
}
