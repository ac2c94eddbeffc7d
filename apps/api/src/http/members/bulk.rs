use crate::http::answer::{ApiResult, Envelope, success};
use crate::http::extract::{Allowed, MembersTag, Valid};
use crate::http::problem::{ApiError, Problems};
use crate::http::wire::{Day, Gender, LineState, MemberSource, TagsMode};
use actix_web::post;
use actix_web::web::Data;
use crm_bootstrap::Crm;
use crm_kernel::{HotelTime, MemberId, TagId};
use crm_members::{MemberFilter, MemberSearch};
use crm_workflows::{BulkTags, BulkWhom};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest text to search for.
const LONGEST: usize = 200;
/// Most tags to look for: each is a condition of its own.
const MAX_TAGS: usize = 50;

/// Tags for many members, named one by one or by what they have in common.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"filter": {"source": ["line"], "tags": [3]}, "add": [1], "remove": [2]}))]
pub(crate) struct BulkTagMembers {
    /// At most 1000. Either these or a filter.
    member_ids: Option<Vec<i64>>,
    /// As the list of members is filtered; at least one condition.
    filter: Option<BulkFilter>,
    /// Tags to put on, at most 20.
    #[serde(default)]
    add: Vec<i64>,
    /// Tags to take off, at most 20.
    #[serde(default)]
    remove: Vec<i64>,
}

/// Which members; every part narrows it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkFilter {
    /// Text anywhere in the name, LINE name, e-mail address or phone number.
    search: Option<String>,
    /// They wear these tags.
    #[serde(default)]
    tags: Vec<i64>,
    /// All of the tags (the default) or any.
    tags_mode: Option<TagsMode>,
    /// Where they came from: one of these.
    #[serde(default)]
    source: Vec<MemberSource>,
    gender: Option<Gender>,
    line_state: Option<LineState>,
    /// First hotel day of their creation.
    created_from: Option<Day>,
    /// Last hotel day of their creation.
    created_to: Option<Day>,
}

impl BulkFilter {
    fn into_filter(self, hotel: HotelTime) -> Result<MemberFilter, ApiError> {
        let search = self.search.unwrap_or_default();
        if search.chars().count() > LONGEST {
            let message = format!("must have at most {LONGEST} characters");
            return Err(ApiError::invalid_field("filter.search", message));
        }
        if self.tags.len() > MAX_TAGS {
            let message = format!("must have at most {MAX_TAGS} entries");
            return Err(ApiError::invalid_field("filter.tags", message));
        }
        Ok(MemberFilter {
            search: MemberSearch::new(&search),
            tags: self.tags.into_iter().map(TagId::new).collect(),
            tags_mode: self.tags_mode.map(Into::into).unwrap_or_default(),
            sources: self.source.into_iter().map(Into::into).collect(),
            gender: self.gender.map(Into::into),
            line_state: self.line_state.map(Into::into),
            created_from: self.created_from.map(|day| hotel.start_of(day.0)),
            created_before: self.created_to.map(|day| hotel.end_of(day.0)),
        })
    }
}

/// What became of it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"members": 812, "added": 790, "removed": 12}))]
pub(crate) struct BulkTagged {
    /// Members it was about.
    members: u64,
    /// How often a tag was put on somebody who did not wear it.
    added: u64,
    /// How often a tag was taken off somebody who wore it.
    removed: u64,
}

/// Put tags on many members and take tags off.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    request_body = BulkTagMembers,
    responses((status = 200, description = "Done", body = Envelope<BulkTagged>), Problems),
)]
#[post("/members/bulk-tags")]
pub(super) async fn bulk_tag_members(
    user: Allowed<MembersTag>,
    body: Valid<BulkTagMembers>,
    crm: Data<Crm>,
) -> ApiResult<BulkTagged> {
    let ids = |ids: Vec<i64>| ids.into_iter().map(TagId::new).collect();
    let body = body.0;
    let whom = match (body.member_ids, body.filter) {
        (Some(members), None) => {
            BulkWhom::Members(members.into_iter().map(MemberId::new).collect())
        }
        (None, Some(filter)) => BulkWhom::Matching(filter.into_filter(crm.hotel)?),
        _ => {
            let message = "either member_ids or filter must be given, and not both";
            return Err(ApiError::invalid_field("member_ids", message));
        }
    };
    let command = BulkTags {
        whom,
        add: ids(body.add),
        remove: ids(body.remove),
    };
    let done = crm.bulk_tagging.tag(&user.actor(), &command).await?;
    Ok(success(BulkTagged {
        members: done.members,
        added: done.added,
        removed: done.removed,
    }))
}
