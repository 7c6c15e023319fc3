//! Warnings about a sheet without flaws: it is published, and the sender is warned. Guarantees: nothing here refuses a sheet; each
//! warning names its cell or column, what was found and what was expected; a sheet that looks like its series gets no warnings. How
//! well the last two hold is measured in `tests.rs`.

mod alone;
pub mod compared;
mod months;
mod moves;
mod peaks;
mod ranges;
mod roster;

use crate::catalog::Layout;
use crate::curves::ids::SeriesId;
use crate::curves::publish::baseline::{self, PastSnapshot};
use crate::db::Tx;
use crate::fault::Fault;
use crate::intake::quality::compared::Compared;
use crate::sheets::flaw::list::Flaws;
use crate::sheets::reading::Reading;
use moves::Moved;

/// How many snapshots a sheet is compared with: two days of four. More would not improve the measure of usual moves.
const PAST: i64 = 8;

/// The warnings of a sheet.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// All warnings, including those that depend on earlier snapshots of the series.
    pub all: Flaws,
    /// The warnings of the sheet itself, for an uploader who may not read the series: neither a warning nor its absence reveals
    /// anything about the series.
    pub own: Flaws,
}

/// The warnings of a sheet, those of its reader last. The series is locked, so that the previous snapshot is the right one.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn judged(tx: &mut Tx, series: SeriesId, reading: &Reading) -> Result<Judged, Fault> {
    let (layout, stamp) = (Layout::of(reading.sheet.name.data_type), reading.sheet.name.stamp);
    let (past, more);
    past = baseline::recent(tx, series, stamp, 1).await?;
    let mut compared = Compared::new(reading, layout, &past);
    let moved = Moved::of(&compared);
    // For most sheets the previous snapshot has all curves, and none moved so far that its usual moves have to be known:
    // 5 ms for the 71,316 values of the largest sheet, and 14 ms with the older snapshots (measured 2026-11-21, 2 vCPU).
    if !compared.has_only_known_curves() || !moved.far.is_empty() {
        more = baseline::recent(tx, series, stamp, PAST).await?;
        compared.past = &more;
    }
    let mut all = beside_the_past(&compared, &moved);
    compared.past = &[];
    let mut own = beside_the_past(&compared, &Moved::of(&compared));
    let by_itself = by_itself(&compared);
    for warnings in [&mut all, &mut own] {
        warnings.extend(by_itself.clone());
        warnings.extend(reading.warnings.clone());
    }
    Ok(Judged { all, own })
}

/// The warnings of a sheet, compared with the earlier snapshots of its series, newest first. Without any it is checked by itself.
#[must_use]
pub fn warnings(reading: &Reading, layout: &Layout, past: &[PastSnapshot]) -> Flaws {
    let compared = Compared::new(reading, layout, past);
    let mut warnings = beside_the_past(&compared, &Moved::of(&compared));
    warnings.extend(by_itself(&compared));
    warnings
}

/// The warnings of the checks that use earlier snapshots. Some of these checks find something without any as well.
fn beside_the_past(compared: &Compared<'_>, moved: &Moved) -> Flaws {
    let mut warnings = Flaws::default();
    roster::changes(compared, &mut warnings);
    for flaw in months::changes(compared.reading, &compared.identities, compared.past.first()) {
        warnings.add(|| flaw);
    }
    peaks::below_off_peak(compared, &mut warnings);
    moves::spikes(compared, moved, &mut warnings);
    warnings
}

/// The warnings of the checks that use the sheet only.
fn by_itself(compared: &Compared<'_>) -> Flaws {
    let mut warnings = Flaws::default();
    alone::mixed_formats(compared, &mut warnings);
    alone::negative_values(compared, &mut warnings);
    ranges::unknown_units(compared, &mut warnings);
    ranges::implausible_values(compared, &mut warnings);
    warnings
}

#[cfg(test)]
mod tests;
