//! Who looks after a conversation, notes about it, and replies kept ready, over storage in
//! memory.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed; helpers are no test functions to clippy"
)]

use async_trait::async_trait;
use chrono::TimeDelta;
use crm_accounts::{AccountsTx, Email, NewUser, PasswordHash, Role, Username};
use crm_kernel::{
    Actor, AuditEntry, CannedReplyId, Clock, DomainError, ErrorKind, MemberId, NoteId, Page,
    PageRequest, Patch, StoreError, TemplateId, Transaction, Transactions, UserId,
};
use crm_members::{FieldEdits, MemberRecord, MemberSource, MembersTx};
use crm_memory::{MemoryStore, MovedClock};
use crm_messages::*;
use serde_json::{Value, json};
use std::sync::Arc;

/// Screens are the database adapter's; no decision may ask them.
struct NoScreens;

fn not_asked<T>() -> Result<T, StoreError> {
    Err(StoreError::internal("no screens here"))
}

#[async_trait]
impl ConversationQueries for NoScreens {
    async fn list(
        &self,
        _: &ConversationFilter,
        _: PageRequest,
    ) -> Result<Page<ConversationRow>, StoreError> {
        not_asked()
    }
    async fn search_thread(
        &self,
        _: MemberId,
        _: &[String],
        _: PageRequest,
    ) -> Result<Page<MessageRow>, StoreError> {
        not_asked()
    }
    async fn notes(&self, _: MemberId, _: PageRequest) -> Result<Page<NoteRow>, StoreError> {
        not_asked()
    }
    async fn note(&self, _: NoteId) -> Result<Option<NoteRow>, StoreError> {
        not_asked()
    }
}

#[async_trait]
impl CannedReplyQueries for NoScreens {
    async fn list(&self, _: Option<&str>, _: PageRequest) -> Result<Page<CannedReply>, StoreError> {
        not_asked()
    }
    async fn find(&self, _: CannedReplyId) -> Result<Option<CannedReply>, StoreError> {
        not_asked()
    }
    async fn titles_using(&self, _: TemplateId) -> Result<Vec<String>, StoreError> {
        not_asked()
    }
}

/// Texts may say everything but `{{`.
struct NoVariables;

impl Wording for NoVariables {
    fn check(&self, text: &str) -> Result<(), String> {
        match text.contains("{{") {
            true => Err("no variables here".into()),
            false => Ok(()),
        }
    }
}

struct Desk {
    conversations: Conversations,
    replies: CannedReplies,
    store: MemoryStore,
    clock: MovedClock,
}

impl Desk {
    fn new() -> Self {
        let (store, clock) = (MemoryStore::default(), MovedClock::default());
        let shared = Arc::new(store.clone());
        Self {
            conversations: Conversations::new(
                shared.clone(),
                Arc::new(NoScreens),
                Arc::new(clock.clone()),
            ),
            replies: CannedReplies::new(
                shared,
                Arc::new(NoScreens),
                Arc::new(NoVariables),
                Arc::new(clock.clone()),
            ),
            store,
            clock,
        }
    }

    async fn guest(&self) -> MemberId {
        let mut tx = Transactions::<dyn MembersTx>::begin(&self.store)
            .await
            .unwrap();
        let record = MemberRecord {
            line: None,
            first_name: None,
            last_name: None,
            gender: None,
            birthday: None,
            email: None,
            phone: None,
            id_number: None,
            source: MemberSource::System,
            accept_marketing: true,
            notes: None,
            created_at: self.clock.now(),
            last_interaction_at: None,
            updated_at: None,
            edits: FieldEdits::default(),
        };
        let id = MemberId::new(500);
        tx.merges().restore(id, &record).await.unwrap();
        Transaction::commit(tx).await.unwrap();
        id
    }

    async fn user(&self, name: &str, is_active: bool) -> UserId {
        let mut tx = Transactions::<dyn AccountsTx>::begin(&self.store)
            .await
            .unwrap();
        let new = NewUser {
            username: Username::parse(name).unwrap(),
            email: Email::parse(&format!("{name}@hotel.com")).unwrap(),
            password_hash: PasswordHash::new("$argon2id$…".into()),
            full_name: None,
            role: Role::CustomerService,
        };
        let mut user = tx.users().insert(new, self.clock.now()).await.unwrap();
        if !is_active {
            user.deactivate(self.clock.now());
            tx.users().update(&user).await.unwrap();
        }
        Transaction::commit(tx).await.unwrap();
        user.id()
    }

