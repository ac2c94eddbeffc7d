use crate::http::answer::{ApiResult, Envelope, PageOf, success};
use crate::http::extract::{Allowed, FromQuery, Id, Paging, PmsManage, Query, QueryReader, Valid};
use crate::http::problem::{ApiError, Problems};
use crate::http::wire::{Day, Gender, ReviewReason, ReviewStatus};
use actix_web::web::Data;
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_kernel::{MemberId, ReviewId, UserId};
use crm_members::{
    GuestCode, KeptGuest, Members, ReviewCandidate, ReviewDecision, ReviewRow, ReviewSubject,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What a person says.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    /// They are this member.
    Member,
    /// They are none of the members.
    New,
    /// They are nobody of ours, now and later.
    Ignore,
}

/// Whose a row is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"decision": "member", "member_id": 17}))]
pub(crate) struct DecideReview {
    decision: Decision,
    /// With `member` only.
    member_id: Option<i64>,
}

impl TryFrom<DecideReview> for ReviewDecision {
    type Error = ApiError;

    fn try_from(body: DecideReview) -> Result<Self, ApiError> {
        match (body.decision, body.member_id) {
            (Decision::Member, Some(id)) => Ok(Self::Member(MemberId::new(id))),
            (Decision::Member, None) => Err(ApiError::invalid_field("member_id", "is required")),
            (_, Some(_)) => Err(ApiError::invalid_field(
                "member_id",
                "goes with the decision member only",
            )),
            (Decision::New, None) => Ok(Self::New),
            (Decision::Ignore, None) => Ok(Self::Ignore),
        }
    }
}

/// What the hotel's own system says of a guest; once it is decided, only `guest_code` is kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReviewRecord {
    guest_code: Option<String>,
    last_name: Option<String>,
    first_name: Option<String>,
    gender: Option<Gender>,
    birthday: Option<Day>,
    email: Option<String>,
    phone: Option<String>,
    /// Masked: `A12****789`.
    id_number: Option<String>,
    visits: Option<u32>,
    vip: Option<bool>,
    /// When it changed there.
    updated_at: DateTime<Utc>,
}

impl ReviewRecord {
    fn new(guest: KeptGuest, members: &Members) -> Self {
        let gender = guest.gender.as_deref().and_then(crm_members::Gender::parse);
        Self {
            guest_code: guest.code.as_ref().map(|code| code.as_str().to_owned()),
            last_name: guest.last_name,
            first_name: guest.first_name,
            gender: gender.map(Into::into),
            birthday: guest.birthday.map(Day),
            email: guest.email,
            phone: guest.phone,
            id_number: guest.id_number.and_then(|sealed| members.masked(&sealed)),
            visits: guest.visits,
            vip: guest.vip,
            updated_at: guest.updated_at,
        }
    }
}

/// A member whom the guest may be.
#[derive(Serialize, ToSchema)]
pub(crate) struct Candidate {
    member_id: i64,
    first_name: Option<String>,
    last_name: Option<String>,
    line_display_name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    /// Masked: `A12****789`.
    id_number: Option<String>,
    /// How many stays they have.
    stay_count: u64,
}

impl Candidate {
    fn new(candidate: ReviewCandidate, members: &Members) -> Self {
        let sealed = candidate.id_number_sealed;
        Self {
            member_id: candidate.member_id.get(),
            first_name: candidate.first_name,
            last_name: candidate.last_name,
            line_display_name: candidate.line_display_name,
            phone: candidate.phone,
            email: candidate.email,
            id_number: sealed.and_then(|sealed| members.masked(&sealed)),
            stay_count: candidate.stays,
        }
    }
}

