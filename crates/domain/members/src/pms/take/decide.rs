use super::super::{
    GuestCode, GuestKeys, GuestLink, LinkState, PmsFacts, PmsGuest, Review, ReviewDecision,
    ReviewStatus, ReviewSubject, SyncedStay,
};
use super::guests::with_followers;
use super::known::keys_of;
use super::writes::Writes;
use crate::{Member, MemberError, Members, PmsTx};
use chrono::{DateTime, Utc};
use crm_kernel::{
    Actor, AuditEntry, DomainError, ErrorKind, FieldError, MemberId, ReviewId, StoreError,
};
use serde_json::{Value, json};
use thiserror::Error;

/// Waiting stays that are applied at a time.
const STAYS_AT_ONCE: u32 = 500;

/// Why a decision cannot be taken.
#[derive(Debug, Error)]
pub enum DecisionError {
    /// No review has this id.
    #[error("review not found")]
    NotFound,
    /// Somebody has decided it, or it is no question any more.
    #[error("the review is not open any more")]
    NotOpen {
        /// How it stands.
        status: ReviewStatus,
    },
    /// No member has the id that was named.
    #[error("there is no such member")]
    NoSuchMember,
    /// The member could not be written.
    #[error(transparent)]
    Member(#[from] MemberError),
}

impl From<StoreError> for DecisionError {
    fn from(error: StoreError) -> Self {
        Self::Member(error.into())
    }
}

impl DomainError for DecisionError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::NotOpen { .. } => ErrorKind::Conflict,
            Self::NoSuchMember => ErrorKind::Invalid,
            Self::Member(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "review_not_found",
            Self::NotOpen { .. } => "review_not_open",
            Self::NoSuchMember => "review_invalid",
            Self::Member(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::NoSuchMember => vec![FieldError::new("member_id", "no member has this id")],
            Self::Member(error) => error.fields(),
            Self::NotFound | Self::NotOpen { .. } => Vec::new(),
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::NotOpen { status } => Some(json!({ "status": status.as_str() })),
            Self::Member(error) => error.details(),
            Self::NotFound | Self::NoSuchMember => None,
        }
    }
}

/// What a decision led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The member the guest is now, if any.
    pub member: Option<MemberId>,
    /// What the other system counts of them, for tags.
    pub facts: Option<PmsFacts>,
    /// Stays that had waited and are the member's now.
    pub stays: u64,
}

impl Members {
    /// Takes note of what a person says about a guest: links them, tells the member what the row
    /// said, and gives them the stays that waited. It is not asked again.
    ///
    /// # Errors
    /// `review_not_found`, `review_not_open`, `review_invalid` for a member who does not exist, or
    /// the store's.
    pub async fn decide_review_in(
        &self,
        tx: &mut dyn PmsTx,
        actor: &Actor,
        id: ReviewId,
        decision: ReviewDecision,
        now: DateTime<Utc>,
    ) -> Result<Decided, DecisionError> {
        let review = tx.pms().review(id).await?.ok_or(DecisionError::NotFound)?;
        if review.status != ReviewStatus::Open {
            return Err(DecisionError::NotOpen {
                status: review.status,
            });
        }
        let guest = review.new.guest.opened(&*self.vault);
        let mut writes = Writes::default();
        let codes = with_followers(tx, guest.code.iter().cloned().collect()).await?;
        let candidates = keys_of(&[&guest], &*self.vault);
        self.read_links(tx, &mut writes, codes).await?;
        self.read_members(tx, &mut writes, &candidates).await?;
        let keys = GuestKeys::of(&guest, &*self.vault);
        let member = match decision {
            ReviewDecision::Ignore => None,
            ReviewDecision::New => Some(self.born(&mut writes, &guest, &keys, now)?),
            ReviewDecision::Member(id) => {
                for member in tx.pms().members(&[id]).await? {
                    writes.known.stored(member);
                }
                let known = writes.known.get(id).map(Member::id);
                let id = known.ok_or(DecisionError::NoSuchMember)?;
                self.tell(&mut writes, id, &guest, &keys, now)?;
                Some(id)
            }
        };
        if let Some(code) = &guest.code {
            let became = writes
                .links
                .get(code)
                .and_then(|old| old.merged_into.clone());
            writes.relink(GuestLink {
                merged_into: became,
                ..link(&guest, code.clone(), member)
            });
            if let Some(member) = member {
                writes.moves.insert(code.clone(), member);
                writes.lead(code, member);
            }
        }
        if let Some(member) = member {
            writes.facts.insert(member, facts(&guest));
        }
        let taken = self.write_taken(tx, writes, actor, None, now).await?;
        let member = taken.facts.first().map(|(id, _)| *id);
        let stays = match member {
            Some(member) => self.release(tx, &review.new.subject, member, now).await?,
            None => self.drop_waiting(tx, &review.new.subject).await?,
        };
        self.close(tx, actor, review, decision, member, now).await?;
        Ok(Decided {
            member,
            facts: member.map(|_| facts(&guest)),
            stays,
        })
    }

