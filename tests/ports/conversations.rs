//! Conversations: figures that are kept with every message, who looks after them, notes.

use crate::audience_rules::dice::Dice;
use crate::merges::{DeskStore, Pair, pair};
use crate::messages::{StaffedStore, insert, said, staff};
use crate::samples::{Store, at, begin, commit, friends};
use crm_database::Database;
use crm_kernel::{
    Actor, MemberId, MessageId, NoteId, PageRequest, StoreError, Transaction, Transactions, UserId,
};
use crm_messages::{
    AssignedTo, Conversation, ConversationFilter, ConversationQueries, ConversationsTx, Direction,
    FailReason, Incoming, LastSaid, MessageContent, MessageRecord, MessageType, NewMessage,
    NewNote, NoteText, ReceivedMessage, SenderType, Settlement,
};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

mod repository {
    use super::*;

    crate::contract_on_every_store!(
        kept_figures_equal_a_count_over_rows_whatever_happens,
        what_is_planned_or_fails_is_not_said_and_what_is_sent_is_said_then,
        a_conversation_is_given_to_somebody_who_is_there,
        a_note_is_read_back_changed_and_deleted,
        an_erased_member_leaves_nothing_of_a_conversation,
        two_conversations_become_one_and_two_again,
    );
}

mod queries {
    use super::*;

    crate::contract!(
        the_latest_conversation_comes_first_and_every_filter_narrows,
        a_guest_is_searched_for_as_in_the_list_of_members,
        a_conversation_on_a_screen_has_its_guest_and_its_colleague,
        a_thread_is_searched_for_words_as_they_are_written,
        notes_are_listed_the_newest_first,
        many_who_write_at_once_are_all_counted,
        messages_of_an_older_release_are_counted_when_it_is_replaced,
    );
}

/// A store on which guests and staff talk.
pub trait TalkStore: StaffedStore + DeskStore + Transactions<dyn ConversationsTx> {}
impl<S: StaffedStore + DeskStore + Transactions<dyn ConversationsTx>> TalkStore for S {}

/// A unit of work over conversations.
async fn talk(store: &impl Transactions<dyn ConversationsTx>) -> Box<dyn ConversationsTx> {
    store.begin().await.unwrap()
}

async fn kept(
    store: &impl Transactions<dyn ConversationsTx>,
    member: MemberId,
) -> Option<Conversation> {
    let mut tx = talk(store).await;
    tx.conversations().find(member).await.unwrap()
}

fn received(member: MemberId, line_id: &str, minute: i64) -> NewMessage {
    NewMessage::received(ReceivedMessage {
        member_id: member,
        line_message_id: line_id.to_owned(),
        at: at(minute),
        incoming: Incoming::Text(format!("請問 {line_id}")),
    })
}

async fn receive(store: &impl Store, member: MemberId, line_id: &str, minute: i64) -> MessageId {
    let mut tx = begin(store).await;
    let new = received(member, line_id, minute);
    let id = tx.messages().receive(&new).await.unwrap().unwrap();
    commit(tx).await;
    id
}

async fn settle(store: &impl Store, id: MessageId, how: Settlement) {
    let mut tx = begin(store).await;
    assert!(tx.messages().settle(id, &how).await.unwrap());
    commit(tx).await;
}

async fn assign(store: &impl TalkStore, member: MemberId, to: Option<UserId>) {
    let mut tx = talk(store).await;
    tx.conversations().assign(member, to).await.unwrap();
    Transaction::commit(tx).await.unwrap();
}

/// What the figures of a conversation must be, by looking at every message.
fn counted(all: &[(MessageId, MessageRecord)], member: MemberId) -> Conversation {
    let mut rows = all.to_vec();
    rows.retain(|(_, row)| row.member_id == member && row.said_at().is_some());
    let last = rows.iter().max_by_key(|(id, row)| (row.said_at(), *id));
    let incoming = rows
        .iter()
        .filter(|(_, row)| row.direction == Direction::Incoming);
    Conversation {
        member_id: member,
        last: last.map(|(id, row)| LastSaid {
            id: *id,
            at: row.said_at().unwrap(),
            direction: row.direction,
        }),
        last_incoming_at: incoming.clone().map(|(_, row)| row.created_at).max(),
        unread_count: incoming.filter(|(_, row)| row.read_at.is_none()).count() as u64,
        assigned_to: None,
    }
}

