//! Content of messages: what becomes of it, and the files it lies in.

use crate::samples::{Store, at, begin, commit, friends};
use crm_database::Database;
use crm_kernel::{MemberId, MessageId};
use crm_messages::{
    ContentKind, Elsewhere, Incoming, MediaEnd, MediaFailure, MediaQueries, MediaState,
    MessageQueries, NewMessage, Picture, ReceivedMessage, Recording, SentFile, SentKind,
};

mod repository {
    use super::*;

    crate::contract_on_every_store!(
        only_a_message_with_content_at_line_has_any,
        a_path_is_chosen_once,
        only_pending_content_is_settled,
        forgotten_content_is_gone_with_what_line_told,
        the_files_of_a_member_are_those_of_all_their_messages,
        details_are_read_back_as_they_were_written,
    );
}

mod queries {
    use super::*;

    crate::contract!(
        a_screen_shows_what_became_of_content,
        a_file_is_known_as_long_as_a_message_names_it,
        content_goes_with_its_message,
        a_file_is_looked_up_by_its_index,
    );
}

fn picture() -> SentKind {
    SentKind::Image(Picture::default())
}

fn file() -> SentKind {
    SentKind::File(SentFile {
        name: "𠮷野家 發票.pdf".into(),
        size: Some(2_138),
    })
}

async fn guest(db: &impl Store) -> MemberId {
    friends(db, 1).await[0]
}

/// A guest sends something; LINE's id of it is the word.
async fn sent(db: &impl Store, member: MemberId, line_id: &str, kind: &SentKind) -> MessageId {
    let new = NewMessage::received(ReceivedMessage {
        member_id: member,
        line_message_id: line_id.to_owned(),
        at: at(3),
        incoming: kind.incoming(None),
    });
    let mut tx = begin(db).await;
    let id = tx.messages().receive(&new).await.unwrap().unwrap();
    commit(tx).await;
    id
}

async fn choose(db: &impl Store, id: MessageId, path: &str) {
    let mut tx = begin(db).await;
    tx.media().begin(id, path, at(5)).await.unwrap();
    commit(tx).await;
}

async fn settle(db: &impl Store, id: MessageId, end: &MediaEnd) -> bool {
    let mut tx = begin(db).await;
    let settled = tx.media().settle(id, end, at(9)).await.unwrap();
    commit(tx).await;
    settled
}

const STORED: MediaEnd = MediaEnd::Stored {
    content_type: "image/jpeg",
    bytes: 5_000_000_000,
};

async fn only_a_message_with_content_at_line_has_any(db: impl Store) {
    let member = guest(&db).await;
    let elsewhere = Recording {
        elsewhere: Some(Elsewhere::default()),
        duration_ms: Some(9),
    };
    for (line_id, kind, expected) in [
        ("1", picture(), Some((ContentKind::Image, None))),
        ("2", file(), Some((ContentKind::File, Some(2_138)))),
        ("3", SentKind::Video(elsewhere), None),
        (
            "4",
            SentKind::Sticker(crm_messages::Sticker::default()),
            None,
        ),
    ] {
        let id = sent(&db, member, line_id, &kind).await;
        let found = begin(&db).await.media().find(id).await.unwrap();
        let facts = found.as_ref().map(|m| (m.kind, m.announced_bytes));
        assert_eq!(facts, expected, "{kind:?}");
        if let Some(media) = found {
            assert_eq!(media.message_id, id);
            assert_eq!(media.line_message_id, line_id);
            assert_eq!(media.state, MediaState::Pending);
            assert_eq!((media.path, media.begun_at), (None, None));
        }
    }
    let mut tx = begin(&db).await;
    assert!(
        tx.media()
            .find(MessageId::new(999))
            .await
            .unwrap()
            .is_none()
    );
}

async fn a_path_is_chosen_once(db: impl Store) {
    let id = sent(&db, guest(&db).await, "1", &picture()).await;
    choose(&db, id, "media/a").await;
    choose(&db, id, "media/b").await;
    let media = begin(&db).await.media().find(id).await.unwrap().unwrap();
    assert_eq!(media.path.as_deref(), Some("media/a"));
    assert_eq!(media.begun_at, Some(at(5)));
}

async fn only_pending_content_is_settled(db: impl Store) {
    let member = guest(&db).await;
    for (line_id, end) in [
        ("1", STORED),
        ("2", MediaEnd::Failed(MediaFailure::TooLarge)),
        ("3", MediaEnd::Gone),
    ] {
        let id = sent(&db, member, line_id, &picture()).await;
        assert!(settle(&db, id, &end).await);
        assert!(!settle(&db, id, &MediaEnd::Gone).await);
        let media = begin(&db).await.media().find(id).await.unwrap().unwrap();
        assert_eq!(media.state, end.state());
        choose(&db, id, "media/late").await;
        let media = begin(&db).await.media().find(id).await.unwrap().unwrap();
        assert_eq!(media.path, None);
    }
    assert!(!settle(&db, MessageId::new(999), &STORED).await);
}

