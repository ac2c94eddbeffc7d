//! What is answered where no route fits.

use crate::http::problem::ApiError;
use crate::openapi::openapi;
use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};
use std::sync::LazyLock;
use utoipa::openapi::PathItem;

/// Every path with the methods it knows. A handler's own guard only says that it is not meant,
/// so that a path of another method would look like no path at all.
static ROUTES: LazyLock<Vec<(ResourceDef, Vec<Method>)>> = LazyLock::new(|| {
    openapi()
        .paths
        .paths
        .iter()
        .map(|(path, item)| (ResourceDef::new(path.as_str()), methods(item)))
        .collect()
});

fn methods(item: &PathItem) -> Vec<Method> {
    [
        (Method::GET, item.get.is_some()),
        (Method::HEAD, item.head.is_some()),
        (Method::POST, item.post.is_some()),
        (Method::PUT, item.put.is_some()),
        (Method::PATCH, item.patch.is_some()),
        (Method::DELETE, item.delete.is_some()),
    ]
    .into_iter()
    .filter_map(|(method, known)| known.then_some(method))
    .collect()
}

/// 405 for a path that knows other methods, 404 for anything else.
pub(crate) async fn unknown(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let mut known: Vec<&str> = ROUTES
        .iter()
        .filter(|(path, _)| path.is_match(request.path()))
        .flat_map(|(_, methods)| methods.iter().map(Method::as_str))
        .collect();
    if known.is_empty() {
        return Err(ApiError::not_found());
    }
    known.sort_unstable();
    known.dedup();
    Err(ApiError::method_not_allowed(known.join(", ")))
}
