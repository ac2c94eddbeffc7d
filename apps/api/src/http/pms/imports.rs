use super::profiles::read_headings;
use super::runs::SyncTask;
use crate::http::answer::{ApiResult, Envelope, accepted, success};
use crate::http::extract::{Allowed, Form, FormFields, FromQuery, PmsManage, Query, QueryReader};
use crate::http::problem::{ApiError, Problems};
use crate::http::tables::put_aside;
use crate::http::wire::{SyncType, Word};
use actix_web::web::Data;
use actix_web::{get, post};
use crm_bootstrap::Crm;
use crm_kernel::ImportProfileId;
use crm_members::{ImportFiles, PmsField, SyncFile};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// A form with a table that was exported from the hotel's own system.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; what is read is `Form`")]
pub(crate) struct ImportPmsFile {
    /// CSV in UTF-8, UTF-16 or Big5, or an Excel workbook (.xlsx).
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What the table holds.
    kind: SyncType,
    /// A saved profile.
    #[schema(value_type = Option<i64>, example = 3)]
    profile: Option<String>,
    /// Which heading means which field, as JSON; in place of a profile.
    #[schema(example = "{\"客編\": \"guest_code\"}")]
    headings: Option<String>,
}

/// What such a form says beside the file.
pub(super) struct PmsFields;

impl FormFields for PmsFields {
    const TEXTS: &'static [&'static str] = &["kind", "profile", "headings"];
    const LONGEST: usize = 16 * 1024;
}

/// How to read a table in.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HowToImportPms {
    /// Whether to only report what would happen
    dry_run: Option<bool>,
}

impl FromQuery for HowToImportPms {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            dry_run: query.flag("dry_run"),
        }
    }
}

/// Of what kind.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfKind {
    /// What the table holds
    #[param(inline)]
    kind: SyncType,
}

impl FromQuery for OfKind {
    fn read(query: &mut QueryReader) -> Self {
        if !query.has("kind") {
            query.problem("kind", "is required");
        }
        Self {
            kind: query.word("kind").unwrap_or(SyncType::Members),
        }
    }
}

/// A field that a table may have a column for.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "name": "guest_code", "headings": ["客戶編號", "GCUST_COD"], "is_required": true
}))]
pub(crate) struct ImportField {
    name: String,
    /// Headings that need no profile.
    headings: Vec<String>,
    /// Whether a table must have it.
    is_required: bool,
}

impl From<PmsField> for ImportField {
    fn from(field: PmsField) -> Self {
        Self {
            name: field.name,
            headings: field.headings,
            is_required: field.is_required,
        }
    }
}

/// Read a table in that was exported from the hotel's own system, in the background.
///
/// Rows are read, matched and taken over like those that come from it directly. With
/// `dry_run=true` nobody is changed, and the report is the same. How it goes is told by
/// `/pms/sync-status/{task_id}` and `/pms/syncs/{task_id}/errors`.
#[utoipa::path(
    tag = "pms",
    security(("bearer" = [])),
    params(HowToImportPms),
    request_body(content = ImportPmsFile, content_type = "multipart/form-data"),
    responses((status = 202, description = "It will be read", body = Envelope<SyncTask>), Problems),
)]
#[post("/pms/imports")]
pub(super) async fn import_pms_file(
    user: Allowed<PmsManage>,
    how: Query<HowToImportPms>,
    form: Form<PmsFields>,
    crm: Data<Crm>,
) -> ApiResult<SyncTask> {
    let kind = form.text("kind");
    let kind = kind.ok_or_else(|| ApiError::invalid_field("kind", "is required"))?;
    let kind = SyncType::from_word(kind).ok_or_else(|| {
        let words = SyncType::WORDS.join(", ");
        ApiError::invalid_field("kind", format!("must be one of {words}"))
    })?;
    let headings = headings_of(&form, kind, &crm).await?;
    let aside = put_aside(&crm, form.file).await?;
    let file = SyncFile {
        path: aside.path.clone(),
        name: form.file_name,
        headings,
        dry_run: how.0.dry_run.unwrap_or(false),
        total_rows: aside.rows,
    };
    match crm.pms.start_file(&user.actor(), kind.into(), file).await {
        Ok(run) => Ok(accepted(run.into())),
        Err(error) => {
            // Nobody will read it; what cannot be removed now is swept away later.
            if let Err(error) = ImportFiles::remove(&crm.files, &aside.path).await {
                tracing::warn!(%error, "a table that nobody reads is still there");
            }
            Err(error.into())
        }
    }
}

/// Which headings mean which fields, by a saved profile or by the form itself.
async fn headings_of(
    form: &Form<PmsFields>,
    kind: SyncType,
    crm: &Crm,
) -> Result<Vec<(String, String)>, ApiError> {
    match (form.text("profile"), form.text("headings")) {
        (None, None) => Ok(Vec::new()),
        (Some(_), Some(_)) => Err(ApiError::invalid_field(
            "headings",
            "goes without a profile only",
        )),
        (Some(profile), None) => {
            let unknown = || ApiError::invalid_field("profile", "does not exist");
            let id: i64 = profile.parse().map_err(|_| unknown())?;
            let profiles = crm.pms.profiles().await?.into_iter();
            let id = ImportProfileId::new(id);
            let mut profiles = profiles.filter(|profile| profile.id == id);
            let profile = profiles.next().ok_or_else(unknown)?;
            if profile.new.kind != kind.into() {
                return Err(ApiError::invalid_field("profile", "is of another kind"));
            }
            Ok(profile.new.headings)
        }
        (None, Some(text)) => {
            let headings = read_headings(text)?;
            crm.pms.check_headings(kind.into(), &headings)?;
            Ok(headings)
        }
    }
}

/// The fields that a table may have columns for.
#[utoipa::path(
    tag = "pms",
    security(("bearer" = [])),
    params(OfKind),
    responses((status = 200, description = "The fields", body = Envelope<Vec<ImportField>>), Problems),
)]
#[get("/pms/import-fields")]
pub(super) async fn import_fields(
    _user: Allowed<PmsManage>,
    query: Query<OfKind>,
    crm: Data<Crm>,
) -> ApiResult<Vec<ImportField>> {
    let fields = crm.pms.fields(query.0.kind.into());
    Ok(success(fields.into_iter().map(Into::into).collect()))
}
