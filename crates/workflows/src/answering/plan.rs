use super::Answering;
use crate::{CrmTx, InboundError, InboundEvent, TapAnswer, What};
use chrono::{DateTime, Utc};
use crm_auto_responses::{AutoResponseError, Match};
use crm_kernel::{AutoResponseId, KeywordId, StoreError, TemplateId};
use crm_templates::TemplateContent;

/// What an event is to be answered with.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// What answers.
    pub(crate) cause: Cause,
    /// Texts in their order, with variables.
    pub(crate) texts: Vec<String>,
    /// A picture's address.
    pub(crate) image: Option<String>,
    /// A template said last, as it is now.
    pub(crate) template: Option<(TemplateId, TemplateContent)>,
    /// Whether it may be pushed.
    pub(crate) allow_push: bool,
}

/// What answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A rule, by this keyword if it listens for some.
    Rule(AutoResponseId, Option<KeywordId>),
    /// What was tapped.
    Tap,
}

impl Answering {
    /// What the rules say to an event, if anything; one event has one answer. Judged by the
    /// event's own time in hotel time, not by the moment at which it is handled.
    pub(crate) async fn by_rules(
        &self,
        event: &InboundEvent,
        at: DateTime<Utc>,
    ) -> Result<Option<Answer>, InboundError> {
        let is_heard = matches!(event.what, What::Follow { .. } | What::Message { .. });
        if !is_heard {
            return Ok(None);
        }
        let book = self.rules.rule_book().await.map_err(of_rules)?;
        let wall = self.rules.wall_at(at);
        let found = match &event.what {
            What::Follow { .. } => book.welcome(),
            What::Message {
                text: Some(text), ..
            } => book.answer_to_text(text, wall),
            _ => book.answer_to_other(wall),
        };
        match found {
            Some(found) => Ok(Some(self.of_rule(found).await?)),
            None => Ok(None),
        }
    }

    async fn of_rule(&self, found: Match<'_>) -> Result<Answer, InboundError> {
        let rule = found.rule;
        Ok(Answer {
            cause: Cause::Rule(rule.id(), found.keyword.and_then(|entry| entry.id)),
            texts: rule.answer().texts().to_vec(),
            image: None,
            template: self.template(rule.answer().template_id()).await?,
            allow_push: rule.record().allow_push,
        })
    }

    /// What a tap is answered with.
    pub(crate) async fn to_tap_in(
        &self,
        tx: &mut dyn CrmTx,
        tapped: TapAnswer,
    ) -> Result<Answer, StoreError> {
        let mut answer = Answer {
            cause: Cause::Tap,
            texts: Vec::new(),
            image: None,
            template: None,
            allow_push: false,
        };
        match tapped {
            TapAnswer::Text(text) => answer.texts.push(text),
            TapAnswer::Image(address) => answer.image = Some(address),
            TapAnswer::Template(id) => {
                let found = tx.templates().find(id).await?;
                answer.template = found.map(|template| (id, template.content().clone()));
            }
        }
        Ok(answer)
    }

    /// A template as it is now; none when it is gone.
    async fn template(
        &self,
        id: Option<TemplateId>,
    ) -> Result<Option<(TemplateId, TemplateContent)>, StoreError> {
        let Some(id) = id else {
            return Ok(None);
        };
        Ok(self.composing.content(id).await?.map(|found| (id, found)))
    }
}

/// Of the rules' errors only the store's can come of matching and counting.
pub(super) fn of_rules(error: AutoResponseError) -> StoreError {
    match error {
        AutoResponseError::Store(error) => error,
        other => StoreError::Internal(Box::new(other)),
    }
}