async fn forgotten_content_is_gone_with_what_line_told(db: impl Store) {
    let member = guest(&db).await;
    let id = sent(&db, member, "1", &file()).await;
    choose(&db, id, "media/a").await;
    settle(&db, id, &STORED).await;
    let place = sent(
        &db,
        member,
        "2",
        &SentKind::Location(crm_messages::Place::default()),
    )
    .await;
    let mut tx = begin(&db).await;
    let path = tx.media().forget(id, at(10)).await.unwrap();
    assert_eq!(path.as_deref(), Some("media/a"));
    for _ in 0..2 {
        assert_eq!(tx.media().forget(id, at(10)).await.unwrap(), None);
        assert_eq!(tx.media().forget(place, at(10)).await.unwrap(), None);
    }
    commit(tx).await;
    let mut tx = begin(&db).await;
    let media = tx.media().find(id).await.unwrap().unwrap();
    assert_eq!((media.state, media.path), (MediaState::Gone, None));
    assert_eq!(media.announced_bytes, None);
    for id in [id, place] {
        let message = tx.messages().find(id).await.unwrap().unwrap();
        assert!(message.record().details.is_none());
    }
}

async fn the_files_of_a_member_are_those_of_all_their_messages(db: impl Store) {
    let two = friends(&db, 2).await;
    for (i, member) in [(1, two[0]), (2, two[0]), (3, two[1])] {
        let id = sent(&db, member, &format!("{i}"), &picture()).await;
        choose(&db, id, &format!("media/{i}")).await;
    }
    sent(&db, two[0], "4", &picture()).await;
    let paths = begin(&db).await.media().paths_of(two[0]).await.unwrap();
    assert_eq!(paths, ["media/1", "media/2"]);
}

async fn details_are_read_back_as_they_were_written(db: impl Store) {
    let member = guest(&db).await;
    let id = sent(&db, member, "1", &file()).await;
    let message = begin(&db).await.messages().find(id).await.unwrap().unwrap();
    assert!(message.record().details == Some(file()));
    let plain = NewMessage::received(ReceivedMessage {
        member_id: member,
        line_message_id: "2".to_owned(),
        at: at(3),
        incoming: Incoming::Text("hi".into()),
    });
    let mut tx = begin(&db).await;
    let id = tx.messages().receive(&plain).await.unwrap().unwrap();
    let message = tx.messages().find(id).await.unwrap().unwrap();
    assert!(message.record().details.is_none());
}

async fn a_screen_shows_what_became_of_content(db: Database) {
    let member = guest(&db).await;
    for (line_id, end) in [
        ("1", None),
        ("2", Some(STORED)),
        ("3", Some(MediaEnd::Failed(MediaFailure::NotPrepared))),
    ] {
        let id = sent(&db, member, line_id, &file()).await;
        if let Some(end) = &end {
            settle(&db, id, end).await;
        }
        let row = db.detail(id).await.unwrap().unwrap();
        assert!(row.details == Some(file()));
        let shown = row.media.unwrap();
        let file = db.media_file(id).await.unwrap().unwrap();
        assert_eq!(file.view, shown);
        assert_eq!(file.kind, ContentKind::File);
        assert!(file.file.is_some_and(|file| file.name == "𠮷野家 發票.pdf"));
        match end {
            None => assert_eq!(shown.state, MediaState::Pending),
            Some(MediaEnd::Stored { .. }) => {
                assert_eq!(shown.content_type.as_deref(), Some("image/jpeg"));
                assert_eq!(shown.bytes, Some(5_000_000_000));
            }
            Some(_) => assert_eq!(shown.failure, Some(MediaFailure::NotPrepared)),
        }
    }
    assert!(db.media_file(MessageId::new(999)).await.unwrap().is_none());
}

async fn a_file_is_known_as_long_as_a_message_names_it(db: Database) {
    let id = sent(&db, guest(&db).await, "1", &picture()).await;
    choose(&db, id, "media/a").await;
    let asked = ["media/a".to_owned(), "media/b".to_owned()];
    let known = db.known_media(&asked).await.unwrap();
    assert_eq!(known.into_iter().collect::<Vec<_>>(), ["media/a"]);
    let mut tx = begin(&db).await;
    tx.media().forget(id, at(10)).await.unwrap();
    commit(tx).await;
    assert!(db.known_media(&asked).await.unwrap().is_empty());
    assert!(db.known_media(&[]).await.unwrap().is_empty());
}

async fn content_goes_with_its_message(db: Database) {
    let member = guest(&db).await;
    let id = sent(&db, member, "1", &picture()).await;
    let mut tx = begin(&db).await;
    assert!(tx.messages().delete(id).await.unwrap());
    commit(tx).await;
    assert!(db.media_file(id).await.unwrap().is_none());
    let mut tx = begin(&db).await;
    assert!(tx.media().find(id).await.unwrap().is_none());
}

async fn a_file_is_looked_up_by_its_index(db: Database) {
    use sea_orm::{ConnectionTrait, Statement};
    let explain = if db.is_mysql() {
        "EXPLAIN "
    } else {
        "EXPLAIN QUERY PLAN "
    };
    let pool = db.pool();
    let statement = Statement::from_string(
        pool.get_database_backend(),
        format!("{explain}SELECT path FROM message_media WHERE path IN ('media/a', 'media/b')"),
    );
    let steps = pool.query_all_raw(statement).await.unwrap();
    let column = if db.is_mysql() {
        "possible_keys"
    } else {
        "detail"
    };
    let used: Option<String> = steps[0].try_get("", column).unwrap();
    assert!(used.unwrap().contains("ix_message_media_path"));
}
