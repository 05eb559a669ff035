//! Machines between a story's phones and its server that answer in its place.

use super::server::SimAnswer;
use crate::proof::chance::Chance;
use toruk_mobile_core::engine::answers::AnswerHead;

/// A machine on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stranger {
    /// A hotel's sign-in page: it answers everything itself.
    Portal,
    /// A company's filter: it refuses what it does not like.
    Filter,
    /// A proxy in front of the server that restarts. It may have passed the request on.
    Proxy,
}

const STATUSES_OF_A_PORTAL: [u16; 7] = [200, 204, 301, 302, 303, 307, 511];
const STATUSES_OF_A_FILTER: [u16; 9] = [400, 401, 403, 404, 407, 410, 413, 422, 451];
const STATUSES_OF_A_PROXY: [u16; 4] = [500, 502, 503, 504];
const HTML: (&str, &str) = ("content-type", "text/html");

impl Stranger {
    /// Any of them.
    pub(super) fn any(chance: &mut Chance) -> Self {
        match chance.below(3) {
            0 => Self::Portal,
            1 => Self::Filter,
            _ => Self::Proxy,
        }
    }

    /// Returns `true` if the server gets the request all the same.
    pub(super) fn passes_on(self, chance: &mut Chance) -> bool {
        self == Self::Proxy && chance.below(2) == 0
    }

    /// Its answer: a page, nothing, or JSON of its own, with a wish for quiet that is nobody's.
    pub(super) fn answer(self, chance: &mut Chance) -> SimAnswer {
        let statuses = match self {
            Self::Portal => &STATUSES_OF_A_PORTAL[..],
            Self::Filter => &STATUSES_OF_A_FILTER,
            Self::Proxy => &STATUSES_OF_A_PROXY,
        };
        let which = usize::try_from(chance.below(statuses.len() as u64)).unwrap_or(0);
        let (headers, body): (Vec<(&str, &str)>, &str) = match chance.below(5) {
            0 => (Vec::new(), ""),
            1 => (vec![HTML, ("retry-after", "86400")], "<html><title>Wi-Fi</title></html>"),
            2 => (vec![HTML], "<ht"),
            3 => (vec![("content-type", "application/json")], r#"{"error":"login"}"#),
            _ => {
                let problem = r#"{"type":"about:blank","title":"Denied","status":403}"#;
                (vec![("content-type", "application/problem+json")], problem)
            }
        };
        SimAnswer { head: AnswerHead::new(statuses[which], headers.into_iter()), body: body.into() }
    }
}
