//! Where a request comes from, for the audit log and the list of sessions. The sender's own description is truncated and cleaned.

use crate::http::Arrival;
use axum::extract::FromRequestParts;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use std::convert::Infallible;

/// Maximum length of a stored user agent, in characters.
const LONGEST: usize = 200;

/// Where a request comes from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Network address as API Gateway reports it, or the peer on one machine. Headers set by the sender are ignored.
    pub address: Option<String>,
    /// The program's `User-Agent`.
    pub user_agent: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self { address: address(parts), user_agent: user_agent(parts) })
    }
}

fn address(parts: &Parts) -> Option<String> {
    parts.extensions.get::<Arrival>()?.address.map(|address| address.to_string())
}

fn user_agent(parts: &Parts) -> Option<String> {
    clean(&String::from_utf8_lossy(parts.headers.get(USER_AGENT)?.as_bytes()))
}

/// The text without control characters (including NUL and line ends) and truncated; `None` if nothing is left.
fn clean(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_truncated_and_cleaned() {
        assert_eq!(clean("curl/8.5\r\nX-Admin: yes\0").as_deref(), Some("curl/8.5X-Admin: yes"));
        assert_eq!(clean(" \t\u{85} "), None);
        assert_eq!(clean(&"é".repeat(5000)).map(|text| text.chars().count()), Some(LONGEST));
    }
}
