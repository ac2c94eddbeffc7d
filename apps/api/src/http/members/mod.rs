//! Guests (document 000 §4.3).

mod detail;
mod dto;
mod list;
mod stays;
mod tags;
mod write;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list_members)
        .service(write::register_member)
        .service(detail::get_member)
        .service(write::update_member)
        .service(write::delete_member)
        .service(write::set_member_notes)
        .service(stays::list_member_stays)
        .service(stays::record_member_stay)
        .service(tags::add_member_tags)
        .service(tags::remove_member_tag);
}
