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
    // A number under a key that is gone must not keep the rest of the guest from being seen.
    let number = match crm.members.id_number(&caller.actor(), &member) {
        Err(MemberError::Vault(error)) => {
            tracing::error!(member.id = id.get(), %error, "the id number of member {id} cannot be read");
            None
        }
        number => number?,
    };
    let number = number.map(|number| {
        if !caller.role.allows(Permission::MembersIdNumber) {
            return number.masked();
        }
        tracing::info!(
                    target: "audit",
        { user.id = caller.user_id.get(), member.id = id.get() },
        "id number of member {id} shown in full"
                );
        number.as_str().to_owned()
    });
    Ok(MemberDetail::new(member, number))
}
