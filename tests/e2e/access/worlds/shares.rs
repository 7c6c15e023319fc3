//! Which caller sends which requests. Sending everything as everyone takes minutes, so each caller sends one in a few of the
//! requests about markets it sees, and fewer of the others; the selection never changes. Each route is requested by a caller who
//! sees something and by all who see nothing.

use super::people::Caller;
use super::request::SentRequest;
use std::collections::{BTreeMap, BTreeSet};

/// These routes examine and reveal most, so every caller sends three times as many requests to them as about its own markets.
const OFTEN: [&str; 2] = ["/v1/alerts/backtest", "/v1/quotes"];

/// The share of the requests that is sent: one in this many.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// Among requests about markets that concern the caller.
    pub own: u64,
    /// Among other requests.
    pub other: u64,
}

impl Share {
    /// Every request.
    pub const WHOLE: Self = Self { own: 1, other: 1 };

    /// Whether the share is large enough that every caller who may see something requests something it sees.
    pub const fn is_large(self) -> bool {
        self.own <= 3
    }

    /// The indices of the requests that a caller sends.
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
                // Routes with few requests are not forgotten.
                self.other.min(routes[&route].max(self.own))
            };
            let first = met.insert(route) && (caller == Caller::Label || caller.sees_nothing());
            first || lot(caller, one).is_multiple_of(of)
        };
        asked.iter().enumerate().filter(is_asked).map(|(at, _)| at).collect()
    }
}

/// The approximate route of a request: its path without ids and parameters.
fn route(asked: &SentRequest) -> String {
    let path = asked.path.split('?').next().unwrap_or_default();
    format!("{} {}", asked.method, path.replace(|sign: char| sign.is_ascii_digit(), ""))
}

fn is_about(asked: &SentRequest, what: &str) -> bool {
    let text = format!("{} {:?}", asked.path, asked.body).to_uppercase();
    asked.market == what || text.contains(what)
}

/// A fixed number for a request and its caller; callers who see nothing share it because their answers are compared.
fn lot(caller: Caller, asked: &SentRequest) -> u64 {
    let who = if caller.sees_nothing() { Caller::Nobody } else { caller };
    let text = format!("{who:?} {} {} {:?}", asked.method, asked.path, asked.body);
    // FNV-1a; its low bits are too regular to be used directly.
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash >> 17
}
