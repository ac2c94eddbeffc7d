use super::super::{
    GuestCode, GuestKeys, GuestLink, LinkState, Match, NewReview, PmsFacts, PmsGuest, PmsRow,
    ReviewReason, ReviewSubject, RowSays, SyncFault, SyncRun, said_by_pms,
};
use super::Taken;
use super::known::keys_of;
use super::writes::Writes;
use crate::{CandidateKeys, MemberError, MemberRecord, MemberSource, Members, PmsTx};
use chrono::{DateTime, Utc};
use crm_kernel::MemberId;
use std::collections::BTreeSet;

/// What a row lacks that is nobody's.
const NOBODY: &str = "neither id number, phone, nor name by which the guest can be known";

impl Members {
    /// Takes a page of guests over in this unit of work: whose each row is, which values win,
    /// what waits for a person. The run is locked by the caller, and counted by them.
    ///
    /// # Errors
    /// `member_duplicate` or the store's `Busy` when somebody else wrote the same member
    /// meanwhile: the page is to be taken again in a unit of work of its own. Else the store's.
    pub async fn take_guests_in(
        &self,
        tx: &mut dyn PmsTx,
        run: &SyncRun,
        rows: &[PmsRow<PmsGuest>],
        now: DateTime<Utc>,
    ) -> Result<Taken, MemberError> {
        let guests: Vec<&PmsGuest> = rows.iter().filter_map(row_of).collect();
        let codes = guests
            .iter()
            .flat_map(|guest| guest.code.iter().chain(&guest.merged_into));
        let codes = with_followers(tx, codes.cloned().collect()).await?;
        let keys = keys_of(&guests, &*self.vault);
        let mut writes = Writes::default();
        self.read_links(tx, &mut writes, codes).await?;
        self.read_members(tx, &mut writes, &keys).await?;
        for (place, row) in rows.iter().enumerate() {
            note_faults(&mut writes.taken, place, row);
            match &row.says {
                RowSays::Row(guest) => {
                    let wrong = self.take_guest(&mut writes, run, guest, now)?;
                    note_fault(&mut writes.taken, place, &row.key, wrong);
                }
                RowSays::Nothing => writes.taken.counts.ignored += 1,
                RowSays::Bad(_) => writes.taken.counts.failed += 1,
            }
        }
        let by = Self::actor_of(run);
        self.write_taken(tx, writes, &by, Some(run.id), now).await
    }

    /// Reads what became of some guests before, locked.
    pub(super) async fn read_links(
        &self,
        tx: &mut dyn PmsTx,
        writes: &mut Writes,
        mut codes: Vec<GuestCode>,
    ) -> Result<(), MemberError> {
        codes.sort_unstable();
        codes.dedup();
        let links = tx.pms().links(&codes).await?;
        writes.links = links.into_iter().map(|l| (l.code.clone(), l)).collect();
        Ok(())
    }

    /// Reads the members whom these links lead to, and who have one of the keys, locked.
    pub(super) async fn read_members(
        &self,
        tx: &mut dyn PmsTx,
        writes: &mut Writes,
        keys: &CandidateKeys,
    ) -> Result<(), MemberError> {
        let links = writes.links.values();
        let mut linked: Vec<MemberId> = links.filter_map(|link| link.member).collect();
        linked.sort_unstable();
        linked.dedup();
        for member in tx.pms().members(&linked).await? {
            writes.known.stored(member);
        }
        for member in tx.imports().candidates(keys).await? {
            writes.known.stored(member);
        }
        Ok(())
    }

