//! A label as a filter or a rule names it: the whole label, or its beginning before an asterisk.

use super::label::normalised;
use std::fmt;
use std::str::FromStr;

/// Longest text of a pattern, in characters.
const LONGEST: usize = 200;

/// A label, or with an asterisk at the end the beginning of labels. Blanks, underscores and letter case do not count, as
/// between labels themselves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(String);

impl Pattern {
    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether a label is meant. The database says it in `trueprice.like_pattern`.
    #[must_use]
    pub fn matches(&self, label: &str) -> bool {
        let (pattern, label) = (normalised(&self.0), normalised(label));
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
        let text = text.trim();
        let beginning = text.strip_suffix('*').unwrap_or(text);
        let good = !text.is_empty()
            && text.chars().count() <= LONGEST
            && !beginning.contains('*')
            && !text.chars().any(char::is_control);
        if good { Ok(Self(text.to_owned())) } else { Err(NotAPattern) }
    }
}

/// The text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a label of 1 to {LONGEST} characters, or its beginning with * behind it")]
pub struct NotAPattern;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_label_or_its_beginning() {
        let matches = |pattern: &str, label: &str| pattern.parse::<Pattern>().unwrap().matches(label);
        assert!(matches("north_zone", "NORTH ZONE"));
        assert!(!matches("north", "NORTH ZONE"));
        assert!(matches("North*", "NORTH ZONE"));
        assert!(matches("*", "-"));
        assert!(!matches("north *", "NORTHERN"));
        for wrong in ["", " ", "a*b", "**", "a\u{7}", &"x".repeat(201)] {
            assert!(wrong.parse::<Pattern>().is_err(), "{wrong:?}");
        }
    }
}
