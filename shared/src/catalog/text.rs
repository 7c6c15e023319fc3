//! How text looks to a person: the one place that defines which characters are blank and which are invisible.
//!
//! Text from spreadsheets, web pages and PDFs can contain invisible no-break spaces, soft hyphens, direction marks and byte order
//! marks. Labels, titles, numbers, dates, hours, terms, filters and searches all pass through here.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization as _;

/// Whether a character shows as empty space: Unicode's `White_Space`, including line breaks and tabs, or the blank Braille pattern.
#[must_use]
pub const fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

/// Whether a character is invisible: everything that Unicode lets a font ignore (`Default_Ignorable_Code_Point`: the soft hyphen,
/// joiners, direction marks, byte order marks, fillers and variation selectors), and annotation marks (U+FFF9 to U+FFFB).
#[must_use]
pub const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text as a reader sees it: invisible characters are removed, and every blank becomes a space. Nothing else changes, so spaces
/// around the text and between words stay.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    // Nearly all text is plain ASCII, where only tabs and line breaks matter.
    let plain = |byte: u8| byte.is_ascii() && !matches!(byte, b'\t'..=b'\r');
    let odd = |c: char| is_invisible(c) || (c != ' ' && is_blank(c));
    if text.bytes().all(plain) || !text.chars().any(odd) {
        return Cow::Borrowed(text);
    }
    // CR LF is one line break.
    let text = text.replace("\r\n", "\n");
    let seen = text.chars().filter(|c| !is_invisible(*c)).map(|c| if is_blank(c) { ' ' } else { c });
    Cow::Owned(seen.collect())
}

/// The text in the form used for comparison: consecutive blanks and underscores become one space, letters become lower case,
/// invisible characters are removed, and equivalent characters are unified (Unicode NFKC: full-width letters, ligatures, accents
/// separate from their letter). Dashes and quotation marks inserted by word processors count as the typed ones.
///
/// Analysts write `Class_I_Price` one day and `Class I  Price` the next, and mean the same curve.
#[must_use]
pub fn normalised(text: &str) -> String {
    if text.is_ascii() {
        return joined(text.bytes().map(|byte| char::from(byte.to_ascii_lowercase())), text.len());
    }
    // Composed again, because a removed character may have separated a letter from its accent.
    let seen = text.nfkc().filter(|c| !is_invisible(*c)).map(typed);
    joined(seen.flat_map(char::to_lowercase).nfkc(), text.len())
}

/// Whether a character is a control character and cannot be part of a label. U+0080 to U+009F are allowed: real sheets contain them
/// where a program read a Windows-1252 dash as Latin-1.
#[must_use]
pub fn is_control(c: char) -> bool {
    c.is_control() && !('\u{80}'..='\u{9f}').contains(&c)
}

/// The form used for comparison before version 19 of the schema. Curves archived before then are identified by it.
#[must_use]
pub fn normalised_before(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c == '_').filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The keyboard equivalent of a typographic character.
const fn typed(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{201b}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201f}' => '"',
        _ => c,
    }
}

/// Joins words with single spaces.
fn joined(chars: impl Iterator<Item = char>, length: usize) -> String {
    let mut text = String::with_capacity(length);
    let mut apart = false;
    for c in chars {
        if is_blank(c) || c == '_' {
            apart = !text.is_empty();
        } else {
            if std::mem::take(&mut apart) {
                text.push(' ');
            }
            text.push(c);
        }
    }
    text
}

/// The text with every character outside printable ASCII spelled out, as in `HUB<U+200B>`, to distinguish texts that look alike.
#[must_use]
pub fn spelled_out(text: &str) -> String {
    use std::fmt::Write as _;
    let mut spelled = String::with_capacity(text.len());
    for c in text.chars() {
        if c == ' ' || c.is_ascii_graphic() {
            spelled.push(c);
        } else {
            write!(spelled, "<U+{:04X}>", u32::from(c)).expect("a text takes what is written");
        }
    }
    spelled
}

/// Parses a whole number, such as an hour, a month or a term. Spreadsheet programs write a column that has gaps as 1.0, 2.0.
#[must_use]
pub fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    fraction.bytes().all(|byte| byte == b'0').then(|| whole.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Invisible characters.
    const INVISIBLE: &str = "\u{ad}\u{34f}\u{61c}\u{180e}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2060}\u{2061}\u{2066}\u{2069}\u{feff}\u{fe0f}\u{fff9}\u{3164}\u{ffa0}\u{e0020}";
    const BLANKS: &str = "\t\n\u{b}\u{c}\r\u{85}\u{a0}\u{1680}\u{2000}\u{2003}\u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{2800}";

    #[test]
    fn invisible_characters_vanish_and_blanks_are_spaces() {
        for c in INVISIBLE.chars() {
            for text in [format!("{c}HUB X"), format!("HUB{c} X"), format!("H{c}UB X{c}")] {
                assert_eq!(visible(&text), "HUB X", "{text:?}");
                assert_eq!(normalised(&text), "hub x", "{text:?}");
            }
        }
        for c in BLANKS.chars() {
            assert_eq!(visible(&format!("HUB{c}X")), "HUB X", "{c:?}");
            assert_eq!(normalised(&format!("{c}HUB{c} _{c}X{c}")), "hub x", "{c:?}");
        }
        assert_eq!(visible("HUB\r\nX"), "HUB X", "one line break, one space");
        for same in ["HUB  X ", "", " ", "5×16", "Zone é", "\u{7}", "a_b"] {
            assert!(matches!(visible(same), Cow::Borrowed(text) if text == same), "{same:?}");
        }
    }

    #[test]
    fn texts_that_look_or_mean_the_same_compare_as_equal() {
        for (text, normal) in [
            (" Class_I  Price ", "class i price"),
            ("ＺＯＮＥ　Ａ", "zone a"),
            ("Class Ⅱ", "class ii"),
            ("o\u{fb03}ce", "office"),
            ("ZONE_É", "zone é"),
            ("zone e\u{301}", "zone é"),
            ("zone e\u{200b}\u{301}", "zone é"),
            ("RECO – West", "reco - west"),
            ("RECO\u{2011}West", "reco-west"),
            ("O’Hare “North”", "o'hare \"north\""),
            ("North＿Zone", "north zone"),
            ("5%", "5%"),
        ] {
            assert_eq!(normalised(text), normal, "{text:?}");
        }
        assert_ne!(normalised("Class II"), normalised("Class I"));
    }

    #[test]
    fn a_text_spelled_out_shows_invisible_characters() {
        assert_eq!(spelled_out("HUB\u{200b} X"), "HUB<U+200B> X");
        assert_eq!(spelled_out("e\u{301}"), "e<U+0301>");
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        for (text, number) in [("7", 7), ("7.0", 7), (" 12.00 ", 12), ("07", 7), ("7.", 7), ("-1.0", -1)] {
            assert_eq!(whole(text), Some(number), "{text}");
        }
        for text in ["", "7.5", "7.05", "1,0", "7.0.0", ".0", "1e1", "HE1", "7:00", "seven"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_normal_form_of_a_normal_form_is_itself(text in any::<String>()) {
            let once = normalised(&text);
            prop_assert_eq!(normalised(&once), once.clone());
            prop_assert_eq!(normalised(&visible(&text)), once.clone());
            prop_assert!(!once.contains('_') && !once.chars().any(is_invisible), "{:?}", once);
        }

        #[test]
        fn plain_labels_keep_their_normal_form(text in "[ -~\\t\\n]{0,30}") {
            prop_assert_eq!(normalised(&text), normalised_before(&text));
        }
    }
}
