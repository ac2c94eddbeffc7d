use super::super::{
    GuestCode, GuestKeys, GuestLink, KnownStay, LinkState, Match, NewReview, PmsFacts, PmsGuest,
    PmsRow, PmsStay, Review, ReviewDecision, ReviewStatus, ReviewSubject, RowSays, SyncRun,
    SyncedStay,
};
use super::Taken;
use super::guests::{note_fault, note_faults};
use super::known::keys_of;
use super::writes::Writes;
use crate::{MemberError, Members, PmsTx, StaySource};
use chrono::{DateTime, Utc};
use crm_kernel::MemberId;
use std::collections::HashMap;

/// What a row lacks whose guest nobody can know.
const NOBODY: &str = "no guest is named whom the stay could belong to";

/// Whose a stay is.
enum Whose {
    Member(MemberId),
    Waiting(ReviewSubject),
    Ignored,
    Nobody,
}

/// What is stored about the stays of a page.
struct Page {
    stays: HashMap<String, KnownStay>,
    reviews: HashMap<ReviewSubject, Review>,
}

impl Members {
    /// Takes a page of stays over in this unit of work. A stay whose guest waits for a decision
    /// waits with them. The run is locked by the caller, and counted by them.
    ///
    /// # Errors
    /// As [`take_guests_in`](Self::take_guests_in).
    pub async fn take_stays_in(
        &self,
        tx: &mut dyn PmsTx,
        run: &SyncRun,
        rows: &[PmsRow<PmsStay>],
        now: DateTime<Utc>,
    ) -> Result<Taken, MemberError> {
        let stays: Vec<&PmsStay> = rows.iter().filter_map(row_of).collect();
        let codes = stays.iter().filter_map(|stay| stay.guest.code.clone());
        let mut writes = Writes::default();
        self.read_links(tx, &mut writes, codes.collect()).await?;
        // Only guests never heard of are looked for among the members.
        let strangers: Vec<&PmsGuest> = stays
            .iter()
            .map(|stay| &stay.guest)
            .filter(|guest| {
                guest
                    .code
                    .as_ref()
                    .is_none_or(|code| !writes.links.contains_key(code))
            })
            .collect();
        let keys = keys_of(&strangers, &*self.vault);
        self.read_members(tx, &mut writes, &keys).await?;
        let page = self.page_of(tx, &stays).await?;
        for (place, row) in rows.iter().enumerate() {
            note_faults(&mut writes.taken, place, row);
            match &row.says {
                RowSays::Row(stay) => {
                    let wrong = self.take_stay(&mut writes, &page, run, stay, now)?;
                    note_fault(&mut writes.taken, place, &row.key, wrong);
                }
                RowSays::Nothing => writes.taken.counts.ignored += 1,
                RowSays::Bad(_) => writes.taken.counts.failed += 1,
            }
        }
        let by = Self::actor_of(run);
        self.write_taken(tx, writes, &by, Some(run.id), now).await
    }

    async fn page_of(&self, tx: &mut dyn PmsTx, stays: &[&PmsStay]) -> Result<Page, MemberError> {
        let subjects: Vec<ReviewSubject> = stays
            .iter()
            .map(|stay| ReviewSubject::Stay(stay.order_number.clone()))
            .collect();
        let reviews = tx.pms().reviews_of(&subjects).await?;
        let orders: Vec<String> = stays.iter().map(|stay| stay.order_number.clone()).collect();
        let known = tx.pms().stays(&orders).await?;
        Ok(Page {
            stays: known
                .into_iter()
                .map(|known| (known.stay.order_number.clone(), known))
                .collect(),
            reviews: reviews
                .into_iter()
                .map(|review| (review.new.subject.clone(), review))
                .collect(),
        })
    }

