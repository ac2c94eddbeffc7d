use crm_auto_responses::{AutoResponseError, AutoResponses};
use crm_kernel::{Actor, StoreError, TemplateId};
use crm_templates::{TemplateError, Templates};

/// Deleting a template, and saying everything that keeps it.
#[derive(Clone)]
pub struct TemplateRemoval {
    templates: Templates,
    auto_responses: AutoResponses,
}

impl TemplateRemoval {
    /// Plugs the story into its domains.
    #[must_use]
    pub const fn new(templates: Templates, auto_responses: AutoResponses) -> Self {
        Self {
            templates,
            auto_responses,
        }
    }

    /// Deletes a template that no campaign was written with and no rule answers with. The storage
    /// refuses whatever is still pointed to; rules are asked for afterwards, to name them.
    ///
    /// # Errors
    /// `NotFound`, `InUse` with campaigns' titles, rules' and other templates' names, or those of the store.
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
        Err(TemplateError::InUse {
            campaigns,
            auto_responses: rules.map_err(store_error)?,
            templates,
        })
    }
}

fn store_error(error: AutoResponseError) -> StoreError {
    match error {
        AutoResponseError::Store(error) => error,
        other => StoreError::internal(other.to_string()),
    }
}
