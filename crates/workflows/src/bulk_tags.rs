//! Putting tags on many members at once, and taking them off (contract §4).

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, AuditEntry, Clock, MemberId, Problems, StoreError, TagId, Transactions};
use crm_members::MemberFilter;
use crm_tags::{Tag, TagError, TagsTx};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most members that can be named one by one.
pub const MAX_BULK_MEMBERS: usize = 1_000;
/// Most tags to be put on, and most to be taken off.
pub const MAX_BULK_TAGS: usize = 20;
/// Ids of one unit of work.
const AT_ONCE: u32 = 5_000;
/// How often a part is tried again that met another writer.
const TRIES: u32 = 5;

/// Whom it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BulkWhom {
    /// These members.
    Members(Vec<MemberId>),
    /// Everybody whom a list with this filter shows.
    Matching(MemberFilter),
}

/// Tags for many members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkTags {
    /// Who.
    pub whom: BulkWhom,
    /// Tags to put on.
    pub add: Vec<TagId>,
    /// Tags to take off.
    pub remove: Vec<TagId>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkTagged {
    /// How many members it was about.
    pub members: u64,
    /// How often a tag was put on somebody who did not wear it.
    pub added: u64,
    /// How often a tag was taken off somebody who wore it.
    pub removed: u64,
}

/// A unit of work that can tag many members.
pub trait BulkTagsTx: TagsTx {
    /// The members and tags as this unit of work sees them.
    fn bulk_tags(&mut self) -> &mut dyn BulkTagRepository;
}

/// Some of the members whom a filter is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BulkPart {
    /// They, in the order of their ids.
    pub members: Vec<MemberId>,
    /// Up to which id this part goes; `None` when nobody comes after it.
    pub until: Option<MemberId>,
}

/// Tags on many members by a few statements. Use-cases lock the members first, then the tags in
/// the order of their ids, so that nobody else puts them on or takes them off meanwhile; counters
/// of tags follow in the same unit of work. Only the database has it: a filter is a question.
#[async_trait]
pub trait BulkTagRepository: Send {
    /// Locks those of `members` who exist and answers them, each once, in the order of their ids.
    ///
    /// # Errors
    /// The storage's.
    async fn lock_members(&mut self, members: &[MemberId]) -> Result<Vec<MemberId>, StoreError>;

    /// Those whom a list with this filter shows out of the next ids after `after`, which are at
    /// most `ids`. Locks nobody.
    ///
    /// # Errors
    /// The storage's.
    async fn next_part(
        &mut self,
        filter: &MemberFilter,
        after: MemberId,
        ids: u32,
    ) -> Result<BulkPart, StoreError>;

    /// Puts a tag on each of these members who does not wear it, with a line in the trigger log
    /// (source manual, not counted). Answers how many they were.
    ///
    /// # Errors
    /// The storage's.
    async fn put_on(
        &mut self,
        members: &[MemberId],
        tag: &Tag,
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError>;

    /// Takes a tag off each of these members who wears it. Answers how many they were.
    ///
    /// # Errors
    /// The storage's.
    async fn take_off(&mut self, members: &[MemberId], tag: TagId) -> Result<u64, StoreError>;
}

/// Tagging many members.
#[derive(Clone)]
pub struct BulkTagging {
    store: Arc<dyn Transactions<dyn BulkTagsTx>>,
    clock: Arc<dyn Clock>,
}

impl BulkTagging {
    /// Plugs the story into its ports.
    #[must_use]
    pub const fn new(store: Arc<dyn Transactions<dyn BulkTagsTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Puts tags on and takes tags off. Members that are named get it all or nothing. Those of a
    /// filter are gone through part by part, so that nobody else waits for long: each member gets
    /// it all or nothing, and counters are right after each part. What dies half-way leaves the
    /// parts that are through, without the line in the audit log, which comes with the last one;
    /// saying the same again does the rest, as whoever has it already is passed over.
    ///
    /// # Errors
    /// `Invalid` with every field at fault, `ReadOnly`, or the store's.
    pub async fn tag(&self, actor: &Actor, command: &BulkTags) -> Result<BulkTagged, TagError> {
        check(command)?;
        let mut done = Progress::default();
        loop {
            match self.tag_part(actor, command, &mut done).await {
                Ok(()) if done.after.is_none() => return Ok(done.tagged),
                Ok(()) => done.tries = 0,
                Err(TagError::Store(StoreError::Busy(_))) if done.tries < TRIES => done.tries += 1,
                Err(error) => {
                    self.note_stopped(actor, command, done.tagged).await;
                    return Err(error);
                }
            }
        }
    }

    /// The next part in one unit of work; all there is when members are named.
    async fn tag_part(
        &self,
        actor: &Actor,
        command: &BulkTags,
        done: &mut Progress,
    ) -> Result<(), TagError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let part = match &command.whom {
            BulkWhom::Members(members) => BulkPart {
                members: members.clone(),
                until: None,
            },
            BulkWhom::Matching(filter) => {
                let after = done.after.unwrap_or(MemberId::new(0));
                tx.bulk_tags().next_part(filter, after, AT_ONCE).await?
            }
        };
        let members = tx.bulk_tags().lock_members(&part.members).await?;
        let wanted: Vec<TagId> = BTreeSet::from_iter(command.add.iter().chain(&command.remove))
            .into_iter()
            .copied()
            .collect();
        let tags = tx.tags().find_many(&wanted).await?;
        refuse_unknown(command, &members, &tags)?;
        TagError::refuse_read_only(&tags)?;

        let mut tagged = done.tagged;
        tagged.members += members.len() as u64;
        for tag in &tags {
            if command.add.contains(&tag.id()) {
                tagged.added += tx.bulk_tags().put_on(&members, tag, now).await?;
            } else {
                tagged.removed += tx.bulk_tags().take_off(&members, tag.id()).await?;
            }
        }
        if part.until.is_none() && tagged.has_changed() {
            tx.audit()
                .record(entry(actor, now, command, tagged))
                .await?;
        }
        tx.commit().await?;
        done.tagged = tagged;
        done.after = part.until;
        Ok(())
    }