    /// One stay; answers what is wrong with the row.
    fn take_stay(
        &self,
        writes: &mut Writes,
        page: &Page,
        run: &SyncRun,
        stay: &PmsStay,
        now: DateTime<Utc>,
    ) -> Result<Option<&'static str>, MemberError> {
        let stored = page.stays.get(&stay.order_number);
        let is_new = stored.is_none();
        let stored = stored.filter(|known| known.source == StaySource::Pms);
        let last = writes.stays.get(&stay.order_number);
        let last = last.or_else(|| stored.map(|known| &known.stay)).cloned();
        // Of one moment the row may say something else: a check-in need not leave a time of
        // change, and with the day passes what a status means.
        if last
            .as_ref()
            .is_some_and(|last| last.updated_at > stay.updated_at)
        {
            writes.taken.counts.unchanged += 1;
            return Ok(None);
        }
        let whose = self.whose(writes, page, run, stay, now)?;
        note_answered(writes, page, &stay.order_number, &whose);
        match whose {
            Whose::Nobody => return Ok(Some(NOBODY)),
            Whose::Ignored => writes.taken.counts.ignored += 1,
            Whose::Waiting(subject) => {
                let kept = stay.kept(&*self.vault)?;
                let older = writes.waiting.get(&stay.order_number);
                if older.is_none_or(|(_, older)| older.updated_at < stay.updated_at) {
                    writes
                        .waiting
                        .insert(stay.order_number.clone(), (subject, kept));
                }
                writes.taken.counts.review += 1;
            }
            Whose::Member(member) => {
                let new = with_known(stay.of(member), last.as_ref());
                if last.as_ref() == Some(&new) {
                    writes.taken.counts.unchanged += 1;
                    return Ok(None);
                }
                match &last {
                    Some(last) if says_the_same(&new, last) => writes.taken.counts.unchanged += 1,
                    None if is_new => writes.taken.counts.created += 1,
                    // Also a stay that staff had written down.
                    Some(_) | None => writes.taken.counts.updated += 1,
                }
                writes.stays.insert(stay.order_number.clone(), new);
            }
        }
        Ok(None)
    }

    fn whose(
        &self,
        writes: &mut Writes,
        page: &Page,
        run: &SyncRun,
        stay: &PmsStay,
        now: DateTime<Utc>,
    ) -> Result<Whose, MemberError> {
        let subject = match &stay.guest.code {
            Some(code) => {
                if let Some(link) = writes.links.get(code) {
                    return Ok(match (link.state, link.member) {
                        _ if link.is_passed_over() => Whose::Ignored,
                        (LinkState::Linked, Some(member)) => Whose::Member(member),
                        _ => Whose::Waiting(ReviewSubject::Guest(code.clone())),
                    });
                }
                ReviewSubject::Guest(code.clone())
            }
            None => {
                // Who has it keeps it: the row names nobody who could take it away.
                if let Some(known) = page.stays.get(&stay.order_number) {
                    return Ok(Whose::Member(known.stay.member));
                }
                let subject = ReviewSubject::Stay(stay.order_number.clone());
                let review = page.reviews.get(&subject);
                if let Some(decided) = review.filter(|r| r.status == ReviewStatus::Decided) {
                    match decided.decision {
                        Some(ReviewDecision::Ignore) => return Ok(Whose::Ignored),
                        Some(ReviewDecision::Member(id)) => return Ok(Whose::Member(id)),
                        Some(ReviewDecision::New) | None => {}
                    }
                }
                subject
            }
        };
        let keys = GuestKeys::of(&stay.guest, &*self.vault);
        let member = match writes.known.find(&keys, None) {
            Match::Nobody => return Ok(Whose::Nobody),
            Match::PassedOver => return Ok(Whose::Ignored),
            Match::Review(reason, candidates) => {
                let review = NewReview {
                    subject: subject.clone(),
                    reason,
                    guest: stay.guest.kept(&*self.vault)?,
                    candidates,
                    run: run.id,
                    at: now,
                };
                writes.asks.insert(subject.key(), review);
                if let Some(code) = &stay.guest.code {
                    writes.relink(link_by_stay(code, LinkState::Review, None));
                }
                return Ok(Whose::Waiting(subject));
            }
            Match::Member(id) => id,
            Match::New => self.born(writes, &stay.guest, &keys, now)?,
        };
        if let Some(code) = &stay.guest.code {
            writes.relink(link_by_stay(code, LinkState::Linked, Some(member)));
        }
        Ok(Whose::Member(member))
    }
}

/// Whether only the time of change differs.
fn says_the_same(new: &SyncedStay, last: &SyncedStay) -> bool {
    let as_old = SyncedStay {
        updated_at: last.updated_at,
        ..new.clone()
    };
    as_old == *last
}

/// What the row says, and where it says nothing what was known.
fn with_known(new: SyncedStay, last: Option<&SyncedStay>) -> SyncedStay {
    let Some(last) = last else {
        return new;
    };
    let code = last
        .guest_code
        .clone()
        .filter(|_| last.member == new.member);
    SyncedStay {
        guest_code: new.guest_code.or(code),
        room_type: new.room_type.or_else(|| last.room_type.clone()),
        booked_at: new.booked_at.or(last.booked_at),
        ..new
    }
}

/// The question whose a stay is has its answer once a row tells, or asks about the guest instead.
fn note_answered(writes: &mut Writes, page: &Page, order: &str, whose: &Whose) {
    let subject = ReviewSubject::Stay(order.to_owned());
    let is_open = |review: &Review| review.status == ReviewStatus::Open;
    let is_answered = match whose {
        Whose::Member(_) | Whose::Ignored => true,
        Whose::Waiting(now) => *now != subject,
        Whose::Nobody => false,
    };
    if is_answered && page.reviews.get(&subject).is_some_and(is_open) {
        writes.answered.insert(subject);
    }
}

/// A link made by a stay: whatever the guest's own row says is news.
fn link_by_stay(code: &GuestCode, state: LinkState, member: Option<MemberId>) -> GuestLink {
    GuestLink {
        code: code.clone(),
        state,
        member,
        is_decided: false,
        updated_at: None,
        facts: PmsFacts::default(),
        merged_into: None,
    }
}

fn row_of(row: &PmsRow<PmsStay>) -> Option<&PmsStay> {
    match &row.says {
        RowSays::Row(stay) => Some(stay),
        _ => None,
    }
}
