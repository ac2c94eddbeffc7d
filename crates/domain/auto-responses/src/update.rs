use crate::change::{TriggerDraft, texts};
use crate::{
    Answer, AutoResponse, AutoResponseError, AutoResponseRecord, AutoResponses, RuleName,
    TriggerType,
};
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{Actor, AuditEntry, AutoResponseId, Patch, Problems, TemplateId};
use tracing::instrument;

/// Changes to a rule: what is not mentioned stays. Lists are replaced as a whole. The type may
/// be repeated, as a form does, but not changed.
#[derive(Clone, Debug, Default)]
pub struct UpdateAutoResponse {
    /// What the back office calls it; cannot be empty.
    pub name: Patch<String>,
    /// The type, if repeated.
    pub trigger_type: Option<TriggerType>,
    /// The first text; without `messages` the other texts stay. Cleared alone, all texts go.
    pub content: Patch<String>,
    /// All texts.
    pub messages: Patch<Vec<String>>,
    /// A template said after the texts.
    pub template_id: Patch<TemplateId>,
    /// All keywords; a word that stays keeps its count.
    pub keywords: Patch<Vec<String>>,
    /// Whether it answers.
    pub is_active: Option<bool>,
    /// Whether it may answer by a message that is paid for when the free way is closed.
    pub allow_push: Option<bool>,
    /// First minute, `HH:MM`; blank text is none.
    pub trigger_time_start: Patch<String>,
    /// Last minute, `HH:MM`; blank text is none.
    pub trigger_time_end: Patch<String>,
    /// First day.
    pub date_start: Patch<NaiveDate>,
    /// Last day.
    pub date_end: Patch<NaiveDate>,
}

impl AutoResponses {
    /// Changes a rule; from the next event on it answers as it now says. Counts stay.
    ///
    /// # Errors
    /// `auto_response_not_found`, `auto_response_invalid` when the rule as a whole would break
    /// one, else the store's.
    #[instrument(name = "auto_responses.update", skip_all, fields(?actor, auto_response.id = %id))]
    pub async fn update(
        &self,
        actor: &Actor,
        id: AutoResponseId,
        command: UpdateAutoResponse,
    ) -> Result<AutoResponse, AutoResponseError> {
        let mut tx = self.store.begin().await?;
        let found = tx.auto_responses().find(id).await?;
        let mut rule = found.ok_or(AutoResponseError::NotFound)?;
        let now = self.clock.now();
        let before = rule.record().facts();
        let new = changed(rule.record().clone(), command, now)?;
        if !rule.become_record(new, now) {
            return Ok(rule);
        }
        let texts = rule.answer().named_texts();
        tx.pictures().keep_all(&texts, now).await?;
        let rule = tx.auto_responses().update(&rule).await?;
        let entry = AuditEntry::new(
            actor,
            now,
            "auto_response.updated",
            "auto_response",
            id.get(),
        );
        tx.audit()
            .record(entry.changed(before, rule.record().facts()))
            .await?;
        tx.commit().await?;
        self.book.forget();
        Ok(rule)
    }
}

fn changed(
    old: AutoResponseRecord,
    command: UpdateAutoResponse,
    now: DateTime<Utc>,
) -> Result<AutoResponseRecord, AutoResponseError> {
    let mut problems = Problems::default();
    let p = &mut problems;
    let name = match command.name {
        Patch::Keep => None,
        Patch::Clear => p.keep("name", Err("must not be empty")),
        Patch::Set(text) => p.keep("name", RuleName::parse(&text)),
    };
    let kind = old.trigger.kind();
    let same_kind = command.trigger_type.is_none_or(|repeated| repeated == kind);
    p.check(same_kind, "trigger_type", "cannot be changed");

    let said = old.answer.texts().to_vec();
    let said = match (command.content, command.messages) {
        (Patch::Keep, Patch::Keep) => said,
        (Patch::Set(first), Patch::Keep) => {
            let rest = said.into_iter().skip(1);
            std::iter::once(first).chain(rest).collect()
        }
        (content, messages) => texts(content.apply(None), messages.apply(None), p),
    };
    let template_id = command.template_id.apply(old.answer.template_id());
    let answer = Answer::check(said, template_id, p);

    let was = TriggerDraft::of(&old.trigger);
    let draft = TriggerDraft {
        keywords: command.keywords.apply(was.keywords),
        time_start: command.trigger_time_start.apply(was.time_start),
        time_end: command.trigger_time_end.apply(was.time_end),
        date_start: command.date_start.apply(was.date_start),
        date_end: command.date_end.apply(was.date_end),
    };
    let trigger = draft.check(kind, old.trigger.keywords(), now, p);
    problems.into_result().map_err(AutoResponseError::Invalid)?;
    Ok(AutoResponseRecord {
        name: name.unwrap_or(old.name),
        trigger,
        answer,
        is_active: command.is_active.unwrap_or(old.is_active),
        allow_push: command.allow_push.unwrap_or(old.allow_push),
        ..old
    })
}
