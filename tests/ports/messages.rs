use crate::samples::{Store, at, begin, campaign, commit, friends, template};
use crm_accounts::{AccountsTx, Email, FullName, NewUser, PasswordHash, Role, Username};
use crm_campaigns::{Audience, BatchState, FailReason as BatchFailReason, PlanRequest, Selection};
use crm_database::Database;
use crm_kernel::{
    CampaignId, MemberId, MessageId, PageRequest, StoreError, Transaction, Transactions, UserId,
};
use crm_messages::{
    Direction, FailReason, Incoming, Message, MessageContent, MessageFilter, MessageQueries,
    MessageRow, MessageStatus, MessageType, NewMessage, ReceivedMessage, SenderType, Settlement,
};
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;
use uuid::Uuid;

mod repository {
    use super::*;

    crate::contract_on_every_store!(
        a_message_is_read_back_as_it_was_written,
        a_message_needs_its_member_and_its_sender,
        of_many_who_receive_one_line_message_one_stores_it,
        a_repeated_delivery_leaves_the_unit_of_work_usable,
        only_a_pending_message_is_settled,
        a_try_marks_a_pending_message_from_the_first_on,
        reading_marks_only_what_a_guest_wrote_and_nobody_read,
        what_a_message_was_made_of_and_its_first_tap_are_kept,
        a_deleted_message_is_gone,
        a_deleted_member_takes_their_messages_along,
    );
}

mod queries {
    use super::*;

    crate::contract!(
        the_newest_message_comes_first_and_every_filter_narrows,
        a_message_on_a_screen_has_its_names_and_its_failure,
        only_what_a_guest_wrote_is_unread_until_it_is_read,
        a_deleted_user_leaves_what_they_wrote,
        a_conversation_shows_what_campaigns_sent_among_the_messages,
        a_conversation_pages_through_both_kinds,
        what_a_message_was_made_of_is_told,
    );
}

/// A store that users can be written to.
pub trait StaffedStore: Store + Transactions<dyn AccountsTx> {}
impl<S: Store + Transactions<dyn AccountsTx>> StaffedStore for S {}

/// A member of staff.
pub async fn staff(
    store: &impl Transactions<dyn AccountsTx>,
    name: &str,
    full_name: Option<&str>,
) -> UserId {
    let mut tx = store.begin().await.unwrap();
    let new = NewUser {
        username: Username::parse(name).unwrap(),
        email: Email::parse(&format!("{name}@hotel.com")).unwrap(),
        password_hash: PasswordHash::new("$argon2id$…".into()),
        full_name: full_name.map(|name| FullName::parse(name).unwrap()),
        role: Role::Admin,
    };
    let user = tx.users().insert(new, at(0)).await.unwrap();
    Transaction::commit(tx).await.unwrap();
    user.id()
}

fn text(words: &str) -> MessageContent {
    MessageContent::typed(MessageType::Text, words).unwrap()
}

fn received(member: MemberId, line_id: &str, minute: i64) -> NewMessage {
    NewMessage::received(ReceivedMessage {
        member_id: member,
        line_message_id: line_id.to_owned(),
        at: at(minute),
        incoming: Incoming::Text(format!("請問 {line_id}")),
    })
}

/// What a rule said to this guest.
pub fn said(member: MemberId, words: &str, minute: i64) -> NewMessage {
    NewMessage::by_rule(member, text(words), None, Uuid::from_u128(3), at(minute))
}

/// Stores an outgoing message.
pub async fn insert(db: &impl Store, new: &NewMessage) -> MessageId {
    let mut tx = begin(db).await;
    let id = tx.messages().insert(new).await.unwrap();
    commit(tx).await;
    id
}

async fn receive(db: &impl Store, new: &NewMessage) -> Option<MessageId> {
    let mut tx = begin(db).await;
    let id = tx.messages().receive(new).await.unwrap();
    commit(tx).await;
    id
}

