use crate::audit;
use crate::{NameScope, NewTag, Tag, TagError, TagKind, TagName, TagRecord, TagSource, TagsTx};
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, MemberId, StoreError, TagId};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a member is to wear a tag that the hotel's own systems keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FedTag {
    /// Who.
    pub member: MemberId,
    /// The tag's name.
    pub name: &'static str,
    /// Whether they are to wear it.
    pub is_worn: bool,
}

/// What feeding changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fed {
    /// How often a tag was put on.
    pub put_on: u64,
    /// How often a tag was taken off.
    pub taken_off: u64,
}

/// What follows a name that staff use for a tag of their own.
const OTHER_NAME: &str = "（PMS）";

/// Puts tags of source `api` on many members and takes them off, as part of a larger unit of
/// work that has locked those members. A tag is made when somebody is to wear it first; a member
/// tag of staff's own with the name is left alone, and `<name>（PMS）` stands in. Of two words on
/// one member and name the later counts. Nothing is written to the trigger log: nobody triggered
/// anything.
///
/// # Errors
/// `tag_invalid` for a name that no tag may have, or the store's.
pub async fn feed_tags(
    tx: &mut dyn TagsTx,
    wanted: &[FedTag],
    now: DateTime<Utc>,
) -> Result<Fed, TagError> {
    let wanted: BTreeMap<(&'static str, MemberId), bool> = wanted
        .iter()
        .map(|fed| ((fed.name, fed.member), fed.is_worn))
        .collect();
    let names: BTreeSet<&'static str> = wanted.keys().map(|(name, _)| *name).collect();
    let mut tags = find(tx, &names).await?;
    for name in names {
        let is_new = !tags.contains_key(name);
        if is_new && wanted.iter().any(|((n, _), worn)| *n == name && *worn) {
            let tag = make(tx, name, now).await?;
            tags.insert(name, tag);
        }
    }
    let members: BTreeSet<MemberId> = wanted.keys().map(|(_, member)| *member).collect();
    let members: Vec<MemberId> = members.into_iter().collect();
    let ids: Vec<TagId> = tags.values().copied().collect();
    let worn = tx.tags().worn_among(&members, &ids).await?;
    let worn: BTreeSet<(MemberId, TagId)> = worn.into_iter().collect();

    let (mut on, mut off) = (Vec::new(), Vec::new());
    for ((name, member), is_worn) in wanted {
        let Some(tag) = tags.get(name) else {
            continue;
        };
        match (is_worn, worn.contains(&(member, *tag))) {
            (true, false) => on.push((member, *tag)),
            (false, true) => off.push((member, *tag)),
            _ => {}
        }
    }
    Ok(Fed {
        put_on: tx.tags().wear(&on, now).await?,
        taken_off: tx.tags().take_off(&off).await?,
    })
}

/// The tags of source `api` that stand for these names.
async fn find(
    tx: &mut dyn TagsTx,
    names: &BTreeSet<&'static str>,
) -> Result<BTreeMap<&'static str, TagId>, TagError> {
    let mut keys = Vec::new();
    for name in names {
        keys.extend(both(name)?.map(|name| name.name_key()));
    }
    let stored = tx.tags().find_named(NameScope::Member, &keys).await?;
    let mut found = BTreeMap::new();
    for name in names {
        let [own, other] = both(name)?.map(|name| api_tag(&stored, &name));
        if let Some(tag) = own.or(other) {
            found.insert(*name, tag);
        }
    }
    Ok(found)
}

/// Makes the tag for a name, under the first of its two that nobody uses.
async fn make(
    tx: &mut dyn TagsTx,
    name: &'static str,
    now: DateTime<Utc>,
) -> Result<TagId, TagError> {
    for name in both(name)? {
        let new = NewTag::new(TagRecord {
            name: name.clone(),
            kind: TagKind::Member,
            source: TagSource::Api,
            description: None,
            campaign_id: None,
            member_count: 0,
            trigger_count: 0,
            created_at: now,
            updated_at: None,
        });
        match tx.tags().insert(&new).await {
            Ok(id) => {
                let entry = audit::entry(&Actor::System, now, "tag.created", id);
                tx.audit()
                    .record(entry.born(audit::facts(new.record())))
                    .await?;
                return Ok(id);
            }
            Err(StoreError::Duplicate { .. }) => {
                // Staff's own, or another was as quick.
                let stored = [name.name_key()];
                let stored = tx.tags().find_named(NameScope::Member, &stored).await?;
                if let Some(tag) = api_tag(&stored, &name) {
                    return Ok(tag);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(TagError::Duplicate)
}

/// The name, and the one that stands in where staff use it.
fn both(name: &str) -> Result<[TagName; 2], TagError> {
    let parsed = |text: &str| TagName::parse(text).map_err(|why| TagError::invalid("name", why));
    Ok([parsed(name)?, parsed(&format!("{name}{OTHER_NAME}"))?])
}

fn api_tag(stored: &[Tag], name: &TagName) -> Option<TagId> {
    let key = name.name_key();
    let mut stored = stored.iter().filter(|tag| tag.is_read_only());
    let found = stored.find(|tag| tag.name().name_key() == key)?;
    Some(found.id())
}
