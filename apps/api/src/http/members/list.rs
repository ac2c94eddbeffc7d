use super::dto::MemberRow;
use crate::http::answer::{ApiResult, Envelope, PageOf, success};
use crate::http::extract::{Allowed, FromQuery, MembersRead, Paging, Query, QueryReader};
use crate::http::problem::Problems;
use crate::http::wire::{Gender, LineState, MemberSortColumn, MemberSource, SortOrder, TagsMode};
use actix_web::get;
use actix_web::web::Data;
use chrono::NaiveDate;
use crm_bootstrap::Crm;
use crm_kernel::{HotelTime, TagId};
use crm_members::{MemberFilter, MemberSearch, MemberSort};
use utoipa::IntoParams;

/// Which members, in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListMembers {
    /// Text anywhere in the name, LINE name, e-mail address or phone number
    search: Option<String>,
    /// Tag ids, separated by commas
    #[param(value_type = Option<String>, example = "1,2")]
    tags: Vec<TagId>,
    /// Whether a member must wear all of the tags (the default) or any
    #[param(inline)]
    tags_mode: Option<TagsMode>,
    /// Where they came from; several separated by commas
    #[param(value_type = Option<String>, example = "line")]
    source: Vec<MemberSource>,
    /// Gender
    #[param(inline)]
    gender: Option<Gender>,
    /// Whether messages arrive
    #[param(inline)]
    line_state: Option<LineState>,
    /// First hotel day of their creation
    created_from: Option<NaiveDate>,
    /// Last hotel day of their creation
    created_to: Option<NaiveDate>,
    /// By which column; `last_interaction_at` when not said
    #[param(inline)]
    sort_by: Option<MemberSortColumn>,
    /// In which direction; `desc` when not said
    #[param(inline)]
    order: Option<SortOrder>,
}

impl FromQuery for ListMembers {
    fn read(query: &mut QueryReader) -> Self {
        let (created_from, created_to) = query.period("created_from", "created_to");
        Self {
            search: query.text("search"),
            tags: query.ids("tags"),
            tags_mode: query.word("tags_mode"),
            source: query.words("source"),
            gender: query.word("gender"),
            line_state: query.word("line_state"),
            created_from,
            created_to,
            sort_by: query.word("sort_by"),
            order: query.word("order"),
        }
    }
}

impl ListMembers {
    fn into_parts(self, hotel: HotelTime) -> (MemberFilter, MemberSort) {
        let filter = MemberFilter {
            search: self.search.as_deref().and_then(MemberSearch::new),
            tags: self.tags,
            tags_mode: self.tags_mode.map(Into::into).unwrap_or_default(),
            sources: self.source.into_iter().map(Into::into).collect(),
            gender: self.gender.map(Into::into),
            line_state: self.line_state.map(Into::into),
            created_from: self.created_from.map(|day| hotel.start_of(day)),
            created_before: self.created_to.map(|day| hotel.end_of(day)),
        };
        let sort = MemberSort {
            column: self.sort_by.map(Into::into).unwrap_or_default(),
            order: self.order.map(Into::into).unwrap_or_default(),
        };
        (filter, sort)
    }
}

/// A page of members.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(ListMembers, Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<MemberRow>>), Problems),
)]
#[get("/members")]
pub(super) async fn list_members(
    _user: Allowed<MembersRead>,
    query: Query<ListMembers>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<MemberRow>> {
    let (filter, sort) = query.0.into_parts(crm.hotel);
    let page = crm.members.list(&filter, sort, paging.0.0).await?;
    Ok(success(PageOf::of(page, MemberRow::from)))
}