async fn assert_kept(store: &impl TalkStore, members: &[MemberId], ids: &[MessageId], after: &str) {
    let mut tx = begin(store).await;
    let mut rows: Vec<(MessageId, MessageRecord)> = Vec::new();
    for id in ids {
        if let Some(message) = tx.messages().find(*id).await.unwrap() {
            rows.push((*id, message.record().clone()));
        }
    }
    drop(tx);
    for member in members {
        let expected = counted(&rows, *member);
        let found = kept(store, *member).await;
        let found = found.unwrap_or(Conversation {
            member_id: *member,
            last: None,
            last_incoming_at: None,
            unread_count: 0,
            assigned_to: None,
        });
        assert_eq!(found, expected, "after {after}");
    }
}

/// A message of the hotel's, in any state in which one may be stored.
fn outgoing(dice: &mut Dice, member: MemberId, minute: i64) -> NewMessage {
    let text = MessageContent::typed(MessageType::Text, "您好").unwrap();
    let key = Uuid::from_u128(1);
    match dice.below(3) {
        0 => said(member, "自動", minute),
        1 => NewMessage::by_hand(member, text, None, key, None, at(minute)),
        _ => NewMessage::by_hand(member, text, None, key, Some(at(minute + 60)), at(minute)),
    }
}

async fn kept_figures_equal_a_count_over_rows_whatever_happens(store: impl TalkStore) {
    let Pair {
        members: desk,
        typed,
        friend,
        ..
    } = pair(&store).await;
    let other = crate::samples::friend(&store, "U2", at(0)).await;
    let all = [typed, friend, other];
    let mut dice = Dice::new(5);
    let mut ids: Vec<MessageId> = Vec::new();
    let mut merged = None;
    for step in 0..120 {
        let alive: Vec<MemberId> = match merged {
            None => all.to_vec(),
            Some(_) => vec![typed, other],
        };
        let member = dice.pick(&alive);
        // Not in the order of time, and often several at one moment.
        let minute = i64::from(dice.below(20));
        let mut tx = begin(&store).await;
        let after = match dice.below(12) {
            0..=3 => {
                // Now and then LINE delivers one again.
                let line_id = format!("L{}", dice.below(60));
                let new = received(member, &line_id, minute);
                ids.extend(tx.messages().receive(&new).await.unwrap());
                "a message of a guest"
            }
            4..=5 => {
                let new = outgoing(&mut dice, member, minute);
                ids.push(tx.messages().insert(&new).await.unwrap());
                "a message of the hotel"
            }
            6..=7 if !ids.is_empty() => {
                let how = if dice.chance(70) {
                    Settlement::Sent { at: at(minute) }
                } else {
                    Settlement::failed(FailReason::Quota, "no more")
                };
                let id = dice.pick(&ids);
                tx.messages().settle(id, &how).await.unwrap();
                "settling"
            }
            8 => {
                tx.messages().mark_read(member, at(minute)).await.unwrap();
                "reading"
            }
            9 if !ids.is_empty() => {
                let id = dice.pick(&ids);
                tx.messages().delete(id).await.unwrap();
                "deleting"
            }
            10 => {
                drop(tx);
                merged = match merged {
                    None => {
                        let one = desk.merge(&Actor::System, typed, friend).await;
                        Some(one.unwrap().merge_id)
                    }
                    Some(merge) => {
                        desk.undo_merge(&Actor::System, merge).await.unwrap();
                        None
                    }
                };
                tx = begin(&store).await;
                "merging or parting"
            }
            _ => {
                let new = received(member, &format!("X{step}"), minute);
                tx.messages().receive(&new).await.unwrap();
                drop(tx);
                tx = begin(&store).await;
                "what was not committed"
            }
        };
        commit(tx).await;
        assert_kept(&store, &all, &ids, after).await;
    }
    assert!(ids.len() > 30);
}

