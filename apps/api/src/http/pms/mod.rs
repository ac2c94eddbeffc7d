//! What the hotel's own system says (document 000 §4.10): runs, what waits for a decision, files.

mod imports;
mod profiles;
mod reviews;
mod runs;
mod status;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(runs::start_sync)
        .service(runs::sync_status)
        .service(runs::list_syncs)
        .service(runs::list_sync_errors)
        .service(status::pms_status)
        .service(reviews::list_reviews)
        .service(reviews::get_review)
        .service(reviews::decide_review)
        .service(imports::import_pms_file)
        .service(imports::import_fields)
        .service(profiles::list_import_profiles)
        .service(profiles::save_import_profile)
        .service(profiles::delete_import_profile);
}
