//! Sheets of hours: load profiles, shaping, variable load risk.

use super::{Mini, row};
use crate::sheets::flaw::code::Code;
use std::fmt::Write as _;

const LABELS: &str = "Lookup ID1,,k1,k2
Control Area,,ERCOT,ERCOT
State,,TX,TX
Load Zone,,NORTH ZONE,SOUTH ZONE
Capacity Zone,,NORTH ZONE,SOUTH ZONE
Utility,,ALL,ALL
Block Type,,5x16,5x16
Cost Group,,Shaping,Shaping
Cost Component,,Shape,Shape
";

pub(crate) fn shaping() -> Mini {
    let rows = "\nDate,HE,x,y\n1/1/2024,1,1.5,2\n1/1/2024,2,-0.25,\n1/1/24,3,$1.25 ,1e-3\n";
    Mini::new("Shaping_ERCOT_20240101_080000.csv", &format!("{LABELS}{rows}"))
}

pub(crate) fn vlr() -> Mini {
    let rows = "Month,HE,v,v\n1,1,3.5%,1\n1,2,-2.25,(2%)\n12,24,1.5,-\n";
    Mini::new("VLR_ERCOT_20240101_080000.csv", &format!("{LABELS}{rows}"))
}

/// A load profile of whole days, with as many hours as each has; values count up.
pub(crate) fn loadprofile(days: &[(&str, &[u32])]) -> Mini {
    let mut rows = format!("{LABELS}Customer Type,,Residential ,Commercial\n,,,\nDate,HE,RS,GS\n");
    for (day, hours) in days {
        for hour in *hours {
            writeln!(rows, "{day},{hour},{hour}.5,1").unwrap();
        }
    }
    Mini::new("LoadProfile_ERCOT_20240101_080000.csv", &rows)
}

#[test]
fn hours_are_read_with_their_signs_and_exponents() {
    let reading = shaping().read().unwrap();
    assert_eq!((reading.months, reading.cells, reading.missing), (3, 6, 1));
    let part = &reading.sheet.curves[0].parts[0];
    assert_eq!((part.start.to_string().as_str(), &part.values[..3]), ("2024-01-01", &[1.5, -0.25, 1.25][..]));
    let values = &reading.sheet.curves[1].parts[0].values;
    assert_eq!((values[0], values[1].is_nan(), values[2]), (2.0, true, 0.001));
    assert_eq!(reading.sheet.curves[0].name.uom.as_deref(), Some("factor"));
    assert_eq!(reading.sheet.curves[0].name.sub_component, "Shape");
    let told: Vec<Code> = reading.warnings.listed().iter().map(|flaw| flaw.code).collect();
    assert_eq!(told, [Code::HourMissing], "one gap is one warning");
    assert_eq!(reading.warnings.listed()[0].expected, "2024-01-01, hours 4 to 24");
}

#[test]
fn a_percent_of_load_risk_is_a_percent_point() {
    let reading = vlr().read().unwrap();
    let values = &reading.sheet.curves[0].parts[0].values;
    assert_eq!((values.len(), values[0], values[1], values[287]), (288, 3.5, -2.25, 1.5));
    let values = &reading.sheet.curves[1].parts[0].values;
    assert_eq!((values[0], values[1], values[287]), (1.0, -2.0, 0.0));
    assert_eq!(reading.sheet.curves[0].name.uom.as_deref(), Some("percent"));
    let told: Vec<&str> = reading.warnings.listed().iter().map(|flaw| flaw.expected.as_str()).collect();
    assert_eq!(told, ["month 1, hours 3 to 24", "months 2 to 11, hours 1 to 24", "month 12, hours 1 to 23"]);
}

#[test]
fn a_load_profile_has_a_class_of_customers_and_days_of_23_to_25_hours() {
    let spring: Vec<u32> = (1..=24).filter(|hour| *hour != 3).collect();
    let autumn: Vec<u32> = (1..=25).collect();
    let again: Vec<u32> = [1, 2, 2].into_iter().chain(3..=24).collect();
    for (autumn, numbered) in [(autumn, true), (again, false)] {
        let sheet = loadprofile(&[("3/10/2024", &spring), ("11/3/2024", &autumn)]);
        let reading = sheet.read().unwrap();
        assert_eq!(reading.months, 48);
        let part = &reading.sheet.curves[0].parts[0];
        assert_eq!(part.start.to_string(), "2024-03-10");
        assert!(part.values[2].is_nan() && part.values[24].is_nan(), "spring has no third hour");
        let last = &part.values[part.values.len() - 25..];
        assert!((last[1] - 2.5).abs() < 1e-9 && !last[24].is_nan(), "the repeated hour has the 25th place");
        assert_eq!(reading.sheet.curves[0].name.details, ["Residential "]);
        let told: Vec<Code> = reading.warnings.listed().iter().map(|flaw| flaw.code).collect();
        let read = if numbered { vec![Code::RepeatedHourLast] } else { vec![] };
        assert_eq!(told, [vec![Code::MonthMissing], read].concat(), "days between are missing");
    }
    let whole: Vec<u32> = (1..=24).collect();
    let skipped = loadprofile(&[("3/10/2024", &whole)]).read().unwrap();
    assert_eq!(skipped.warnings.listed()[0].code, Code::HourSkipped);
    let short = loadprofile(&[("11/3/2024", &whole)]).read().unwrap();
    assert_eq!(short.warnings.listed()[0].code, Code::HourMissing);
}