async fn what_is_planned_or_fails_is_not_said_and_what_is_sent_is_said_then(store: impl TalkStore) {
    let member = friends(&store, 1).await[0];
    assert_eq!(kept(&store, member).await, None);
    let asked = receive(&store, member, "L1", 5).await;
    let text = MessageContent::typed(MessageType::Text, "提醒您").unwrap();
    let key = Uuid::from_u128(1);
    let planned = NewMessage::by_hand(member, text, None, key, Some(at(60)), at(6));
    let planned = insert(&store, &planned).await;
    let failing = insert(&store, &said(member, "a", 7)).await;
    let no_more = Settlement::failed(FailReason::Quota, "no more");
    settle(&store, failing, no_more).await;
    let last = async || kept(&store, member).await.unwrap().last.unwrap();
    let expected = LastSaid {
        id: asked,
        at: at(5),
        direction: Direction::Incoming,
    };
    assert_eq!(last().await, expected);
    settle(&store, planned, Settlement::Sent { at: at(60) }).await;
    // It came in before, and arrived late.
    receive(&store, member, "L2", 59).await;
    let expected = LastSaid {
        id: planned,
        at: at(60),
        direction: Direction::Outgoing,
    };
    assert_eq!(last().await, expected);
    let figures = kept(&store, member).await.unwrap();
    assert_eq!(
        (figures.unread_count, figures.last_incoming_at),
        (2, Some(at(59)))
    );
    // What a campaign sends is said in no conversation.
    let campaign = MessageRecord {
        sender_type: Some(SenderType::Campaign),
        ..said(member, "a", 99).record().clone()
    };
    assert_eq!(campaign.said_at(), None);
}

async fn a_conversation_is_given_to_somebody_who_is_there(store: impl TalkStore) {
    let member = friends(&store, 1).await[0];
    let mei = staff(&store, "mei", Some("陳小美")).await;
    let (nobody, stranger) = (MemberId::new(999_999), UserId::new(999_999));
    for (member, to) in [
        (nobody, None),
        (nobody, Some(mei)),
        (member, Some(stranger)),
    ] {
        let mut tx = talk(&store).await;
        let refused = tx.conversations().assign(member, to).await;
        assert!(matches!(refused, Err(StoreError::Reference)), "{to:?}");
    }
    assert_eq!(kept(&store, member).await, None);
    assign(&store, member, Some(mei)).await;
    receive(&store, member, "L1", 0).await;
    let figures = kept(&store, member).await.unwrap();
    assert_eq!((figures.assigned_to, figures.unread_count), (Some(mei), 1));
    assign(&store, member, None).await;
    assert_eq!(kept(&store, member).await.unwrap().assigned_to, None);

    let mut tx = talk(&store).await;
    assert_eq!(tx.conversations().colleague(stranger).await.unwrap(), None);
    let colleague = tx.conversations().colleague(mei).await.unwrap().unwrap();
    assert_eq!(
        (colleague.name.as_str(), colleague.may_answer),
        ("陳小美", true)
    );
    drop(tx);
    let mut tx = Transactions::<dyn crm_accounts::AccountsTx>::begin(&store)
        .await
        .unwrap();
    let mut user = tx.users().find(mei).await.unwrap().unwrap();
    user.deactivate(at(1));
    tx.users().update(&user).await.unwrap();
    Transaction::commit(tx).await.unwrap();
    let mut tx = talk(&store).await;
    let colleague = tx.conversations().colleague(mei).await.unwrap().unwrap();
    assert!(!colleague.may_answer);
}

fn note(member: MemberId, author: Option<UserId>, words: &str, minute: i64) -> NewNote {
    NewNote {
        member_id: member,
        author_id: author,
        text: NoteText::parse(words).unwrap(),
        created_at: at(minute),
    }
}

async fn noted(store: &impl TalkStore, new: &NewNote) -> NoteId {
    let mut tx = talk(store).await;
    let id = tx.conversations().insert_note(new).await.unwrap();
    Transaction::commit(tx).await.unwrap();
    id
}

async fn a_note_is_read_back_changed_and_deleted(store: impl TalkStore) {
    let member = friends(&store, 1).await[0];
    let mei = staff(&store, "mei", None).await;
    let new = note(member, Some(mei), "靜\n'; -- 😀𠮷", 0);
    let id = noted(&store, &new).await;
    let mut tx = talk(&store).await;
    let found = tx.conversations().find_note(id).await.unwrap().unwrap();
    assert_eq!((found.id, &found.new, found.updated_at), (id, &new, None));
    let words = NoteText::parse("高樓層").unwrap();
    let rewritten = tx.conversations().rewrite_note(id, &words, at(1)).await;
    assert!(rewritten.unwrap());
    let found = tx.conversations().find_note(id).await.unwrap().unwrap();
    assert_eq!((&found.new.text, found.updated_at), (&words, Some(at(1))));
    assert_eq!(found.new.author_id, Some(mei));
    assert!(tx.conversations().delete_note(id).await.unwrap());
    assert!(!tx.conversations().delete_note(id).await.unwrap());
    let rewritten = tx.conversations().rewrite_note(id, &words, at(1)).await;
    assert!(!rewritten.unwrap());
    assert_eq!(tx.conversations().find_note(id).await.unwrap(), None);
    drop(tx);
    for (member, author) in [
        (MemberId::new(999_999), None),
        (member, Some(UserId::new(999_999))),
    ] {
        let mut tx = talk(&store).await;
        let new = note(member, author, "x", 0);
        let refused = tx.conversations().insert_note(&new).await;
        assert!(matches!(refused, Err(StoreError::Reference)));
    }
}

