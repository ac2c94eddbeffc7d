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

/// Tags on many members by a few statements, however many they are. The tags are locked by the
/// caller, so that nobody else puts them on or takes them off meanwhile; counters of tags follow
/// in the same statements. Only the database has it: a filter is a question.
#[async_trait]
pub trait BulkTagRepository: Send {
    /// Those of `members` who do not exist, in ascending order.
    ///
    /// # Errors
    /// The storage's.
    async fn missing_members(&mut self, members: &[MemberId]) -> Result<Vec<MemberId>, StoreError>;

    /// How many members it is about.
    ///
    /// # Errors
    /// The storage's.
    async fn count(&mut self, whom: &BulkWhom) -> Result<u64, StoreError>;

    /// Puts a tag on everybody who does not wear it, with a line in the trigger log each
    /// (source manual, not counted). Answers how many they were.
    ///
    /// # Errors
    /// The storage's.
    async fn put_on(
        &mut self,
        whom: &BulkWhom,
        tag: &Tag,
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError>;

    /// Takes all these tags off everybody at once: whom it is about is asked before any of them
    /// is gone. Answers how many were taken off.
    ///
    /// # Errors
    /// The storage's.
    async fn take_off(&mut self, whom: &BulkWhom, tags: &[TagId]) -> Result<u64, StoreError>;
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

    /// Puts tags on and takes tags off, all of it or nothing. Putting on comes first: it makes
    /// nobody match who did not, so that whom it is about stays the same.
    ///
    /// # Errors
    /// `Invalid` with every field at fault, or the store's.
    pub async fn tag(&self, actor: &Actor, command: &BulkTags) -> Result<BulkTagged, TagError> {
        check(command)?;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let wanted: Vec<TagId> = BTreeSet::from_iter(command.add.iter().chain(&command.remove))
            .into_iter()
            .copied()
            .collect();
        // In the order of their ids, as everybody locks them.
        let tags = tx.tags().find_many(&wanted).await?;
        let mut problems = Problems::default();
        for (field, ids) in [("add", &command.add), ("remove", &command.remove)] {
            for (place, id) in ids.iter().enumerate() {
                let known = tags.iter().any(|tag| tag.id() == *id);
                problems.check(known, &format!("{field}[{place}]"), "does not exist");
            }
        }
        if let BulkWhom::Members(members) = &command.whom {
            for missing in tx.bulk_tags().missing_members(members).await? {
                let places = members.iter().enumerate();
                for (place, _) in places.filter(|(_, id)| **id == missing) {
                    problems.add(format!("member_ids[{place}]"), "does not exist");
                }
            }
        }
        problems.into_result().map_err(TagError::Invalid)?;

        let mut tagged = BulkTagged {
            members: tx.bulk_tags().count(&command.whom).await?,
            ..BulkTagged::default()
        };
        for tag in tags.iter().filter(|tag| command.add.contains(&tag.id())) {
            tagged.added += tx.bulk_tags().put_on(&command.whom, tag, now).await?;
        }
        if !command.remove.is_empty() {
            let taken = tx.bulk_tags().take_off(&command.whom, &command.remove);
            tagged.removed = taken.await?;
        }
        if tagged.added + tagged.removed > 0 {
            tx.audit()
                .record(entry(actor, now, command, tagged))
                .await?;
        }
        tx.commit().await?;
        Ok(tagged)
    }
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
                *filter != MemberFilter::default(),
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
