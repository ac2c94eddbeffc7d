use crate::http::problem::{ApiError, Problems};
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, head};
use crm_bootstrap::Crm;

/// A path is never used again for another picture.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A picture that was uploaded.
#[utoipa::path(
    tag = "public",
    params(("path" = String, Path, description = "What follows `/static/uploads/` in its `url`")),
    responses(
        (status = 200, description = "The picture", body = String, content_type = "image/*"),
        Problems,
    ),
)]
#[get("/static/uploads/{path:.*}")]
pub(super) async fn show_upload(
    path: Path<String>,
    crm: Data<Crm>,
) -> Result<HttpResponse, ApiError> {
    show(&crm, &path).await
}

/// Whether an uploaded picture is there, and how large.
#[utoipa::path(
    tag = "public",
    params(("path" = String, Path, description = "What follows `/static/uploads/` in its `url`")),
    responses((status = 200, description = "It is there"), Problems),
)]
#[head("/static/uploads/{path:.*}")]
pub(super) async fn look_at_upload(
    path: Path<String>,
    crm: Data<Crm>,
) -> Result<HttpResponse, ApiError> {
    show(&crm, &path).await
}

async fn show(crm: &Crm, path: &str) -> Result<HttpResponse, ApiError> {
    let picture = crm.uploads.find_file(path).await?;
    let picture = picture.ok_or_else(|| {
        let message = "there is no such picture";
        ApiError::new(StatusCode::NOT_FOUND, "upload_not_found", message)
    })?;
    Ok(HttpResponse::Ok()
        .content_type(picture.media_type)
        .insert_header((header::CACHE_CONTROL, FOR_EVER))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .body(picture.bytes))
}
