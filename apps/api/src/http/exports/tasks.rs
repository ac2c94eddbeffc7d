use super::dto::{CreateExport, ExportTask};
use super::viewer;
use crate::http::answer::{ApiResult, EmptyEnvelope, Envelope, PageOf, accepted_at, done, success};
use crate::http::extract::{Allowed, ExportsCreate, Id, Paging, Query, Valid};
use crate::http::problem::Problems;
use actix_web::web::Data;
use actix_web::{delete, get, post};
use crm_accounts::Permission;
use crm_bootstrap::{Crm, Settings};
use crm_exports::{Export, RequestExport, Viewer};
use crm_kernel::{CampaignId, ExportId};

fn task(crm: &Crm, settings: &Settings, viewer: Viewer, export: &Export) -> ExportTask {
    let link = crm.exports.link_to(export, viewer.user);
    ExportTask::of(export, link, settings.public_base_url.as_str())
}

/// Have a file made in the background: a report, or a list of guests, recipients, messages or
/// tags.
///
/// How it goes is told by `/exports/{id}`, which also has the link once the file is whole. Of
/// identity numbers a file has at most the masked form, and that only for those who may know
/// them. A PDF of a list has at most 5,000 rows.
#[utoipa::path(
    tag = "exports",
    security(("bearer" = [])),
    request_body = CreateExport,
    responses((status = 202, description = "It will be made", body = Envelope<ExportTask>), Problems),
)]
#[post("/analytics/export")]
pub(super) async fn create_export(
    user: Allowed<ExportsCreate>,
    body: Valid<CreateExport>,
    crm: Data<Crm>,
    settings: Data<Settings>,
) -> ApiResult<ExportTask> {
    let body = body.0;
    let request = RequestExport {
        report: body.report_type.into(),
        format: body.format.into(),
        days: (
            body.start_date.map(|day| day.0),
            body.end_date.map(|day| day.0),
        ),
        campaign: body.campaign_id.map(CampaignId::new),
        shows_id_numbers: user.caller().role.allows(Permission::MembersIdNumber),
    };
    let viewer = viewer(&user);
    let export = crm.exports.request(viewer, request).await?;
    let location = format!("/api/v1/exports/{}", export.id);
    let task = task(&crm, &settings, viewer, &export);
    Ok(accepted_at(location, task))
}

/// The files that were asked for, the newest first: one's own, and to admins everybody's.
#[utoipa::path(
    tag = "exports",
    security(("bearer" = [])),
    params(Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<ExportTask>>), Problems),
)]
#[get("/exports")]
pub(super) async fn list_exports(
    user: Allowed<ExportsCreate>,
    paging: Query<Paging>,
    crm: Data<Crm>,
    settings: Data<Settings>,
) -> ApiResult<PageOf<ExportTask>> {
    let viewer = viewer(&user);
    let page = crm.exports.list(viewer, paging.0.0).await?;
    let task = |export: Export| task(&crm, &settings, viewer, &export);
    Ok(success(PageOf::of(page, task)))
}

/// How far a file has come, and where it can be downloaded.
#[utoipa::path(
    tag = "exports",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The export")),
    responses((status = 200, description = "The export", body = Envelope<ExportTask>), Problems),
)]
#[get("/exports/{id}")]
pub(super) async fn get_export(
    user: Allowed<ExportsCreate>,
    id: Id<ExportId>,
    crm: Data<Crm>,
    settings: Data<Settings>,
) -> ApiResult<ExportTask> {
    let viewer = viewer(&user);
    let export = crm.exports.get(viewer, id.0).await?;
    Ok(success(task(&crm, &settings, viewer, &export)))
}

/// Take a file away, or have it made no further. Its link leads nowhere from now on.
#[utoipa::path(
    tag = "exports",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The export")),
    responses((status = 200, description = "Gone", body = EmptyEnvelope), Problems),
)]
#[delete("/exports/{id}")]
pub(super) async fn delete_export(
    user: Allowed<ExportsCreate>,
    id: Id<ExportId>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    crm.exports.delete(viewer(&user), id.0).await?;
    Ok(done())
}
