//! A label in a filter or a rule: the whole label, or its beginning followed by an asterisk.

use super::text::{is_control, normalised, visible};
use std::fmt;
use std::str::FromStr;

/// Maximum length of a pattern, in characters.
const LONGEST: usize = 200;

/// A label, or the beginning of labels if it ends with an asterisk. As in labels, consecutive blanks and underscores count as one
/// blank, surrounding blanks are ignored, and so is case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(String);

impl Pattern {
    /// The text as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The text in normal form, for comparison with labels.
    #[must_use]
    pub fn normal(&self) -> String {
        normalised(&self.0)
    }

    /// Whether the pattern is the beginning of labels.
    #[must_use]
    pub fn is_beginning(&self) -> bool {
        self.normal().ends_with('*')
    }

    /// The pattern for LIKE on the normal form of labels.
    #[must_use]
    pub fn like(&self) -> String {
        let escaped = self.normal().replace('\\', "\\\\").replace('%', "\\%");
        escaped.strip_suffix('*').map_or(escaped.clone(), |beginning| format!("{beginning}%"))
    }

    /// Whether the pattern matches a label.
    #[must_use]
    pub fn matches(&self, label: &str) -> bool {
        let (pattern, label) = (self.normal(), normalised(label));
        pattern.strip_suffix('*').map_or(pattern == label, |beginning| label.starts_with(beginning))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Pattern {
    type Err = NotAPattern;

    fn from_str(text: &str) -> Result<Self, NotAPattern> {
        let seen = visible(text);
        let text = seen.trim();
        // A full-width asterisk also counts.
        let normal = normalised(text);
        let good = !text.is_empty()
            && text.chars().count() <= LONGEST
            && !normal.strip_suffix('*').unwrap_or(&normal).contains('*')
            && !text.chars().any(is_control);
        if good { Ok(Self(text.to_owned())) } else { Err(NotAPattern) }
    }
}

/// The text is not a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a label of 1 to {LONGEST} characters, or the beginning of one followed by *")]
pub struct NotAPattern;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_for_like_is_escaped() {
        let like = |pattern: &str| pattern.parse::<Pattern>().unwrap().like();
        assert_eq!(like("North_Zone"), "north zone");
        assert_eq!(like("5% \\ *"), "5\\% \\\\ %");
        assert_eq!(like("North＊"), "north%");
    }

    #[test]
    fn a_pattern_is_a_label_or_its_beginning() {
        let matches = |pattern: &str, label: &str| pattern.parse::<Pattern>().unwrap().matches(label);
        assert!(matches("north_zone", "NORTH ZONE"));
        assert!(!matches("north", "NORTH ZONE"));
        assert!(matches("North*", "NORTH ZONE"));
        assert!(matches("*", "-"));
        assert!(!matches("north *", "NORTHERN"));
        assert!(matches("north\u{a0}*", "NORTH\u{2009}ZONE\u{200b}"));
        assert!(matches("north\nzone\u{200b}", "NORTH ZONE"));
        assert!(matches("north＊", "NORTH ZONE"));
        for wrong in ["", " ", "\u{200b}", "a*b", "a＊b", "**", "a\u{7}", &"x".repeat(201)] {
            assert!(wrong.parse::<Pattern>().is_err(), "{wrong:?}");
        }
    }
}
