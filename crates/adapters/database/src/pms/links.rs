//! Which guest of the other system is which member.

use crate::DatabaseTx;
use crate::dialect::{for_update, marks, named, pieces, rows, rows_at_once};
use crate::sql::{known, sql};
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, StoreError};
use crm_members::Member;
use crm_members::{GuestCode, GuestLink, LinkState, PmsFacts};
use sea_orm::FromQueryResult;

const COLUMNS: &str =
    "code, state, member_id, is_decided, pms_updated_at, visits, vip, merged_into";

#[derive(FromQueryResult)]
struct Row {
    code: String,
    state: String,
    member_id: Option<i64>,
    is_decided: bool,
    pms_updated_at: Option<DateTime<Utc>>,
    visits: Option<i64>,
    vip: Option<bool>,
    merged_into: Option<String>,
}

#[derive(FromQueryResult)]
struct CodeRow {
    code: String,
}

impl TryFrom<Row> for GuestLink {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let visits = row
            .visits
            .map(|n| known(u32::try_from(n).ok(), "number of visits"));
        let state = known(LinkState::parse(&row.state), "state of a link")?;
        // Their member was erased in the very moment in which they were linked: the key emptied
        // the column.
        let is_widowed = state == LinkState::Linked && row.member_id.is_none();
        Ok(Self {
            code: GuestCode::from_stored(row.code),
            state: if is_widowed { LinkState::Erased } else { state },
            member: row.member_id.map(MemberId::new),
            is_decided: row.is_decided,
            updated_at: row.pms_updated_at,
            facts: PmsFacts {
                visits: visits.transpose()?,
                vip: row.vip,
            },
            merged_into: row.merged_into.map(GuestCode::from_stored),
        })
    }
}

impl DatabaseTx {
    pub(super) async fn pms_links(
        &mut self,
        codes: &[GuestCode],
    ) -> Result<Vec<GuestLink>, StoreError> {
        let mut codes: Vec<&str> = codes.iter().map(GuestCode::as_str).collect();
        codes.sort_unstable();
        codes.dedup();
        let mut links = Vec::with_capacity(codes.len());
        for some in named(&codes) {
            let found: Vec<Row> = sql(format!(
                "SELECT {COLUMNS} FROM pms_guests{} WHERE code IN ({}) ORDER BY code",
                self.by_index("uq_pms_guests_code"),
                marks(some.len())
            ))
            .bind_all(some.iter().copied())
            .then(for_update(self.backend()))
            .all(&self.tx)
            .await?;
            for row in found {
                links.push(GuestLink::try_from(row)?);
            }
        }
        Ok(links)
    }

    pub(super) async fn pms_merged_into(
        &mut self,
        codes: &[GuestCode],
    ) -> Result<Vec<GuestCode>, StoreError> {
        let mut found = Vec::new();
        for some in named(codes) {
            let rows: Vec<CodeRow> = sql(format!(
                "SELECT code FROM pms_guests{} WHERE merged_into IN ({})",
                self.by_index("ix_pms_guests_merged_into"),
                marks(some.len())
            ))
            .bind_all(some.iter().map(GuestCode::as_str))
            .all(&self.tx)
            .await?;
            found.extend(rows.into_iter().map(|row| GuestCode::from_stored(row.code)));
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    pub(super) async fn put_pms_links(&mut self, links: &[GuestLink]) -> Result<(), StoreError> {
        let mut links: Vec<&GuestLink> = links.iter().collect();
        links.sort_unstable_by_key(|link| link.code.as_str());
        let in_place = self.in_place_of(
            "code",
            "state, member_id, is_decided, pms_updated_at, visits, vip, merged_into",
        );
        for some in pieces(&links, rows_at_once(8)) {
            let insert = sql(format!(
                "INSERT INTO pms_guests ({COLUMNS}) VALUES {}",
                rows(8, some.len())
            ));
            let bound = some.iter().fold(insert, |insert, link| {
                insert
                    .bind(link.code.as_str())
                    .bind(link.state.as_str())
                    .bind(link.member.map(MemberId::get))
                    .bind(link.is_decided)
                    .bind(link.updated_at)
                    .bind(link.facts.visits.map(i64::from))
                    .bind(link.facts.vip)
                    .bind(link.merged_into.as_ref().map(GuestCode::as_str))
            });
            bound.then(&in_place).run(&self.tx).await?;
        }
        Ok(())
    }

    pub(super) async fn members_by_ids(
        &mut self,
        ids: &[MemberId],
    ) -> Result<Vec<Member>, StoreError> {
        let mut ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut members = Vec::with_capacity(ids.len());
        for some in named(&ids) {
            let condition = sql(format!("id IN ({}) ORDER BY id", marks(some.len())));
            let condition = condition.bind_all(some.iter().copied());
            members.extend(self.find_members(condition).await?);
        }
        Ok(members)
    }
}
