//! The routes, one folder per resource, and what they have in common.

mod analytics;
pub(crate) mod answer;
mod audit;
mod auth;
mod auto_responses;
mod campaigns;
mod canned_replies;
mod conversations;
mod docs;
pub(crate) mod edge;
mod exports;
pub(crate) mod extract;
pub(crate) mod fallback;
mod headers;
mod health;
mod jobs;
pub(crate) mod limits;
mod line;
pub(crate) mod live;
mod members;
mod messages;
mod pms;
pub(crate) mod problem;
pub(crate) mod progress;
pub(crate) mod repeat;
mod request_id;
mod sending;
pub(crate) mod streams;
mod tables;
mod tags;
mod taps;
mod templates;
mod uploads;
mod users;
mod wire;

use utoipa_actix_web::scope::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every route.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    health::routes(config);
    taps::routes(config);
    uploads::public_routes(config);
    // Before the scope: whatever begins with its prefix is looked for in it alone.
    docs::pages(config);
    config.service(
        scope("/api/v1")
            .configure(auth::routes)
            .configure(users::routes)
            .configure(audit::routes)
            .configure(members::routes)
            .configure(tags::routes)
            .configure(templates::routes)
            .configure(campaigns::routes)
            .configure(auto_responses::routes)
            .configure(analytics::routes)
            // Before the path that would take its name for a number.
            .configure(conversations::routes)
            .configure(messages::routes)
            .configure(live::routes)
            .configure(canned_replies::routes)
            .configure(sending::routes)
            .configure(uploads::routes)
            .configure(analytics::routes)
            .configure(exports::routes)
            .configure(pms::routes)
            .configure(jobs::routes)
            .configure(line::routes)
            .configure(docs::routes),
    );
}
