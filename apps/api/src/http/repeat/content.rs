use actix_web::{HttpMessage, HttpRequest};
use memchr::memmem::Finder;

/// Longest line between the parts of a form (RFC 2046 §5.1.1).
const LONGEST_BOUNDARY: usize = 70;

/// Whether the body is a form with files in it.
pub(super) fn is_form(request: &HttpRequest) -> bool {
    let kind = request.mime_type().ok().flatten();
    kind.is_some_and(|kind| kind.type_() == "multipart")
}

/// A form with a file in it without the line that separates its parts, which a client chooses
/// anew each time; `None` for every other body.
pub(super) fn without_boundary(request: &HttpRequest, body: &[u8]) -> Option<Vec<u8>> {
    let kind = request.mime_type().ok()??;
    if kind.type_() != "multipart" {
        return None;
    }
    let boundary = kind.get_param("boundary")?.as_str().as_bytes().to_vec();
    if boundary.is_empty() || boundary.len() > LONGEST_BOUNDARY {
        return None;
    }
    Some(removed(body, &boundary))
}

fn removed(body: &[u8], part: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(body.len());
    let mut rest = body;
    for at in Finder::new(part).find_iter(body) {
        let before = rest.len() - (body.len() - at);
        let (text, tail) = rest.split_at(before);
        kept.extend_from_slice(text);
        rest = tail.get(part.len()..).unwrap_or_default();
    }
    kept.extend_from_slice(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn form_request(boundary: &str) -> HttpRequest {
        let kind = format!("multipart/form-data; boundary={boundary}");
        TestRequest::default()
            .insert_header(("content-type", kind))
            .to_http_request()
    }

    #[test]
    fn the_same_form_is_the_same_under_another_boundary() {
        let form = |boundary: &str| {
            let body = format!("--{boundary}\r\n\r\npicture\r\n--{boundary}--\r\n");
            without_boundary(&form_request(boundary), body.as_bytes()).unwrap()
        };
        assert_eq!(form("one"), form("another"));
        assert_eq!(form("one"), b"--\r\n\r\npicture\r\n----\r\n");
    }

    #[test]
    fn only_the_boundary_goes() {
        for (body, kept) in [
            ("", ""),
            ("one", ""),
            ("oneone", ""),
            ("a one b", "a  b"),
            ("onone", "on"),
            ("no boundary", "no boundary"),
        ] {
            assert_eq!(removed(body.as_bytes(), b"one"), kept.as_bytes(), "{body}");
        }
    }

    #[test]
    fn other_bodies_are_left_as_they_are() {
        let request = TestRequest::default()
            .insert_header(("content-type", "application/json"))
            .to_http_request();
        assert_eq!(without_boundary(&request, b"{}"), None);
        assert_eq!(
            without_boundary(&form_request(&"-".repeat(71)), b"--"),
            None
        );
    }
}