    async fn close(
        &self,
        tx: &mut dyn PmsTx,
        actor: &Actor,
        review: Review,
        decision: ReviewDecision,
        member: Option<MemberId>,
        now: DateTime<Utc>,
    ) -> Result<(), MemberError> {
        let entry = AuditEntry::new(
            actor,
            now,
            "pms_review.decided",
            "pms_review",
            review.id.get(),
        );
        let entry = entry
            .with("decision", decision.as_str())
            .with("reason", review.new.reason.as_str())
            .with("member_id", member.map(MemberId::get));
        tx.audit().record(entry).await?;
        let by = match actor {
            Actor::User { id } => Some(*id),
            _ => None,
        };
        let settled = Review {
            status: ReviewStatus::Decided,
            // A stay without a guest's key is known by its review alone: then the new member is
            // whose it is.
            decision: Some(match (decision, member) {
                (ReviewDecision::New, Some(member))
                    if matches!(review.new.subject, ReviewSubject::Stay(_)) =>
                {
                    ReviewDecision::Member(member)
                }
                (decision, _) => decision,
            }),
            decided_member: member,
            decided_by: by,
            decided_at: Some(now),
            ..review
        };
        Ok(tx.pms().settle_review(&settled).await?)
    }

    /// Gives the stays that waited for a subject to a member; answers how many.
    pub(super) async fn release(
        &self,
        tx: &mut dyn PmsTx,
        subject: &ReviewSubject,
        member: MemberId,
        now: DateTime<Utc>,
    ) -> Result<u64, MemberError> {
        let mut released = 0;
        loop {
            let kept = tx.pms().take_waiting(subject, STAYS_AT_ONCE).await?;
            let numbers: Vec<String> = kept.iter().map(|stay| stay.order_number.clone()).collect();
            let known = tx.pms().stays(&numbers).await?;
            // A run may have stored a later state meanwhile.
            let is_old = |stay: &SyncedStay| {
                known.iter().any(|known| {
                    known.stay.order_number == stay.order_number
                        && known.stay.updated_at >= stay.updated_at
                })
            };
            let mut stays: Vec<SyncedStay> = kept
                .iter()
                .map(|kept| kept.opened(&*self.vault).of(member))
                .collect();
            stays.retain(|stay| !is_old(stay));
            tx.pms().put_stays(&stays, now).await?;
            released += stays.len() as u64;
            if kept.len() < STAYS_AT_ONCE as usize {
                return Ok(released);
            }
        }
    }

    pub(super) async fn drop_waiting(
        &self,
        tx: &mut dyn PmsTx,
        subject: &ReviewSubject,
    ) -> Result<u64, MemberError> {
        while tx.pms().take_waiting(subject, STAYS_AT_ONCE).await?.len() == STAYS_AT_ONCE as usize {
        }
        Ok(0)
    }

    /// The question about a subject is none any more.
    pub(super) async fn settle_by_itself(
        &self,
        tx: &mut dyn PmsTx,
        subject: &ReviewSubject,
        now: DateTime<Utc>,
    ) -> Result<(), MemberError> {
        for review in tx.pms().reviews_of(std::slice::from_ref(subject)).await? {
            if review.status == ReviewStatus::Open {
                let settled = Review {
                    status: ReviewStatus::Settled,
                    decided_at: Some(now),
                    ..review
                };
                tx.pms().settle_review(&settled).await?;
            }
        }
        Ok(())
    }
}

/// Without a time of change: the guest's next row is told again, whatever the review was asked by.
fn link(guest: &PmsGuest, code: GuestCode, member: Option<MemberId>) -> GuestLink {
    GuestLink {
        code,
        state: if member.is_some() {
            LinkState::Linked
        } else {
            LinkState::Ignored
        },
        member,
        is_decided: true,
        updated_at: None,
        facts: facts(guest),
        merged_into: None,
    }
}

fn facts(guest: &PmsGuest) -> PmsFacts {
    PmsFacts {
        visits: guest.visits,
        vip: guest.vip,
    }
}
