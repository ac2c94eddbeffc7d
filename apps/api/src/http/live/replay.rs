use super::query::Since;
use crm_bootstrap::Crm;
use crm_kernel::StoreError;
use crm_workflows::{Cursor, KeptEvent, LiveQueries};
use std::collections::HashSet;

/// Most events that are told once more to whoever comes back.
const MOST: u32 = 1_000;
/// Read at once.
const PAGE: u32 = 200;

/// What a listener missed while they were away.
pub(super) struct Replay {
    after: i64,
    until: i64,
    /// From where on they hear what happens.
    now: Cursor,
    /// Those among them that are also in what they hear.
    pub(super) repeated: HashSet<i64>,
}

/// What to do for somebody who comes back.
pub(super) enum Missed {
    /// They have just come.
    Nothing,
    /// They are told.
    This(Replay),
    /// It is too much, or too long ago, or nobody knows.
    TooMuch,
}

impl Missed {
    /// Looks what happened since. `now` is where the listener has begun to hear by themselves.
    pub(super) async fn since(crm: &Crm, since: Since, now: Cursor) -> Result<Self, StoreError> {
        let floor = match since {
            Since::Now => return Ok(Self::Nothing),
            Since::Unknown => return Ok(Self::TooMuch),
            Since::Then(cursor) => cursor.floor,
        };
        let standing = crm.database.standing(floor, MOST + 1).await?;
        let newest = standing.newest.unwrap_or_default().max(now.floor);
        let is_kept = standing
            .oldest
            .is_none_or(|oldest| oldest <= floor.saturating_add(1));
        if floor > newest || !is_kept || standing.beyond > u64::from(MOST) {
            return Ok(Self::TooMuch);
        }
        Ok(Self::This(Replay {
            after: floor,
            // Whatever is committed from here on is heard.
            until: standing.newest.unwrap_or_default(),
            now,
            repeated: HashSet::new(),
        }))
    }
}

impl Replay {
    /// Some more of it with its place; nothing at the end.
    pub(super) async fn page(&mut self, crm: &Crm) -> Result<Vec<(KeptEvent, Cursor)>, StoreError> {
        if self.after >= self.until {
            return Ok(Vec::new());
        }
        let mut page = crm.database.look(self.after, &[], PAGE).await?;
        page.retain(|event| event.id <= self.until);
        self.after = page.last().map_or(self.until, |event| event.id);
        let placed = page.into_iter().map(|event| {
            let floor = event.id.min(self.now.floor);
            if event.id > floor {
                self.repeated.insert(event.id);
            }
            let number = event.id;
            (event, Cursor { number, floor })
        });
        Ok(placed.collect())
    }
}
