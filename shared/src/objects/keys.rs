//! Keys as S3 writes them.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// A key of a list, decoded if the list is encoded. A key that cannot be decoded is kept as it is.
#[must_use]
pub fn key(key: String, encoded: bool) -> String {
    if encoded { decoded(&key).unwrap_or(key) } else { key }
}

/// A key as S3 writes it into notifications and encoded lists: like a form field, `+` for a blank. `None` if it is not.
#[must_use]
pub fn decoded(key: &str) -> Option<String> {
    // The crate leaves a percent sign alone that two digits do not follow. S3 writes none.
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
    fn a_key_of_a_list_is_decoded_if_the_list_says_that_it_is_encoded() {
        let listed = |text: &str| key(text.to_owned(), true);
        assert_eq!(listed("a+b%2Bc%00/%C3%BC.csv"), "a b+c\0/\u{fc}.csv");
        assert_eq!(listed("100%"), "100%", "not as S3 writes it: left as it is");
        assert_eq!(decoded("%ff"), None, "no text");
        for stray in ["%", "a%4", "%4g", "%+1", "%%41", "%é"] {
            assert_eq!(decoded(stray), None, "{stray}");
        }
        assert_eq!(decoded("%25%2b%2B+").as_deref(), Some("%++ "), "decoded once, in either case");
        assert_eq!(key("a+b%41".to_owned(), false), "a+b%41");
    }
}