    /// One guest; answers what is wrong with the row.
    fn take_guest(
        &self,
        writes: &mut Writes,
        run: &SyncRun,
        guest: &PmsGuest,
        now: DateTime<Utc>,
    ) -> Result<Option<&'static str>, MemberError> {
        let Some(code) = &guest.code else {
            return Ok(Some(NOBODY));
        };
        let link = writes.links.get(code).cloned();
        if let Some(link) = &link {
            if link.is_passed_over() {
                writes.taken.counts.ignored += 1;
                return Ok(None);
            }
            if link
                .updated_at
                .is_some_and(|known| known >= guest.updated_at)
            {
                match link.state {
                    LinkState::Review => writes.taken.counts.review += 1,
                    _ => writes.taken.counts.unchanged += 1,
                }
                writes.learn_target(link, guest);
                return Ok(None);
            }
        }
        // What a person said stays, whatever the other system makes of it later.
        let is_decided = link.as_ref().is_some_and(|link| link.is_decided);
        if !is_decided && is_merged_away(writes, guest) {
            writes.taken.counts.ignored += 1;
            return Ok(None);
        }
        if let Some(member) = merged_into(writes, guest).filter(|_| !is_decided) {
            self.follow(writes, code, member, guest);
            return Ok(None);
        }
        let keys = GuestKeys::of(guest, &*self.vault);
        let member = match writes.known.find(&keys, link.as_ref()) {
            Match::Nobody => return Ok(Some(NOBODY)),
            Match::PassedOver => {
                writes.taken.counts.ignored += 1;
                return Ok(None);
            }
            Match::Review(reason, candidates) => {
                // Whose they were is remembered: a later row is measured by that member.
                let before = link.as_ref().and_then(|link| link.member);
                let link = link_to(guest, code, LinkState::Review, before, link.as_ref());
                writes.relink(link);
                self.ask(writes, run, guest, reason, candidates, now)?;
                writes.taken.counts.review += 1;
                return Ok(None);
            }
            Match::Member(id) => {
                let is_changed = self.tell(writes, id, guest, &keys, now)?;
                let is_news = link.as_ref().is_none_or(|l| l.member != Some(id));
                if is_changed || is_news {
                    writes.taken.counts.updated += 1;
                } else {
                    writes.taken.counts.unchanged += 1;
                }
                id
            }
            Match::New => {
                writes.taken.counts.created += 1;
                self.born(writes, guest, &keys, now)?
            }
        };
        if link.as_ref().is_some_and(|l| l.state == LinkState::Review) {
            writes.cleared.insert(code.clone(), member);
            writes
                .asks
                .remove(&ReviewSubject::Guest(code.clone()).key());
            writes.moves.insert(code.clone(), member);
        }
        let new = link_to(guest, code, LinkState::Linked, Some(member), link.as_ref());
        writes.relink(new);
        writes.lead(code, member);
        if let Some(target) = &guest.merged_into
            && !writes.links.contains_key(target)
        {
            // The guest they turned out to be is the same person; its own row may come later.
            writes.relink(GuestLink {
                updated_at: None,
                ..link_to(guest, target, LinkState::Linked, Some(member), None)
            });
        }
        note_facts(writes, member, guest);
        Ok(None)
    }

    /// A guest who turned out to be another, whose member is known: the link and the stays follow,
    /// and no member is deleted.
    fn follow(&self, writes: &mut Writes, code: &GuestCode, to: MemberId, guest: &PmsGuest) {
        let old = writes.links.get(code).cloned();
        if old.as_ref().and_then(|link| link.member) == Some(to) {
            writes.taken.counts.unchanged += 1;
        } else {
            writes.moves.insert(code.clone(), to);
            writes.taken.counts.updated += 1;
        }
        if old.as_ref().is_some_and(|l| l.state == LinkState::Review) {
            writes.cleared.insert(code.clone(), to);
        }
        let link = link_to(guest, code, LinkState::Linked, Some(to), old.as_ref());
        writes.relink(link);
        writes.lead(code, to);
    }

    /// Has a member know what a row says; answers whether anything was new.
    pub(super) fn tell(
        &self,
        writes: &mut Writes,
        id: MemberId,
        guest: &PmsGuest,
        keys: &GuestKeys,
        now: DateTime<Utc>,
    ) -> Result<bool, MemberError> {
        let Some(member) = writes.known.get(id) else {
            return Ok(false);
        };
        let mut member = member.clone();
        let is_free = member.record().id_number.is_none()
            && !writes.known.number_taken(&keys.id_indexes, Some(id));
        let sealed = match &guest.id_number {
            Some(number) if is_free => Some(self.vault.seal(number)?),
            _ => None,
        };
        let record = said_by_pms(guest, sealed, member.record().clone());
        let is_changed = member.become_record(record, now);
        if is_changed {
            writes.known.put(member);
        }
        Ok(is_changed)
    }

    /// Somebody new by what a row says; answers the provisional id.
    pub(super) fn born(
        &self,
        writes: &mut Writes,
        guest: &PmsGuest,
        keys: &GuestKeys,
        now: DateTime<Utc>,
    ) -> Result<MemberId, MemberError> {
        let is_free = !writes.known.number_taken(&keys.id_indexes, None);
        let sealed = match &guest.id_number {
            Some(number) if is_free => Some(self.vault.seal(number)?),
            _ => None,
        };
        let empty = MemberRecord::of_source(MemberSource::Crm, now);
        Ok(writes.known.born(said_by_pms(guest, sealed, empty)))
    }

    /// Asks a person whose a guest is.
    pub(super) fn ask(
        &self,
        writes: &mut Writes,
        run: &SyncRun,
        guest: &PmsGuest,
        reason: ReviewReason,
        candidates: Vec<MemberId>,
        now: DateTime<Utc>,
    ) -> Result<(), MemberError> {
        let Some(code) = &guest.code else {
            return Ok(());
        };
        let review = NewReview {
            subject: ReviewSubject::Guest(code.clone()),
            reason,
            guest: guest.kept(&*self.vault)?,
            candidates,
            run: run.id,
            at: now,
        };
        writes.cleared.remove(code);
        writes.asks.insert(review.subject.key(), review);
        Ok(())
    }
}

