use crate::{BuildError, Settings};
use crm_workflows::{LineGateway, WebhookReader};
use std::sync::Arc;

/// LINE, as we call it and as it calls us.
pub(crate) fn line(
    _settings: &Settings,
) -> Result<(Arc<dyn LineGateway>, Arc<dyn WebhookReader>), BuildError> {
    Err(BuildError::Line("not built yet".into()))
}
