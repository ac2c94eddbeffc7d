//! Clicks on tracked links: written down and recorded many at a time, by a few statements.

use crate::DatabaseTx;
use crate::dialect::{for_update, marks, pieces, rows, rows_at_once};
use crate::sql::{Sql, sql};
use crate::tags::once_key;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use crm_kernel::{CampaignId, Figure, Figures, HotelTime, MemberId, MessageId, StoreError, TagId};
use crm_tags::{Tag, TagRepository, TriggerSource};
use crm_templates::TapItem;
use crm_workflows::{Click, ClickRepository, SentIn, Triggered};
use sea_orm::FromQueryResult;
use std::collections::{BTreeMap, HashMap};

/// Members named in one statement.
const NAMED: usize = 1_000;

#[derive(FromQueryResult)]
struct ClickRow {
    member_id: i64,
    campaign_id: i64,
    message_id: i64,
    item: i32,
    clicked_at: DateTime<Utc>,
}

impl TryFrom<ClickRow> for Click {
    type Error = StoreError;

    fn try_from(row: ClickRow) -> Result<Self, StoreError> {
        let item = u16::try_from(row.item).map_err(|e| StoreError::Internal(Box::new(e)))?;
        Ok(Self {
            sent_in: match row.message_id {
                0 => SentIn::Campaign(CampaignId::new(row.campaign_id)),
                message => SentIn::Message(MessageId::new(message)),
            },
            member: MemberId::new(row.member_id),
            item: TapItem::new(item),
            at: row.clicked_at,
        })
    }
}

#[derive(FromQueryResult)]
struct SeenRow {
    id: i64,
    last_interaction_at: Option<DateTime<Utc>>,
}

/// `CASE id WHEN ? THEN ? … END`.
fn at_of_id(times: &[(i64, DateTime<Utc>)]) -> Sql {
    let case = sql(format!(
        "CASE id{} END",
        " WHEN ? THEN ?".repeat(times.len())
    ));
    times
        .iter()
        .fold(case, |case, (id, at)| case.bind(*id).bind(*at))
}

impl DatabaseTx {
    /// How an insert begins that leaves out rows which are there already.
    fn insert_new(&self) -> &'static str {
        if self.is_mysql() {
            "INSERT IGNORE INTO"
        } else {
            "INSERT OR IGNORE INTO"
        }
    }

    async fn wear(&mut self, tag: TagId, members: &[Triggered]) -> Result<u64, StoreError> {
        let insert = sql(format!(
            "{} member_tag_relations (member_id, tag_id, tagged_at) VALUES {}",
            self.insert_new(),
            rows(3, members.len())
        ));
        members
            .iter()
            .fold(insert, |insert, one| {
                let insert = insert.bind(one.member.get()).bind(tag.get());
                insert.bind(one.at)
            })
            .run(&self.tx)
            .await
    }

    async fn log(
        &mut self,
        tag: &Tag,
        campaign: CampaignId,
        members: &[Triggered],
    ) -> Result<u64, StoreError> {
        let insert = sql(format!(
            "{} tag_trigger_logs (member_id, tag_id, tag_name, campaign_id, item, label, \
             trigger_source, triggered_at, once_key) VALUES {}",
            self.insert_new(),
            rows(9, members.len())
        ));
        members
            .iter()
            .fold(insert, |insert, one| {
                insert
                    .bind(one.member.get())
                    .bind(tag.id().get())
                    .bind(tag.name().as_str())
                    .bind(campaign.get())
                    .bind(i32::from(one.touched.item))
                    .bind(one.touched.label.as_deref())
                    .bind(TriggerSource::Click.as_str())
                    .bind(one.at)
                    .bind(once_key(one.member, tag.id(), Some(campaign), None))
            })
            .run(&self.tx)
            .await
    }
}

fn by_day(hotel: HotelTime, members: &[Triggered]) -> Vec<Vec<Triggered>> {
    let mut days: BTreeMap<NaiveDate, Vec<Triggered>> = BTreeMap::new();
    for one in members {
        days.entry(hotel.day_of(one.at))
            .or_default()
            .push(one.clone());
    }
    days.into_values().collect()
}

#[async_trait]
impl ClickRepository for DatabaseTx {
    async fn put_down(
        &mut self,
        group: i64,
        clicks: &[Click],
        window: TimeDelta,
    ) -> Result<u64, StoreError> {
        let mut new = 0;
        for some in pieces(clicks, rows_at_once(7)) {
            let insert = sql(format!(
                "{} link_clicks (member_id, campaign_id, message_id, item, time_window, \
                 clicked_at, click_group) VALUES {}",
                self.insert_new(),
                rows(7, some.len())
            ));
            let insert = some.iter().fold(insert, |insert, click| {
                let (campaign, message) = match click.sent_in {
                    SentIn::Campaign(id) => (id.get(), 0),
                    SentIn::Message(id) => (0, id.get()),
                };
                insert
                    .bind(click.member.get())
                    .bind(campaign)
                    .bind(message)
                    .bind(i32::from(click.item.get()))
                    .bind(click.window(window))
                    .bind(click.at)
                    .bind(group)
            });
            new += insert.run(&self.tx).await?;
        }
        Ok(new)
    }

    async fn waiting(&mut self, group: i64) -> Result<Vec<Click>, StoreError> {
        let rows: Vec<ClickRow> = sql(
            "SELECT member_id, campaign_id, message_id, item, clicked_at FROM link_clicks \
             WHERE click_group = ? AND is_recorded = FALSE ORDER BY id",
        )
        .bind(group)
        .then(for_update(self.backend()))
        .all(&self.tx)
        .await?;
        rows.into_iter().map(Click::try_from).collect()
    }