    fn log(&self) -> Vec<AuditEntry> {
        self.store.audit()
    }

    fn logged(&self) -> Vec<&'static str> {
        self.log().iter().map(|entry| entry.action).collect()
    }
}

const fn by(id: UserId) -> Actor {
    Actor::User { id }
}

fn fields(error: &impl DomainError) -> Vec<String> {
    error.fields().into_iter().map(|f| f.field).collect()
}

#[tokio::test]
async fn giving_a_conversation_away_is_written_down_once() {
    let desk = Desk::new();
    let (member, mei) = (desk.guest().await, desk.user("mei", true).await);
    let hua = desk.user("hua", true).await;
    for to in [Some(mei), Some(mei), Some(hua), None, None] {
        let given = desk.conversations.assign(&by(hua), member, to).await;
        assert_eq!(given.unwrap().map(|colleague| colleague.id), to);
        let kept = desk.store.conversation(member);
        assert_eq!(kept.and_then(|conversation| conversation.assigned_to), to);
    }
    let log = desk.log();
    let told: Vec<(Value, Value)> = log
        .iter()
        .map(|entry| {
            (
                entry.before["assigned_to"].clone(),
                entry.after["assigned_to"].clone(),
            )
        })
        .collect();
    let (mei, hua) = (json!(mei), json!(hua));
    let expected = [
        (Value::Null, mei.clone()),
        (mei, hua.clone()),
        (hua, Value::Null),
    ];
    assert_eq!(told, expected);
    let entry = &log[0];
    assert_eq!(
        (entry.action, entry.subject),
        ("conversation.assigned", "member")
    );
    assert_eq!(entry.subject_id, Some(member.get()));
}

#[tokio::test]
async fn whoever_may_not_answer_gets_no_conversation() {
    let desk = Desk::new();
    let (member, gone) = (desk.guest().await, desk.user("gone", false).await);
    for stranger in [gone, UserId::new(999)] {
        let refused = desk
            .conversations
            .assign(&Actor::System, member, Some(stranger))
            .await
            .unwrap_err();
        assert_eq!(
            (refused.kind(), fields(&refused)),
            (ErrorKind::Invalid, vec!["user_id".into()])
        );
    }
    let nobody = MemberId::new(999);
    let refused = desk
        .conversations
        .assign(&Actor::System, nobody, None)
        .await;
    assert_eq!(refused.unwrap_err().code(), "member_not_found");
    assert!(desk.log().is_empty() && desk.store.conversation(member).is_none());
}

#[tokio::test]
async fn a_note_is_changed_by_its_author_or_an_admin_and_its_words_stay_out_of_the_log() {
    let desk = Desk::new();
    let (member, mei) = (desk.guest().await, desk.user("mei", true).await);
    let hua = desk.user("hua", true).await;
    let talk = &desk.conversations;
    let id = talk.add_note(&by(mei), member, " 靜 ").await.unwrap();
    desk.clock.advance(TimeDelta::minutes(1));
    let other = talk.edit_note((&by(hua), false), member, id, "吵").await;
    assert_eq!(other.unwrap_err().kind(), ErrorKind::Forbidden);
    let elsewhere = MemberId::new(999);
    let other = talk.edit_note((&by(mei), false), elsewhere, id, "吵").await;
    assert_eq!(other.unwrap_err().code(), "note_not_found");
    let same = talk.edit_note((&by(mei), false), member, id, "靜").await;
    same.unwrap();
    assert_eq!(desk.store.conversation_notes()[0].updated_at, None);
    talk.edit_note((&by(mei), false), member, id, "高樓層")
        .await
        .unwrap();
    talk.edit_note((&by(hua), true), member, id, "低樓層")
        .await
        .unwrap();
    let note = desk.store.conversation_notes().remove(0);
    assert_eq!(
        (note.new.text.as_str(), note.new.author_id),
        ("低樓層", Some(mei))
    );
    assert_eq!(note.updated_at, Some(desk.clock.now()));
    let refused = talk.delete_note((&by(hua), false), member, id).await;
    assert_eq!(refused.unwrap_err().code(), "note_of_somebody_else");
    talk.delete_note((&by(mei), false), member, id)
        .await
        .unwrap();
    let gone = talk.delete_note((&by(mei), false), member, id).await;
    assert_eq!(gone.unwrap_err().code(), "note_not_found");
    let expected = [
        "conversation.note_added",
        "conversation.note_edited",
        "conversation.note_edited",
        "conversation.note_deleted",
    ];
    assert_eq!(desk.logged(), expected);
    for entry in desk.log() {
        assert_eq!(json!(entry.after), json!({"member_id": member}));
        assert!(entry.before.is_empty());
    }
    let system = talk.add_note(&Actor::System, member, "自動").await.unwrap();
    let refused = talk
        .delete_note((&Actor::System, false), member, system)
        .await;
    assert_eq!(
        refused.unwrap_err().kind(),
        ErrorKind::Forbidden,
        "nobody's is nobody's"
    );
}

