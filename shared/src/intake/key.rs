//! Keys of objects as the journal stores them. Guarantees: every key of the store has a form that the database accepts and a screen
//! can show, and a key that cannot belong to a sheet is a flaw, not a fault.

use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// Maximum length of a key in bytes (S3, object keys); an event written by hand may have more.
const MAX_BYTES: usize = 1024;

/// The key as the journal stores it: unchanged except for zero bytes, which PostgreSQL rejects, keys of blanks only, which no
/// reader would see, and keys that are too long.
#[must_use]
pub fn kept(key: &str) -> Cow<'_, str> {
    let (blank, zero) = (!key.is_empty() && key.trim().is_empty(), key.contains('\0'));
    if !blank && !zero && key.len() <= MAX_BYTES {
        return Cow::Borrowed(key);
    }
    let shown = key.chars().map(|c| match c {
        '\0' => '\u{2400}',
        // The pictures of control characters are in the same order as the characters.
        '\t'..='\r' if blank => char::from_u32(0x2400 + u32::from(c)).unwrap_or(c),
        _ if blank => '\u{2420}',
        c => c,
    });
    let shown: String = shown.collect();
    if shown.len() <= MAX_BYTES {
        return Cow::Owned(shown);
    }
    // Two keys with the same beginning stay different.
    let digest = hex::encode(&Sha256::digest(key)[..8]);
    let end =
        shown.char_indices().map(|(at, _)| at).take_while(|at| *at <= MAX_BYTES - 20).last().unwrap_or(0);
    Cow::Owned(format!("{}…{digest}", &shown[..end]))
}

/// What is wrong with a key that cannot belong to a sheet; its object is not read.
#[must_use]
pub fn flaw_of(key: &str) -> Option<Flaw> {
    let expected = if key.trim().is_empty() {
        "a key with the name of a sheet, not only blanks"
    } else if key.contains('\0') {
        "a key without zero bytes"
    } else if key.len() > MAX_BYTES {
        "a key of at most 1024 bytes"
    } else {
        return None;
    };
    Some(Flaw::of_file(Code::BadKey, kept(key), expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_as_it_is_unless_the_database_or_a_reader_could_not() {
        for key in ["in/Energy.csv", " a b ", "\n.csv", "é", "a//b", &"x".repeat(1024)] {
            assert_eq!((kept(key).as_ref(), flaw_of(key)), (key, None));
        }
        for (key, shown) in
            [("a\0b/x.csv", "a␀b/x.csv"), ("\0", "␀"), ("   ", "␠␠␠"), ("\u{3000}", "␠"), ("\t\n ", "␉␊␠")]
        {
            assert_eq!(kept(key), shown);
            assert_eq!(flaw_of(key).unwrap().code, Code::BadKey, "{shown}");
        }
        let (one, other) = ("\0".repeat(1000) + "a", "\0".repeat(1000) + "b");
        assert!(kept(&one).len() <= MAX_BYTES && kept(&one) != kept(&other), "{}", kept(&one));
        let long = "ü".repeat(2000);
        assert!(kept(&long).len() <= MAX_BYTES && kept(&long).starts_with('ü') && flaw_of(&long).is_some());
    }
}