async fn settle(db: &impl Store, id: MessageId, how: &Settlement) -> bool {
    let mut tx = begin(db).await;
    let settled = tx.messages().settle(id, how).await.unwrap();
    commit(tx).await;
    settled
}

async fn read(db: &impl Store, id: MessageId) -> Option<Message> {
    begin(db).await.messages().find(id).await.unwrap()
}

async fn a_message_is_read_back_as_it_was_written(db: impl StaffedStore) {
    let member = friends(&db, 1).await[0];
    let mei = staff(&db, "mei", None).await;
    let key = Uuid::from_u128(9);
    let picture = "https://hotel.tw/room.jpg";
    let picture = MessageContent::typed(MessageType::Image, picture).unwrap();
    let planned = NewMessage::by_hand(member, picture, Some(mei), key, Some(at(30)), at(1));
    let template = template(&db).await;
    let by_rule = NewMessage::by_rule(member, text("您好"), Some(template), key, at(2));
    let at_once = NewMessage::by_hand(member, text("您好"), Some(mei), key, None, at(2));
    assert!(at_once.record().in_doubt && at_once.record().first_tried_at == Some(at(2)));
    for new in [planned, by_rule, at_once] {
        let id = insert(&db, &new).await;
        let expected = Message::from_stored(id, new.record().clone());
        assert_eq!(read(&db, id).await, Some(expected));
    }
    let new = received(member, "L1", 3);
    let id = receive(&db, &new).await.unwrap();
    let expected = Message::from_stored(id, new.record().clone());
    assert_eq!(read(&db, id).await, Some(expected));
    let mut tx = begin(&db).await;
    assert_eq!(tx.messages().member_of(id).await.unwrap(), Some(member));
    let gone = MessageId::new(999_999);
    assert_eq!(tx.messages().member_of(gone).await.unwrap(), None);
    assert_eq!(tx.messages().find(gone).await.unwrap(), None);
}

async fn a_message_needs_its_member_and_its_sender(db: impl Store) {
    let member = friends(&db, 1).await[0];
    let nobody = MemberId::new(999_999);
    let stranger = Some(UserId::new(999_999));
    let by_stranger =
        NewMessage::by_hand(member, text("a"), stranger, Uuid::from_u128(1), None, at(0));
    for new in [said(nobody, "a", 0), by_stranger] {
        let refused = begin(&db).await.messages().insert(&new).await;
        assert!(matches!(refused, Err(StoreError::Reference)));
    }
    let mut tx = begin(&db).await;
    let refused = tx.messages().receive(&received(nobody, "L1", 0)).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
}