async fn an_erased_member_leaves_nothing_of_a_conversation(store: impl TalkStore) {
    let members = friends(&store, 2).await;
    let mut notes = Vec::new();
    for member in &members {
        receive(&store, *member, &format!("L{member}"), 0).await;
        notes.push(noted(&store, &note(*member, None, "靜", 0)).await);
    }
    let mut tx = begin(&store).await;
    assert!(tx.members().delete(members[0]).await.unwrap());
    commit(tx).await;
    assert_eq!(kept(&store, members[0]).await, None);
    assert!(kept(&store, members[1]).await.is_some());
    let mut tx = talk(&store).await;
    let left = [notes[0], notes[1]];
    let mut there = Vec::new();
    for id in left {
        there.push(tx.conversations().find_note(id).await.unwrap().is_some());
    }
    assert_eq!(there, [false, true]);
}

async fn two_conversations_become_one_and_two_again(store: impl TalkStore) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&store).await;
    let mei = staff(&store, "mei", None).await;
    assign(&store, friend, Some(mei)).await;
    let own = noted(&store, &note(friend, Some(mei), "靜", 0)).await;
    let first = receive(&store, friend, "L1", 1).await;
    let owner = async |id| {
        let mut tx = talk(&store).await;
        let note = tx.conversations().find_note(id).await.unwrap();
        note.map(|note| note.new.member_id)
    };
    let merged = members.merge(&Actor::System, typed, friend).await.unwrap();
    let one = kept(&store, typed).await.unwrap();
    assert_eq!((one.last.unwrap().id, one.unread_count), (first, 1));
    assert_eq!(
        one.assigned_to,
        Some(mei),
        "who looked after the one goes on"
    );
    assert_eq!(owner(own).await, Some(typed));
    assert_eq!(kept(&store, friend).await, None);

    let later = noted(&store, &note(typed, None, "後來", 2)).await;
    let second = receive(&store, typed, "L2", 2).await;
    let undone = members.undo_merge(&Actor::System, merged.merge_id).await;
    undone.unwrap();
    assert_eq!(
        (owner(own).await, owner(later).await),
        (Some(friend), Some(typed))
    );
    for (member, last) in [(friend, first), (typed, second)] {
        let figures = kept(&store, member).await.unwrap();
        assert_eq!((figures.last.unwrap().id, figures.unread_count), (last, 1));
        assert_eq!(
            figures.assigned_to,
            Some(mei),
            "both, until somebody decides"
        );
    }
}

fn page(number: u64, size: u64) -> PageRequest {
    PageRequest::new(number, size).unwrap()
}

async fn listed(db: &Database, filter: &ConversationFilter) -> Vec<MemberId> {
    let mut seen = Vec::new();
    for number in 1..=4 {
        let list = ConversationQueries::list(db, filter, page(number, 2)).await;
        let list = list.unwrap();
        seen.extend(list.items.iter().map(|row| row.member.id));
        if number == 4 {
            assert_eq!(list.total, seen.len() as u64, "{filter:?}");
        }
    }
    seen
}

