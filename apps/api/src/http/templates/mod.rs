//! Message templates (document 000 §4.5).

mod input;
mod output;

use super::answer::{ApiResult, EmptyEnvelope, Envelope, PageOf, created, done, success};
use super::extract::{
    Allowed, FromQuery, Id, Paging, Query, QueryReader, TemplatesRead, TemplatesWrite, Valid,
};
use super::problem::Problems;
use super::wire::TemplateType;
use actix_web::web::Data;
use actix_web::{delete, get, post, put};
use crm_bootstrap::Crm;
use crm_kernel::{MemberId, TemplateId};
use crm_templates::TemplateFilter;
use input::{CreateTemplate, UpdateTemplate};
use output::{Template, TemplatePreview, TemplateRow};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_templates)
        .service(create_template)
        .service(get_template)
        .service(update_template)
        .service(delete_template)
        .service(preview_template);
}

/// Which templates.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListTemplates {
    /// The form
    #[param(inline)]
    r#type: Option<TemplateType>,
}

impl FromQuery for ListTemplates {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            r#type: query.word("type"),
        }
    }
}

/// Who is looked at.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AsMember {
    /// The member who would get it; a made-up guest when not said
    #[param(value_type = Option<i64>)]
    pub(crate) member_id: Option<MemberId>,
}

impl FromQuery for AsMember {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            member_id: query.id("member_id"),
        }
    }
}

/// A page of templates, newest first.
#[utoipa::path(
    tag = "templates",
    security(("bearer" = [])),
    params(ListTemplates, Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<TemplateRow>>), Problems),
)]
#[get("/templates")]
async fn list_templates(
    _user: Allowed<TemplatesRead>,
    query: Query<ListTemplates>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<TemplateRow>> {
    let filter = TemplateFilter {
        kind: query.0.r#type.map(Into::into),
    };
    let page = crm.templates.list(&filter, paging.0.0).await?;
    Ok(success(PageOf::of(page, TemplateRow::from)))
}

/// Write a template.
#[utoipa::path(
    tag = "templates",
    security(("bearer" = [])),
    request_body = CreateTemplate,
    responses((status = 201, description = "Written", body = Envelope<Template>), Problems),
)]
#[post("/templates")]
async fn create_template(
    user: Allowed<TemplatesWrite>,
    body: Valid<CreateTemplate>,
    crm: Data<Crm>,
) -> ApiResult<Template> {
    let template = crm.templates.create(&user.actor(), body.0.into()).await?;
    let location = format!("/api/v1/templates/{}", template.id());
    Ok(created(location, template.into()))
}

/// One template with its cards.
#[utoipa::path(
    tag = "templates",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The template")),
    responses((status = 200, description = "The template", body = Envelope<Template>), Problems),
)]
#[get("/templates/{id}")]
async fn get_template(
    _user: Allowed<TemplatesRead>,
    id: Id<TemplateId>,
    crm: Data<Crm>,
) -> ApiResult<Template> {
    Ok(success(crm.templates.get(id.0).await?.into()))
}

/// Change a template; absent fields stay, null clears, lists are replaced as a whole.
#[utoipa::path(
    tag = "templates",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The template")),
    request_body = UpdateTemplate,
    responses((status = 200, description = "Changed", body = Envelope<Template>), Problems),
)]
#[put("/templates/{id}")]
async fn update_template(
    user: Allowed<TemplatesWrite>,
    id: Id<TemplateId>,
    body: Valid<UpdateTemplate>,
    crm: Data<Crm>,
) -> ApiResult<Template> {
    let changes = body.0.try_into()?;
    let template = crm.templates.update(&user.actor(), id.0, changes).await?;
    Ok(success(template.into()))
}

/// Delete a template that no campaign and no rule uses; else `details` names them.
#[utoipa::path(
    tag = "templates",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The template")),
    responses((status = 200, description = "Deleted", body = EmptyEnvelope), Problems),
)]
#[delete("/templates/{id}")]
async fn delete_template(
    user: Allowed<TemplatesWrite>,
    id: Id<TemplateId>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    crm.template_removal.delete(&user.actor(), id.0).await?;
    Ok(done())
}

/// The LINE messages a template becomes.
#[utoipa::path(
    tag = "templates",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The template"), AsMember),
    responses((status = 200, description = "The messages", body = Envelope<TemplatePreview>), Problems),
)]
#[get("/templates/{id}/preview")]
async fn preview_template(
    _user: Allowed<TemplatesRead>,
    id: Id<TemplateId>,
    member: Query<AsMember>,
    crm: Data<Crm>,
) -> ApiResult<TemplatePreview> {
    let messages = crm
        .sending
        .preview_template(id.0, member.0.member_id)
        .await?;
    Ok(success(TemplatePreview {
        messages: messages.0,
    }))
}
