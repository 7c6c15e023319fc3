//! Who asks what. Everybody asking everything takes minutes: of questions about what it sees something of, each asks one of so many,
//! of others fewer; always the same ones. Each route is asked by one who sees something, and by those who see nothing.

use super::people::Caller;
use super::request::SentRequest;
use std::collections::{BTreeMap, BTreeSet};

/// These look at most and say most about it; everybody asks three times as many of them as of its own questions.
const OFTEN: [&str; 2] = ["/v1/alerts/backtest", "/v1/quotes"];

/// One of so many questions is asked.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// Of those about what concerns the caller.
    pub own: u64,
    /// Of others.
    pub other: u64,
}

impl Share {
    /// Every question.
    pub const WHOLE: Self = Self { own: 1, other: 1 };

    /// Whether so much is asked that everybody who may see something asks for something that it sees.
    pub const fn is_large(self) -> bool {
        self.own <= 3
    }

    /// The places of the questions that a caller asks.
    pub fn of(self, caller: Caller, asked: &[SentRequest]) -> Vec<usize> {
        let mut routes: BTreeMap<String, u64> = BTreeMap::new();
        for one in asked {
            *routes.entry(route(one)).or_default() += 1;
        }
        let mut met = BTreeSet::new();
        let is_asked = |(_, one): &(usize, &SentRequest)| {
            let route = route(one);
            let concerns = caller.concerns().iter().any(|what| is_about(one, what));
            let of = if OFTEN.contains(&one.path.as_str()) || concerns && one.path.starts_with("/v1/values?")
            {
                self.own.div_ceil(3)
            } else if concerns {
                self.own
            } else {
                // Routes with few questions are not forgotten.
                self.other.min(routes[&route].max(self.own))
            };
            let first = met.insert(route) && (caller == Caller::Label || caller.sees_nothing());
            first || lot(caller, one).is_multiple_of(of)
        };
        asked.iter().enumerate().filter(is_asked).map(|(at, _)| at).collect()
    }
}

/// The route of a question, near enough: its path without keys and parameters.
fn route(asked: &SentRequest) -> String {
    let path = asked.path.split('?').next().unwrap_or_default();
    format!("{} {}", asked.method, path.replace(|sign: char| sign.is_ascii_digit(), ""))
}

fn is_about(asked: &SentRequest, what: &str) -> bool {
    let text = format!("{} {:?}", asked.path, asked.body).to_uppercase();
    asked.market == what || text.contains(what)
}

/// A number that a question and who asks it always have; those who see nothing have the same, since their answers are compared.
fn lot(caller: Caller, asked: &SentRequest) -> u64 {
    let who = if caller.sees_nothing() { Caller::Nobody } else { caller };
    let text = format!("{who:?} {} {} {:?}", asked.method, asked.path, asked.body);
    // FNV-1a; its low bits alone are poor.
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash >> 17
}
