//! Which flaws are one: cells that are wrong for the same reason.

use super::flaw::{Code, Flaw, Flaws};
use super::slip::{DateSlip, NumberSlip};
use std::collections::BTreeMap;

/// The reason that a wrong cell of days or hours shares with others, so that they are one flaw; `None` if it is listed on its own.
#[must_use]
pub fn slot(code: Code, found: &str) -> Option<String> {
    match code {
        Code::NotADate => Some(DateSlip::of(found).alike(found)),
        // The first of each month with the day in front.
        Code::NotFirstOfMonth => {
            let first = found.trim().split('/').next().unwrap_or_default();
            matches!(first, "1" | "01").then(|| "day first".to_owned())
        }
        Code::BlankDate | Code::NotAnHour | Code::MonthOutOfRange => Some(format!("{code:?}")),
        _ => None,
    }
}

/// Makes one flaw of numbers in a spelling that most cells of a sheet have.
pub fn join(flaws: &mut Flaws, cells: usize) {
    let slip = |flaw: &Flaw| (flaw.code == Code::NotANumber).then(|| NumberSlip::of(&flaw.found));
    let mut counts: BTreeMap<NumberSlip, u32> = BTreeMap::new();
    for flaw in flaws.listed() {
        if let Some(slip) = slip(flaw).filter(|slip| slip.is_spelling()) {
            *counts.entry(slip).or_default() += flaw.more + 1;
        }
    }
    for (common, count) in counts {
        if count >= MANY && usize::try_from(count).unwrap_or(usize::MAX) > cells / 2 {
            flaws.join(|flaw| slip(flaw) == Some(common));
        }
    }
}

/// Fewer than this are listed column by column, whatever part of the sheet they are.
const MANY: u32 = 20;
