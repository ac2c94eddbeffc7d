use crate::http::answer::{ApiResult, EmptyEnvelope, Envelope, created, done, success};
use crate::http::extract::{Allowed, Id, PmsManage, Valid};
use crate::http::problem::{ApiError, Problems};
use crate::http::wire::SyncType;
use actix_web::web::Data;
use actix_web::{delete, get, post};
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_kernel::ImportProfileId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Which headings of a hotel's own tables mean which fields, to be saved under a name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "櫃台匯出", "kind": "members", "headings": {"客編": "guest_code", "行動": "phone"}
}))]
pub(crate) struct SaveImportProfile {
    /// 1 to 50 characters; unique among those of a kind.
    name: String,
    kind: SyncType,
    /// Heading to field; see `/pms/import-fields`. Headings that are known need no entry.
    headings: BTreeMap<String, String>,
}

/// Saved words on which headings mean which fields.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 3, "name": "櫃台匯出", "kind": "members",
    "headings": {"客編": "guest_code", "行動": "phone"}, "created_at": "2025-10-08T10:00:00Z"
}))]
pub(crate) struct ImportProfile {
    id: i64,
    name: String,
    kind: SyncType,
    headings: BTreeMap<String, String>,
    created_at: DateTime<Utc>,
}

impl From<crm_members::ImportProfile> for ImportProfile {
    fn from(profile: crm_members::ImportProfile) -> Self {
        Self {
            id: profile.id.get(),
            name: profile.new.name,
            kind: profile.new.kind.into(),
            headings: profile.new.headings.into_iter().collect(),
            created_at: profile.new.created_at,
        }
    }
}

/// Reads headings that a form brings as JSON.
pub(super) fn read_headings(text: &str) -> Result<Vec<(String, String)>, ApiError> {
    let headings: BTreeMap<String, String> = serde_json::from_str(text).map_err(|_| {
        ApiError::invalid_field("headings", "must be a JSON object of headings with fields")
    })?;
    Ok(headings.into_iter().collect())
}

/// The saved profiles, by kind, then by name.
#[utoipa::path(
    tag = "pms",
    security(("bearer" = [])),
    responses((status = 200, description = "All of them", body = Envelope<Vec<ImportProfile>>), Problems),
)]
#[get("/pms/import-profiles")]
pub(super) async fn list_import_profiles(
    _user: Allowed<PmsManage>,
    crm: Data<Crm>,
) -> ApiResult<Vec<ImportProfile>> {
    let profiles = crm.pms.profiles().await?;
    Ok(success(profiles.into_iter().map(Into::into).collect()))
}

/// Save which headings mean which fields.
#[utoipa::path(
    tag = "pms",
    security(("bearer" = [])),
    request_body = SaveImportProfile,
    responses((status = 201, description = "Saved", body = Envelope<ImportProfile>), Problems),
)]
#[post("/pms/import-profiles")]
pub(super) async fn save_import_profile(
    user: Allowed<PmsManage>,
    body: Valid<SaveImportProfile>,
    crm: Data<Crm>,
) -> ApiResult<ImportProfile> {
    let SaveImportProfile {
        name,
        kind,
        headings,
    } = body.0;
    let headings = headings.into_iter().collect();
    let profile = crm
        .pms
        .save_profile(&user.actor(), &name, kind.into(), headings)
        .await?;
    // It has no address of its own: the list is short.
    Ok(created(
        "/api/v1/pms/import-profiles".to_owned(),
        profile.into(),
    ))
}

/// Delete a profile.
#[utoipa::path(
    tag = "pms",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The profile")),
    responses((status = 200, description = "Deleted", body = EmptyEnvelope), Problems),
)]
#[delete("/pms/import-profiles/{id}")]
pub(super) async fn delete_import_profile(
    user: Allowed<PmsManage>,
    id: Id<ImportProfileId>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    crm.pms.delete_profile(&user.actor(), id.0).await?;
    Ok(done())
}