fn words(title: &str, shortcut: Option<&str>, content: &str) -> CannedReplyDraft {
    CannedReplyDraft {
        title: title.into(),
        shortcut: shortcut.map(str::to_owned),
        message_type: MessageType::Text,
        content: Some(content.into()),
        template_id: None,
    }
}

#[tokio::test]
async fn a_reply_is_kept_changed_and_thrown_away_and_each_is_written_down() {
    let desk = Desk::new();
    let replies = &desk.replies;
    let draft = words("早餐", Some(" "), "七點");
    let reply = replies.create(&Actor::System, draft).await.unwrap();
    assert_eq!(reply.record().shortcut, None, "a blank one is none");
    desk.clock.advance(TimeDelta::minutes(1));
    let change = |changes| replies.update(&Actor::System, reply.id(), changes);
    let nothing = change(CannedReplyChanges::default()).await.unwrap();
    assert_eq!(nothing, reply);
    let picture = change(CannedReplyChanges {
        message_type: Some(MessageType::Image),
        ..CannedReplyChanges::default()
    });
    assert_eq!(
        fields(&picture.await.unwrap_err()),
        ["content"],
        "words are no picture"
    );
    let changed = change(CannedReplyChanges {
        message_type: Some(MessageType::Image),
        content: Patch::Set("https://hotel.tw/a.jpg".into()),
        shortcut: Patch::Set("/早".into()),
        ..CannedReplyChanges::default()
    });
    let changed = changed.await.unwrap();
    assert_eq!(changed.record().content.kind(), MessageType::Image);
    assert_eq!(changed.record().updated_at, Some(desk.clock.now()));
    replies.delete(&Actor::System, reply.id()).await.unwrap();
    let gone = replies.delete(&Actor::System, reply.id()).await;
    assert_eq!(gone.unwrap_err().code(), "canned_reply_not_found");
    let expected = [
        "canned_reply.created",
        "canned_reply.updated",
        "canned_reply.deleted",
    ];
    assert_eq!(desk.logged(), expected);
    assert_eq!(desk.log()[1].after["shortcut"], "/早");
}

#[tokio::test]
async fn what_no_reply_can_be_is_told_all_at_once() {
    let desk = Desk::new();
    let replies = &desk.replies;
    let wrong = CannedReplyDraft {
        template_id: Some(TemplateId::new(1)),
        ..words(" ", Some("a b"), "{{x}}")
    };
    let refused = replies.create(&Actor::System, wrong).await.unwrap_err();
    assert_eq!(
        fields(&refused),
        ["title", "shortcut", "template_id", "content"]
    );
    let template = CannedReplyDraft {
        message_type: MessageType::Template,
        content: None,
        template_id: Some(TemplateId::new(1)),
        ..words("歡迎", None, "")
    };
    let refused = replies.create(&Actor::System, template).await.unwrap_err();
    assert_eq!(fields(&refused), ["template_id"]);
    replies
        .create(&Actor::System, words("一", Some("/a"), "x"))
        .await
        .unwrap();
    let taken = words("二", Some("/Ａ"), "x");
    let refused = replies.create(&Actor::System, taken).await.unwrap_err();
    assert_eq!(
        (refused.kind(), fields(&refused)),
        (ErrorKind::Conflict, vec!["shortcut".into()])
    );
    assert_eq!(desk.log().len(), 1);
}
