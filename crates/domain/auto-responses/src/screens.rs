use crate::{AutoResponse, AutoResponseError, AutoResponses, Shadow, TriggerType, shadows};
use crm_kernel::{AutoResponseId, Page, PageRequest};

/// Which rules a list shows; every part narrows it, an empty part does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AutoResponseFilter {
    /// This type.
    pub trigger_type: Option<TriggerType>,
    /// Switched on, or switched off.
    pub is_active: Option<bool>,
}

/// A rule on a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutoResponseView {
    /// The rule.
    pub rule: AutoResponse,
    /// What keeps it from answering.
    pub shadow: Shadow,
}

impl AutoResponses {
    /// All rules that match, the newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(
        &self,
        filter: &AutoResponseFilter,
    ) -> Result<Vec<AutoResponseView>, AutoResponseError> {
        let rules = self.queries.list(filter).await?;
        self.with_shadows(rules).await
    }

    /// A page of [`list`](Self::list).
    ///
    /// # Errors
    /// The store's.
    pub async fn list_page(
        &self,
        filter: &AutoResponseFilter,
        page: PageRequest,
    ) -> Result<Page<AutoResponseView>, AutoResponseError> {
        let rules = self.queries.list_page(filter, page).await?;
        Ok(Page {
            items: self.with_shadows(rules.items).await?,
            total: rules.total,
            request: rules.request,
        })
    }

    /// One rule.
    ///
    /// # Errors
    /// `auto_response_not_found`, else the store's.
    pub async fn get(&self, id: AutoResponseId) -> Result<AutoResponseView, AutoResponseError> {
        let found = self.queries.find(id).await?;
        let rule = found.ok_or(AutoResponseError::NotFound)?;
        let views = self.with_shadows(vec![rule]).await?;
        views.into_iter().next().ok_or(AutoResponseError::NotFound)
    }

    /// A shadow may come from a rule that is not on the screen.
    async fn with_shadows(
        &self,
        rules: Vec<AutoResponse>,
    ) -> Result<Vec<AutoResponseView>, AutoResponseError> {
        let active = AutoResponseFilter {
            is_active: Some(true),
            ..AutoResponseFilter::default()
        };
        let mut shadows = shadows(&self.queries.list(&active).await?);
        let views = rules.into_iter().map(|rule| AutoResponseView {
            shadow: shadows.remove(&rule.id()).unwrap_or_default(),
            rule,
        });
        Ok(views.collect())
    }
}
