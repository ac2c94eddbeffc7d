//! What guests sent; with LINE these two live on a host of their own.

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::answer::Answer;
use super::gate::pass;
use crate::shared::Shared;
use crate::state::{Endpoint, Found, Prepared};

pub(super) async fn content(
    shared: Data<Shared>,
    request: HttpRequest,
    id: Path<String>,
) -> HttpResponse {
    pass(
        &shared,
        &request,
        Endpoint::Content,
        &Ok(Bytes::new()),
        |call| {
            let now = call.shared.clock.now_ms();
            match call.shared.world().contents.find(&id, now) {
                Found::Content(content) => Answer::content(content.mime, content.bytes.to_vec()),
                Found::NotReady => Answer::not_ready(),
                Found::Unsent => Answer::error(410, "The message was unsent"),
                Found::Unknown => Answer::not_found(),
            }
        },
    )
    .await
}

pub(super) async fn transcoding(
    shared: Data<Shared>,
    request: HttpRequest,
    id: Path<String>,
) -> HttpResponse {
    pass(
        &shared,
        &request,
        Endpoint::Transcoding,
        &Ok(Bytes::new()),
        |call| {
            let now = call.shared.clock.now_ms();
            let status = match call.shared.world().contents.look(&id, now) {
                Some(Prepared::Processing) => "processing",
                Some(Prepared::Succeeded) => "succeeded",
                Some(Prepared::Failed) => "failed",
                None => return Answer::not_found(),
            };
            Answer::ok(json!({"status": status}))
        },
    )
    .await
}
