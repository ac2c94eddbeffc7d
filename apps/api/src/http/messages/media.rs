use crate::http::extract::{Allowed, Id, MessagesRead};
use crate::http::problem::{ApiError, Problems};
use actix_web::body::SizedStream;
use actix_web::http::header::{
    Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue,
};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, get};
use crm_bootstrap::Crm;
use crm_kernel::MessageId;
use futures::TryStreamExt;

/// The picture, video, sound or file that a guest sent. Files, and what is not what it was sent
/// as, are only offered to be saved.
#[utoipa::path(
    tag = "messages",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The message")),
    responses(
        (status = 200, description = "The content", body = String, content_type = "*/*"),
        Problems,
    ),
)]
#[get("/messages/{id}/media")]
pub(super) async fn get_media(
    _user: Allowed<MessagesRead>,
    id: Id<MessageId>,
    crm: Data<Crm>,
) -> Result<HttpResponse, ApiError> {
    let content = crm.media.open(id.0).await?;
    let bytes = content.bytes.map_ok(Bytes::from);
    Ok(HttpResponse::Ok()
        .content_type(content.content_type)
        .insert_header(disposition(content.is_shown, content.name))
        .body(SizedStream::new(content.length, bytes)))
}

fn disposition(is_shown: bool, name: Option<String>) -> ContentDisposition {
    let name = name.filter(|name| !name.is_empty()).map(|name| {
        DispositionParam::FilenameExt(ExtendedValue {
            charset: Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value: name.into_bytes(),
        })
    });
    ContentDisposition {
        disposition: if is_shown {
            DispositionType::Inline
        } else {
            DispositionType::Attachment
        },
        parameters: name.into_iter().collect(),
    }
}