async fn the_latest_conversation_comes_first_and_every_filter_narrows(db: Database) {
    let m = friends(&db, 5).await;
    let mei = staff(&db, "mei", None).await;
    // 0 is answered, 1 and 2 wait at one moment, 3 was read, nothing was said with 4.
    receive(&db, m[0], "L0", 9).await;
    let answer = insert(&db, &said(m[0], "a", 9)).await;
    settle(&db, answer, Settlement::Sent { at: at(10) }).await;
    receive(&db, m[1], "L1", 5).await;
    receive(&db, m[2], "L2", 5).await;
    receive(&db, m[3], "L3", 1).await;
    let mut tx = begin(&db).await;
    tx.messages().mark_read(m[3], at(2)).await.unwrap();
    commit(tx).await;
    insert(&db, &said(m[4], "a", 99)).await;
    assign(&db, m[4], Some(mei)).await;
    assign(&db, m[2], Some(mei)).await;
    let all = ConversationFilter::default();
    for (filter, wanted) in [
        (all.clone(), vec![m[0], m[2], m[1], m[3]]),
        (
            ConversationFilter {
                unread: Some(true),
                ..all.clone()
            },
            vec![m[0], m[2], m[1]],
        ),
        (
            ConversationFilter {
                unread: Some(false),
                ..all.clone()
            },
            vec![m[3]],
        ),
        (
            ConversationFilter {
                needs_answer: Some(true),
                ..all.clone()
            },
            vec![m[2], m[1], m[3]],
        ),
        (
            ConversationFilter {
                needs_answer: Some(false),
                ..all.clone()
            },
            vec![m[0]],
        ),
        (
            ConversationFilter {
                assigned_to: Some(AssignedTo::User(mei)),
                ..all.clone()
            },
            vec![m[2]],
        ),
        (
            ConversationFilter {
                assigned_to: Some(AssignedTo::Nobody),
                needs_answer: Some(true),
                unread: Some(true),
                ..all
            },
            vec![m[1]],
        ),
    ] {
        assert_eq!(listed(&db, &filter).await, wanted, "{filter:?}");
    }
}

async fn a_guest_is_searched_for_as_in_the_list_of_members(db: Database) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&db).await;
    receive(&db, typed, "L1", 0).await;
    receive(&db, friend, "L2", 0).await;
    let long = crm_members::UpdateMember {
        email: crm_kernel::Patch::Set("a.very.long.address.of.somebody@example.org".into()),
        ..crm_members::UpdateMember::default()
    };
    members.update(&Actor::System, friend, long).await.unwrap();
    for (text, wanted) in [
        ("小明", vec![typed]),
        ("王小", vec![typed]),
        ("大明", vec![]),
        ("%", vec![]),
        ("very.long.address.of.somebody", vec![friend]),
        ("very.long.address.of.nobody", vec![]),
        ("\u{301}", vec![]),
    ] {
        let filter = ConversationFilter {
            search: Some(text.to_owned()),
            ..ConversationFilter::default()
        };
        assert_eq!(listed(&db, &filter).await, wanted, "{text:?}");
        let none = ConversationFilter {
            needs_answer: Some(false),
            ..filter
        };
        assert_eq!(listed(&db, &none).await, [], "{text:?}");
    }
}

async fn a_conversation_on_a_screen_has_its_guest_and_its_colleague(db: Database) {
    let member = friends(&db, 1).await[0];
    let mei = staff(&db, "mei", Some("陳小美")).await;
    assign(&db, member, Some(mei)).await;
    let id = receive(&db, member, "L1", 3).await;
    let all = ConversationFilter::default();
    let shown = async || {
        let list = ConversationQueries::list(&db, &all, page(1, 20)).await;
        list.unwrap().items.remove(0)
    };
    let row = shown().await;
    assert_eq!(
        (row.member.id, row.member.line_state.as_deref()),
        (member, Some("following"))
    );
    assert_eq!((row.last.id, row.last.at), (id, at(3)));
    assert_eq!(row.last.preview, "請問 L1");
    assert_eq!(
        (row.last.direction, row.last.sender_type),
        (Direction::Incoming, None)
    );
    assert_eq!((row.unread_count, row.last_incoming_at), (1, Some(at(3))));
    assert!(row.needs_answer());
    let colleague = row.assigned_to.unwrap();
    assert_eq!((colleague.id, colleague.name.as_str()), (mei, "陳小美"));

    let deleted = db.pool().execute_unprepared("DELETE FROM users").await;
    deleted.unwrap();
    let picture = MessageContent::typed(MessageType::Image, "https://hotel.tw/a.jpg").unwrap();
    let sent = NewMessage::by_hand(member, picture, None, Uuid::from_u128(1), None, at(4));
    let sent = insert(&db, &sent).await;
    settle(&db, sent, Settlement::Sent { at: at(4) }).await;
    let row = shown().await;
    assert_eq!(row.assigned_to, None);
    assert_eq!(
        (row.last.preview.as_str(), row.last.message_type),
        ("[image]", MessageType::Image)
    );
    assert_eq!(row.last.sender_type, Some(SenderType::Manual));
    assert!(!row.needs_answer());
}

