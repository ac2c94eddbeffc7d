use actix_web::{HttpMessage, HttpRequest};

/// A form with a file in it without the line that separates its parts, which a client chooses
/// anew each time; `None` for every other body.
pub(super) fn without_boundary(request: &HttpRequest, body: &[u8]) -> Option<Vec<u8>> {
    let kind = request.mime_type().ok()??;
    if kind.type_() != "multipart" {
        return None;
    }
    let boundary = kind.get_param("boundary")?.as_str().as_bytes().to_vec();
    if boundary.is_empty() {
        return None;
    }
    Some(removed(body, &boundary))
}

fn removed(body: &[u8], part: &[u8]) -> Vec<u8> {
    let mut rest = body;
    let mut kept = Vec::with_capacity(body.len());
    while let Some((first, tail)) = rest.split_first() {
        if let Some(tail) = rest.strip_prefix(part) {
            rest = tail;
        } else {
            kept.push(*first);
            rest = tail;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_same_form_is_the_same_under_another_boundary() {
        let form = |boundary: &str| {
            let request = TestRequest::default()
                .insert_header((
                    "content-type",
                    format!("multipart/form-data; boundary={boundary}"),
                ))
                .to_http_request();
            let body = format!("--{boundary}\r\n\r\npicture\r\n--{boundary}--\r\n");
            without_boundary(&request, body.as_bytes()).unwrap()
        };
        assert_eq!(form("one"), form("another"));
    }

    #[test]
    fn other_bodies_are_left_as_they_are() {
        let request = TestRequest::default()
            .insert_header(("content-type", "application/json"))
            .to_http_request();
        assert_eq!(without_boundary(&request, b"{}"), None);
    }
}
