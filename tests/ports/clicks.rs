use crate::samples::{at, begin, campaign, commit, friend, friends, number, tag};
use chrono::{DateTime, TimeDelta, Utc};
use crm_campaigns::{Audience, CampaignQueries, PlanRequest, Selection};
use crm_database::Database;
use crm_kernel::{CampaignId, MemberId, MessageId, TagId, Transaction, Transactions};
use crm_tags::{Tag, TagKind, TagQueries, Touched};
use crm_templates::TapItem;
use crm_workflows::{Click, ClicksTx, SentIn, Triggered};
use sea_orm::ConnectionTrait;

crate::contract!(
    a_click_is_written_down_once_in_its_window,
    a_group_waits_until_it_is_recorded,
    those_it_was_sent_to_click_once,
    a_tag_is_triggered_once_by_whoever_taps_and_counters_equal_the_rows,
    interactions_only_go_forward,
    clicks_of_a_member_are_forgotten_and_old_ones_thrown_away,
);

const HOUR: TimeDelta = TimeDelta::hours(1);

async fn unit(db: &Database) -> Box<dyn ClicksTx> {
    db.begin().await.unwrap()
}

async fn end(tx: Box<dyn ClicksTx>) {
    Transaction::commit(tx).await.unwrap();
}

/// A moment to the microsecond.
fn exactly(minutes: i64) -> DateTime<Utc> {
    at(minutes) + TimeDelta::microseconds(123_456)
}

fn click(sent_in: SentIn, member: i64, item: u16, minute: i64) -> Click {
    Click {
        sent_in,
        member: MemberId::new(member),
        item: TapItem::new(item),
        at: exactly(minute),
    }
}

const CAMPAIGN: SentIn = SentIn::Campaign(CampaignId::new(7));
const MESSAGE: SentIn = SentIn::Message(MessageId::new(7));

async fn put_down(db: &Database, group: i64, clicks: &[Click]) -> u64 {
    let mut tx = unit(db).await;
    let new = tx.clicks().put_down(group, clicks, HOUR).await.unwrap();
    end(tx).await;
    new
}

async fn a_click_is_written_down_once_in_its_window(db: Database) {
    let first = click(CAMPAIGN, 1, 1, 0);
    assert_eq!(put_down(&db, 1, &[first, first]).await, 1);
    let others = [
        click(CAMPAIGN, 1, 1, 59),
        click(CAMPAIGN, 1, 1, 60),
        click(CAMPAIGN, 1, 2, 0),
        click(CAMPAIGN, 2, 1, 0),
        click(MESSAGE, 1, 1, 0),
    ];
    assert_eq!(put_down(&db, 2, &others).await, 4, "all but the first");
    assert_eq!(put_down(&db, 3, &others).await, 0);
    let mut tx = unit(&db).await;
    assert_eq!(tx.clicks().waiting(1).await.unwrap(), [first]);
    assert_eq!(tx.clicks().waiting(2).await.unwrap(), others[1..]);
    assert_eq!(tx.clicks().waiting(3).await.unwrap(), []);
}

async fn a_group_waits_until_it_is_recorded(db: Database) {
    put_down(&db, 1, &[click(CAMPAIGN, 1, 1, 0)]).await;
    put_down(&db, 2, &[click(CAMPAIGN, 2, 1, 0)]).await;
    let mut tx = unit(&db).await;
    tx.clicks().recorded(1).await.unwrap();
    end(tx).await;
    let mut tx = unit(&db).await;
    assert_eq!(tx.clicks().waiting(1).await.unwrap(), []);
    assert_eq!(tx.clicks().waiting(2).await.unwrap().len(), 1);
}

/// A campaign that was sent to all friends there are.
async fn sent(db: &Database) -> CampaignId {
    let id = campaign(db, Audience::All).await.id();
    let mut tx = begin(db).await;
    let request = PlanRequest {
        campaign_id: id,
        selection: &Selection::everybody(),
        batch_size: 10,
    };
    tx.recipients().plan(&request).await.unwrap();
    commit(tx).await;
    let sent = "UPDATE campaign_recipients SET status = 'sent'";
    db.pool().execute_unprepared(sent).await.unwrap();
    id
}

