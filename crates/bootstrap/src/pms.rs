use crate::{BuildError, Settings};
use crm_dexon::{DexonClient, DexonConfig, DexonError, DexonFormat};
use crm_kernel::Clock;
use crm_members::{NoPms, PmsFormat, PmsGateway};
use std::sync::Arc;

/// The hotel's own system; one that is not there without a key.
pub(crate) fn gateway(
    settings: &Settings,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn PmsGateway>, BuildError> {
    let pms = &settings.pms;
    let Some(key) = &pms.api_key else {
        return Ok(Arc::new(NoPms));
    };
    let config = DexonConfig {
        hotel_code: pms.hotel_code.clone(),
        athena_id: pms.athena_id.clone(),
        page_size: pms.page_size,
        timeout: pms.timeout,
        ..DexonConfig::new(pms.api_url.clone(), key.clone(), settings.hotel_time_zone)
    };
    let client = DexonClient::new(config, clock).map_err(failed)?;
    Ok(Arc::new(client))
}

/// How files exported from it are read.
pub(crate) fn format(
    settings: &Settings,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn PmsFormat>, BuildError> {
    let format = DexonFormat::new(settings.hotel_time_zone, clock).map_err(failed)?;
    Ok(Arc::new(format))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
fn failed(error: DexonError) -> BuildError {
    BuildError::Pms(error.to_string())
}
