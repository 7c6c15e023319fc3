//! Characters in labels that no query can match.

use super::rows::{Column, Preamble};
use crate::catalog::Layout;
use crate::catalog::layouts::{Body, LabelRows};
use crate::catalog::text::{is_control, normalised};
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::flaw::list::Flaws;

/// The character of a label that a filter would refuse, in words.
#[must_use]
pub fn odd_character(label: &str) -> Option<&'static str> {
    if label.chars().any(is_control) {
        return Some("a control character");
    }
    // A full-width asterisk is compared as an asterisk.
    let asterisk = label.contains('*') || (!label.is_ascii() && normalised(label).contains('*'));
    asterisk.then_some("an asterisk, which is a wildcard in filters")
}

/// Refuses labels that no query could match.
pub(super) fn unaskable(block: &Preamble, layout: &Layout, columns: &[Column], flaws: &mut Flaws) {
    let named = match layout.body {
        Body::Table(LabelRows::One | LabelRows::StateAndName) => block.label_rows.as_slice(),
        Body::Table(LabelRows::Free) | Body::Components | Body::Comparison | Body::Flat { .. } => &[],
    };
    let rows = block.labels.values().chain(block.details.values()).chain(named);
    for row in rows {
        for column in columns {
            let label = row.cell(column.index);
            if let Some(what) = odd_character(label) {
                let flaw = || Flaw::of_file(Code::LabelCharacter, label, what).at(row.cell_ref(column.index));
                flaws.add_alike((0, format!("{what} in {label}")), flaw);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Pattern;

    #[test]
    fn what_a_filter_refuses_is_no_label() {
        for label in ["NITS*", "N*TS", "N＊TS", "*", "N\u{7}", "\u{0}"] {
            assert!(odd_character(label).is_some(), "{label:?}");
        }
        for label in ["NITS Rate", "N\u{96}", "5% \\ x", "É", "-", "VSS/Black Start (vs Utility)", "a\"b'c"]
        {
            assert_eq!(odd_character(label), None, "{label:?}");
            let pattern: Pattern = label.parse().unwrap();
            assert!(pattern.matches(label) && !pattern.is_beginning(), "{label:?}");
        }
    }
}
