//! The credential of a request: an access token or an API key. Guarantees: it is read only from headers and never from the URL,
//! which others log; and an account's password is never accepted.

use crate::access::password;
use crate::fault::Fault;
use crate::http::Problem;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fmt;

/// Header for programs that cannot set `Authorization`.
pub const API_KEY: &str = "x-api-key";
/// Prefix of every API key, so that secret scanners can find a leaked one.
pub const PREFIX: &str = "tp_";

/// The credential of a request, not yet checked.
#[derive(Debug)]
pub enum Credential<'h> {
    /// An access token, unchecked.
    Token(&'h str),
    /// An API key, unchecked.
    Key(Key),
}

/// An API key, written as `tp_<id>_<secret>`.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// Id of the key.
    pub id: i32,
    secret: String,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Generates the secret of a new key: 256 random bits.
///
/// # Errors
/// A fault if the system provides no random bytes.
pub fn new_secret() -> Result<String, Fault> {
    password::random()
}

/// The stored digest of a secret. The secret is random, so neither a salt nor a slow hash would add anything.
#[must_use]
pub fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// The text of a key, which its user sees once.
#[must_use]
pub fn text(id: i32, secret: &str) -> String {
    format!("{PREFIX}{id}_{secret}")
}

impl Key {
    /// Parses the text of a key; `None` if it is malformed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.trim().strip_prefix(PREFIX)?.split_once('_')?;
        let id = id.parse().ok().filter(|id| *id > 0)?;
        (!secret.is_empty()).then(|| Self { id, secret: secret.to_owned() })
    }

    /// The stored digest of the key's secret.
    #[must_use]
    pub fn digest(&self) -> Vec<u8> {
        digest(&self.secret)
    }
}

impl<'h> Credential<'h> {
    /// Reads `Authorization` (`Bearer` with a token or a key; `Basic` with a key, for reading only), then `X-Api-Key`.
    ///
    /// # Errors
    /// 401 that names what was expected. 403 for `Basic` with a method that changes something, because browsers attach it
    /// automatically, even to requests that another site triggers.
    pub fn read(headers: &'h HeaderMap, method: &Method) -> Result<Self, Problem> {
        if let Some(header) = headers.get(AUTHORIZATION) {
            let text = header.to_str().map_err(|_| Problem::token_invalid())?;
            // As in the old system: the last word counts, whatever precedes it.
            let (scheme, last) = (text.split_whitespace().next(), text.split_whitespace().next_back());
            return match (scheme, last.ok_or_else(Problem::token_missing)?) {
                (Some(scheme), word) if scheme.eq_ignore_ascii_case("basic") => {
                    if !method.is_safe() {
                        return Err(Problem::basic_reads());
                    }
                    basic(word).map(Self::Key).ok_or_else(Problem::key_expected)
                }
                (_, word) if word.starts_with(PREFIX) => {
                    Key::parse(word).map(Self::Key).ok_or_else(Problem::key_invalid)
                }
                (_, word) => Ok(Self::Token(word)),
            };
        }
        let header = headers.get(API_KEY).ok_or_else(Problem::token_missing)?;
        let key = header.to_str().ok().and_then(Key::parse);
        key.map(Self::Key).ok_or_else(Problem::key_invalid)
    }
}

/// The key in `user:key`, whatever the user name is, or in `key:` for clients with only one field.
fn basic(encoded: &str) -> Option<Key> {
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Key::parse(if password.is_empty() { user } else { password })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn read(header: &'static str, value: &str) -> Result<Option<i32>, ()> {
        let mut headers = HeaderMap::new();
        headers.insert(header, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        match Credential::read(&headers, &Method::GET) {
            Ok(Credential::Token(_)) => Ok(None),
            Ok(Credential::Key(key)) => Ok(Some(key.id)),
            Err(_) => Err(()),
        }
    }

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[test]
    fn a_key_is_read_in_every_way_that_tools_send_it() {
        let key = text(7, "AbC_d-e");
        for value in [
            format!("Bearer {key}"),
            format!("bearer  {key}"),
            key.clone(),
            basic(&format!("analyst@example.com:{key}")),
            basic(&format!(":{key}")),
            basic(&format!("{key}:")),
            basic(&format!("anything at all:{key}")).replace("Basic", "bAsIc"),
        ] {
            assert_eq!(read("authorization", &value), Ok(Some(7)), "{value}");
        }
        assert_eq!(read(API_KEY, &key), Ok(Some(7)));
        assert_eq!(read("authorization", "Bearer a.b.c"), Ok(None));
        assert_eq!(Key::parse(&key).unwrap().secret, "AbC_d-e");
    }

    #[test]
    fn malformed_keys_and_passwords_are_refused() {
        for value in [
            basic("analyst@example.com:a long enough password"),
            basic("no colon"),
            basic("tp_1_x"),
            "Basic ???".to_owned(),
            "Basic".to_owned(),
            String::new(),
            "Bearer tp_".to_owned(),
            "Bearer tp_x_y".to_owned(),
            "Bearer tp_0_y".to_owned(),
            "Bearer tp_99999999999_y".to_owned(),
            "Bearer tp_1_".to_owned(),
            "Bearer \u{e9}".to_owned(),
        ] {
            assert_eq!(read("authorization", &value), Err(()), "{value}");
        }
        assert_eq!(read(API_KEY, "a.b.c"), Err(()));
        assert!(Credential::read(&HeaderMap::new(), &Method::GET).is_err());
    }

    #[test]
    fn basic_authentication_works_for_reading_only() {
        let mut headers = HeaderMap::new();
        let value = basic(&format!(":{}", text(7, "x")));
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&value).unwrap());
        for method in [Method::GET, Method::HEAD] {
            assert!(Credential::read(&headers, &method).is_ok(), "{method}");
        }
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert!(Credential::read(&headers, &method).is_err(), "{method}");
        }
    }

    #[test]
    fn a_key_is_not_printed() {
        let key = Key::parse("tp_7_secretsecret").unwrap();
        assert!(!format!("{key:?}").contains("secret"), "{key:?}");
    }
}
