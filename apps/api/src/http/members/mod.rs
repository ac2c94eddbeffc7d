//! Guests (document 000 §4.3).

mod bulk;
mod detail;
mod dto;
mod imports;
mod list;
mod merges;
mod stays;
mod tags;
mod timeline;
mod write;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list_members)
        // Before those with an id in the same place.
        .service(imports::import_members)
        .service(imports::list_imports)
        .service(imports::get_import)
        .service(imports::list_import_errors)
        .service(bulk::bulk_tag_members)
        .service(write::register_member)
        .service(detail::get_member)
        .service(write::update_member)
        .service(write::delete_member)
        .service(write::set_member_notes)
        .service(stays::list_member_stays)
        .service(stays::record_member_stay)
        .service(tags::add_member_tags)
        .service(tags::remove_member_tag)
        .service(timeline::member_timeline)
        .service(merges::merge_members)
        .service(merges::undo_merge);
}
