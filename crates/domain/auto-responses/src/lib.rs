//! Rules that answer guests by themselves: a welcome to who follows, an answer to a keyword, an
//! answer at certain hours (document 000 §3.2.10).
//!
//! Several active rules may fit one event, yet one event gets one answer: keywords go before
//! hours, the longer keyword before the shorter, the rule updated last before the others. The
//! same order says on screens which rules are overshadowed ([`shadows`]), so what is shown is
//! what happens ([`RuleBook`]).

mod answer;
mod book;
mod change;
mod counts;
mod create;
mod delete;
mod error;
mod keyword;
mod matching;
mod name;
mod ports;
mod rule;
mod screens;
mod shadow;
mod toggle;
mod trigger;
mod try_out;
mod update;
mod uses;
mod window;

pub use answer::{Answer, MAX_TEXT_UTF16, MAX_TEXTS};
pub use create::{CreateAutoResponse, MAX_RULES};
pub use error::AutoResponseError;
pub use keyword::{Keyword, KeywordEntry, MAX_KEYWORDS, fold};
pub use matching::{Match, RuleBook};
pub use name::RuleName;
pub use ports::{AutoResponseQueries, AutoResponseRepository, AutoResponsesTx};
pub use rule::{AutoResponse, AutoResponseRecord, NewAutoResponse};
pub use screens::{AutoResponseFilter, AutoResponseView};
pub use shadow::{KeywordShadow, Shadow, shadows};
pub use trigger::{Trigger, TriggerType};
pub use try_out::Tried;
pub use update::UpdateAutoResponse;
pub use window::{TimeOfDay, Window};

use book::KeptBook;
use crm_kernel::{Clock, HotelTime, Transactions};
use std::sync::Arc;

/// Everything that can be done with the rules but answering, which needs other domains too.
#[derive(Clone)]
pub struct AutoResponses {
    store: Arc<dyn Transactions<dyn AutoResponsesTx>>,
    queries: Arc<dyn AutoResponseQueries>,
    clock: Arc<dyn Clock>,
    hotel: HotelTime,
    book: KeptBook,
}

impl AutoResponses {
    /// Rules kept in `store` and shown through `queries`; their hours are those of `hotel`.
    #[must_use]
    pub fn new(
        store: Arc<dyn Transactions<dyn AutoResponsesTx>>,
        queries: Arc<dyn AutoResponseQueries>,
        clock: Arc<dyn Clock>,
        hotel: HotelTime,
    ) -> Self {
        Self {
            store,
            queries,
            clock,
            hotel,
            book: KeptBook::default(),
        }
    }
}