    /// Writes down what was done before it had to stop; what stopped it may stop this too.
    async fn note_stopped(&self, actor: &Actor, command: &BulkTags, tagged: BulkTagged) {
        if !tagged.has_changed() {
            return;
        }
        let entry = entry(actor, self.clock.now(), command, tagged).with("complete", false);
        let written = async {
            let mut tx = self.store.begin().await?;
            tx.audit().record(entry).await?;
            tx.commit().await
        };
        if let Err(error) = written.await {
            tracing::error!(%error, "what was tagged before it stopped is not in the audit log");
        }
    }
}

/// How far it has come.
#[derive(Default)]
struct Progress {
    tagged: BulkTagged,
    after: Option<MemberId>,
    tries: u32,
}

impl BulkTagged {
    const fn has_changed(self) -> bool {
        self.added + self.removed > 0
    }
}

fn refuse_unknown(command: &BulkTags, members: &[MemberId], tags: &[Tag]) -> Result<(), TagError> {
    let mut problems = Problems::default();
    for (field, ids) in [("add", &command.add), ("remove", &command.remove)] {
        for (place, id) in ids.iter().enumerate() {
            let known = tags.iter().any(|tag| tag.id() == *id);
            problems.check(known, &format!("{field}[{place}]"), "does not exist");
        }
    }
    if let BulkWhom::Members(named) = &command.whom {
        for (place, id) in named.iter().enumerate() {
            let known = members.binary_search(id).is_ok();
            problems.check(known, &format!("member_ids[{place}]"), "does not exist");
        }
    }
    problems.into_result().map_err(TagError::Invalid)
}

fn check(command: &BulkTags) -> Result<(), TagError> {
    let mut problems = Problems::default();
    match &command.whom {
        BulkWhom::Members(members) => {
            problems.check(!members.is_empty(), "member_ids", "must not be empty");
            problems.check(
                members.len() <= MAX_BULK_MEMBERS,
                "member_ids",
                "must have at most 1000 entries; use a filter",
            );
        }
        BulkWhom::Matching(filter) => {
            // Everybody at once is more likely a slip than a wish.
            problems.check(
                filter.has_condition(),
                "filter",
                "must have at least one condition",
            );
        }
    }
    let (add, remove) = (&command.add, &command.remove);
    problems.check(
        !add.is_empty() || !remove.is_empty(),
        "add",
        "add or remove must name a tag",
    );
    for (field, tags) in [("add", add), ("remove", remove)] {
        let few = tags.len() <= MAX_BULK_TAGS;
        problems.check(few, field, "must have at most 20 entries");
    }
    for (place, tag) in remove.iter().enumerate() {
        let field = format!("remove[{place}]");
        problems.check(!add.contains(tag), &field, "is to be added as well");
    }
    problems.into_result().map_err(TagError::Invalid)
}

/// What the log keeps: the members who were named, but not the filter, which may say whom
/// somebody looked for.
fn entry(actor: &Actor, at: DateTime<Utc>, command: &BulkTags, done: BulkTagged) -> AuditEntry {
    let ids = |tags: &[TagId]| tags.iter().map(|tag| tag.get()).collect::<Vec<_>>();
    let (by, named) = match &command.whom {
        BulkWhom::Members(members) => ("member_ids", Some(members)),
        BulkWhom::Matching(_) => ("filter", None),
    };
    let named = named.map(|members| members.iter().map(|id| id.get()).collect::<Vec<_>>());
    let entry = AuditEntry::new(actor, at, "members.bulk_tagged", "member", None)
        .with("by", by)
        .with("members", done.members)
        .with("add", ids(&command.add))
        .with("remove", ids(&command.remove))
        .with("added", done.added)
        .with("removed", done.removed);
    match named {
        Some(ids) => entry.with("member_ids", ids),
        None => entry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_log_names_the_members_who_were_named_and_not_who_was_looked_for() {
        let told = |whom| {
            let command = BulkTags {
                whom,
                add: vec![TagId::new(5)],
                remove: Vec::new(),
            };
            let at = DateTime::UNIX_EPOCH;
            entry(&Actor::System, at, &command, BulkTagged::default()).after
        };
        let named = told(BulkWhom::Members(vec![MemberId::new(3), MemberId::new(9)]));
        assert_eq!(named["member_ids"], json!([3, 9]));
        let looked_for = told(BulkWhom::Matching(MemberFilter::default()));
        assert!(!looked_for.contains_key("member_ids"));
    }
}
