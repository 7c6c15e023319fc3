//! Future months that are gone, and years that differ from those before, in a real sheet and in small ones.

use super::super::warnings;
use crate::catalog::Layout;
use crate::curves::publish::baseline::{PastCurve, PastSnapshot};
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::reading::Reading;
use crate::sheets::{filename, read};

const JANUARY: &str = "Energy_ERCOT_20240105_103000.csv";
const SAMPLE: &[u8] = include_bytes!("../../../../samples/Energy_ERCOT_20240108_103000.csv");

fn reading(file: &str, bytes: &[u8]) -> Reading {
    let name = filename::parse(file).unwrap();
    read::read(bytes, name).unwrap_or_else(|flaws| panic!("{file}: {:#?}", flaws.listed()))
}

fn snapshot(reading: &Reading) -> PastSnapshot {
    let curves = reading.sheet.curves.iter().map(|curve| {
        (curve.name.identity(), PastCurve { name: Some(curve.name.clone()), parts: curve.parts.clone() })
    });
    PastSnapshot { stamp: reading.sheet.name.stamp, curves: curves.collect() }
}

/// The warnings of months of a sheet after another.
fn told(before: Option<&Reading>, after: &Reading) -> Vec<Flaw> {
    let past: Vec<PastSnapshot> = before.map(snapshot).into_iter().collect();
    let layout = Layout::of(after.sheet.name.data_type);
    let codes = [Code::MonthVanished, Code::MonthsShifted, Code::MonthsPassed];
    let warnings = warnings(after, layout, &past);
    warnings.listed().iter().filter(|flaw| codes.contains(&flaw.code)).cloned().collect()
}

/// The sample with another text.
fn sample(file: &str, change: impl Fn(&str) -> String) -> Reading {
    reading(file, change(std::str::from_utf8(SAMPLE).unwrap()).as_bytes())
}

fn months(file: &str, rows: &[(i32, u32, &str)]) -> Reading {
    let labels = "Control Area,ERCOT,ERCOT\nState,TX,TX\nLoad Zone,NORTH,WEST\nCapacity Zone,NORTH,WEST\nUtility,ALL,ALL\n\
        Block Type,5x16,5x16\nCost Group,Energy,Energy\nCost Component,Energy,Energy\n,,\nMonth,NORTH,WEST\n";
    let rows: String = rows
        .iter()
        .fold(String::new(), |rows, (year, month, cells)| rows + &format!("{month}/1/{year},{cells}\n"));
    reading(file, format!("{labels}{rows}").as_bytes())
}

/// Rows of a number of months from one on.
fn run(first: (i32, u32), count: u32) -> Vec<(i32, u32, &'static str)> {
    let month =
        |at: u32| (first.0 + i32::try_from((first.1 - 1 + at) / 12).unwrap(), (first.1 - 1 + at) % 12 + 1);
    (0..count).map(|at| (month(at).0, month(at).1, "20,30")).collect()
}

#[test]
fn a_sheet_truncated_after_a_line_gets_one_warning_for_all_its_curves() {
    let before = sample(JANUARY, str::to_owned);
    let whole = sample("Energy_ERCOT_20240408_170200_cob.csv", str::to_owned);
    assert_eq!(told(Some(&before), &whole), []);
    let cut = sample("Energy_ERCOT_20240408_170200_cob.csv", |text| {
        text.split_inclusive('\n').take_while(|line| !line.starts_with("7/1/2026")).collect()
    });
    let told = told(Some(&before), &cut);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0].code, Code::MonthVanished);
    assert_eq!(told[0].found, "2026-07 to 2029-02 (32 months) in all 12 curves");
    assert_eq!((told[0].line, told[0].column.as_deref()), (None, None));
}

#[test]
fn months_that_are_over_may_go_and_those_ahead_may_not() {
    let before = months("Energy_ERCOT_20240105_103000.csv", &run((2024, 1), 12));
    let after = |file: &str, rows: &[(i32, u32, &str)]| {
        told(Some(&before), &months(file, rows)).into_iter().map(|flaw| flaw.found).collect::<Vec<_>>()
    };
    // The month of the operating day may be there or not.
    for from in [1, 2, 3] {
        assert_eq!(
            after("Energy_ERCOT_20240212_103000.csv", &run((2024, from), 13 - from)),
            [""; 0],
            "{from}"
        );
    }
    let gone = after("Energy_ERCOT_20240212_103000.csv", &run((2024, 5), 7));
    assert_eq!(gone, ["2024-03 to 2024-04 (2 months) in all 2 curves", "2024-12 in all 2 curves"]);
    // Of one curve, at its column; a blank cell is no value.
    let mut rows = run((2024, 1), 12);
    rows[6].2 = "20,";
    rows[7].2 = "20,#N/A";
    let one = told(Some(&before), &months("Energy_ERCOT_20240106_103000.csv", &rows));
    assert_eq!((one.len(), one[0].column.as_deref()), (1, Some("C")), "{one:#?}");
    assert_eq!(one[0].found, "2024-07 to 2024-08 (2 months) in 1 of 2 curves");
    // The reader warns of a gap inside, so it is not reported twice.
    let mut rows = run((2024, 1), 12);
    rows.remove(6);
    let gap = months("Energy_ERCOT_20240106_103000.csv", &rows);
    assert_eq!(gap.warnings.listed()[0].code, Code::MonthMissing);
    assert_eq!(told(Some(&before), &gap), []);
    // It ignores missing curves: they have a warning of their own.
    let other = sample("Energy_ERCOT_20240106_103000.csv", |text| text.replace("NORTH", "FAR WEST"));
    assert!(told(Some(&before), &other).iter().all(|flaw| flaw.code != Code::MonthVanished));
}