    async fn recorded(&mut self, group: i64) -> Result<(), StoreError> {
        sql("UPDATE link_clicks SET is_recorded = TRUE WHERE click_group = ?")
            .bind(group)
            .run(&self.tx)
            .await?;
        Ok(())
    }

    async fn clicked(
        &mut self,
        campaign: CampaignId,
        members: &[(MemberId, DateTime<Utc>)],
    ) -> Result<Vec<MemberId>, StoreError> {
        let times: HashMap<i64, DateTime<Utc>> =
            members.iter().map(|(id, at)| (id.get(), *at)).collect();
        let (mut reached, mut clicked, mut opened) = (Vec::new(), 0, 0);
        for some in members.chunks(NAMED) {
            let ids: Vec<i64> = some.iter().map(|(id, _)| id.get()).collect();
            let tried = self.tried_recipients(campaign, &ids).await?;
            let first: Vec<(i64, DateTime<Utc>)> = tried
                .iter()
                .filter(|row| row.clicked_at.is_none())
                .filter_map(|row| Some((row.id, *times.get(&row.member_id)?)))
                .collect();
            reached.extend(tried.iter().map(|row| MemberId::new(row.member_id)));
            if first.is_empty() {
                continue;
            }
            let unopened = tried
                .iter()
                .filter(|row| row.clicked_at.is_none() && row.opened_at.is_none());
            for row in unopened {
                opened += 1;
                let at = times.get(&row.member_id).copied().unwrap_or_default();
                self.add(Figure::CampaignOpened, campaign.get(), at, 1);
            }
            clicked += first.len();
            for (_, at) in &first {
                self.add(Figure::CampaignClicked, campaign.get(), *at, 1);
            }
            sql("UPDATE campaign_recipients SET clicked_at = ")
                .join(at_of_id(&first))
                .then(", opened_at = COALESCE(opened_at, ")
                .join(at_of_id(&first))
                .then(&format!(") WHERE id IN ({})", marks(first.len())))
                .bind_all(first.iter().map(|(id, _)| *id))
                .run(&self.tx)
                .await?;
        }
        if clicked > 0 {
            let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
            sql("UPDATE campaigns SET clicked_count = clicked_count + ?, \
                 opened_count = opened_count + ? WHERE id = ?")
            .bind(number(clicked))
            .bind(number(opened))
            .bind(campaign.get())
            .run(&self.tx)
            .await?;
        }
        reached.sort_unstable();
        Ok(reached)
    }

    async fn trigger(
        &mut self,
        tag: &Tag,
        campaign: CampaignId,
        members: &[Triggered],
    ) -> Result<(), StoreError> {
        let (mut worn, mut counted) = (0, 0);
        for some in members.chunks(NAMED) {
            worn += self.wear(tag.id(), some).await?;
            // How many of them are new is known of a whole statement: one for each hotel day.
            for day in by_day(self.hotel, some) {
                let new = self.log(tag, campaign, &day).await?;
                counted += new;
                if let Some(first) = day.first() {
                    let new = i64::try_from(new).unwrap_or(i64::MAX);
                    self.add(Figure::TagTriggered, tag.id().get(), first.at, new);
                }
            }
        }
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        if worn > 0 {
            self.adjust_member_count(tag.id(), number(worn)).await?;
        }
        if counted > 0 {
            self.adjust_trigger_count(tag.id(), number(counted)).await?;
        }
        Ok(())
    }

    async fn interacted(
        &mut self,
        members: &[(MemberId, DateTime<Utc>)],
    ) -> Result<(), StoreError> {
        for some in members.chunks(NAMED) {
            let seen: Vec<SeenRow> = sql(format!(
                "SELECT id, last_interaction_at FROM members WHERE id IN ({}) ORDER BY id",
                marks(some.len())
            ))
            .bind_all(some.iter().map(|(id, _)| id.get()))
            .then(for_update(self.backend()))
            .all(&self.tx)
            .await?;
            let seen: HashMap<i64, Option<DateTime<Utc>>> = seen
                .into_iter()
                .map(|row| (row.id, row.last_interaction_at))
                .collect();
            let later: Vec<(i64, DateTime<Utc>)> = some
                .iter()
                .map(|(id, at)| (id.get(), *at))
                .filter(|(id, at)| {
                    let known = seen.get(id);
                    known.is_some_and(|known| known.is_none_or(|known| known < *at))
                })
                .collect();
            if later.is_empty() {
                continue;
            }
            sql("UPDATE members SET last_interaction_at = ")
                .join(at_of_id(&later))
                .then(&format!(" WHERE id IN ({})", marks(later.len())))
                .bind_all(later.iter().map(|(id, _)| *id))
                .run(&self.tx)
                .await?;
        }
        Ok(())
    }

    async fn forget(&mut self, member: MemberId) -> Result<(), StoreError> {
        sql("DELETE FROM link_clicks WHERE member_id = ?")
            .bind(member.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }

    async fn prune(&mut self, before: DateTime<Utc>, most: u32) -> Result<u64, StoreError> {
        let old: Vec<i64> = sql(
            "SELECT id FROM link_clicks WHERE clicked_at < ? AND is_recorded = TRUE \
             ORDER BY clicked_at LIMIT ?",
        )
        .bind(before)
        .bind(most)
        .ids(&self.tx)
        .await?;
        let mut pruned = 0;
        for some in old.chunks(NAMED) {
            pruned += sql(format!(
                "DELETE FROM link_clicks WHERE id IN ({})",
                marks(some.len())
            ))
            .bind_all(some.iter().copied())
            .run(&self.tx)
            .await?;
        }
        Ok(pruned)
    }
}
