//! Trouble on demand.

use serde::{Deserialize, Serialize};

use crate::hotel::Table;

/// One of the endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `/v1/health`
    Health,
    /// `/v1/guests`
    Guests,
    /// `/v1/stays`
    Stays,
}

impl Endpoint {
    /// Its path.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Health => "/v1/health",
            Self::Guests => "/v1/guests",
            Self::Stays => "/v1/stays",
        }
    }

    pub(crate) const fn table(self) -> Option<Table> {
        match self {
            Self::Health => None,
            Self::Guests => Some(Table::Guests),
            Self::Stays => Some(Table::Stays),
        }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// 417 with a code and words, such as 1001.
    Business {
        /// The code.
        code: String,
        /// The words.
        message: String,
    },
    /// 200 with a `resultCode` that is not 0000.
    ResultCode {
        /// The code.
        code: String,
        /// The words.
        message: String,
    },
    /// 429.
    TooFast {
        /// `Retry-After` in seconds.
        retry_after: Option<u64>,
    },
    /// 503 with a line of text.
    Unavailable,
    /// Any other status without a body.
    Status {
        /// The status.
        status: u16,
    },
    /// 502 with a web page.
    HtmlBadGateway,
    /// 200 with a web page: somebody's sign-in form.
    HtmlOk,
    /// 204.
    NoContent,
    /// The right answer, late.
    Slow {
        /// Milliseconds before its first byte.
        ms: u64,
    },
    /// The right answer, half of it late.
    Drip {
        /// Milliseconds between the halves.
        ms: u64,
    },
    /// The connection ends without an answer.
    Cut,
    /// The connection ends half-way through the answer.
    CutBody,
    /// An answer that ends half-way but claims to be whole.
    HalfJson,
    /// 417 with 1003. Strikes requests with a cursor only.
    ExpiredCursor,
    /// 401.
    WrongKey,
    /// 403.
    WrongHotel,
    /// The right answer behind so many bytes of nothing, its length not told.
    Huge {
        /// How many.
        bytes: usize,
    },
    /// The right answer with every key in capitals.
    Capitals,
    /// The right answer with `data` inside `data`.
    Nested,
    /// The right answer with `as_of` and `server_time` this far off.
    ClockOff {
        /// How far.
        seconds: i64,
    },
}

impl Fault {
    /// More than the 20 MiB that a client has to read.
    #[must_use]
    pub const fn huge() -> Self {
        Self::Huge {
            bytes: 21 * 1024 * 1024,
        }
    }
}

/// Which requests a fault strikes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultOrder {
    /// What goes wrong.
    #[serde(flatten)]
    pub fault: Fault,
    /// Where; everywhere without it.
    #[serde(default)]
    pub endpoint: Option<Endpoint>,
    /// How many requests are let pass before.
    #[serde(default)]
    pub after: u32,
    /// How many are struck then.
    #[serde(default = "once")]
    pub times: u32,
}

const fn once() -> u32 {
    1
}

/// The orders still open.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<FaultOrder>);

impl Faults {
    pub(crate) fn add(&mut self, order: FaultOrder) {
        if order.times > 0 {
            self.0.push(order);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn list(&self) -> &[FaultOrder] {
        &self.0
    }

    /// What strikes a request; orders come one after the other.
    pub(crate) fn draw(&mut self, endpoint: Endpoint, has_cursor: bool) -> Option<Fault> {
        let order = self.0.iter_mut().find(|order| {
            order.endpoint.is_none_or(|at| at == endpoint)
                && (has_cursor || order.fault != Fault::ExpiredCursor)
        })?;
        if order.after > 0 {
            order.after -= 1;
            return None;
        }
        order.times -= 1;
        let fault = order.fault.clone();
        self.0.retain(|order| order.times > 0);
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(fault: Fault, endpoint: Option<Endpoint>, after: u32, times: u32) -> FaultOrder {
        FaultOrder {
            fault,
            endpoint,
            after,
            times,
        }
    }

    #[test]
    fn orders_let_pass_strike_and_end() {
        let mut faults = Faults::default();
        faults.add(order(Fault::Unavailable, Some(Endpoint::Stays), 1, 2));
        assert_eq!(faults.draw(Endpoint::Guests, false), None);
        let struck: Vec<bool> = (0..4)
            .map(|_| faults.draw(Endpoint::Stays, false).is_some())
            .collect();
        assert_eq!(struck, [false, true, true, false]);
    }

    #[test]
    fn a_cursor_expires_only_where_there_is_one() {
        let mut faults = Faults::default();
        faults.add(order(Fault::ExpiredCursor, None, 0, 1));
        assert_eq!(faults.draw(Endpoint::Guests, false), None);
        let struck = faults.draw(Endpoint::Guests, true);
        assert_eq!(struck, Some(Fault::ExpiredCursor));
    }

    #[test]
    fn an_order_is_what_a_script_writes() {
        let text = r#"{"kind": "too_fast", "retry_after": 2, "endpoint": "stays"}"#;
        let read: FaultOrder = serde_json::from_str(text).unwrap();
        let fault = Fault::TooFast {
            retry_after: Some(2),
        };
        assert_eq!(read, order(fault, Some(Endpoint::Stays), 0, 1));
    }
}