async fn of_many_who_receive_one_line_message_one_stores_it(db: impl Store) {
    let member = friends(&db, 1).await[0];
    let new = received(member, "L1", 0);
    let racers = (0..12).map(|_| async {
        loop {
            let mut tx = begin(&db).await;
            match tx.messages().receive(&new).await {
                Ok(stored) => {
                    commit(tx).await;
                    return stored;
                }
                // Two writers met; the loser tries again, as the edges do.
                Err(StoreError::Busy(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    });
    let stored = futures::future::join_all(racers).await;
    let ids: Vec<MessageId> = stored.into_iter().flatten().collect();
    assert_eq!(ids.len(), 1);
    assert!(read(&db, ids[0]).await.is_some());
    // Those without such an id do not meet.
    insert(&db, &said(member, "a", 0)).await;
    insert(&db, &said(member, "a", 0)).await;
}

async fn a_repeated_delivery_leaves_the_unit_of_work_usable(db: impl Store) {
    let member = friends(&db, 1).await[0];
    let first = receive(&db, &received(member, "L1", 0)).await.unwrap();
    let mut tx = begin(&db).await;
    let later = received(member, "L1", 9);
    assert_eq!(tx.messages().receive(&later).await.unwrap(), None);
    let other = tx.messages().receive(&received(member, "L2", 9)).await;
    commit(tx).await;
    assert!(read(&db, other.unwrap().unwrap()).await.is_some());
    let kept = read(&db, first).await.unwrap();
    assert_eq!(kept.record().created_at, at(0));
}

async fn only_a_pending_message_is_settled(db: impl Store) {
    let member = friends(&db, 1).await[0];
    let sent = Settlement::Sent { at: at(5) };
    let failed = Settlement::failed(FailReason::Quota, "no more");
    let (one, two) = (
        insert(&db, &said(member, "a", 0)).await,
        insert(&db, &said(member, "b", 0)).await,
    );
    assert!(settle(&db, one, &sent).await);
    assert!(!settle(&db, one, &failed).await);
    assert!(settle(&db, two, &failed).await);
    assert!(!settle(&db, two, &sent).await);
    let state = async |id| {
        let message = read(&db, id).await.unwrap();
        (message.record().status, message.record().sent_at)
    };
    assert_eq!(state(one).await, (MessageStatus::Sent, Some(at(5))));
    assert_eq!(state(two).await, (MessageStatus::Failed, None));
    let incoming = receive(&db, &received(member, "L1", 0)).await.unwrap();
    assert!(!settle(&db, incoming, &sent).await);
    assert!(!settle(&db, MessageId::new(999_999), &sent).await);
}

async fn a_try_marks_a_pending_message_from_the_first_on(db: impl Store) {
    let member = friends(&db, 1).await[0];
    let id = insert(&db, &said(member, "a", 0)).await;
    let begin_try = async |id, minute| {
        let mut tx = begin(&db).await;
        let begun = tx.messages().begin_try(id, at(minute)).await.unwrap();
        commit(tx).await;
        begun
    };
    let refused = async |id| {
        let mut tx = begin(&db).await;
        tx.messages().was_not_carried_out(id).await.unwrap();
        commit(tx).await;
    };
    let state = async |id| {
        let record = read(&db, id).await.unwrap().record().clone();
        (record.first_tried_at, record.in_doubt)
    };
    assert_eq!(state(id).await, (None, false));
    assert!(begin_try(id, 1).await);
    assert_eq!(state(id).await, (Some(at(1)), true));
    refused(id).await;
    assert_eq!(state(id).await, (Some(at(1)), false));
    assert!(begin_try(id, 2).await);
    assert_eq!(state(id).await, (Some(at(1)), true));
    assert!(settle(&db, id, &Settlement::Sent { at: at(3) }).await);
    assert!(!begin_try(id, 4).await);
    refused(id).await;
    assert_eq!(state(id).await, (Some(at(1)), true));
    let incoming = receive(&db, &received(member, "L1", 0)).await.unwrap();
    assert!(!begin_try(incoming, 4).await);
    assert_eq!(state(incoming).await, (None, false));
    assert!(!begin_try(MessageId::new(999_999), 4).await);
}

async fn reading_marks_only_what_a_guest_wrote_and_nobody_read(db: impl Store) {
    let members = friends(&db, 2).await;
    let early = receive(&db, &received(members[0], "L1", 0)).await.unwrap();
    let mark = async |member, minute| {
        let mut tx = begin(&db).await;
        let marked = tx.messages().mark_read(member, at(minute)).await.unwrap();
        commit(tx).await;
        marked
    };
    assert_eq!(mark(members[0], 1).await, 1);
    let late = receive(&db, &received(members[0], "L2", 2)).await.unwrap();
    let ours = insert(&db, &said(members[0], "a", 2)).await;
    let other = receive(&db, &received(members[1], "L3", 2)).await.unwrap();
    assert_eq!(mark(members[0], 3).await, 1);
    assert_eq!(mark(members[0], 4).await, 0);
    for (id, read_at) in [
        (early, Some(at(1))),
        (late, Some(at(3))),
        (ours, None),
        (other, None),
    ] {
        let message = read(&db, id).await.unwrap();
        assert_eq!(message.record().read_at, read_at);
    }
}

async fn a_deleted_message_is_gone(db: impl Store) {
    let member = friends(&db, 1).await[0];
    let id = insert(&db, &said(member, "a", 0)).await;
    let mut tx = begin(&db).await;
    assert!(tx.messages().delete(id).await.unwrap());
    assert!(!tx.messages().delete(id).await.unwrap());
    commit(tx).await;
    assert_eq!(read(&db, id).await, None);
}

async fn a_deleted_member_takes_their_messages_along(db: impl Store) {
    let members = friends(&db, 2).await;
    let gone = insert(&db, &said(members[0], "a", 0)).await;
    let kept = insert(&db, &said(members[1], "a", 0)).await;
    let mut tx = begin(&db).await;
    assert!(tx.members().delete(members[0]).await.unwrap());
    commit(tx).await;
    assert_eq!(read(&db, gone).await, None);
    assert!(read(&db, kept).await.is_some());
}

fn page(number: u64, size: u64) -> PageRequest {
    PageRequest::new(number, size).unwrap()
}

fn ids(rows: &[MessageRow]) -> Vec<MessageId> {
    rows.iter().filter_map(|row| row.id).collect()
}

async fn the_newest_message_comes_first_and_every_filter_narrows(db: Database) {
    let members = friends(&db, 2).await;
    let a = receive(&db, &received(members[0], "L1", 0)).await.unwrap();
    let c = insert(&db, &said(members[0], "c", 5)).await;
    let b = insert(&db, &said(members[1], "b", 5)).await;
    let d = receive(&db, &received(members[1], "L2", 9)).await.unwrap();
    let all = MessageFilter::default();
    for (filter, wanted) in [
        (all, vec![d, b, c, a]),
        (
            MessageFilter {
                member_id: Some(members[0]),
                ..all
            },
            vec![c, a],
        ),
        (
            MessageFilter {
                direction: Some(Direction::Incoming),
                ..all
            },
            vec![d, a],
        ),
        (
            MessageFilter {
                from: Some(at(5)),
                before: Some(at(9)),
                ..all
            },
            vec![b, c],
        ),
        (
            MessageFilter {
                member_id: Some(members[0]),
                direction: Some(Direction::Outgoing),
                from: Some(at(6)),
                ..all
            },
            vec![],
        ),
    ] {
        let mut seen = Vec::new();
        for number in 1..=3 {
            let found = db.list(&filter, page(number, 2)).await.unwrap();
            assert_eq!(found.total, wanted.len() as u64);
            seen.extend(ids(&found.items));
        }
        assert_eq!(seen, wanted, "{filter:?}");
    }
}

async fn a_message_on_a_screen_has_its_names_and_its_failure(db: Database) {
    let member = friends(&db, 1).await[0];
    let named = staff(&db, "mei", Some("陳小美")).await;
    let unnamed = staff(&db, "hua", None).await;
    for (sender, name) in [(named, "陳小美"), (unnamed, "hua")] {
        let key = Uuid::from_u128(1);
        let new = NewMessage::by_hand(member, text("您好"), Some(sender), key, Some(at(9)), at(1));
        let id = insert(&db, &new).await;
        settle(&db, id, &Settlement::failed(FailReason::Blocked, "blocked")).await;
        let row = db.detail(id).await.unwrap().unwrap();
        let shown = row.sender.as_ref().unwrap();
        assert_eq!((shown.id, shown.name.as_str()), (sender, name));
        assert_eq!(row.reason, Some(FailReason::Blocked));
        assert_eq!(row.error_message.as_deref(), Some("blocked"));
        assert_eq!((row.id, row.member.id), (Some(id), member));
        assert_eq!(
            (row.content.as_str(), row.scheduled_at),
            ("您好", Some(at(9)))
        );
        let talk = db.conversation(member, page(1, 1)).await.unwrap();
        assert!(talk.items[0] == row);
    }
    assert!(db.detail(MessageId::new(999_999)).await.unwrap().is_none());
}

async fn only_what_a_guest_wrote_is_unread_until_it_is_read(db: Database) {
    let members = friends(&db, 2).await;
    insert(&db, &said(members[0], "a", 0)).await;
    assert!(!db.has_unread(members[0]).await.unwrap());
    receive(&db, &received(members[0], "L1", 0)).await.unwrap();
    assert!(db.has_unread(members[0]).await.unwrap());
    assert!(!db.has_unread(members[1]).await.unwrap());
    let mut tx = begin(&db).await;
    tx.messages().mark_read(members[0], at(1)).await.unwrap();
    commit(tx).await;
    assert!(!db.has_unread(members[0]).await.unwrap());
}

async fn a_deleted_user_leaves_what_they_wrote(db: Database) {
    let member = friends(&db, 1).await[0];
    let mei = staff(&db, "mei", None).await;
    let key = Uuid::from_u128(1);
    let new = NewMessage::by_hand(member, text("您好"), Some(mei), key, None, at(1));
    let id = insert(&db, &new).await;
    let deleted = db.pool().execute_unprepared("DELETE FROM users").await;
    deleted.unwrap();
    let row = db.detail(id).await.unwrap().unwrap();
    assert_eq!((row.sender, row.content.as_str()), (None, "您好"));
}

/// How a campaign's batch of one ended.
enum Ended {
    Batch(BatchState),
    Alone,
}

/// A campaign to everybody that ended like this at that minute.
async fn campaign_ended(db: &Database, how: Ended, minute: i64) -> CampaignId {
    let id = campaign(db, Audience::All).await.id();
    let mut tx = begin(db).await;
    let request = PlanRequest {
        campaign_id: id,
        selection: &Selection::everybody(),
        batch_size: 10,
    };
    tx.recipients().plan(&request).await.unwrap();
    let batch = crate::batches::stored(&mut *tx, id, 0).await;
    match how {
        Ended::Alone => {
            let people = tx.recipients().people(&batch).await.unwrap();
            let members: Vec<MemberId> = people.iter().map(|person| person.member_id).collect();
            let recipients = tx.recipients();
            recipients.sent(&batch, &members, at(minute)).await.unwrap();
        }
        Ended::Batch(BatchState::Pending) => {}
        Ended::Batch(state) => {
            let failure =
                (state == BatchState::Failed).then_some((BatchFailReason::LineRejected, "no"));
            let batches = tx.batches();
            let settled = batches
                .settle(&batch, state, None, failure, at(minute))
                .await;
            assert!(settled.unwrap());
        }
    }
    commit(tx).await;
    id
}

async fn a_conversation_shows_what_campaigns_sent_among_the_messages(db: Database) {
    let members = friends(&db, 2).await;
    let whole = campaign_ended(&db, Ended::Batch(BatchState::Accepted), 9).await;
    campaign_ended(&db, Ended::Batch(BatchState::Failed), 9).await;
    campaign_ended(&db, Ended::Batch(BatchState::Unknown), 9).await;
    campaign_ended(&db, Ended::Batch(BatchState::Pending), 9).await;
    let alone = campaign_ended(&db, Ended::Alone, 9).await;
    let old = receive(&db, &received(members[0], "L1", 5)).await.unwrap();
    let first = insert(&db, &said(members[0], "a", 9)).await;
    let second = insert(&db, &said(members[0], "b", 9)).await;
    insert(&db, &said(members[1], "c", 9)).await;
    let talk = db.conversation(members[0], page(1, 20)).await.unwrap();
    let shown: Vec<_> = talk.items.iter().map(|r| (r.id, r.campaign_id)).collect();
    let wanted = [
        (Some(second), None),
        (Some(first), None),
        (None, Some(alone)),
        (None, Some(whole)),
        (Some(old), None),
    ];
    assert_eq!(shown, wanted);
    assert_eq!(talk.total, 5);
    for row in &talk.items[2..4] {
        assert_eq!(row.member.id, members[0]);
        assert_eq!(row.content, "中秋送禮");
        assert_eq!(row.direction, Direction::Outgoing);
        assert_eq!(row.message_type, MessageType::Template);
        assert_eq!(row.sender_type, Some(SenderType::Campaign));
        assert_eq!(row.status, MessageStatus::Sent);
        assert_eq!(row.created_at, at(9));
        assert_eq!(
            (&row.sender, row.reason, &row.error_message),
            (&None, None, &None)
        );
        assert_eq!(
            (row.scheduled_at, row.sent_at, row.read_at),
            (None, None, None)
        );
    }
    assert_eq!(talk.items[0].sender_type, Some(SenderType::Auto));
    assert_eq!(talk.items[4].sender_type, None);
    let nobody = db.conversation(MemberId::new(999_999), page(1, 20)).await;
    let nobody = nobody.unwrap();
    assert_eq!((nobody.total, nobody.items.len()), (0, 0));
}

async fn a_conversation_pages_through_both_kinds(db: Database) {
    let member = friends(&db, 1).await[0];
    for minute in 0..5 {
        insert(&db, &said(member, "a", minute * 2)).await;
        campaign_ended(&db, Ended::Batch(BatchState::Accepted), minute * 3).await;
    }
    let all = db.conversation(member, page(1, 20)).await.unwrap().items;
    assert_eq!(all.len(), 10);
    assert!(all.is_sorted_by(|a, b| a.created_at >= b.created_at));
    let distinct: BTreeSet<_> = all.iter().map(|row| (row.id, row.campaign_id)).collect();
    assert_eq!(distinct.len(), 10);
    for size in [1, 3, 4] {
        let mut seen = Vec::new();
        for number in 1..=11 {
            let talk = db.conversation(member, page(number, size)).await.unwrap();
            assert_eq!(talk.total, 10);
            seen.extend(talk.items);
        }
        assert!(seen == all, "pages of {size}");
    }
}

fn made_of_a_template(member: MemberId) -> NewMessage {
    let content = MessageContent::from_stored(MessageType::Template, "中秋優惠".to_owned());
    let key = Uuid::from_u128(77);
    NewMessage::by_hand(member, content, None, key, None, at(0))
        .made_of(5.into(), r#"{"type":"text"}"#.to_owned())
}

async fn what_a_message_was_made_of_and_its_first_tap_are_kept(db: impl Store) {
    let member = friends(&db, 1).await[0];
    let mut tx = begin(&db).await;
    let id = tx.messages().insert(&made_of_a_template(member)).await;
    let id = id.unwrap();
    commit(tx).await;
    let mut tx = begin(&db).await;
    let message = tx.messages().find(id).await.unwrap().unwrap();
    let record = message.record();
    assert_eq!(record.template_id, Some(5.into()));
    assert_eq!(
        record.frozen_template.as_deref(),
        Some(r#"{"type":"text"}"#)
    );
    assert_eq!(record.clicked_at, None);
    assert!(tx.messages().clicked(id, at(3)).await.unwrap());
    assert!(!tx.messages().clicked(id, at(4)).await.unwrap());
    let gone = MessageId::new(id.get() + 1_000);
    assert!(!tx.messages().clicked(gone, at(4)).await.unwrap());
    commit(tx).await;
    let mut tx = begin(&db).await;
    let message = tx.messages().find(id).await.unwrap().unwrap();
    assert_eq!(message.record().clicked_at, Some(at(3)), "the first one");
}

async fn what_a_message_was_made_of_is_told(db: Database) {
    let member = friends(&db, 1).await[0];
    let mut tx = begin(&db).await;
    let id = tx.messages().insert(&made_of_a_template(member)).await;
    let id = id.unwrap();
    let words = tx.messages().insert(&received(member, "1", 0)).await;
    tx.messages().clicked(id, at(3)).await.unwrap();
    commit(tx).await;
    let frozen = MessageQueries::frozen_template(&db, id).await.unwrap();
    assert_eq!(frozen.as_deref(), Some(r#"{"type":"text"}"#));
    for none in [words.unwrap(), MessageId::new(id.get() + 1_000)] {
        assert_eq!(
            MessageQueries::frozen_template(&db, none).await.unwrap(),
            None
        );
    }
    let row = MessageQueries::detail(&db, id).await.unwrap().unwrap();
    assert_eq!(row.clicked_at, Some(at(3)));
}