async fn those_it_was_sent_to_click_once(db: Database) {
    let members = friends(&db, 4).await;
    let id = sent(&db).await;
    let stranger = friend(&db, "Ustranger", at(0)).await;
    let kept_back = "UPDATE campaign_recipients SET status = 'skipped' WHERE member_id =";
    let kept_back = format!("{kept_back} {}", members[3]);
    db.pool().execute_unprepared(&kept_back).await.unwrap();
    let opened =
        "UPDATE campaign_recipients SET opened_at = '2026-09-24 02:00:00' WHERE member_id =";
    let opened = format!("{opened} {}", members[1]);
    db.pool().execute_unprepared(&opened).await.unwrap();
    for (minute, of_them) in [(5, 0..2), (9, 0..3)] {
        let mut clicks: Vec<_> = members[of_them]
            .iter()
            .map(|member| (*member, exactly(minute)))
            .collect();
        let theirs: Vec<MemberId> = clicks.iter().map(|(member, _)| *member).collect();
        clicks.push((stranger, exactly(minute)));
        clicks.push((members[3], exactly(minute)));
        let mut tx = unit(&db).await;
        assert_eq!(tx.clicks().clicked(id, &clicks).await.unwrap(), theirs);
        end(tx).await;
    }
    let page = crm_kernel::PageRequest::new(1, 10).unwrap();
    let list = db.recipients(id, &Default::default(), page).await.unwrap();
    let clicked_at = |member: MemberId| {
        let mut rows = list.items.iter();
        let row = rows.find(|row| row.member.as_ref().is_some_and(|m| m.id == member));
        row.unwrap().clicked_at
    };
    let times = [exactly(5), exactly(5), exactly(9)];
    for (member, time) in members.iter().zip(times) {
        assert_eq!(clicked_at(*member), Some(time), "the first one counts");
    }
    assert_eq!(clicked_at(members[3]), None);
    let mut tx = begin(&db).await;
    let counts = *tx.campaigns().get(id).await.unwrap().counts();
    assert_eq!((counts.clicked, counts.opened), (3, 2), "one had opened it");
}

async fn found(tx: &mut dyn ClicksTx, id: TagId) -> Tag {
    tx.tags().find(id).await.unwrap().unwrap()
}

async fn a_tag_is_triggered_once_by_whoever_taps_and_counters_equal_the_rows(db: Database) {
    let members = friends(&db, 3).await;
    let (first, second) = (sent(&db).await, campaign(&db, Audience::All).await.id());
    let id = tag(&db, "中秋活動", TagKind::Interaction).await;
    for (campaign, of_them, minute) in [(first, 0..2, 1), (first, 0..3, 2), (second, 0..1, 3)] {
        let triggered: Vec<Triggered> = members[of_them]
            .iter()
            .map(|member| Triggered {
                member: *member,
                touched: Touched {
                    item: 2,
                    label: Some("立即訂房".into()),
                },
                at: exactly(minute),
            })
            .collect();
        let mut tx = unit(&db).await;
        let tag = found(&mut *tx, id).await;
        tx.clicks()
            .trigger(&tag, campaign, &triggered)
            .await
            .unwrap();
        end(tx).await;
    }
    let row = TagQueries::detail(&db, id).await.unwrap().unwrap();
    assert_eq!((row.trigger_count, row.member_count), (4, 3));
    let logs = "SELECT COUNT(*) FROM tag_trigger_logs WHERE once_key IS NOT NULL";
    assert_eq!(number(&db, logs).await, 4);
    let worn = TagQueries::of_member(&db, members[0]).await.unwrap();
    assert_eq!(worn[0].tagged_at, exactly(1));
    let page = crm_kernel::PageRequest::new(1, 10).unwrap();
    let log = TagQueries::triggers(&db, id, page).await.unwrap();
    assert_eq!(log.total, 4);
    assert_eq!(log.items[0].campaign.as_ref().unwrap().id, second);
    assert_eq!(log.items[0].touched.as_ref().unwrap().item, 2);
}

async fn interactions_only_go_forward(db: Database) {
    let members = friends(&db, 2).await;
    for (minutes, now) in [([5, 9], [5, 9]), ([4, 10], [5, 10])] {
        let times: Vec<_> = members.iter().copied().zip(minutes.map(exactly)).collect();
        let mut tx = unit(&db).await;
        tx.clicks().interacted(&times).await.unwrap();
        end(tx).await;
        let mut tx = begin(&db).await;
        for (member, now) in members.iter().zip(now) {
            let member = tx.members().find(*member).await.unwrap().unwrap();
            assert_eq!(member.record().last_interaction_at, Some(exactly(now)));
        }
    }
}

async fn clicks_of_a_member_are_forgotten_and_old_ones_thrown_away(db: Database) {
    let clicks = [
        click(CAMPAIGN, 1, 1, 0),
        click(CAMPAIGN, 2, 1, 0),
        click(CAMPAIGN, 2, 1, 90),
        click(MESSAGE, 2, 1, 0),
    ];
    put_down(&db, 1, &clicks).await;
    put_down(&db, 2, &[click(CAMPAIGN, 3, 1, 0)]).await;
    let mut tx = unit(&db).await;
    tx.clicks().forget(MemberId::new(1)).await.unwrap();
    assert_eq!(tx.clicks().waiting(1).await.unwrap(), clicks[1..]);
    tx.clicks().recorded(1).await.unwrap();
    end(tx).await;
    for (most, gone) in [(1, 1), (10, 1), (10, 0)] {
        let mut tx = unit(&db).await;
        assert_eq!(tx.clicks().prune(at(60), most).await.unwrap(), gone);
        end(tx).await;
    }
    let left = "SELECT COUNT(*) FROM link_clicks";
    assert_eq!(
        number(&db, left).await,
        2,
        "a later one, and one not recorded"
    );
}
