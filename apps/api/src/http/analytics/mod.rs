//! What the messages brought.

mod campaigns;
mod friends;
mod overview;
mod period;
mod rules;
mod tags;
mod trends;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(overview::get_overview)
        .service(campaigns::list_campaign_performance)
        .service(campaigns::get_campaign_funnel)
        .service(tags::list_tag_distribution)
        .service(trends::get_trends)
        .service(friends::get_friend_growth)
        .service(rules::list_rule_performance);
}