async fn a_thread_is_searched_for_words_as_they_are_written(db: Database) {
    let members = friends(&db, 2).await;
    let mut ids = Vec::new();
    for (minute, words) in [
        (0, "打折 50%_OFF!"),
        (1, "500 元"),
        (2, "Dinner for two"),
        (3, "晚餐 dinner"),
    ] {
        ids.push(insert(&db, &said(members[0], words, minute)).await);
    }
    insert(&db, &said(members[1], "50%", 0)).await;
    for (words, wanted) in [
        (vec!["50%"], vec![ids[0]]),
        (vec!["%_off!"], vec![ids[0]]),
        (vec!["5__"], vec![]),
        (vec!["DINNER"], vec![ids[3], ids[2]]),
        (vec!["dinner", "two"], vec![ids[2]]),
        (vec!["餐"], vec![ids[3]]),
        (vec!["\\"], vec![]),
        (vec!["'"], vec![]),
        (vec![], vec![ids[3], ids[2], ids[1], ids[0]]),
    ] {
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        let mut seen = Vec::new();
        for number in 1..=4 {
            let found = db.search_thread(members[0], &words, page(number, 1)).await;
            let found = found.unwrap();
            assert_eq!(found.total, wanted.len() as u64, "{words:?}");
            seen.extend(found.items.into_iter().filter_map(|row| row.id));
        }
        assert_eq!(seen, wanted, "{words:?}");
    }
}

async fn notes_are_listed_the_newest_first(db: Database) {
    let members = friends(&db, 2).await;
    let mei = staff(&db, "mei", Some("陳小美")).await;
    let mut ids = Vec::new();
    for words in ["一", "二", "三"] {
        ids.push(noted(&db, &note(members[0], Some(mei), words, 0)).await);
    }
    noted(&db, &note(members[1], None, "別人", 0)).await;
    let mut seen = Vec::new();
    for number in 1..=2 {
        let list = db.notes(members[0], page(number, 2)).await.unwrap();
        assert_eq!(list.total, 3);
        seen.extend(list.items.into_iter().map(|row| row.id));
    }
    ids.reverse();
    assert_eq!(seen, ids);
    let row = db.note(ids[0]).await.unwrap().unwrap();
    assert_eq!((row.text.as_str(), row.member_id), ("三", members[0]));
    assert_eq!(row.author.unwrap().name, "陳小美");
    assert_eq!(db.note(NoteId::new(999_999)).await.unwrap(), None);
}

async fn many_who_write_at_once_are_all_counted(db: Database) {
    let member = friends(&db, 1).await[0];
    let writers = (0..24).map(|n| {
        let db = db.clone();
        async move {
            loop {
                let mut tx = begin(&db).await;
                let new = received(member, &format!("L{n}"), i64::from(n));
                let done = match n % 6 {
                    5 => tx.messages().mark_read(member, at(99)).await.map(|_| ()),
                    _ => tx.messages().receive(&new).await.map(|_| ()),
                };
                match done {
                    Ok(()) => match Transaction::commit(tx).await {
                        Ok(()) => return,
                        Err(StoreError::Busy(_)) => {}
                        Err(error) => panic!("{error}"),
                    },
                    // Two writers met; the loser tries again, as the edges do.
                    Err(StoreError::Busy(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
    });
    futures::future::join_all(writers).await;
    let unread = "SELECT COUNT(*) FROM messages WHERE read_at IS NULL";
    let unread = crate::samples::number(&db, unread).await;
    let figures = kept(&db, member).await.unwrap();
    assert_eq!(figures.unread_count, unread.unsigned_abs());
    assert_eq!(figures.last.unwrap().at, at(22));
}

async fn messages_of_an_older_release_are_counted_when_it_is_replaced(db: Database) {
    let m = friends(&db, 3).await;
    let mut ids = vec![
        receive(&db, m[0], "L1", 1).await,
        receive(&db, m[1], "L2", 2).await,
    ];
    let mut tx = begin(&db).await;
    tx.messages().mark_read(m[1], at(2)).await.unwrap();
    commit(tx).await;
    ids.push(insert(&db, &said(m[0], "a", 9)).await);
    settle(&db, ids[2], Settlement::Sent { at: at(20) }).await;
    ids.push(insert(&db, &said(m[0], "b", 30)).await);
    ids.push(insert(&db, &said(m[2], "c", 30)).await);
    ids.push(receive(&db, m[0], "L3", 20).await);
    crate::migrations::again_from(&db, "m0017_talking").await;
    assert_kept(&db, &m, &ids, "the migration").await;
    let open = "SELECT COUNT(*) FROM conversations";
    assert_eq!(crate::samples::number(&db, open).await, 3);
}
