//! How well the warnings warn: defects put into the real sheets, and the real sheets as they are.

mod defects;
mod months;
mod real;
mod sheet_ranges;
mod units;
mod walk;

use super::warnings;
use crate::curves::publish::baseline::PastSnapshot;
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use defects::{Kind, inject};
use real::{Cells, Real, downloaded, uploaded};
use std::collections::BTreeMap;
use walk::{Dice, past, snapshot};

/// The real sheets without defects. Those marked close of business have one each, put there on purpose.
fn clean() -> Option<Vec<Real>> {
    let sheets = uploaded()?.into_iter().filter(|sheet| !sheet.name.ends_with("_cob.csv"));
    Some(sheets.chain(downloaded()?).map(Real::of).collect())
}

/// All flaws and warnings of the reader and the quality checks.
fn said(cells: &Cells, past: &[PastSnapshot]) -> Vec<Flaw> {
    match cells.reading() {
        Err(flaws) => flaws.listed().to_vec(),
        Ok(reading) => {
            let mut all = warnings(&reading, cells.layout(), past);
            all.extend(reading.warnings);
            all.listed().to_vec()
        }
    }
}

/// 200 defects of 12 kinds, each in a real sheet with a past of its own. One is caught if a flaw or a warning of a code that
/// fits the kind names its place: its column, or its month or curve where there is no column any more.
#[test]
fn of_200_defects_in_real_sheets_95_percent_are_caught() {
    let Some(sheets) = clean() else { return };
    let mut dice = Dice(2);
    let mut kinds: BTreeMap<Kind, (u32, u32)> = BTreeMap::new();
    for at in 0..200 {
        let kind = Kind::ALL[at % Kind::ALL.len()];
        let (cells, place, past) = std::iter::repeat_with(|| {
            let real = &sheets[dice.below(sheets.len())];
            let mut spoilt = real.cells.clone();
            let place = inject(&mut spoilt, kind, &mut dice)?;
            Some((spoilt, place, past(real, &mut dice)))
        })
        .flatten()
        .next()
        .unwrap();
        let said = said(&cells, &past);
        let caught = said.iter().any(|flaw| kind.codes().contains(&flaw.code) && place.named_by(flaw));
        let (all, found) = kinds.entry(kind).or_default();
        *all += 1;
        *found += u32::from(caught);
        if !caught {
            println!("missed: {kind:?} in {} at {place:?}: {:?}", cells.name, said.first());
        }
    }
    for (kind, (all, found)) in &kinds {
        println!("{:<14} {found:>3} of {all}", format!("{kind:?}"));
        assert!(found * 5 > all * 4, "of each kind more than 80 % are caught: {kind:?}");
    }
    let found: u32 = kinds.values().map(|(_, found)| found).sum();
    println!("{:<14} {found:>3} of 200", "all");
    assert!(found >= 190, "{found} of 200 defects were caught");
}

/// The unchanged real sheets, each after seven histories that it may have had. Every warning is wrong, except those that are
/// true of the sheet whatever its history: those of its reader, and numbers written both with and without `$` in two columns
/// of REC sheets of 2023.
#[test]
fn of_clean_real_sheets_1_percent_at_most_are_warned_wrongly() {
    let Some(sheets) = clean() else { return };
    let (mut dice, mut judged, mut wrong) = (Dice(1), 0, 0);
    for real in &sheets {
        let Real { cells, reading, .. } = real;
        for _ in 0..7 {
            let warnings = warnings(reading, cells.layout(), &past(real, &mut dice));
            // A real sheet has a price of 38.75 under %, whatever its past.
            let is_true = |flaw: &&Flaw| {
                flaw.code != Code::MixedFormats
                    && !(flaw.code == Code::ImplausibleValue && flaw.found.starts_with("38.75 in "))
            };
            let warnings: Vec<&Flaw> = warnings.listed().iter().filter(is_true).collect();
            judged += 1;
            wrong += u32::from(!warnings.is_empty());
            if let Some(first) = warnings.first() {
                println!("wrong: {}: {} warnings, {:?} {first}", cells.name, warnings.len(), first.code);
            }
        }
        let mixed = warnings(reading, cells.layout(), &[]);
        let mixed: Vec<_> =
            mixed.listed().iter().map(|flaw| (flaw.code, flaw.column.as_deref().unwrap_or("?"))).collect();
        let expected: &[_] = match cells.name.as_str() {
            "REC_NYISO_20230506_142700.csv" => &[(Code::MixedFormats, "F")],
            "REC_PJM_20230506_142900.csv" => &[(Code::MixedFormats, "B")],
            // A price of 38.75 under %.
            "REC_ISONE_20240927_083801.csv" => &[(Code::ImplausibleValue, "AG")],
            _ => &[],
        };
        assert_eq!(mixed, expected, "{} without a past", cells.name);
    }
    println!("{judged} judgements of {} clean sheets: {wrong} warned wrongly", sheets.len());
    assert!(judged >= 200 && wrong * 100 <= judged, "{wrong} of {judged} clean sheets were warned");
}

