//! Cells with the same flaw for the same reason are one, in every part of a sheet.

use super::{Mini, energy, flat, hours, matrix, told};
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;

/// The one flaw of a sheet after a change.
fn one(mut sheet: Mini, spoil: impl FnOnce(&mut Vec<Vec<String>>)) -> Flaw {
    spoil(&mut sheet.rows);
    let flaws = sheet.read().unwrap_err();
    assert_eq!(flaws.count(), 1, "{:#?}", flaws.listed());
    flaws.listed()[0].clone()
}

fn prices() -> Mini {
    Mini { file: "Energy_ERCOT_20230522_082540.csv", rows: energy() }
}

/// A sheet with as many columns and months as real ones, in one unit.
fn large(unit: &str, columns: usize) -> Mini {
    let mut sheet = prices();
    sheet.rows.truncate(11);
    for (at, row) in sheet.rows.iter_mut().enumerate() {
        let cell = row[1].clone();
        row.truncate(1);
        row.extend(
            (0..columns)
                .map(|column| if matches!(at, 3 | 4) { format!("ZONE {column}") } else { cell.clone() }),
        );
    }
    for month in 1..=12 {
        let cells = (0..columns).map(|_| "41.5".to_owned());
        sheet.rows.push([format!("{month}/1/2024")].into_iter().chain(cells).collect());
    }
    let units = (0..columns).map(|_| unit.to_owned());
    sheet.rows.insert(9, ["UOM".to_owned()].into_iter().chain(units).collect());
    sheet
}

#[test]
fn a_wrong_unit_in_every_column_is_one_flaw() {
    for (unit, code) in [("$/MW", Code::UnitUnknown), ("kW", Code::WrongUnit)] {
        let flaw = one(large(unit, 12), |_| {});
        assert_eq!(
            (flaw.code, flaw.column.as_deref(), flaw.line, flaw.more),
            (code, Some("B"), Some(10), 11)
        );
    }
    let flaw = one(large("cents/kWh", 12), |rows| rows[8][1..].fill("Energy ($/MWh)".to_owned()));
    assert_eq!((flaw.code, flaw.more), (Code::UnitConflict, 11));
    // Two units are two flaws.
    let mut two = large("$/MW", 12);
    two.rows[9][5] = "widgets".to_owned();
    assert_eq!(told(two.read()), ["UnitUnknown B10", "UnitUnknown F10"]);
}

#[test]
fn a_unit_that_makes_all_values_impossible_is_one_flaw() {
    let flaw = one(large("$/kWh", 12), |_| {});
    assert_eq!((flaw.code, flaw.more), (Code::ImpossibleValue, 12 * 12 - 1));
    // In more columns than flaws are listed, too.
    let flaw = one(large("$/kWh", 283), |_| {});
    assert_eq!((flaw.code, flaw.more), (Code::ImpossibleValue, 283 * 12 - 1));
    // One value here and there keeps its place.
    let mut few = large("$/MWh", 12);
    few.rows[12][1] = "20000".to_owned();
    few.rows[14][1] = "20000".to_owned();
    few.rows[13][4] = "20000".to_owned();
    assert_eq!(told(few.read()), ["ImpossibleValue B13", "ImpossibleValue E14"]);
}

#[test]
fn labels_and_details_that_are_wrong_alike_are_one_flaw() {
    let long = "Z".repeat(201);
    assert_eq!(one(prices(), |rows| rows[7][1..].fill(long.clone())).more, 2);
    let matrix = |at: usize, text: &str| one(matrix::matrix(), |rows| rows[at][1..].fill(text.to_owned()));
    for (at, text, code) in [
        (2, "soon", Code::NotADate),
        (11, "", Code::BlankLabel),
        (11, &long, Code::LongLabel),
        (12, "a year", Code::NotATerm),
    ] {
        let flaw = matrix(at, text);
        assert_eq!((flaw.code, flaw.more), (code, 1), "{text}");
    }
    let shape = one(hours::shaping(), |rows| (1..9).for_each(|at| rows[at][1] = rows[at][2].clone()));
    assert_eq!((shape.code, shape.more), (Code::MisplacedLabel, 7));
}

#[test]
fn rows_that_are_wrong_alike_are_one_flaw() {
    let days = ["5/15/2023", "6/15/2023", "7/15/2023"];
    let flaw = one(prices(), |rows| (0..3).for_each(|at| rows[11 + at][0] = days[at].to_owned()));
    assert_eq!((flaw.code, flaw.more), (Code::NotFirstOfMonth, 2));
    let flaw = one(prices(), |rows| rows[11..].iter_mut().for_each(|row| row.push("7".to_owned())));
    assert_eq!((flaw.code, flaw.column.as_deref(), flaw.more), (Code::ColumnWithoutLabels, Some("E"), 2));
    let spoil = |at: usize, text: &str| {
        one(flat::lineloss(), |rows| {
            rows[1..].iter_mut().filter(|row| row.len() > 1).for_each(|row| text.clone_into(&mut row[at]));
        })
    };
    for (at, text, code) in [
        (0, "PJM", Code::WrongMarket),
        (5, "24x7", Code::UnknownBlock),
        (1, " ", Code::BlankLabel),
        (6, "L*", Code::LabelCharacter),
        (8, "0.05", Code::ImpossibleValue),
    ] {
        let flaw = spoil(at, text);
        assert_eq!((flaw.code, flaw.more), (code, 2), "{text}");
    }
}
