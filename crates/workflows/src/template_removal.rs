use crm_auto_responses::{AutoResponseError, AutoResponses};
use crm_kernel::{Actor, StoreError, TemplateId};
use crm_messages::{CannedReplies, CannedReplyError};
use crm_templates::{TemplateError, Templates};

/// Deleting a template, and saying everything that keeps it.
#[derive(Clone)]
pub struct TemplateRemoval {
    templates: Templates,
    auto_responses: AutoResponses,
    canned_replies: CannedReplies,
}

impl TemplateRemoval {
    /// Plugs the story into its domains.
    #[must_use]
    pub const fn new(
        templates: Templates,
        auto_responses: AutoResponses,
        canned_replies: CannedReplies,
    ) -> Self {
        Self {
            templates,
            auto_responses,
            canned_replies,
        }
    }

    /// Deletes a template that no campaign was written with, no rule answers with and no reply is
    /// kept ready of. The storage refuses whatever is still pointed to; rules and replies are
    /// asked for afterwards, to name them.
    ///
    /// # Errors
    /// `NotFound`, `InUse` with campaigns' and replies' titles, rules' and other templates' names,
    /// or those of the store.
    pub async fn delete(&self, actor: &Actor, id: TemplateId) -> Result<(), TemplateError> {
        let (campaigns, templates) = match self.templates.delete(actor, id).await {
            Err(TemplateError::InUse {
                campaigns,
                templates,
                ..
            }) => (campaigns, templates),
            other => return other,
        };
        let rules = self.auto_responses.names_using(id).await;
        let replies = self.canned_replies.titles_using(id).await;
        Err(TemplateError::InUse {
            campaigns,
            auto_responses: rules.map_err(store_error)?,
            canned_replies: replies.map_err(reply_error)?,
            templates,
        })
    }
}

fn reply_error(error: CannedReplyError) -> StoreError {
    match error {
        CannedReplyError::Store(error) => error,
        other => StoreError::internal(other.to_string()),
    }
}

fn store_error(error: AutoResponseError) -> StoreError {
    match error {
        AutoResponseError::Store(error) => error,
        other => StoreError::internal(other.to_string()),
    }
}
