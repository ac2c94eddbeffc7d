//! Tags (document 000 §4.4).

mod dto;
mod triggers;

use super::answer::{ApiResult, EmptyEnvelope, Envelope, PageOf, created, done, success};
use super::extract::{
    Allowed, FromQuery, Id, Paging, Query, QueryReader, TagsRead, TagsWrite, Valid,
};
use super::problem::Problems;
use super::wire::TagType;
use actix_web::web::Data;
use actix_web::{delete, get, post, put};
use crm_bootstrap::Crm;
use crm_kernel::{CampaignId, TagId};
use crm_tags::{TagFilter, TagRow};
use dto::{CreateTag, Tag, TagStatistics, UpdateTag};
use triggers::TagTrigger;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_tags)
        .service(create_tag)
        // Before the path that would take its name for a number.
        .service(tag_statistics)
        .service(get_tag)
        .service(tag_triggers)
        .service(update_tag)
        .service(delete_tag);
}

/// Which tags.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListTags {
    /// The kind
    #[param(inline)]
    r#type: Option<TagType>,
    /// Text anywhere in the name
    search: Option<String>,
    /// Interaction tags of this campaign
    #[param(value_type = Option<i64>)]
    campaign_id: Option<CampaignId>,
}

impl FromQuery for ListTags {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            r#type: query.word("type"),
            search: query.text("search"),
            campaign_id: query.id("campaign_id"),
        }
    }
}

/// How to delete.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HowToDelete {
    /// Also while templates or campaigns name the tag
    #[param(value_type = Option<bool>)]
    force: bool,
}

impl FromQuery for HowToDelete {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            force: query.flag("force").unwrap_or_default(),
        }
    }
}

/// A page of tags.
#[utoipa::path(
    tag = "tags",
    security(("bearer" = [])),
    params(ListTags, Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<Tag>>), Problems),
)]
#[get("/tags")]
async fn list_tags(
    _user: Allowed<TagsRead>,
    query: Query<ListTags>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<Tag>> {
    let filter = TagFilter {
        kind: query.0.r#type.map(Into::into),
        search: query.0.search,
        campaign_id: query.0.campaign_id,
    };
    let page = crm.tags.list(&filter, paging.0.0).await?;
    Ok(success(PageOf::of(page, Tag::from)))
}

/// Create a tag that nobody wears yet.
#[utoipa::path(
    tag = "tags",
    security(("bearer" = [])),
    request_body = CreateTag,
    responses((status = 201, description = "Created", body = Envelope<Tag>), Problems),
)]
#[post("/tags")]
async fn create_tag(
    user: Allowed<TagsWrite>,
    body: Valid<CreateTag>,
    crm: Data<Crm>,
) -> ApiResult<Tag> {
    let tag = crm.tags.create(&user.actor(), body.0.into()).await?;
    let location = format!("/api/v1/tags/{}", tag.id());
    Ok(created(location, TagRow::from(&tag).into()))
}

/// Totals over all tags.
#[utoipa::path(
    tag = "tags",
    security(("bearer" = [])),
    responses((status = 200, description = "Totals", body = Envelope<TagStatistics>), Problems),
)]
#[get("/tags/statistics")]
async fn tag_statistics(_user: Allowed<TagsRead>, crm: Data<Crm>) -> ApiResult<TagStatistics> {
    Ok(success(crm.tags.statistics().await?.into()))
}

/// One tag.
#[utoipa::path(
    tag = "tags",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The tag")),
    responses((status = 200, description = "The tag", body = Envelope<Tag>), Problems),
)]
#[get("/tags/{id}")]
async fn get_tag(_user: Allowed<TagsRead>, id: Id<TagId>, crm: Data<Crm>) -> ApiResult<Tag> {
    Ok(success(crm.tags.get(id.0).await?.into()))
}

/// The trigger log of a tag, newest first: who got it, for what, and when. What staff put on by
/// hand is listed too, and not counted.
#[utoipa::path(
    tag = "tags",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The tag"), Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<TagTrigger>>), Problems),
)]
#[get("/tags/{id}/triggers")]
async fn tag_triggers(
    _user: Allowed<TagsRead>,
    id: Id<TagId>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<TagTrigger>> {
    let page = crm.tags.triggers(id.0, paging.0.0).await?;
    Ok(success(PageOf::of(page, TagTrigger::from)))
}

/// Rename or describe a tag; absent fields stay, null clears.
///
/// One that the hotel's own systems keep (`source` `api`) can only be described: 409
/// `tag_read_only`.
#[utoipa::path(
    tag = "tags",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The tag")),
    request_body = UpdateTag,
    responses((status = 200, description = "Changed", body = Envelope<Tag>), Problems),
)]
#[put("/tags/{id}")]
async fn update_tag(
    user: Allowed<TagsWrite>,
    id: Id<TagId>,
    body: Valid<UpdateTag>,
    crm: Data<Crm>,
) -> ApiResult<Tag> {
    let changes = body.0.try_into()?;
    let tag = crm.tags.update(&user.actor(), id.0, changes).await?;
    Ok(success(TagRow::from(&tag).into()))
}

/// Delete a tag and take it off everybody; not one that the hotel's own systems keep.
#[utoipa::path(
    tag = "tags",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The tag"), HowToDelete),
    responses((status = 200, description = "Deleted", body = EmptyEnvelope), Problems),
)]
#[delete("/tags/{id}")]
async fn delete_tag(
    user: Allowed<TagsWrite>,
    id: Id<TagId>,
    how: Query<HowToDelete>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    crm.tags.delete(&user.actor(), id.0, how.0.force).await?;
    Ok(done())
}
