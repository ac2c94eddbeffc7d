use super::super::{
    GuestCode, GuestLink, KeptStay, LinkState, NewReview, PmsGuest, ReviewSubject, SyncRun,
    SyncedStay,
};
use super::Taken;
use super::guests::target_of;
use super::known::Known;
use crate::{MemberError, Members, PmsTx};
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, AuditEntry, MemberId, SyncRunId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a page comes to, before any of it is written.
#[derive(Default)]
pub(super) struct Writes {
    pub(super) known: Known,
    pub(super) links: BTreeMap<GuestCode, GuestLink>,
    /// The links that changed.
    pub(super) relinked: BTreeSet<GuestCode>,
    /// Stays that follow their guest to another member.
    pub(super) moves: BTreeMap<GuestCode, MemberId>,
    pub(super) asks: BTreeMap<String, NewReview>,
    pub(super) stays: BTreeMap<String, SyncedStay>,
    pub(super) waiting: BTreeMap<String, (ReviewSubject, KeptStay)>,
    /// Stays whose question is none any more.
    pub(super) answered: BTreeSet<ReviewSubject>,
    /// Guests whose question is none any more.
    pub(super) cleared: BTreeMap<GuestCode, MemberId>,
    pub(super) taken: Taken,
    pub(super) facts: BTreeMap<MemberId, super::super::PmsFacts>,
}

impl Writes {
    /// Puts a link in the place of the one before.
    pub(super) fn relink(&mut self, link: GuestLink) {
        if self.links.get(&link.code) == Some(&link) {
            return;
        }
        self.relinked.insert(link.code.clone());
        self.links.insert(link.code.clone(), link);
    }

    /// A link that was made before it was kept whom its guest became learns it from the same row.
    pub(super) fn learn_target(&mut self, link: &GuestLink, guest: &PmsGuest) {
        if link.updated_at != Some(guest.updated_at) || link.merged_into.is_some() {
            return;
        }
        self.relink(GuestLink {
            merged_into: target_of(guest, &link.code),
            ..link.clone()
        });
    }

    /// Guests who turned out to be this one go where it goes, with their stays, and so do those
    /// who turned out to be one of them. Of whom a person said whose they are stays there.
    pub(super) fn lead(&mut self, code: &GuestCode, to: MemberId) {
        let mut leaders = vec![code.clone()];
        while let Some(leader) = leaders.pop() {
            let follows = |link: &&GuestLink| {
                link.merged_into.as_ref() == Some(&leader)
                    && link.state == LinkState::Linked
                    && !link.is_decided
                    && link.member != Some(to)
            };
            let followers: Vec<GuestLink> = self.links.values().filter(follows).cloned().collect();
            for link in followers {
                self.moves.insert(link.code.clone(), to);
                leaders.push(link.code.clone());
                self.relink(GuestLink {
                    member: Some(to),
                    ..link
                });
            }
        }
    }
}

/// Provisional ids made real.
struct Ids(HashMap<MemberId, MemberId>);

impl Ids {
    fn real(&self, id: MemberId) -> MemberId {
        self.0.get(&id).copied().unwrap_or(id)
    }
}

impl Members {
    /// Writes everything down; answers what became of the page. `by` and `run` stand in the
    /// audit log.
    pub(super) async fn write_taken(
        &self,
        tx: &mut dyn PmsTx,
        mut writes: Writes,
        by: &Actor,
        run: Option<SyncRunId>,
        now: DateTime<Utc>,
    ) -> Result<Taken, MemberError> {
        let entry = |action, id: MemberId| {
            let entry = AuditEntry::new(by, now, action, "member", id.get());
            match run {
                Some(run) => entry.with("sync_run_id", run.get()),
                None => entry,
            }
        };
        let new = writes.known.newcomers();
        let stored = tx.members().insert_many(&new).await?;
        let mut entries = Vec::new();
        for (new, id) in new.iter().zip(&stored) {
            entries.push(entry("member.created", *id).born(self.facts(new.record())));
        }
        let ids = Ids(writes
            .known
            .newcomer_ids()
            .into_iter()
            .zip(stored)
            .collect());
        for (old, member) in writes.known.changed() {
            tx.members().update(&member).await?;
            let entry = entry("member.updated", member.id());
            entries.push(self.with_changes(entry, &old, member.record()));
        }
        let links: Vec<GuestLink> = writes
            .links
            .values()
            .filter(|link| writes.relinked.contains(&link.code))
            .map(|link| GuestLink {
                member: link.member.map(|id| ids.real(id)),
                ..link.clone()
            })
            .collect();
        tx.pms().put_links(&links).await?;
        for (code, member) in &writes.moves {
            let to = ids.real(*member);
            let moved = tx.pms().move_stays(code, to).await?;
            if moved > 0 {
                entries.push(entry("member.stays_moved", to).with("stays", moved));
            }
        }
        for review in writes.asks.values_mut() {
            for id in &mut review.candidates {
                *id = ids.real(*id);
            }
            review.candidates.sort_unstable();
        }
        let asks: Vec<NewReview> = writes.asks.into_values().collect();
        tx.pms().ask_many(&asks).await?;
        let stays: Vec<SyncedStay> = writes
            .stays
            .into_values()
            .map(|stay| SyncedStay {
                member: ids.real(stay.member),
                ..stay
            })
            .collect();
        tx.pms().put_stays(&stays, now).await?;
        for subject in &writes.answered {
            self.settle_by_itself(tx, subject, now).await?;
            self.drop_waiting(tx, subject).await?;
        }
        let waiting: Vec<(ReviewSubject, KeptStay)> = writes.waiting.into_values().collect();
        tx.pms().keep_waiting(&waiting).await?;
        for (code, member) in writes.cleared {
            let subject = ReviewSubject::Guest(code);
            self.settle_by_itself(tx, &subject, now).await?;
            self.release(tx, &subject, ids.real(member), now).await?;
        }
        tx.audit().record_many(entries).await?;
        let facts = writes.facts.into_iter();
        writes.taken.facts = facts.map(|(id, facts)| (ids.real(id), facts)).collect();
        Ok(writes.taken)
    }

    /// The rows of a run speak in the name of whoever asked for it.
    pub(super) fn actor_of(run: &SyncRun) -> Actor {
        let by = run.new.requested_by;
        by.map_or(Actor::System, |id| Actor::User { id })
    }
}
