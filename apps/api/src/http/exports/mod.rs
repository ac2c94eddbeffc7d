//! Files that staff take away (document 000 §4.9), and the calendar by which reports are made.

mod download;
mod dto;
mod schedules;
mod tasks;

use crate::http::extract::Allowed;
use crm_accounts::Role;
use crm_exports::Viewer;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(tasks::create_export)
        .service(tasks::list_exports)
        .service(tasks::get_export)
        .service(download::download_export)
        .service(tasks::delete_export)
        .service(schedules::list_report_schedules)
        .service(schedules::create_report_schedule)
        .service(schedules::update_report_schedule)
        .service(schedules::delete_report_schedule);
}

/// Whose files the caller may see: admins everybody's, others their own.
fn viewer<P>(user: &Allowed<P>) -> Viewer {
    let caller = user.caller();
    Viewer {
        user: caller.user_id,
        sees_all: caller.role == Role::Admin,
    }
}
