//! A cell as a person sees it: without invisible characters, every blank a space.

use crate::catalog::text::visible;
use encoding_rs::WINDOWS_1252;
use std::borrow::Cow;

/// The visible text of a cell whose sheet is not at hand: bytes that are not UTF-8 are read as Windows-1252.
#[must_use]
pub fn cell(raw: &[u8]) -> Cow<'_, str> {
    seen(
        std::str::from_utf8(raw)
            .map_or_else(|_| WINDOWS_1252.decode_without_bom_handling(raw).0, Cow::Borrowed),
    )
}

/// Whether a cell looks empty.
#[must_use]
pub fn is_blank(raw: &[u8]) -> bool {
    let rest = raw.trim_ascii_start();
    match rest.first() {
        None => true,
        // Blanks are the only ASCII characters that cannot be seen.
        Some(byte) if byte.is_ascii() => *byte == b'\x0b' && cell(rest).trim().is_empty(),
        Some(_) => cell(rest).trim().is_empty(),
    }
}

/// The visible text of a cell.
#[must_use]
pub fn seen(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => visible(text),
        Cow::Owned(text) => Cow::Owned(visible(&text).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_without_visible_characters_is_blank() {
        assert_eq!(cell(b"7\xa0"), "7 ");
        for blank in [&b""[..], b" \t", b"\x0b", b"\xa0", "\u{200b}\u{2009}\u{3000}\u{feff}".as_bytes()] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for filled in [&b"0"[..], b" -", b"\xad-", "\u{200b}x".as_bytes()] {
            assert!(!is_blank(filled), "{filled:?}");
        }
    }
}
