//! Which cells share a flaw: those that are wrong for the same reason.

use super::flaw::Flaw;
use super::flaw::list::Flaws;
use super::slip::date::DateSlip;
use super::slip::number::NumberSlip;
use crate::sheets::flaw::code::Code;
use std::collections::BTreeMap;

/// The reason that a wrong day or hour shares with other cells, so that they become one flaw; `None` if it is listed separately.
#[must_use]
pub fn slot(code: Code, found: &str) -> Option<String> {
    match code {
        Code::NotADate => Some(DateSlip::of(found).alike(found)),
        // The first of each month written day first, or another day.
        Code::NotFirstOfMonth => {
            let first = found.trim().split('/').next().unwrap_or_default();
            Some(if matches!(first, "1" | "01") { "day first" } else { "another day" }.to_owned())
        }
        Code::BlankDate | Code::NotAnHour | Code::MonthOutOfRange => Some(format!("{code:?}")),
        _ => None,
    }
}

/// The reason that impossible values share: the bounds that they exceed.
#[must_use]
pub fn impossible(expected: &str) -> String {
    format!("impossible: {expected}")
}

/// Joins the flaws of most cells of a sheet into one: numbers with the same misspelling, or values too large or too small for
/// their unit.
pub fn join(flaws: &mut Flaws, cells: usize) {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for flaw in flaws.listed() {
        if let Some(cause) = common(flaw) {
            *counts.entry(cause).or_default() += flaw.more + 1;
        }
    }
    for (cause, count) in counts {
        let count = count + flaws.unlisted(&cause);
        if count >= MANY && usize::try_from(count).unwrap_or(usize::MAX) > cells / 2 {
            flaws.join(&cause, |flaw| common(flaw).as_ref() == Some(&cause));
        }
    }
}

/// The reason that most cells of a sheet may share.
fn common(flaw: &Flaw) -> Option<String> {
    match flaw.code {
        Code::NotANumber => {
            let slip = NumberSlip::of(&flaw.found);
            slip.is_spelling().then(|| slip.alike(&flaw.found))
        }
        Code::ImpossibleValue => Some(impossible(&flaw.expected)),
        _ => None,
    }
}

/// Fewer flaws than this are listed column by column, however small the sheet is.
const MANY: u32 = 20;
