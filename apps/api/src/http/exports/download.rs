use crate::http::extract::{FromQuery, Id, Query, QueryReader};
use crate::http::problem::{ApiError, Problems};
use actix_web::body::SizedStream;
use actix_web::http::header::{
    self, ContentDisposition, ContentEncoding, DispositionParam, DispositionType,
};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, get};
use crm_bootstrap::Crm;
use crm_exports::{DownloadLink, ExportError};
use crm_kernel::{ExportId, UserId};
use futures::TryStreamExt;
use utoipa::IntoParams;

/// What makes a link ours.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Signed {
    /// When the link dies, in seconds since 1970
    #[param(value_type = i64)]
    expires: Option<i64>,
    /// Whom it was given to
    #[param(value_type = i64)]
    user: Option<i64>,
    /// That it was given out by this installation
    #[param(value_type = String)]
    signature: Option<String>,
}

impl FromQuery for Signed {
    // What is no number is no link of ours; more is not told.
    fn read(query: &mut QueryReader) -> Self {
        let mut number = |name| query.text(name).and_then(|text| text.parse().ok());
        Self {
            expires: number("expires"),
            user: number("user"),
            signature: query.text("signature"),
        }
    }
}

/// A finished file, by the `download_url` of its export; nobody needs to sign in.
///
/// Another link is answered 404 `link_forged`; one whose time is over, or whose file is gone, 410
/// `link_expired`. Each download is in the audit log under the name of whom the link was given to.
#[utoipa::path(
    tag = "public",
    params(("id" = i64, Path, description = "The export"), Signed),
    responses(
        (status = 200, description = "The file", body = String, content_type = "*/*"),
        (status = 410, description = "The link has expired", body = crate::http::problem::Problem),
        Problems,
    ),
)]
#[get("/exports/{id}/download")]
pub(super) async fn download_export(
    id: Id<ExportId>,
    query: Query<Signed>,
    crm: Data<Crm>,
) -> Result<HttpResponse, ApiError> {
    let Signed {
        expires,
        user,
        signature,
    } = query.0;
    let (Some(expires), Some(user), Some(signature)) = (expires, user, signature) else {
        return Err(ExportError::LinkForged.into());
    };
    let link = DownloadLink {
        export: id.0,
        holder: UserId::new(user),
        expires,
    };
    let download = crm.exports.download(link, &signature).await?;
    let bytes = download.file.bytes.map_ok(Bytes::from);
    let name = download.export.download_name();
    Ok(HttpResponse::Ok()
        .content_type(download.export.new.format.media_type())
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(name)],
        })
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        // Its length is told, so that whoever downloads it sees how far they are.
        .insert_header(ContentEncoding::Identity)
        .body(SizedStream::new(download.file.length, bytes)))
}
