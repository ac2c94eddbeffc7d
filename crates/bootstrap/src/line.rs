use crate::{BuildError, Settings};
use crm_line::{LineClient, LineConfig, LineWebhook};
use crm_workflows::{LineGateway, WebhookReader};
use std::sync::Arc;

/// LINE, as we call it.
pub(crate) fn gateway(settings: &Settings) -> Result<Arc<dyn LineGateway>, BuildError> {
    let line = &settings.line;
    let client = LineClient::new(LineConfig {
        api_base_url: line.api_base_url.clone(),
        data_api_base_url: line.data_api_base_url.clone(),
        channel_access_token: line.channel_access_token.clone(),
        timeout: line.timeout,
    })
    .map_err(|error| BuildError::Line(error.to_string()))?;
    Ok(Arc::new(client))
}

/// LINE, as it calls us.
pub(crate) fn webhook(settings: &Settings) -> Arc<dyn WebhookReader> {
    Arc::new(LineWebhook::new([settings.line.channel_secret.clone()]))
}
