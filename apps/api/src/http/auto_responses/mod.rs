//! Rules that answer guests by themselves (document 000 §4.7).

mod input;
mod output;

use super::answer::{ApiResult, EmptyEnvelope, Envelope, PageOf, created, done, success};
use super::extract::{
    Allowed, AutoResponsesRead, AutoResponsesWrite, FromQuery, Id, MaybePaging, Query, QueryReader,
    Valid,
};
use super::problem::Problems;
use super::wire::TriggerType;
use actix_web::web::Data;
use actix_web::{delete, get, patch, post, put};
use crm_auto_responses::AutoResponseFilter;
use crm_bootstrap::Crm;
use crm_kernel::AutoResponseId;
use input::{CreateAutoResponse, ToggleAutoResponse, TryText, UpdateAutoResponse};
use output::{Answering, AutoResponse, AutoResponses};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_auto_responses)
        .service(create_auto_response)
        .service(try_auto_responses)
        .service(get_auto_response)
        .service(update_auto_response)
        .service(delete_auto_response)
        .service(toggle_auto_response);
}

/// Which rules.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListAutoResponses {
    /// What they answer to
    #[param(inline)]
    trigger_type: Option<TriggerType>,
    /// Switched on, or switched off
    is_active: Option<bool>,
}

impl FromQuery for ListAutoResponses {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            trigger_type: query.word("trigger_type"),
            is_active: query.flag("is_active"),
        }
    }
}

/// All rules, the newest first: a plain array, or a page when `page` or `page_size` is given.
#[utoipa::path(
    tag = "auto-responses",
    security(("bearer" = [])),
    params(ListAutoResponses, MaybePaging),
    responses((status = 200, description = "The rules", body = Envelope<AutoResponses>), Problems),
)]
#[get("/auto-responses")]
async fn list_auto_responses(
    _user: Allowed<AutoResponsesRead>,
    query: Query<ListAutoResponses>,
    paging: Query<MaybePaging>,
    crm: Data<Crm>,
) -> ApiResult<AutoResponses> {
    let filter = AutoResponseFilter {
        trigger_type: query.0.trigger_type.map(Into::into),
        is_active: query.0.is_active,
    };
    let rules = match paging.0.0 {
        None => {
            let rules = crm.auto_responses.list(&filter).await?;
            AutoResponses::All(rules.into_iter().map(Into::into).collect())
        }
        Some(page) => {
            let page = crm.auto_responses.list_page(&filter, page).await?;
            AutoResponses::Page(PageOf::of(page, AutoResponse::from))
        }
    };
    Ok(success(rules))
}

/// Write a new rule.
#[utoipa::path(
    tag = "auto-responses",
    security(("bearer" = [])),
    request_body = CreateAutoResponse,
    responses((status = 201, description = "Created", body = Envelope<AutoResponse>), Problems),
)]
#[post("/auto-responses")]
async fn create_auto_response(
    user: Allowed<AutoResponsesWrite>,
    body: Valid<CreateAutoResponse>,
    crm: Data<Crm>,
) -> ApiResult<AutoResponse> {
    let rules = &crm.auto_responses;
    let id = rules.create(&user.actor(), body.0.into()).await?.id();
    let location = format!("/api/v1/auto-responses/{id}");
    Ok(created(location, rules.get(id).await?.into()))
}

/// Which rule would answer a text. Nothing is sent or counted.
#[utoipa::path(
    tag = "auto-responses",
    security(("bearer" = [])),
    request_body = TryText,
    responses(
        (status = 200, description = "The rule; null when none answers", body = Envelope<Option<Answering>>),
        Problems,
    ),
)]
#[post("/auto-responses/try")]
async fn try_auto_responses(
    _user: Allowed<AutoResponsesRead>,
    body: Valid<TryText>,
    crm: Data<Crm>,
) -> ApiResult<Option<Answering>> {
    let at = body.0.at.map(|at| at.utc(crm.hotel));
    let tried = crm.auto_responses.try_text(&body.0.text, at).await?;
    Ok(success(tried.map(Into::into)))
}

/// One rule.
#[utoipa::path(
    tag = "auto-responses",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The rule")),
    responses((status = 200, description = "The rule", body = Envelope<AutoResponse>), Problems),
)]
#[get("/auto-responses/{id}")]
async fn get_auto_response(
    _user: Allowed<AutoResponsesRead>,
    id: Id<AutoResponseId>,
    crm: Data<Crm>,
) -> ApiResult<AutoResponse> {
    Ok(success(crm.auto_responses.get(id.0).await?.into()))
}

/// Change a rule; absent fields stay, null clears, lists are replaced as a whole.
#[utoipa::path(
    tag = "auto-responses",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The rule")),
    request_body = UpdateAutoResponse,
    responses((status = 200, description = "Changed", body = Envelope<AutoResponse>), Problems),
)]
#[put("/auto-responses/{id}")]
async fn update_auto_response(
    user: Allowed<AutoResponsesWrite>,
    id: Id<AutoResponseId>,
    body: Valid<UpdateAutoResponse>,
    crm: Data<Crm>,
) -> ApiResult<AutoResponse> {
    let (rules, changes) = (&crm.auto_responses, body.0.try_into()?);
    rules.update(&user.actor(), id.0, changes).await?;
    Ok(success(rules.get(id.0).await?.into()))
}

/// Delete a rule with its keywords and counts.
#[utoipa::path(
    tag = "auto-responses",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The rule")),
    responses((status = 200, description = "Deleted", body = EmptyEnvelope), Problems),
)]
#[delete("/auto-responses/{id}")]
async fn delete_auto_response(
    user: Allowed<AutoResponsesWrite>,
    id: Id<AutoResponseId>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    crm.auto_responses.delete(&user.actor(), id.0).await?;
    Ok(done())
}

/// Switch a rule on or off. Of two rules that overlap, the one switched on last answers.
#[utoipa::path(
    tag = "auto-responses",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The rule")),
    request_body = ToggleAutoResponse,
    responses((status = 200, description = "Switched", body = Envelope<AutoResponse>), Problems),
)]
#[patch("/auto-responses/{id}/toggle")]
async fn toggle_auto_response(
    user: Allowed<AutoResponsesWrite>,
    id: Id<AutoResponseId>,
    body: Valid<ToggleAutoResponse>,
    crm: Data<Crm>,
) -> ApiResult<AutoResponse> {
    let rules = &crm.auto_responses;
    rules.toggle(&user.actor(), id.0, body.0.is_active).await?;
    Ok(success(rules.get(id.0).await?.into()))
}