/// The pairs of real sheets of one series: those marked close of business, in each of which one cell was changed on purpose,
/// and the vocabulary of REC sheets, which changed overnight.
#[test]
fn real_pairs_are_distinguished_where_they_differ() {
    let Some(sheets) = uploaded() else { return };
    let sheet = |name: &str| Real::of(sheets.iter().find(|cells| cells.name == name).unwrap().clone());
    let between = |before: &str, after: &str| {
        let after = sheet(after);
        warnings(&after.reading, after.cells.layout(), &[snapshot(&sheet(before))])
    };
    for (series, found) in [
        ("ERCOT_20230522_0825", "111.11"),
        ("ISONE_20230522_0825", "222.22"),
        ("NYISO_20230522_0825", "444.44"),
        ("PJM_20230503_0832", "555.55"),
    ] {
        let intraday = if series.starts_with("PJM") { "50" } else { "40" };
        let cob = if series.starts_with("PJM") { "52" } else { "42" };
        let warnings =
            between(&format!("Energy_{series}{intraday}.csv"), &format!("Energy_{series}{cob}_cob.csv"));
        let said: Vec<_> = warnings.listed().iter().map(|flaw| (flaw.code, flaw.column.as_deref())).collect();
        assert!(said.contains(&(Code::Spike, Some("B"))), "{series}: {said:?}");
        // The cell is of 7x8, so that the peak price of the month is below it as well.
        let others = said.iter().filter(|one| **one != (Code::Spike, Some("B"))).collect::<Vec<_>>();
        assert_eq!(others, [&(Code::PeakBelowOffPeak, Some("D"))], "{series}");
        let spike = warnings.listed().iter().find(|flaw| flaw.code == Code::Spike).unwrap();
        assert_eq!(spike.found, format!("{found} in 2023-05"));
        println!("{series}: {spike}");
    }
    let warnings = between("REC_ERCOT_20230506_142300.csv", "REC_ERCOT_20230507_142300.csv");
    let codes: Vec<_> = warnings.listed().iter().map(|flaw| (flaw.code, flaw.found.as_str())).collect();
    assert_eq!(codes[0].0, Code::CurveVanished);
    assert!(codes[0].1.starts_with("7 of 7 curves"), "{codes:?}");
    assert_eq!(codes.iter().filter(|(code, _)| *code == Code::CurveNew).count(), 3, "{codes:?}");
}

/// Eight months lie between these, and moves of up to 89 %.
#[test]
fn a_snapshot_of_long_ago_makes_no_spikes() {
    let (Some(before), Some(after)) = (uploaded(), downloaded()) else { return };
    let mut pairs = 0;
    for after in after.into_iter().filter(|sheet| sheet.name.starts_with("Energy")) {
        let series = after.name.split("_2024").next().unwrap();
        let Some(before) = before.iter().find(|sheet| sheet.name.starts_with(series)) else { continue };
        let (before, after) = (Real::of(before.clone()), Real::of(after));
        let warnings = warnings(&after.reading, after.cells.layout(), &[snapshot(&before)]);
        let spikes: Vec<_> =
            warnings.listed().iter().filter(|flaw| flaw.code != Code::PeakBelowOffPeak).collect();
        println!("{}: {} warnings", after.cells.name, warnings.count());
        assert!(spikes.is_empty(), "{}: {spikes:?}", after.cells.name);
        pairs += 1;
    }
    assert_eq!(pairs, 4);
}
