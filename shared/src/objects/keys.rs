//! Object keys as S3 encodes them.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// A listed key, decoded if the list is encoded. A key that cannot be decoded is returned unchanged.
#[must_use]
pub fn key(key: String, encoded: bool) -> String {
    if encoded { decoded(&key).unwrap_or(key) } else { key }
}

/// Decodes a key from a notification or an encoded list: like a form field, with `+` for a blank. `None` if it is malformed.
#[must_use]
pub fn decoded(key: &str) -> Option<String> {
    // The crate keeps a percent sign that is not followed by two hex digits. S3 never writes one.
    let is_escape = |after: &str| after.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if !key.split('%').skip(1).all(is_escape) {
        return None;
    }
    let blanks = key.replace('+', " ");
    percent_decode_str(&blanks).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_key_is_decoded_if_the_list_is_encoded() {
        let listed = |text: &str| key(text.to_owned(), true);
        assert_eq!(listed("a+b%2Bc%00/%C3%BC.csv"), "a b+c\0/\u{fc}.csv");
        assert_eq!(listed("100%"), "100%", "not S3's encoding: left unchanged");
        assert_eq!(decoded("%ff"), None, "not UTF-8");
        for stray in ["%", "a%4", "%4g", "%+1", "%%41", "%é"] {
            assert_eq!(decoded(stray), None, "{stray}");
        }
        assert_eq!(decoded("%25%2b%2B+").as_deref(), Some("%++ "), "decoded once, in either case");
        assert_eq!(key("a+b%41".to_owned(), false), "a+b%41");
    }
}
