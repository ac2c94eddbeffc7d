use chrono::{DateTime, Utc};
use crm_kernel::{BatchId, CampaignId};
use uuid::Uuid;

/// Most recipients of one multicast (LINE Messaging API reference, "Send multicast message").
pub const MAX_BATCH: u32 = 500;

/// How a campaign's messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchMode {
    /// The same messages for everybody: one multicast for the whole batch.
    Bulk,
    /// Messages differ (variables, tracked links): one push per recipient.
    Personal,
}

impl BatchMode {
    /// The name stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bulk => "bulk",
            Self::Personal => "personal",
        }
    }

    /// The mode of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Bulk, Self::Personal]
            .into_iter()
            .find(|m| m.as_str() == name)
    }
}

/// How far a batch came. The status of its recipients follows from it, so that a send writes one
/// row per recipient and not three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchState {
    /// Never tried.
    Pending,
    /// Key and body are stored; LINE may or may not have it.
    Sending,
    /// LINE accepted it.
    Accepted,
    /// LINE refused it.
    Failed,
    /// Nobody can say any more whether LINE took it; never repeated by itself.
    Unknown,
    /// The campaign was cancelled before the first try.
    Cancelled,
    /// LINE refused somebody in it; two smaller batches took its place.
    Split,
}

impl BatchState {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Sending,
        Self::Accepted,
        Self::Failed,
        Self::Unknown,
        Self::Cancelled,
        Self::Split,
    ];

    /// The name stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Cancelled => "cancelled",
            Self::Split => "split",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }

    /// Whether anything is still to be done.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Sending)
    }
}

/// A batch about to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBatch {
    /// Its place in the campaign, from 0.
    pub number: i64,
    /// Recipients planned in it.
    pub size: u32,
    /// `X-Line-Retry-Key` of every try, or what the keys of its pushes are derived from.
    pub retry_key: Uuid,
}

impl NewBatch {
    /// So many recipients in batches of `size`, numbered from `first` on, each with a key.
    pub fn portion(
        first: i64,
        recipients: i64,
        size: u32,
        mut key: impl FnMut() -> Uuid,
    ) -> Vec<Self> {
        let whole = i64::from(size.clamp(1, MAX_BATCH));
        (0..(recipients + whole - 1).div_euclid(whole))
            .map(|place| Self {
                number: first + place,
                size: u32::try_from((recipients - place * whole).min(whole)).unwrap_or(MAX_BATCH),
                retry_key: key(),
            })
            .collect()
    }
}

/// A stored batch, field by field; only storage makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRecord {
    /// Its id.
    pub id: BatchId,
    /// Whose it is.
    pub campaign_id: CampaignId,
    /// Its place in the campaign, from 0.
    pub number: i64,
    /// How it travels.
    pub mode: BatchMode,
    /// How far it came.
    pub state: BatchState,
    /// Recipients planned in it.
    pub size: u32,
    /// Key of every try.
    pub retry_key: Uuid,
    /// What the first try said, to be said again word by word. Forgotten once it is settled.
    pub body: Option<String>,
    /// Counts the claims; a holder of an older claim may no longer write.
    pub claim: i64,
    /// When LINE was first called; its memory of the key counts from here.
    pub first_tried_at: Option<DateTime<Utc>>,
}

/// Up to [`MAX_BATCH`] recipients that are sent, repeated and accounted for together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch(BatchRecord);

impl Batch {
    /// A batch as it was stored.
    #[must_use]
    pub const fn from_stored(record: BatchRecord) -> Self {
        Self(record)
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> BatchId {
        self.0.id
    }

    /// Whose it is.
    #[must_use]
    pub const fn campaign_id(&self) -> CampaignId {
        self.0.campaign_id
    }

    /// Its place in the campaign, from 0.
    #[must_use]
    pub const fn number(&self) -> i64 {
        self.0.number
    }

    /// How it travels.
    #[must_use]
    pub const fn mode(&self) -> BatchMode {
        self.0.mode
    }

    /// How far it came.
    #[must_use]
    pub const fn state(&self) -> BatchState {
        self.0.state
    }

    /// Recipients planned in it.
    #[must_use]
    pub const fn size(&self) -> u32 {
        self.0.size
    }

    /// Key of every try.
    #[must_use]
    pub const fn retry_key(&self) -> Uuid {
        self.0.retry_key
    }

    /// The key of one recipient's push: always the same for this batch and member, so that a
    /// half-finished batch can be repeated from its start.
    #[must_use]
    pub fn push_key(&self, member: crm_kernel::MemberId) -> Uuid {
        Uuid::new_v5(&self.0.retry_key, &member.get().to_be_bytes())
    }

    /// What the first try said.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// Which claim this copy belongs to.
    #[must_use]
    pub const fn claim(&self) -> i64 {
        self.0.claim
    }

    /// When LINE was first called.
    #[must_use]
    pub const fn first_tried_at(&self) -> Option<DateTime<Utc>> {
        self.0.first_tried_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crm_kernel::MemberId;

    #[test]
    fn the_key_of_a_push_depends_on_batch_and_member_and_nothing_else() {
        let batch = |key| {
            Batch::from_stored(BatchRecord {
                id: BatchId::new(1),
                campaign_id: CampaignId::new(1),
                number: 0,
                mode: BatchMode::Personal,
                state: BatchState::Sending,
                size: 2,
                retry_key: Uuid::from_u128(key),
                body: None,
                claim: 1,
                first_tried_at: None,
            })
        };
        let key = batch(7).push_key(MemberId::new(1));
        assert_eq!(key, batch(7).push_key(MemberId::new(1)));
        assert_ne!(key, batch(7).push_key(MemberId::new(2)));
        assert_ne!(key, batch(8).push_key(MemberId::new(1)));
    }
}
