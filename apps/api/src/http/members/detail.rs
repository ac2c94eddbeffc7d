use super::dto::MemberDetail;
use crate::http::answer::{ApiResult, Envelope, success};
use crate::http::extract::{Allowed, Id, MembersRead};
use crate::http::problem::{ApiError, Problems};
use actix_web::get;
use actix_web::web::Data;
use crm_accounts::{Caller, Permission};
use crm_bootstrap::Crm;
use crm_kernel::MemberId;
use crm_members::MemberError;

/// All about one member.
///
/// `id_number` is shown in full to admins and customer service, masked to others.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The member")),
    responses((status = 200, description = "The member", body = Envelope<MemberDetail>), Problems),
)]
#[get("/members/{id}")]
pub(super) async fn get_member(
    user: Allowed<MembersRead>,
    id: Id<MemberId>,
    crm: Data<Crm>,
) -> ApiResult<MemberDetail> {
    Ok(success(shown(&crm, user.caller(), id.0).await?))
}

/// The member's page as this user may see it. Whoever sees an id number in full is written down.
pub(super) async fn shown(
    crm: &Crm,
    caller: &Caller,
    id: MemberId,
) -> Result<MemberDetail, ApiError> {
    let member = crm.members.get(id).await?;
    let number = if caller.role.allows(Permission::MembersIdNumber) {
        let number = crm
            .members
            .id_number_in_full(&caller.actor(), &member)
            .await;
        number.map(|number| number.map(|number| number.as_str().to_owned()))
    } else {
        crm.members.masked_id_number(&member)
    };
    // A number under a key that is gone must not keep the rest of the guest from being seen.
    let number = match number {
        Err(MemberError::Vault(error)) => {
            tracing::error!(member.id = id.get(), %error, "the id number of member {id} cannot be read");
            None
        }
        number => number?,
    };
    Ok(MemberDetail::new(member, number))
}