/// A guest or stay of which a person must say whose it is.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 5, "status": "open", "reason": "several_members", "guest_code": "HFD000000000006693",
    "order_number": null,
    "record": {"guest_code": "HFD000000000006693", "last_name": "王", "first_name": "小明",
        "gender": "male", "birthday": "1988-05-20", "email": null, "phone": "+886912345678",
        "id_number": "A12****789", "visits": 8, "vip": false, "updated_at": "2025-10-08T01:58:12Z"},
    "candidates": [{"member_id": 17, "first_name": "小明", "last_name": "王",
        "line_display_name": "小明的日常", "phone": "0912-345-678", "email": null,
        "id_number": null, "stay_count": 2}],
    "waiting_stays": 3, "task_id": "42", "asked_at": "2025-10-08T10:00:03Z", "decision": null,
    "decided_member_id": null, "decided_by": null, "decided_at": null
}))]
pub(crate) struct Review {
    id: i64,
    status: ReviewStatus,
    reason: ReviewReason,
    /// The guest, with all their stays; null when the row is of a stay without a guest.
    guest_code: Option<String>,
    /// That stay.
    order_number: Option<String>,
    record: ReviewRecord,
    /// Who it may be.
    candidates: Vec<Candidate>,
    /// Stays that wait for the decision.
    waiting_stays: u64,
    /// The run that met it.
    task_id: String,
    asked_at: DateTime<Utc>,
    decision: Option<Decision>,
    /// The member who was named, or the new one.
    decided_member_id: Option<i64>,
    decided_by: Option<i64>,
    decided_at: Option<DateTime<Utc>>,
}

impl Review {
    fn new(row: ReviewRow, members: &Members) -> Self {
        let review = row.review;
        let (guest_code, order_number) = match &review.new.subject {
            ReviewSubject::Guest(code) => (Some(GuestCode::as_str(code).to_owned()), None),
            ReviewSubject::Stay(order) => (None, Some(order.clone())),
        };
        let decision = review.decision.map(|decision| match decision {
            ReviewDecision::Member(_) => Decision::Member,
            ReviewDecision::New => Decision::New,
            ReviewDecision::Ignore => Decision::Ignore,
        });
        let candidates = row.candidates.into_iter();
        Self {
            id: review.id.get(),
            status: review.status.into(),
            reason: review.new.reason.into(),
            guest_code,
            order_number,
            record: ReviewRecord::new(review.new.guest, members),
            candidates: candidates.map(|c| Candidate::new(c, members)).collect(),
            waiting_stays: row.waiting_stays,
            task_id: review.new.run.to_string(),
            asked_at: review.new.at,
            decision,
            decided_member_id: review.decided_member.map(MemberId::get),
            decided_by: review.decided_by.map(UserId::get),
            decided_at: review.decided_at,
        }
    }
}

/// Which reviews.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListReviews {
    /// `open` when not said
    #[param(inline)]
    status: Option<ReviewStatus>,
}

impl FromQuery for ListReviews {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            status: query.word("status"),
        }
    }
}

/// What waits for a decision, the longest waiting first; or what was decided, the latest first.
#[utoipa::path(
    tag = "pms",
    security(("bearer" = [])),
    params(ListReviews, Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<Review>>), Problems),
)]
#[get("/pms/reviews")]
pub(super) async fn list_reviews(
    _user: Allowed<PmsManage>,
    query: Query<ListReviews>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<Review>> {
    let status = query.0.status.unwrap_or(ReviewStatus::Open);
    let page = crm.pms.reviews(status.into(), paging.0.0).await?;
    Ok(success(PageOf::of(page, |row| {
        Review::new(row, &crm.members)
    })))
}

/// One review.
#[utoipa::path(
    tag = "pms",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The review")),
    responses((status = 200, description = "The review", body = Envelope<Review>), Problems),
)]
#[get("/pms/reviews/{id}")]
pub(super) async fn get_review(
    _user: Allowed<PmsManage>,
    id: Id<ReviewId>,
    crm: Data<Crm>,
) -> ApiResult<Review> {
    let row = crm.pms.review(id.0).await?;
    Ok(success(Review::new(row, &crm.members)))
}

/// Say whose a row is; stays that waited follow, and nobody is asked again.
#[utoipa::path(
    tag = "pms",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The review")),
    request_body = DecideReview,
    responses((status = 200, description = "Decided", body = Envelope<Review>), Problems),
)]
#[post("/pms/reviews/{id}")]
pub(super) async fn decide_review(
    user: Allowed<PmsManage>,
    id: Id<ReviewId>,
    body: Valid<DecideReview>,
    crm: Data<Crm>,
) -> ApiResult<Review> {
    let decision = body.0.try_into()?;
    let row = crm.pms.decide(&user.actor(), id.0, decision).await?;
    Ok(success(Review::new(row, &crm.members)))
}
