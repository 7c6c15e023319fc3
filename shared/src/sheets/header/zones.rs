//! The zone of a column appears up to three times in a sheet: in its lookup id, as its load zone, and in the label row. Where
//! one of them names the zone of another column, a block was pasted one column off, and the numbers below may belong to either zone.

use super::rows::{Column, Preamble};
use crate::catalog::label::normalised;
use crate::catalog::layouts::Body;
use crate::catalog::{Label, Layout};
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::flaw::list::Flaws;
use std::collections::BTreeSet;

/// Warns of columns whose lookup id or label row names a different zone.
pub(super) fn disagreements(block: &Preamble, layout: &Layout, columns: &[Column]) -> Flaws {
    let mut warnings = Flaws::default();
    let zones: BTreeSet<String> =
        columns.iter().map(|column| normalised(column.name.label(Label::LoadZone))).collect();
    if zones.len() < 2 {
        return warnings;
    }
    let named = match layout.body {
        Body::Table(_) => block.label_rows.last().copied(),
        Body::Components | Body::Comparison | Body::Flat { .. } => None,
    };
    for column in columns {
        let own = normalised(column.name.label(Label::LoadZone));
        if own.is_empty() {
            continue;
        }
        for (row, is_lookup) in [(block.lookup, true), (named, false)] {
            let Some(row) = row else { continue };
            let text = row.cell(column.index);
            let Some(other) = other_zone(text, is_lookup, &own, column, &zones) else { continue };
            warnings.add_alike((0, "zones".to_owned()), || {
                let what = if is_lookup { "lookup id" } else { "label row" };
                let zone = column.name.label(Label::LoadZone).trim();
                let found = format!("The {what} {:?} names {other:?}", text.trim());
                let flaw = Flaw::of_file(Code::LabelsDisagree, found, format!("{zone:?}, its load zone"));
                flaw.at(row.cell_ref(column.index))
            });
        }
    }
    warnings
}

/// The zone of another column that a text names instead of its own.
///
/// A zone may have the name of a state, a utility or a component of the column: what those explain does not count. A lookup id
/// repeats all labels, including the capacity zone; a label row names only the zone.
fn other_zone(
    text: &str,
    is_lookup: bool,
    own: &str,
    column: &Column,
    zones: &BTreeSet<String>,
) -> Option<String> {
    let text = normalised(text);
    let counted = |label: &Label| match label {
        Label::LoadZone => false,
        Label::CapacityZone => is_lookup,
        _ => true,
    };
    let labels: Vec<String> =
        Label::ALL.into_iter().filter(counted).map(|label| normalised(column.name.label(label))).collect();
    let explained = |zone: &str| labels.iter().map(|label| count(label, zone)).sum::<usize>();
    if count(&text, own) > if is_lookup { explained(own) } else { 0 } {
        return None;
    }
    zones.iter().find(|zone| zone.as_str() != own && count(&text, zone) > explained(zone)).cloned()
}

/// How often a sequence of words occurs in a text.
fn count(text: &str, words: &str) -> usize {
    let (text, words): (Vec<&str>, Vec<&str>) = (text.split(' ').collect(), words.split(' ').collect());
    let (mut at, mut count) = (0, 0);
    while at + words.len() <= text.len() {
        if text[at..at + words.len()] == words[..] && !words[0].is_empty() {
            (at, count) = (at + words.len(), count + 1);
        } else {
            at += 1;
        }
    }
    count
}