#[test]
fn future_days_of_hours_that_are_gone_are_reported() {
    let sheet = |file: &str, days: std::ops::RangeInclusive<u32>| {
        let labels = "Control Area,,ERCOT\nState,,TX\nLoad Zone,,NORTH\nCapacity Zone,,NORTH\nUtility,,ALL\nBlock Type,,7x24\n\
            Cost Group,,Shaping\nCost Component,,Shape\n\nDate,HE,x\n";
        let hours = |day: u32| (1..=24).map(move |hour| format!("5/{day}/2024,{hour},1\n"));
        reading(file, format!("{labels}{}", days.flat_map(hours).collect::<String>()).as_bytes())
    };
    let before = sheet("Shaping_ERCOT_20240104_080000.csv", 1..=31);
    let cut = sheet("Shaping_ERCOT_20240510_080000.csv", 8..=20);
    let told = told(Some(&before), &cut);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0].found, "2024-05-21 to 2024-05-31 (11 days) in its one curve");
}

#[test]
fn a_sheet_whose_years_are_all_wrong_gets_a_warning() {
    let before = sample(JANUARY, str::to_owned);
    let shifted = |file: &str, years: i32| {
        sample(file, |text| {
            (2024..2030).rev().fold(text.to_owned(), |text, year| {
                // From the far end on, or from the near one, so that no year is moved twice.
                let year = if years > 0 { year } else { 2024 + 2029 - year };
                text.replace(&format!("/1/{year}"), &format!("/1/{}", year + years))
            })
        })
    };
    for (years, says) in [
        (-10, "2014-02 to 2019-02 (61 months), 10 years earlier"),
        (1, "2025-02 to 2030-02 (61 months), 1 year later"),
    ] {
        let sheet = shifted("Energy_ERCOT_20240108_103000.csv", years);
        let told = told(Some(&before), &sheet);
        assert_eq!(told.len(), 1, "{told:#?}");
        assert_eq!(
            (told[0].code, told[0].found.as_str(), told[0].column.as_deref()),
            (Code::MonthsShifted, says, Some("A"))
        );
        assert!(told[0].expected.contains("2024-02 to 2029-02"), "{}", told[0]);
    }
    // A month later it has gone on by a month, and is a year off all the same.
    let january = months(JANUARY, &run((2024, 1), 24));
    let february = |from| told(Some(&january), &months("Energy_ERCOT_20240205_103000.csv", &run(from, 24)));
    assert_eq!(february((2024, 2)), []);
    assert_eq!(february((2025, 2))[0].code, Code::MonthsShifted);
    // The first sheet of a series is judged by itself.
    let codes =
        |before, after: &Reading| told(before, after).iter().map(|flaw| flaw.code).collect::<Vec<_>>();
    assert_eq!(codes(None, &shifted("Energy_ERCOT_20240108_103000.csv", -10)), [Code::MonthsPassed]);
    assert_eq!(codes(None, &shifted("Energy_ERCOT_20240108_103000.csv", 1)), []);
}

#[test]
fn a_sheet_of_calendar_years_moves_on_at_new_year() {
    let charges = |file: &str, year: i32| months(file, &run((year, 1), 24));
    let before = charges("NonEnergy_ERCOT_20231205_103000.csv", 2023);
    assert_eq!(told(Some(&before), &charges("NonEnergy_ERCOT_20240103_103000.csv", 2024)), []);
    assert_eq!(told(Some(&before), &charges("NonEnergy_ERCOT_20231220_103000.csv", 2024)), []);
    let summer = charges("NonEnergy_ERCOT_20240605_103000.csv", 2024);
    let off = told(Some(&summer), &charges("NonEnergy_ERCOT_20240610_103000.csv", 2025));
    assert_eq!(off[0].code, Code::MonthsShifted);
}
