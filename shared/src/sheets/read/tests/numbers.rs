//! One grammar of numbers, whatever kind of sheet they are in.

use super::{Mini, flat, hours, matrix, ptc};
use crate::catalog::Layout;
use crate::sheets::flaw::code::Code;

/// A sheet of each kind, and the row and column of a number in it; of one of them, a percent is a percent point.
fn kinds() -> Vec<(Mini, usize, usize, f64)> {
    let energy = Mini { file: "Energy_ERCOT_20230522_082540.csv", rows: super::energy() };
    let mut nonenergy = Mini { file: "NonEnergy_ERCOT_20230522_082540.csv", rows: super::energy() };
    nonenergy.rows[10][0] = "Date".to_owned();
    let profile = hours::loadprofile(&[("1/1/2024", &[1, 2])]);
    vec![
        (energy, 11, 1, 1.0),
        (nonenergy, 11, 1, 1.0),
        (ptc::ptc(), 28, 1, 1.0),
        (matrix::matrix(), 24, 1, 1.0),
        (hours::shaping(), 11, 2, 1.0),
        (profile, 12, 2, 1.0),
        (hours::vlr(), 10, 2, 100.0),
        (flat::lineloss(), 1, 8, 1.0),
    ]
}

#[test]
fn a_cell_means_the_same_in_every_kind_of_sheet() {
    for (cell, expected, percent) in [
        (" 2.5 ", 2.5, false),
        ("$1.23 ", 1.23, false),
        ("\"1,234.5\"", 1234.5, false),
        ("12%", 0.12, true),
        ("-5", -5.0, false),
        ("-$5", -5.0, false),
        ("$-5.00", -5.0, false),
        ("(1.2)", -1.2, false),
        ("$(1.20)", -1.2, false),
        (" - ", 0.0, false),
        (" $-   ", 0.0, false),
        ("1e-3", 0.001, false),
        ("5 ", 5.0, false),
    ] {
        for (mut sheet, row, column, points) in kinds() {
            sheet.rows[row][column] = cell.to_owned();
            let expected = if percent { expected * points } else { expected };
            let layout = Layout::of(super::name(sheet.file).data_type);
            let bounds = layout.unit.and_then(|unit| layout.bounds(unit, ""));
            let reading = match sheet.read() {
                // It is read, and is impossible for this type.
                Err(flaws) if bounds.is_some_and(|bounds| !bounds.is_possible(expected)) => {
                    let (flaw, line) = (&flaws.listed()[0], u64::try_from(row + 1).ok());
                    let said = (flaws.count(), flaw.code, flaw.line);
                    assert_eq!(said, (1, Code::ImpossibleValue, line), "{cell} in {}", sheet.file);
                    continue;
                }
                read => read.unwrap_or_else(|flaws| panic!("{cell} {}: {:?}", sheet.file, flaws.listed())),
            };
            let found = reading.sheet.curves[0].parts[0].values[0];
            assert!((found - expected).abs() < 1e-12, "{cell} in {} is {found}", sheet.file);
        }
    }
}

#[test]
fn what_is_missing_is_missing_and_what_is_text_is_refused_in_every_kind_of_sheet() {
    for cell in ["", "  ", "#N/A", "NA", "null", "None"] {
        for (mut sheet, row, column, _) in kinds() {
            let before = sheet.read().unwrap().missing;
            sheet.rows[row][column] = cell.to_owned();
            let reading = sheet.read().unwrap();
            assert_eq!(reading.missing, before + 1, "{cell:?} in {}", sheet.file);
        }
    }
    for cell in ["text", "TRUE", "1 234", "inf", "\"1,23\"", "#REF!"] {
        for (mut sheet, row, column, _) in kinds() {
            sheet.rows[row][column] = cell.to_owned();
            let flaws = sheet.read().expect_err(sheet.file);
            let (flaw, line) = (&flaws.listed()[0], u64::try_from(row + 1).ok());
            assert_eq!(
                (flaws.count(), flaw.code, flaw.line),
                (1, Code::NotANumber, line),
                "{cell:?} in {}",
                sheet.file
            );
        }
    }
}

#[test]
fn a_formula_that_went_wrong_is_no_label() {
    for (mut sheet, _, column, _) in kinds().into_iter().filter(|(sheet, ..)| sheet.rows.len() > 9) {
        sheet.rows[5][column] = "#N/A".to_owned();
        let flaws = sheet.read().expect_err(sheet.file);
        assert_eq!((flaws.count(), flaws.listed()[0].code), (1, Code::BlankLabel), "{}", sheet.file);
    }
}
