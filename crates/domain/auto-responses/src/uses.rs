use crate::{AutoResponse, AutoResponseError, AutoResponseFilter, AutoResponses};
use crm_kernel::TemplateId;

impl AutoResponses {
    /// Names of the rules that answer with a template, switched on or not, the oldest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn names_using(
        &self,
        template: TemplateId,
    ) -> Result<Vec<String>, AutoResponseError> {
        let rules = self.queries.list(&AutoResponseFilter::default()).await?;
        let using = rules.iter().rev().map(AutoResponse::record);
        Ok(using
            .filter(|rule| rule.answer.template_id() == Some(template))
            .map(|rule| rule.name.as_str().to_owned())
            .collect())
    }
}
