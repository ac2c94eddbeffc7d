use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

const LIMIT: &str = "x-ratelimit-limit";
const REMAINING: &str = "x-ratelimit-remaining";
const RESET: &str = "x-ratelimit-reset";
/// The headers that tell of limits.
pub(crate) const HEADERS: [&str; 3] = [LIMIT, REMAINING, RESET];

/// How a limit stands after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Requests in a minute.
    pub(super) limit: u32,
    /// How many of them are left.
    pub(super) remaining: u32,
    /// When all of them are there again, in seconds of the epoch.
    pub(super) reset: i64,
    /// How many seconds too early the request came; `None` when it is within the limit.
    pub(super) wait: Option<u64>,
}

impl Allowance {
    /// Tells the client.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        let values = [self.limit.into(), self.remaining.into(), self.reset];
        for (name, value) in HEADERS.into_iter().zip(values) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}
