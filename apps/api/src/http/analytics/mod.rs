//! What the messages brought (document 000 §4.9).

mod rfm;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(rfm::rfm_grid);
}