#[test]
fn each_flaw_of_an_hour_has_its_place() {
    assert_eq!(shaping().flaws(|_| {}), [""; 0]);
    for hour in ["0", "25", "26", "-1", "1.5", "", "HE1"] {
        assert_eq!(shaping().flaws(|rows| rows[12][1] = hour.into()), ["NotAnHour B13"], "{hour}");
    }
    assert_eq!(shaping().flaws(|rows| rows[12][1] = "1".into()), ["DuplicateHour B13"]);
    assert_eq!(shaping().flaws(|rows| rows[12][0] = String::new()), ["BlankDate A13"]);
    assert_eq!(shaping().flaws(|rows| rows[11][0] = String::new()), ["BlankDate A12"], "the first row, too");
    assert_eq!(shaping().flaws(|rows| rows[12][0] = "13/1/2024".into()), ["NotADate A13"]);
    assert_eq!(shaping().flaws(|rows| rows[12][2] = "high".into()), ["NotANumber C13"]);
    assert_eq!(shaping().flaws(|rows| rows[12].push("7".into())), ["ColumnWithoutLabels E13"]);
    assert_eq!(shaping().flaws(|rows| rows[3][1] = "NORTH ZONE".into()), ["MisplacedLabel B4"]);
    assert_eq!(shaping().flaws(|rows| rows[3][2] = String::new()), ["BlankLabel C4"]);
    assert_eq!(shaping().flaws(|rows| rows[1][3] = "PJM".into()), ["WrongMarket D2"]);
    assert_eq!(shaping().flaws(|rows| rows[4][0] = "Zone".into()), ["MissingRow 0"]);
    assert_eq!(shaping().flaws(|rows| drop(rows.remove(10))), ["MissingLabelRow 0"]);
    assert_eq!(shaping().flaws(|rows| rows.truncate(11)), ["NoDataRows 0"]);
    let same = shaping().flaws(|rows| {
        for row in &mut rows[..9] {
            row[3] = row[2].clone();
        }
    });
    assert_eq!(same, ["DuplicateColumn D9"]);

    assert_eq!(vlr().flaws(|_| {}), [""; 0]);
    for month in ["0", "13", "1/1/2024", "Jan", ""] {
        assert_eq!(vlr().flaws(|rows| rows[10][0] = month.into()), ["NotADate A11"], "{month}");
    }
    assert_eq!(vlr().flaws(|rows| rows[11][1] = "25".into()), ["NotAnHour B12"]);
    assert_eq!(vlr().flaws(|rows| rows[11][1] = "1".into()), ["DuplicateHour B12"]);

    let profile = || loadprofile(&[("11/3/2024", &[1, 2, 25])]);
    assert_eq!(profile().flaws(|_| {}), [""; 0]);
    assert_eq!(profile().flaws(|rows| rows[9][3] = String::new()), ["BlankLabel D10"]);
    assert_eq!(profile().flaws(|rows| drop(rows.remove(9))), ["MissingRow 0"]);
    assert_eq!(profile().flaws(|rows| rows[14][1] = "26".into()), ["NotAnHour B15"]);
    assert_eq!(profile().flaws(|rows| rows.push(row("11/3/2024,2,1,1"))), ["DuplicateHour B16"]);
}

#[test]
fn rows_of_a_header_block_may_hold_numbers_and_come_in_any_order() {
    let expected = format!("{:?}", shaping().read().unwrap().sheet.curves);
    let other = shaping().with(|rows| {
        rows[..9].reverse();
        rows.insert(2, row("Customers,,1200,1300"));
        rows.insert(5, row("UOM,,factor,factor"));
    });
    assert_eq!(format!("{:?}", other.sheet.curves), expected);
}

#[test]
fn hours_of_two_years_are_two_parts() {
    let rows = format!("{LABELS}Date,HE,x,y\n1/1/2025,1,3,4\n12/31/2024,24,1,2\n");
    let reading = Mini::new("Shaping_ERCOT_20240101_080000.csv", &rows).read().unwrap();
    let starts: Vec<String> =
        reading.sheet.curves[1].parts.iter().map(|part| part.start.to_string()).collect();
    assert_eq!(starts, ["2024-12-31", "2025-01-01"]);
}
