use crate::{MemberError, Members};
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{MemberId, Page, PageRequest, StayId};
use tracing::instrument;

/// Who wrote a stay down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StaySource {
    /// The hotel's own system.
    Pms,
    /// Staff.
    Manual,
}

impl StaySource {
    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "pms" => Some(Self::Pms),
            "manual" => Some(Self::Manual),
            _ => None,
        }
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pms => "pms",
            Self::Manual => "manual",
        }
    }
}

/// A stay that no storage has seen yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStay {
    /// Whose.
    pub member: MemberId,
    /// Unique.
    pub order_number: String,
    /// The kind of room.
    pub room_type: Option<String>,
    /// What was paid, in hundredths.
    pub amount_minor: i64,
    /// The day of arrival.
    pub check_in_date: Option<NaiveDate>,
    /// The day of departure.
    pub check_out_date: Option<NaiveDate>,
    /// Nights between the two; 0 when the guest only used the room by day.
    pub nights: Option<u32>,
    /// Who wrote it down.
    pub source: StaySource,
    /// How it stands with the hotel's own system; none when that does not know it.
    pub pms_status: Option<String>,
    /// When the guest booked.
    pub booked_at: Option<DateTime<Utc>>,
    /// When it was written down.
    pub created_at: DateTime<Utc>,
}

/// A stay in the list. Booked ones are shown, though nothing was spent; those that were cancelled,
/// that nobody came to, or of which it cannot be told are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StayRow {
    /// The id.
    pub id: StayId,
    /// The order number.
    pub order_number: String,
    /// The kind of room.
    pub room_type: Option<String>,
    /// What was paid, in hundredths.
    pub amount_minor: i64,
    /// The day of arrival.
    pub check_in_date: Option<NaiveDate>,
    /// The day of departure.
    pub check_out_date: Option<NaiveDate>,
    /// Nights between the two.
    pub nights: Option<u32>,
    /// Who wrote it down.
    pub source: StaySource,
    /// How it stands with the hotel's own system.
    pub pms_status: Option<String>,
    /// When it was written down.
    pub created_at: DateTime<Utc>,
}

impl NewStay {
    /// What the list shows of it, once it is stored under this id.
    #[must_use]
    pub fn stored_as(self, id: StayId) -> StayRow {
        StayRow {
            id,
            order_number: self.order_number,
            room_type: self.room_type,
            amount_minor: self.amount_minor,
            check_in_date: self.check_in_date,
            check_out_date: self.check_out_date,
            nights: self.nights,
            source: self.source,
            pms_status: self.pms_status,
            created_at: self.created_at,
        }
    }
}

impl Members {
    /// A page of a member's stays, the last to arrive first, without those that came to nothing.
    ///
    /// # Errors
    /// `member_not_found`, or the store's.
    #[instrument(name = "members.stays", skip_all, fields(member.id = %id))]
    pub async fn stays(
        &self,
        id: MemberId,
        page: PageRequest,
    ) -> Result<Page<StayRow>, MemberError> {
        if !self.queries.exists(id).await? {
            return Err(MemberError::NotFound);
        }
        Ok(self.queries.stays(id, page).await?)
    }
}
