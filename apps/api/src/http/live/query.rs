use super::news::Wanted;
use crate::http::extract::{FromQuery, QueryReader};
use crate::http::wire::Word;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use crm_kernel::MemberId;
use crm_workflows::Cursor;
use std::convert::Infallible;
use std::future::{Ready, ready};
use utoipa::IntoParams;

/// What happened, as one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LiveKind(&'static str);

impl LiveKind {
    pub(super) const fn as_str(self) -> &'static str {
        self.0
    }
}

impl Word for LiveKind {
    const WORDS: &'static [&'static str] = &[
        "message.received",
        "message.sent",
        "message.failed",
        "conversation.updated",
        "campaign.progress",
        "sync.progress",
        "export.progress",
    ];

    fn from_word(text: &str) -> Option<Self> {
        let mut words = Self::WORDS.iter();
        words.find(|word| **word == text).map(|word| Self(word))
    }
}

/// Which events.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LiveQuery {
    /// Only what is about this member
    #[param(value_type = Option<i64>)]
    member_id: Option<MemberId>,
    /// Only these, separated by commas; all where it is left out
    #[param(value_type = Option<String>, example = "message.received,message.sent")]
    kinds: Vec<LiveKind>,
}

impl FromQuery for LiveQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            member_id: query.id("member_id"),
            kinds: query.words("kinds"),
        }
    }
}

impl From<LiveQuery> for Wanted {
    fn from(query: LiveQuery) -> Self {
        Self {
            kinds: query.kinds,
            member: query.member_id,
        }
    }
}

/// Where a listener comes back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// They have heard nothing yet.
    Now,
    /// They have heard this.
    Then(Cursor),
    /// They have heard something that none of us said.
    Unknown,
}

impl FromRequest for Since {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get("last-event-id");
        let text = header.map(|value| value.to_str().unwrap_or("?").trim());
        ready(Ok(match text {
            None | Some("") => Self::Now,
            Some(text) => Cursor::parse(text).map_or(Self::Unknown, Self::Then),
        }))
    }
}
