use crate::{
    Gender, IdNumber, LineState, MemberError, MemberFilter, MemberSort, MemberSource, Members,
    SealedIdNumber,
};
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{Actor, AuditEntry, MemberId, Page, PageRequest, RfmScores, TagId};
use tracing::instrument;

/// A member in the list; the id number is never part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// The id.
    pub id: MemberId,
    /// The LINE account.
    pub line_uid: Option<String>,
    /// The LINE name.
    pub line_display_name: Option<String>,
    /// The LINE picture.
    pub line_picture_url: Option<String>,
    /// Whether messages arrive; `None` without a LINE account.
    pub line_state: Option<LineState>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Gender.
    pub gender: Option<Gender>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number as typed.
    pub phone: Option<String>,
    /// Where they came from first.
    pub source: MemberSource,
    /// Whether campaigns may be sent to them.
    pub accept_marketing: bool,
    /// Tags of both kinds, in the order they were put on.
    pub tags: Vec<WornTag>,
    /// When the row was born.
    pub created_at: DateTime<Utc>,
    /// The last thing the guest did.
    pub last_interaction_at: Option<DateTime<Utc>>,
}

/// All about one member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberDetail {
    /// What the list shows too.
    pub row: MemberRow,
    /// Since when they follow, or last followed.
    pub followed_at: Option<DateTime<Utc>>,
    /// Since when they no longer follow.
    pub unfollowed_at: Option<DateTime<Utc>>,
    /// Birthday.
    pub birthday: Option<NaiveDate>,
    /// The id number, sealed; [`Members::masked_id_number`] shows what may be shown.
    pub id_number: Option<SealedIdNumber>,
    /// What staff should know.
    pub notes: Option<String>,
    /// What they spent.
    pub consumption_summary: ConsumptionSummary,
    /// How they compare with all guests who have stayed, as it was last worked out; none of
    /// whoever had not stayed by then.
    pub rfm: Option<RfmScores>,
    /// When the profile was changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// A tag that a member wears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WornTag {
    /// The id.
    pub id: TagId,
    /// The name.
    pub name: String,
    /// The kind.
    pub kind: WornTagKind,
}

/// The kind of a worn tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WornTagKind {
    /// What the guest is.
    Member,
    /// What the guest did.
    Interaction,
}

impl WornTagKind {
    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "member" => Some(Self::Member),
            "interaction" => Some(Self::Interaction),
            _ => None,
        }
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Interaction => "interaction",
        }
    }
}

/// What a member spent on stays that took place; amounts in hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConsumptionSummary {
    /// Sum of the amounts.
    pub total_amount: i64,
    /// How many there are.
    pub total_orders: u64,
    /// Sum by number, rounded to a whole amount (so always a multiple of 100).
    pub average_amount: i64,
}

impl ConsumptionSummary {
    /// The summary of `total_orders` stays of `total_amount` hundredths together.
    #[must_use]
    pub fn of(total_amount: i64, total_orders: u64) -> Self {
        let whole = i128::from(total_orders) * 100;
        let average_amount = if whole == 0 {
            0
        } else {
            // Half a unit rounds up, also below zero: refunds may outweigh.
            let units = (i128::from(total_amount) * 2 + whole).div_euclid(whole * 2);
            i64::try_from(units * 100).unwrap_or(i64::MAX)
        };
        Self {
            total_amount,
            total_orders,
            average_amount,
        }
    }
}

impl Members {
    /// A page of members.
    ///
    /// # Errors
    /// The store's.
    #[instrument(name = "members.list", skip_all)]
    pub async fn list(
        &self,
        filter: &MemberFilter,
        sort: MemberSort,
        page: PageRequest,
    ) -> Result<Page<MemberRow>, MemberError> {
        Ok(self.queries.list(filter, sort, page).await?)
    }

    /// All about one member.
    ///
    /// # Errors
    /// `member_not_found`, or the store's.
    #[instrument(name = "members.get", skip_all, fields(member.id = %id))]
    pub async fn get(&self, id: MemberId) -> Result<MemberDetail, MemberError> {
        self.queries.detail(id).await?.ok_or(MemberError::NotFound)
    }

    /// Whether there is a member with this id.
    ///
    /// # Errors
    /// The store's.
    pub async fn exists(&self, id: MemberId) -> Result<bool, MemberError> {
        Ok(self.queries.exists(id).await?)
    }

    /// The member's id number in full. Who may see it is for the caller to decide; that
    /// somebody did is written down first, and a number that cannot be written down as read
    /// is not shown.
    ///
    /// # Errors
    /// `id_number_unreadable` when the key is missing or the row damaged, or the store's.
    #[instrument(name = "members.id_number_in_full", skip_all, fields(?actor, member.id = %member.row.id))]
    pub async fn id_number_in_full(
        &self,
        actor: &Actor,
        member: &MemberDetail,
    ) -> Result<Option<IdNumber>, MemberError> {
        let Some(number) = self.opened(member)? else {
            return Ok(None);
        };
        let (now, id) = (self.clock.now(), member.row.id.get());
        let entry = AuditEntry::new(actor, now, "member.id_number_read", "member", id);
        let mut tx = self.store.begin().await?;
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(Some(number))
    }

    /// The member's id number as everybody who sees the member may see it: `A12****789`.
    ///
    /// # Errors
    /// `id_number_unreadable` when the key is missing or the row damaged.
    pub fn masked_id_number(&self, member: &MemberDetail) -> Result<Option<String>, MemberError> {
        Ok(self.opened(member)?.map(|number| number.masked()))
    }

    /// A sealed id number as everybody who sees the guest may see it; none when it cannot be read.
    #[must_use]
    pub fn masked(&self, ciphertext: &str) -> Option<String> {
        let number = self.vault.open(ciphertext).ok()?;
        Some(number.masked())
    }

    fn opened(&self, member: &MemberDetail) -> Result<Option<IdNumber>, MemberError> {
        let sealed = member.id_number.as_ref();
        Ok(sealed
            .map(|sealed| self.vault.open(&sealed.ciphertext))
            .transpose()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_is_a_whole_amount() {
        assert_eq!(
            ConsumptionSummary::of(8_560_000, 8).average_amount,
            1_070_000
        );
        assert_eq!(ConsumptionSummary::of(10_050, 1).average_amount, 10_100);
        assert_eq!(ConsumptionSummary::of(10_049, 1).average_amount, 10_000);
        assert_eq!(ConsumptionSummary::of(20_000, 3).average_amount, 6_700);
        assert_eq!(ConsumptionSummary::of(0, 0), ConsumptionSummary::default());
    }
}
