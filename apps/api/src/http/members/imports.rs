use crate::http::answer::{ApiResult, Envelope, PageOf, accepted, success};
use crate::http::extract::{
    Allowed, Form, FormFields, FromQuery, Id, MembersWrite, Paging, Query, QueryReader,
};
use crate::http::problem::{ApiError, Problems};
use crate::http::tables::put_aside;
use crate::http::wire::ImportStatus;
use actix_web::web::Data;
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_kernel::ImportId;
use crm_members::{RowError, StartImport};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// The one way of reading columns there is: by their names.
const PROFILE: &str = "default";

/// A form with a table of members in it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; what is read is `Form`")]
pub(crate) struct ImportMembers {
    /// CSV in UTF-8, UTF-16 or Big5, or an Excel workbook (.xlsx).
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// How columns are read; `default` goes by their names.
    #[schema(example = "default")]
    profile: Option<String>,
}

/// What such a form says beside the file.
pub(super) struct ImportFields;

impl FormFields for ImportFields {
    const TEXTS: &'static [&'static str] = &["profile"];
}

/// How to read a file in.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HowToImport {
    /// Whether to only report what would happen
    dry_run: Option<bool>,
}

impl FromQuery for HowToImport {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            dry_run: query.flag("dry_run"),
        }
    }
}

/// A file of members and how far it was read.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "task_id": 7, "status": "completed", "reason": null, "dry_run": true,
    "file_name": "members.csv", "total_rows": 120, "processed_rows": 120, "created_count": 80,
    "updated_count": 25, "unchanged_count": 10, "failed_count": 5,
    "created_at": "2026-10-08T10:30:00Z", "finished_at": "2026-10-08T10:30:01Z"
}))]
pub(crate) struct Import {
    task_id: i64,
    status: ImportStatus,
    /// Why it failed.
    reason: Option<String>,
    /// Whether members stay as they are.
    dry_run: bool,
    file_name: Option<String>,
    /// Rows of the file that are not blank.
    total_rows: u64,
    processed_rows: u64,
    created_count: u64,
    updated_count: u64,
    unchanged_count: u64,
    /// Bad rows; see the errors.
    failed_count: u64,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl From<crm_members::Import> for Import {
    fn from(import: crm_members::Import) -> Self {
        Self {
            task_id: import.id.get(),
            status: import.status.into(),
            reason: import.reason,
            dry_run: import.dry_run,
            file_name: import.file_name,
            total_rows: import.total_rows,
            processed_rows: import.processed_rows,
            created_count: import.counts.created,
            updated_count: import.counts.updated,
            unchanged_count: import.counts.unchanged,
            failed_count: import.counts.failed,
            created_at: import.created_at,
            finished_at: import.finished_at,
        }
    }
}

/// What is wrong with a row of a file.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"row": 17, "field": "email", "message": "is not an e-mail address"}))]
pub(crate) struct ImportError {
    /// Its number as a spreadsheet shows it; 1 is the header.
    row: u64,
    field: String,
    message: String,
}

impl From<RowError> for ImportError {
    fn from(error: RowError) -> Self {
        Self {
            row: error.row,
            field: error.field,
            message: error.message,
        }
    }
}

/// Read a file of members in, in the background.
///
/// A row whose identity number is known changes that member, as does one with the name and the
/// phone or e-mail of exactly one member; with more than one such member the row fails, and
/// every other row makes a new member. Empty cells change nothing. With `dry_run=true` nobody is changed, and the report is the same.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(HowToImport),
    request_body(content = ImportMembers, content_type = "multipart/form-data"),
    responses((status = 202, description = "It will be read", body = Envelope<Import>), Problems),
)]
#[post("/members/import")]
pub(super) async fn import_members(
    user: Allowed<MembersWrite>,
    how: Query<HowToImport>,
    form: Form<ImportFields>,
    crm: Data<Crm>,
) -> ApiResult<Import> {
    if form
        .text("profile")
        .is_some_and(|profile| profile != PROFILE)
    {
        return Err(ApiError::invalid_field("profile", "must be default"));
    }
    let aside = put_aside(&crm, form.file).await?;
    let command = StartImport {
        file_name: form.file_name,
        dry_run: how.0.dry_run.unwrap_or(false),
        file_path: aside.path,
        total_rows: aside.rows,
    };
    let id = crm.members.start_import(&user.actor(), command).await?;
    Ok(accepted(crm.members.import(id).await?.into()))
}

/// The files that were read in, the newest first.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<Import>>), Problems),
)]
#[get("/members/imports")]
pub(super) async fn list_imports(
    _user: Allowed<MembersWrite>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<Import>> {
    let page = crm.members.list_imports(paging.0.0).await?;
    Ok(success(PageOf::of(page, Import::from)))
}

/// How far a file was read.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The task")),
    responses((status = 200, description = "The import", body = Envelope<Import>), Problems),
)]
#[get("/members/imports/{id}")]
pub(super) async fn get_import(
    _user: Allowed<MembersWrite>,
    id: Id<ImportId>,
    crm: Data<Crm>,
) -> ApiResult<Import> {
    Ok(success(crm.members.import(id.0).await?.into()))
}

/// What is wrong with the rows of a file; of very many the first thousand.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The task"), Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<ImportError>>), Problems),
)]
#[get("/members/imports/{id}/errors")]
pub(super) async fn list_import_errors(
    _user: Allowed<MembersWrite>,
    id: Id<ImportId>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<ImportError>> {
    let page = crm.members.import_errors(id.0, paging.0.0).await?;
    Ok(success(PageOf::of(page, ImportError::from)))
}
