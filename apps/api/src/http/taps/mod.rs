//! Tracked links: where a guest's tap leads on to.

mod agent;

use super::problem::{ApiError, Problems};
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, head};
use agent::is_guest;
use crm_bootstrap::Crm;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(follow_link).service(look_at_link);
}

const UNKNOWN: &str = "<!doctype html>\n<html lang=\"zh-Hant\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
<meta name=\"robots\" content=\"noindex\"><title>找不到連結 Link not found</title></head>\
<body><h1>找不到這個連結</h1><p>連結可能已經過期，請回到 LINE 與我們聯絡。</p>\
<h2 lang=\"en\">Link not found</h2>\
<p lang=\"en\">It may have expired. Please contact us on LINE.</p></body></html>\n";

/// Follow a tracked link.
#[utoipa::path(
    tag = "public",
    params(("token" = String, Path, description = "The link's token")),
    responses(
        (status = 302, description = "Where it leads", headers(("location" = String))),
        (status = 404, description = "No such link", body = String, content_type = "text/html"),
        Problems,
    ),
)]
#[get("/t/{token}")]
async fn follow_link(
    request: HttpRequest,
    token: Path<String>,
    crm: Data<Crm>,
) -> Result<HttpResponse, ApiError> {
    let agent = request
        .headers()
        .get(header::USER_AGENT)
        .map(|value| String::from_utf8_lossy(value.as_bytes()));
    lead(&crm, &token, is_guest(agent.as_deref().unwrap_or(""))).await
}

/// See where a tracked link leads; never counted.
#[utoipa::path(
    tag = "public",
    params(("token" = String, Path, description = "The link's token")),
    responses(
        (status = 302, description = "Where it leads", headers(("location" = String))),
        (status = 404, description = "No such link"),
        Problems,
    ),
)]
#[head("/t/{token}")]
async fn look_at_link(token: Path<String>, crm: Data<Crm>) -> Result<HttpResponse, ApiError> {
    lead(&crm, &token, false).await
}

async fn lead(crm: &Crm, token: &str, count: bool) -> Result<HttpResponse, ApiError> {
    let target = crm.taps.follow(token, count).await?;
    let location = target.and_then(|target| HeaderValue::from_str(&ascii(&target)).ok());
    let mut response = match &location {
        Some(_) => HttpResponse::Found(),
        None => HttpResponse::NotFound(),
    };
    // Every tap must come by here.
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(match location {
        Some(location) => response
            .insert_header((header::LOCATION, location))
            .finish(),
        None => response
            .content_type("text/html; charset=utf-8")
            .body(UNKNOWN),
    })
}

/// The address as a header can carry it; staff may have written it in Chinese.
fn ascii(url: &str) -> String {
    let mut encoded = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_graphic() {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_written_in_chinese_fits_into_a_header() {
        assert_eq!(
            ascii("https://a.tw/房?b=%20"),
            "https://a.tw/%E6%88%BF?b=%20"
        );
    }
}