fn row_of(row: &PmsRow<PmsGuest>) -> Option<&PmsGuest> {
    match &row.says {
        RowSays::Row(guest) => Some(guest),
        _ => None,
    }
}

/// The codes, and those of guests who turned out to be one of them, however long ago: where one
/// goes they all go.
pub(super) async fn with_followers(
    tx: &mut dyn PmsTx,
    codes: Vec<GuestCode>,
) -> Result<Vec<GuestCode>, MemberError> {
    let mut all: BTreeSet<GuestCode> = codes.iter().cloned().collect();
    let mut latest = codes;
    while !latest.is_empty() {
        latest = tx.pms().merged_into(&latest).await?;
        // Some hotel may have said of two guests that each is the other.
        latest.retain(|code| all.insert(code.clone()));
    }
    Ok(all.into_iter().collect())
}

/// Whether the guest turned out to be one whose rows are passed over.
fn is_merged_away(writes: &Writes, guest: &PmsGuest) -> bool {
    let target = guest.merged_into.as_ref();
    let link = target.and_then(|target| writes.links.get(target));
    link.is_some_and(GuestLink::is_passed_over)
}

/// The member of the guest that this one turned out to be.
fn merged_into(writes: &Writes, guest: &PmsGuest) -> Option<MemberId> {
    let target = guest.merged_into.as_ref()?;
    if guest.code.as_ref() == Some(target) {
        return None;
    }
    let link = writes.links.get(target)?;
    link.member.filter(|_| link.state == LinkState::Linked)
}

/// The guest that a row says this one turned out to be.
pub(super) fn target_of(guest: &PmsGuest, code: &GuestCode) -> Option<GuestCode> {
    guest.merged_into.clone().filter(|target| target != code)
}

pub(super) fn link_to(
    guest: &PmsGuest,
    code: &GuestCode,
    state: LinkState,
    member: Option<MemberId>,
    old: Option<&GuestLink>,
) -> GuestLink {
    let facts = old.map(|link| link.facts).unwrap_or_default();
    GuestLink {
        code: code.clone(),
        state,
        member,
        is_decided: old.is_some_and(|link| link.is_decided),
        updated_at: Some(guest.updated_at),
        facts: PmsFacts {
            visits: guest.visits.or(facts.visits),
            vip: guest.vip.or(facts.vip),
        },
        merged_into: target_of(guest, code),
    }
}

pub(super) fn note_facts(writes: &mut Writes, member: MemberId, guest: &PmsGuest) {
    if guest.visits.is_some() || guest.vip.is_some() {
        let facts = PmsFacts {
            visits: guest.visits,
            vip: guest.vip,
        };
        writes.facts.insert(member, facts);
    }
}

/// Keeps what reading the row met.
pub(super) fn note_faults<T>(taken: &mut Taken, place: usize, row: &PmsRow<T>) {
    let bad = match &row.says {
        RowSays::Bad(fault) => Some((fault, false)),
        _ => None,
    };
    let warnings = row.warnings.iter().map(|fault| (fault, true));
    for (fault, is_warning) in bad.into_iter().chain(warnings) {
        taken.faults.push(SyncFault {
            row: place as u64 + 1,
            key: cut(&row.key, SyncFault::MAX_KEY_CHARS),
            field: cut(&fault.field, SyncFault::MAX_FIELD_CHARS),
            reason: cut(&fault.reason, SyncFault::MAX_REASON_CHARS),
            is_warning,
        });
    }
}

/// A source may call its rows anything, at any length.
fn cut(text: &str, chars: usize) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(chars)
        .collect()
}

/// Keeps that a row is bad for what it lacks.
pub(super) fn note_fault(taken: &mut Taken, place: usize, key: &str, wrong: Option<&'static str>) {
    let Some(reason) = wrong else {
        return;
    };
    taken.counts.failed += 1;
    taken.faults.push(SyncFault {
        row: place as u64 + 1,
        key: cut(key, SyncFault::MAX_KEY_CHARS),
        field: "guest".to_owned(),
        reason: reason.to_owned(),
        is_warning: false,
    });
}
