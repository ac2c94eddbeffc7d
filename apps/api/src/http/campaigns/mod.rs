//! Campaigns (document 000 §4.6).

mod again;
mod audience;
mod control;
mod detail;
mod events;
mod history;
mod list;
mod preview;
mod recipients;
mod rule;
mod write;

pub(crate) use audience::TargetAudience;
pub(crate) use events::written;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list_campaigns)
        .service(write::create_campaign)
        // Before the path that would take its name for a number.
        .service(preview::estimate_audience)
        .service(detail::get_campaign)
        .service(write::update_campaign)
        .service(write::delete_campaign)
        .service(control::send_campaign)
        .service(control::pause_campaign)
        .service(control::resume_campaign)
        .service(control::cancel_campaign)
        .service(again::retry_failed)
        .service(again::activate_campaign)
        .service(again::test_send)
        .service(recipients::list_recipients)
        .service(history::campaign_history)
        .service(events::campaign_events)
        .service(preview::preview_campaign);
}
