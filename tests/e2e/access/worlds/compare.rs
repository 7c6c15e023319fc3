//! The answers of a world, and how they differ from another's.

use super::people::Caller;
use super::request::SentRequest;
use super::shares::Share;
use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use std::collections::BTreeMap;
use tests::Running;

/// Concurrent requests.
const AT_ONCE: usize = 6;
/// Routes that answer only callers who see something.
const READS: [&str; 4] = ["/v1/values", "/v1/stats", "/v1/evolution", "/get_data"];
/// Headers that differ in every answer.
const PASSING: [&str; 5] = ["date", "x-request-id", "ratelimit", "ratelimit-policy", "location"];

/// An answer, reduced to what is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// A world's answers to each caller, by request index.
pub struct Answers(BTreeMap<Caller, BTreeMap<usize, Answer>>);

impl Answers {
    /// Sends the requests to a world as every caller.
    pub async fn of(world: &Running, asked: &[SentRequest], share: Share) -> Self {
        let mut answers = BTreeMap::new();
        for caller in Caller::ALL {
            let token = caller.token(world).await;
            let own = share.of(caller, asked);
            let answered = stream::iter(&own).map(|at| ask(world, &token, &asked[*at]));
            let answered: Vec<Answer> = answered.buffered(AT_ONCE).collect().await;
            answers.insert(caller, own.into_iter().zip(answered).collect());
        }
        Self(answers)
    }

    /// The answers that differ from those of another world.
    pub fn differing(&self, other: &Self, asked: &[SentRequest]) -> Vec<String> {
        let callers = self.0.iter().zip(&other.0);
        let each = callers.flat_map(|((caller, one), (_, other))| {
            let pairs = one.iter().zip(other.values());
            pairs
                .filter(|((_, one), other)| one != other)
                .map(move |((at, one), other)| format!("{caller:?} {}", apart(&asked[*at], one, other)))
        });
        each.collect()
    }

    /// The answers to one caller that differ from those to another caller who sees the same.
    pub fn unlike(&self, one: Caller, other: Caller, asked: &[SentRequest]) -> Vec<String> {
        let own = |answer: &Answer| {
            let mut answer = answer.clone();
            for caller in [one, other] {
                let text = String::from_utf8_lossy(&answer.body).replace(&caller.email(), "somebody");
                answer.body = text.into_bytes();
            }
            // Callers see their own ids and what they made themselves, so these are removed.
            answer.headers.retain(|(name, _)| !["etag", "content-length"].contains(&name.as_str()));
            answer
        };
        let pairs = self.0[&one].iter().zip(self.0[&other].values());
        let pairs = pairs.map(|((at, one), other)| (&asked[*at], (one, other)));
        let pairs = pairs.filter(|(asked, _)| !is_own(&asked.path));
        let pairs = pairs.map(|(asked, (one, other))| (asked, own(one), own(other)));
        pairs
            .filter(|(_, one, other)| one != other)
            .map(|(asked, one, other)| apart(asked, &one, &other))
            .collect()
    }

    /// The number of answers.
    pub fn count(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// Checks that the comparison is meaningful: callers with a grant get answers, and callers without one see nothing.
    pub fn something_was_seen(&self, asked: &[SentRequest]) {
        let seen = |caller: Caller| {
            let found = |(at, answer): &(&usize, &Answer)| {
                let path = &asked[**at].path;
                answer.status == 200 && READS.iter().any(|read| path.starts_with(read))
            };
            self.0[&caller].iter().filter(found).count()
        };
        for caller in
            [Caller::Label, Caller::Months, Caller::Both, Caller::Offers, Caller::Series, Caller::Desk]
        {
            assert!(seen(caller) > 0, "{caller:?} sees nothing");
        }
        for caller in [Caller::Nobody, Caller::Ended, Caller::Future, Caller::Uploader] {
            assert_eq!(seen(caller), 0, "{caller:?} sees something");
        }
        let quoted = self.0[&Caller::Desk].iter();
        let quoted = quoted.filter(|(at, answer)| asked[**at].path == "/v1/quotes" && answer.status == 200);
        assert!(quoted.count() > 0, "the desk quotes nothing");
    }
}

/// Whether the path concerns what the caller made itself.
fn is_own(path: &str) -> bool {
    ["/v1/me/", "/v1/graphs", "/graph/", "/available_graphs"].iter().any(|own| path.starts_with(own))
}

async fn ask(world: &Running, token: &str, asked: &SentRequest) -> Answer {
    let answer = asked.request(world, token).send().await.unwrap();
    let status = answer.status().as_u16();
    let named = |name: &str| !PASSING.contains(&name);
    let headers = answer.headers().iter().filter(|(name, _)| named(name.as_str()));
    let mut headers: Vec<(String, String)> =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    headers.sort();
    let body = answer.bytes().await.unwrap().to_vec();
    assert!(status < 500, "{} {}: {}", asked.method, asked.path, String::from_utf8_lossy(&body));
    let (body, drawn) = without_ids(body);
    if drawn {
        headers.retain(|(name, _)| name != "etag");
    }
    Answer { status, headers, body }
}

/// A body without random ids, and whether it had any.
fn without_ids(mut body: Vec<u8>) -> (Vec<u8>, bool) {
    const LENGTH: usize = 36;
    let is_id = |text: &[u8]| {
        text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    let (mut at, mut drawn) = (0, false);
    while at + LENGTH <= body.len() {
        if is_id(&body[at..at + LENGTH]) {
            body[at..at + LENGTH].fill(b'#');
            drawn = true;
            at += LENGTH;
        } else {
            at += 1;
        }
    }
    (body, drawn)
}

/// A short description of the difference between two answers.
fn apart(asked: &SentRequest, one: &Answer, other: &Answer) -> String {
    let body = if asked.method == Method::GET {
        String::new()
    } else {
        format!(" {:.200}", format!("{:?}", asked.body))
    };
    let what = format!("{} {}{body}", asked.method, asked.path);
    if one.status != other.status {
        let text =
            |answer: &Answer| format!("{} {:.300}", answer.status, String::from_utf8_lossy(&answer.body));
        return format!("{what}\n  {}\n  {}", text(one), text(other));
    }
    if one.body != other.body {
        let at = one.body.iter().zip(&other.body).take_while(|(one, other)| one == other).count();
        let from = at.saturating_sub(160);
        let text = |answer: &Answer| {
            let end = (at + 120).min(answer.body.len());
            String::from_utf8_lossy(answer.body.get(from..end).unwrap_or_default()).replace('\n', "\\n")
        };
        return format!("{what}\n  …{}…\n  …{}…", text(one), text(other));
    }
    let only = |one: &Answer, other: &Answer| {
        one.headers.iter().filter(|header| !other.headers.contains(header)).cloned().collect::<Vec<_>>()
    };
    format!("{what}\n  {:?}\n  {:?}", only(one, other), only(other, one))
}
