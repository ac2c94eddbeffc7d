use super::super::{
    GuestCode, GuestKeys, GuestLink, KnownStay, LinkState, Match, NewReview, PmsFacts, PmsGuest,
    PmsRow, PmsStay, Review, ReviewDecision, ReviewStatus, ReviewSubject, RowSays, SyncRun,
};
use super::Taken;
use super::guests::{note_fault, note_faults};
use super::known::keys_of;
use super::writes::Writes;
use crate::{MemberError, Members, PmsTx, StaySource};
use chrono::{DateTime, Utc};
use crm_kernel::MemberId;
use std::collections::{HashMap, HashSet};

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
        let codes: HashSet<&GuestCode> = stays
            .iter()
            .filter_map(|stay| stay.guest.code.as_ref())
            .collect();
        let mut codes: Vec<GuestCode> = codes.into_iter().cloned().collect();
        codes.sort_unstable();
        let linked = tx.pms().links(&codes).await?;
        let linked: HashSet<GuestCode> = linked.into_iter().map(|link| link.code).collect();
        // Only guests never heard of are looked for among the members.
        let strangers: Vec<&PmsGuest> = stays
            .iter()
            .map(|stay| &stay.guest)
            .filter(|guest| {
                guest
                    .code
                    .as_ref()
                    .is_none_or(|code| !linked.contains(code))
            })
            .collect();
        let keys = keys_of(&strangers, &*self.vault);
        let mut writes = Writes::default();
        self.read_known(tx, &mut writes, codes, &keys).await?;
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
            .filter(|stay| stay.guest.code.is_none())
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
        let known = page.stays.get(&stay.order_number);
        let known = known.filter(|known| known.source == StaySource::Pms);
        let last = writes.stays.get(&stay.order_number);
        let last = last.or_else(|| known.map(|known| &known.stay));
        if last.is_some_and(|last| last.updated_at >= stay.updated_at) {
            writes.taken.counts.unchanged += 1;
            return Ok(None);
        }
        let is_new = !page.stays.contains_key(&stay.order_number)
            && !writes.stays.contains_key(&stay.order_number);
        match self.whose(writes, page, run, stay, now)? {
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
                let new = stay.of(member);
                let mut same = new.clone();
                if let Some(last) = writes
                    .stays
                    .get(&stay.order_number)
                    .or(known.map(|k| &k.stay))
                {
                    same.updated_at = last.updated_at;
                    if same == *last {
                        writes.taken.counts.unchanged += 1;
                    } else {
                        writes.taken.counts.updated += 1;
                    }
                } else if is_new {
                    writes.taken.counts.created += 1;
                } else {
                    writes.taken.counts.updated += 1;
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
                        (LinkState::Linked, Some(member)) => Whose::Member(member),
                        (LinkState::Ignored | LinkState::Erased, _) => Whose::Ignored,
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

/// A link made by a stay: whatever the guest's own row says is news.
fn link_by_stay(code: &GuestCode, state: LinkState, member: Option<MemberId>) -> GuestLink {
    GuestLink {
        code: code.clone(),
        state,
        member,
        is_decided: false,
        updated_at: None,
        facts: PmsFacts::default(),
    }
}

fn row_of(row: &PmsRow<PmsStay>) -> Option<&PmsStay> {
    match &row.says {
        RowSays::Row(stay) => Some(stay),
        _ => None,
    }
}
