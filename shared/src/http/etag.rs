//! Entity tags (RFC 9110, section 8.8.3): which version the client has, and whether it is the one we would send.
//!
//! A tag is a digest of the body, not of its inputs (snapshots, grants, calendar, code version): forgetting one input would
//! let a client keep a wrong price for ever, and a digest of the bytes cannot forget. A 304 therefore saves only the transfer,
//! not the computation, which is short by comparison. The same prices from the archive, under another grant or after a
//! deployment keep the same tag.
//!
//! The crate `headers` (0.4) is not used: it would save 15 lines, but brings a second version of `sha1` and panics in debug builds
//! when a client sends a tag with a space in it.

use axum::http::{HeaderMap, HeaderValue, header};
use twox_hash::XxHash3_128;

/// The strong tag of a body: its 128-bit XXH3. Only the publisher of both bodies could search for a collision, and SHA-256 took a
/// twelfth of the time of an evolution.
#[must_use]
pub fn of(body: &[u8]) -> HeaderValue {
    let digest = XxHash3_128::oneshot(body);
    HeaderValue::try_from(format!("\"{digest:032x}\"")).expect("a header may contain digits and quotes")
}

/// Whether the `If-None-Match` lines of a request name this tag. The comparison is weak, as the RFC requires: a proxy that
/// compresses answers makes tags weak.
#[must_use]
pub fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let Ok(tag) = tag.to_str() else { return false };
    let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    lines.into_iter().any(|line| line.trim() == "*" || tags(line).any(|known| known == tag))
}

/// Whether the `If-Match` lines of a request name this tag, or there are no such lines. The comparison is strong, as the RFC
/// requires: a weak tag matches nothing.
#[must_use]
pub fn is_expected(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let Ok(tag) = tag.to_str() else { return false };
    let lines: Vec<&str> =
        headers.get_all(header::IF_MATCH).iter().filter_map(|line| line.to_str().ok()).collect();
    let named = |line: &str| line.split(',').any(|known| matches!(known.trim(), "*") || known.trim() == tag);
    !headers.contains_key(header::IF_MATCH) || lines.into_iter().any(named)
}

/// The tags of a list without their weakness prefix. A tag may contain a comma.
fn tags(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let start = rest.find('"')?;
        let end = start + 1 + rest[start + 1..].find('"')? + 1;
        let tag = &rest[start..end];
        rest = &rest[end..];
        Some(tag)
    })
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
    fn a_tag_depends_on_the_bytes() {
        assert_eq!(of(b""), "\"99aa06d3014798d86001c324468d497f\"");
        assert_ne!(of(b"1"), of(b"2"));
    }

    #[test]
    fn if_match_expects_the_tag_itself() {
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
        for other in ["", "\"\"", "\"*\"", text.trim_matches('"'), "\"abc\"", "\"", "W/*"] {
            assert!(!knows(&[other], &tag), "{other}");
        }
        assert!(!knows(&[], &tag));
    }
}
