use actix_web::http::header::HeaderMap;
use crm_kernel::IdGenerator;

/// The header that carries it, both ways.
pub(crate) const HEADER: &str = "x-request-id";
const LONGEST: usize = 64;

/// The caller's own id of a request, or a fresh one. Anything that could forge a line of the log
/// or a header is not taken over.
pub(crate) fn request_id(headers: &HeaderMap, ids: Option<&dyn IdGenerator>) -> String {
    headers
        .get(HEADER)
        .and_then(|value| value.to_str().ok())
        .filter(|text| is_harmless(text))
        .map(str::to_owned)
        .or_else(|| ids.map(|ids| ids.uuid().simple().to_string()))
        .unwrap_or_default()
}

fn is_harmless(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_plain_ids_are_taken_over() {
        assert!(is_harmless("a-B_9"));
        assert!(is_harmless(&"a".repeat(64)));
        for bad in ["", "a b", "a\nb", "é", "a;b", &"a".repeat(65)] {
            assert!(!is_harmless(bad), "{bad:?}");
        }
    }
}
