use super::gate::Gate;
use crate::http::limits::count_user_once;
use crate::http::problem::ApiError;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use crm_accounts::{AccountError, Caller, Permission};
use crm_bootstrap::Crm;
use crm_kernel::Actor;
use futures::future::{LocalBoxFuture, Ready, ready};
use std::marker::PhantomData;

/// A permission as part of a handler's signature.
pub(crate) trait Needs: 'static {
    const PERMISSION: Permission;
}

/// One type per permission that a route asks for, named as the permission is.
macro_rules! needs {
    ($($name:ident),* $(,)?) => {
        $(
            #[doc = concat!("Asks for [`Permission::", stringify!($name), "`].")]
            pub(crate) struct $name;

            impl Needs for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )*
    };
}

needs! {
    MembersRead, MembersWrite, MembersTag, MembersDelete, MembersMerge,
    TagsRead, TagsWrite,
    TemplatesRead, TemplatesWrite,
    CampaignsRead, CampaignsWrite, CampaignsSend, CampaignsEmergencyStop,
    AutoResponsesRead, AutoResponsesWrite,
    MessagesRead, MessagesSend,
    AnalyticsRead, ExportsCreate,
    UploadsCreate,
    PmsManage,
    UsersManage, AuditRead, JobsManage,
}

/// A signed-in user whose role includes the permission. Stands first in a signature.
pub(crate) struct Allowed<P> {
    caller: Caller,
    permission: PhantomData<P>,
}

impl<P> Allowed<P> {
    /// Who asks.
    pub(crate) const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The name under which changes are recorded.
    pub(crate) const fn actor(&self) -> Actor {
        self.caller.actor()
    }

    /// Insists on a further permission.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), ApiError> {
        Ok(self.caller.require(permission)?)
    }
}

impl<P: Needs> FromRequest for Allowed<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (gate, request) = (Gate::close(request), request.clone());
        Box::pin(async move {
            let caller = authenticate(&request).await?;
            caller.require(P::PERMISSION)?;
            gate.open();
            Ok(Self {
                caller,
                permission: PhantomData,
            })
        })
    }
}

/// A signed-in user of whatever role. Stands first in a signature.
pub(crate) struct AnyUser(pub(crate) Caller);

impl FromRequest for AnyUser {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (gate, request) = (Gate::close(request), request.clone());
        Box::pin(async move {
            let caller = authenticate(&request).await?;
            gate.open();
            Ok(Self(caller))
        })
    }
}

/// The access token itself, not looked at yet.
pub(crate) struct BearerToken(pub(crate) String);

impl FromRequest for BearerToken {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            bearer(request)
                .map(|token| Self(token.to_owned()))
                .ok_or_else(|| AccountError::InvalidToken.into()),
        )
    }
}

async fn authenticate(request: &HttpRequest) -> Result<Caller, ApiError> {
    let token = bearer(request).ok_or(AccountError::InvalidToken)?;
    let crm = request
        .app_data::<Data<Crm>>()
        .ok_or_else(ApiError::internal)?;
    let caller = crm.accounts.authenticate(token).await?;
    tracing::Span::current().record("user.id", caller.user_id.get());
    count_user_once(request, caller.user_id).await?;
    Ok(caller)
}

pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request
        .headers()
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_marker_asks_for_the_permission_it_is_named_after() {
        assert_eq!(MembersRead::PERMISSION.as_str(), "members:read");
        assert_eq!(CampaignsSend::PERMISSION.as_str(), "campaigns:send");
        assert_eq!(JobsManage::PERMISSION.as_str(), "jobs:manage");
    }

    #[test]
    fn the_scheme_may_be_written_in_any_case_and_nothing_else_is_a_token() {
        let token_in = |value: &str| {
            let request = TestRequest::default()
                .insert_header((header::AUTHORIZATION, value))
                .to_http_request();
            bearer(&request).map(str::to_owned)
        };
        assert_eq!(token_in("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(token_in("bearer  abc").as_deref(), Some("abc"));
        for other in ["abc", "Bearer", "Bearer ", "Basic abc"] {
            assert_eq!(token_in(other), None, "{other}");
        }
    }
}
