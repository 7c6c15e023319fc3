//! The unit that a sheet states: none, a known one, or an unknown one. An unknown unit is never treated as no unit.

use super::Unit;
use super::spelling::{beginnings, compact, looks_like_unit};

/// The unit as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Written {
    /// No unit is written.
    #[default]
    Nothing,
    /// A known unit.
    Known(Unit),
    /// An unknown unit, or two that contradict each other, as written.
    Unknown(String),
}

impl Written {
    /// The unit in a cell of a unit row. A dash or `N/A` means none.
    #[must_use]
    pub fn in_cell(text: &str) -> Self {
        let text = text.trim();
        if matches!(compact(text).as_str(), "" | "-" | "n/a" | "#n/a" | "na" | "none") {
            return Self::Nothing;
        }
        Unit::parse(text).map_or_else(|| Self::Unknown(text.to_owned()), Self::Known)
    }

    /// Splits a name from the unit in it: in brackets anywhere, or at the end and starting with a sign for money (`Regulation
    /// ($/MWh)`, `Blackstart ($/MWh) off-peak`, `TEAC $/kw-mo`). Brackets without a unit, such as `(vs Utility)`, stay part of the
    /// name, and so does an unknown unit.
    #[must_use]
    pub fn in_name(name: &str) -> (String, Self) {
        let (mut rest, mut said) = (name.to_owned(), Self::Nothing);
        for (group, inner) in bracketed(name) {
            let found = match Unit::parse(inner) {
                Some(unit) => Self::Known(unit),
                None if looks_like_unit(inner) => Self::Unknown(inner.trim().to_owned()),
                None => continue,
            };
            if matches!(found, Self::Known(_)) {
                rest = without(&rest, group);
            }
            said = said.and(found);
        }
        if said == Self::Nothing {
            (rest, said) = bare(name);
        }
        // A name that consists only of a unit keeps it as its name.
        if rest.trim().is_empty() || matches!(said, Self::Unknown(_)) {
            return (name.to_owned(), said);
        }
        (rest, said)
    }

    /// The unit in a name.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        // Most names contain no unit, and this is called often.
        let may_say = name.contains(['(', '[', '/', '$', '¢', '₥']) || name.contains("per ");
        if may_say { Self::in_name(name).1 } else { Self::Nothing }
    }

    /// The unit, if it is known.
    #[must_use]
    pub fn known(&self) -> Option<Unit> {
        match self {
            Self::Known(unit) => Some(*unit),
            Self::Nothing | Self::Unknown(_) => None,
        }
    }

    /// Whether two units contradict each other.
    #[must_use]
    pub fn contradicts(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => false,
            (Self::Known(one), Self::Known(other)) => one != other,
            (Self::Unknown(one), Self::Unknown(other)) => compact(one) != compact(other),
            (Self::Known(_), Self::Unknown(_)) | (Self::Unknown(_), Self::Known(_)) => true,
        }
    }

    /// Combines two units; if they contradict each other, the result is unknown.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self.contradicts(&other) {
            return Self::Unknown(format!("{} and {}", self.text(), other.text()));
        }
        if self == Self::Nothing { other } else { self }
    }

    /// The unit as text; empty if none is written.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Nothing => "",
            Self::Known(unit) => unit.symbol(),
            Self::Unknown(text) => text,
        }
    }
}

/// The outermost brackets of a name, each with its content. An unclosed bracket is ignored.
fn bracketed(name: &str) -> Vec<(&str, &str)> {
    let (mut found, mut open) = (Vec::new(), Vec::new());
    for (at, c) in name.char_indices() {
        match (c, open.last().copied()) {
            ('(' | '[', _) => open.push(at),
            (')' | ']', Some(begin)) => {
                open.pop();
                // Brackets inside other brackets are part of them.
                found.retain(|(inside, _): &(usize, usize)| *inside < begin);
                found.push((begin, at));
            }
            _ => {}
        }
    }
    found.into_iter().map(|(begin, at)| (&name[begin..=at], &name[begin + 1..at])).collect()
}

/// The name without a part of it, with one blank in its place.
fn without(name: &str, part: &str) -> String {
    let Some((before, after)) = name.split_once(part) else { return name.to_owned() };
    match (before.trim_end(), after.trim()) {
        (before, "") => before.to_owned(),
        ("", after) => after.to_owned(),
        (before, after) => format!("{before} {after}"),
    }
}

/// A name and the unit after it, without brackets.
fn bare(name: &str) -> (String, Written) {
    let trimmed = name.trim_end();
    for at in beginnings(trimmed) {
        if let Some(unit) = Unit::parse(&trimmed[at..]) {
            let head = trimmed[..at].trim_end_matches(|c: char| c.is_whitespace() || c == '(' || c == '[');
            return (head.to_owned(), Written::Known(unit));
        }
    }
    // A letter may stand for money or for anything else: `CT/RI` is not a unit.
    let is_meant = |text: &&str| text.starts_with(|c: char| !c.is_alphanumeric()) || looks_like_unit(text);
    let unknown = beginnings(trimmed).map(|at| &trimmed[at..]).find(is_meant).map(str::to_owned);
    let whole = Unit::parse(trimmed).filter(|unit| unit.symbol().contains('/'));
    match (whole, unknown) {
        (Some(unit), _) => (name.to_owned(), Written::Known(unit)),
        (None, Some(text)) => (name.to_owned(), Written::Unknown(text)),
        (None, None) => (name.to_owned(), Written::Nothing),
    }
}
