//! Entity tags (RFC 9110, section 8.8.3): what the client has, and whether it is what we would answer.
//!
//! A tag is made of the body, and not of what the body is made from (snapshots, grants, calendar, version of the code):
//! whatever of that is forgotten in such a list would let a client keep a wrong price for ever, and a digest of the bytes
//! cannot forget. It costs no answer that is saved, only the time to make it, which is small beside its transfer, and the
//! same prices from the archive, under another grant or after a deployment are still the same tag.

use axum::http::{HeaderMap, HeaderValue, header};
use headers::{ETag, Header as _, IfMatch, IfNoneMatch};
use std::iter::once;
use twox_hash::XxHash3_128;

/// The strong tag of a body: its XXH3, 128 bits. Who could look for two bodies with one tag is who publishes both, and SHA-256
/// took a twelfth of an evolution.
#[must_use]
pub fn of(body: &[u8]) -> HeaderValue {
    let digest = XxHash3_128::oneshot(body);
    HeaderValue::try_from(format!("\"{digest:032x}\"")).expect("digits and quotes may stand in a header")
}

/// Whether the `If-None-Match` lines of a request name this tag. They are compared weakly, as is prescribed for them (RFC 9110,
/// section 13.1.2): a proxy that compresses answers makes tags weak. A line that cannot be read names nothing.
#[must_use]
pub fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let Ok(tag) = ETag::decode(&mut once(tag)) else { return false };
    let names = |line| IfNoneMatch::decode(&mut once(line)).is_ok_and(|known| !known.precondition_passes(&tag));
    headers.get_all(header::IF_NONE_MATCH).iter().any(names)
}

/// Whether the `If-Match` lines of a request name this tag, or there are none. They are compared strongly, as is prescribed for
/// them: a weak tag matches nothing.
#[must_use]
pub fn is_expected(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let Ok(tag) = ETag::decode(&mut once(tag)) else { return false };
    let names = |line| IfMatch::decode(&mut once(line)).is_ok_and(|known| known.precondition_passes(&tag));
    !headers.contains_key(header::IF_MATCH) || headers.get_all(header::IF_MATCH).iter().any(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knows(lines: &[&str], tag: &HeaderValue) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_NONE_MATCH, line.parse().unwrap());
        }
        is_known(&headers, tag)
    }

    #[test]
    fn a_tag_is_of_the_bytes() {
        assert_eq!(of(b""), "\"99aa06d3014798d86001c324468d497f\"");
        assert_ne!(of(b"1"), of(b"2"));
    }

    #[test]
    fn what_is_expected_is_the_tag_itself() {
        let tag = of(b"body");
        let text = tag.to_str().unwrap();
        let expected = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::IF_MATCH, line.parse().unwrap());
            }
            is_expected(&headers, &tag)
        };
        assert!(expected(&[]) && expected(&["*"]) && expected(&[text]) && expected(&["\"a\"", text]));
        assert!(expected(&[&format!("\"a\", {text}")]));
        assert!(!expected(&[&format!("W/{text}")]) && !expected(&["\"a\""]) && !expected(&[""]));
    }

    #[test]
    fn lists_stars_and_weak_tags_are_understood() {
        let tag = of(b"body");
        let text = tag.to_str().unwrap();
        assert!(knows(&[text], &tag));
        assert!(knows(&["*"], &tag));
        assert!(knows(&[&format!("W/{text}")], &tag));
        assert!(knows(&[&format!("\"a,b\", W/\"c\" ,{text}")], &tag));
        assert!(knows(&["\"a\"", text], &tag));
        for other in ["", "\"\"", "\"*\"", text.trim_matches('"'), "\"abc\"", "\"", "W/*", "\"a b\""] {
            assert!(!knows(&[other], &tag), "{other}");
        }
        assert!(!knows(&[], &tag));
    }
}
