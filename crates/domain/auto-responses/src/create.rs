use crate::change::{TriggerDraft, texts};
use crate::{
    Answer, AutoResponse, AutoResponseError, AutoResponseRecord, AutoResponses, NewAutoResponse,
    RuleName, TriggerType,
};
use chrono::NaiveDate;
use crm_kernel::{Actor, AuditEntry, Problems, TemplateId};
use tracing::instrument;

/// A rule as staff type it in: everything is checked by the use-case.
#[derive(Clone, Debug)]
pub struct CreateAutoResponse {
    /// What the back office calls it.
    pub name: String,
    /// What it answers to.
    pub trigger_type: TriggerType,
    /// What it says, if one text is enough; otherwise the first of `messages`.
    pub content: Option<String>,
    /// What it says: 1 to 5 texts.
    pub messages: Option<Vec<String>>,
    /// A template it says after the texts.
    pub template_id: Option<TemplateId>,
    /// What a keyword rule listens for; an empty list is as good as none.
    pub keywords: Option<Vec<String>>,
    /// Whether it answers at once.
    pub is_active: bool,
    /// Whether it may answer by a message that is paid for when the free way is closed.
    pub allow_push: bool,
    /// First minute of a time rule's hours, `HH:MM`; blank text is none.
    pub trigger_time_start: Option<String>,
    /// Last minute of a time rule's hours, `HH:MM`; blank text is none.
    pub trigger_time_end: Option<String>,
    /// First day of a time rule.
    pub date_start: Option<NaiveDate>,
    /// Last day of a time rule.
    pub date_end: Option<NaiveDate>,
}

/// Most rules of an installation: each event looks at all of them.
pub const MAX_RULES: u64 = 2_000;

impl AutoResponses {
    /// Writes a new rule.
    ///
    /// # Errors
    /// `auto_response_invalid` with every broken rule, `auto_response_limit` when there are
    /// [`MAX_RULES`] already, else the store's.
    #[instrument(name = "auto_responses.create", skip_all, fields(?actor, auto_response.id))]
    pub async fn create(
        &self,
        actor: &Actor,
        command: CreateAutoResponse,
    ) -> Result<AutoResponse, AutoResponseError> {
        let now = self.clock.now();
        let mut problems = Problems::default();
        let name = problems.keep("name", RuleName::parse(&command.name));
        let texts = texts(command.content, command.messages, &mut problems);
        let answer = Answer::check(texts, command.template_id, &mut problems);
        let draft = TriggerDraft {
            keywords: command.keywords,
            time_start: command.trigger_time_start,
            time_end: command.trigger_time_end,
            date_start: command.date_start,
            date_end: command.date_end,
        };
        let trigger = draft.check(command.trigger_type, &[], now, &mut problems);
        let (Some(name), true) = (name, problems.is_empty()) else {
            let fields = problems.into_result().err().unwrap_or_default();
            return Err(AutoResponseError::Invalid(fields));
        };
        let new = NewAutoResponse::new(AutoResponseRecord {
            name,
            trigger,
            answer,
            is_active: command.is_active,
            allow_push: command.allow_push,
            trigger_count: 0,
            success_count: 0,
            created_at: now,
            updated_at: None,
        });

        let mut tx = self.store.begin().await?;
        if tx.auto_responses().count().await? >= MAX_RULES {
            return Err(AutoResponseError::TooMany);
        }
        let texts = new.record().answer.named_texts();
        tx.pictures().keep_all(&texts, now).await?;
        let rule = tx.auto_responses().insert(&new).await?;
        let entry = AuditEntry::new(
            actor,
            now,
            "auto_response.created",
            "auto_response",
            rule.id().get(),
        );
        tx.audit().record(entry.born(rule.record().facts())).await?;
        tx.commit().await?;
        self.book.forget();
        tracing::Span::current().record("auto_response.id", rule.id().get());
        Ok(rule)
    }
}
