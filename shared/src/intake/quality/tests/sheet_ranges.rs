//! Values that a type cannot have are refused at their cell, and unlikely values get a warning, in the first sheet of a series too.

use crate::catalog::Layout;
use crate::intake::quality;
use crate::sheets::flaw::code::Code;
use crate::sheets::read::tests::{Mini, energy, flat, hours, matrix, ptc};

/// Codes and words of the warnings of values of a sheet without a past.
fn warned(sheet: &Mini) -> Vec<(Code, String)> {
    let reading = sheet.read().unwrap_or_else(|flaws| panic!("{}: {:?}", sheet.file, flaws.listed()));
    let layout = Layout::of(reading.sheet.name.data_type);
    let warnings = quality::warnings(&reading, layout, &[]);
    let told = warnings.listed().iter().filter(|flaw| flaw.code == Code::ImplausibleValue);
    told.map(|flaw| (flaw.code, format!("{}; {}", flaw.found, flaw.expected))).collect()
}

fn put(mut sheet: Mini, row: usize, column: usize, cell: &str) -> Mini {
    sheet.rows[row][column] = cell.to_owned();
    sheet
}

#[test]
fn a_loss_factor_in_another_form_is_refused_with_the_expected_form() {
    for cell in ["0.0546", "5.46%", "5.46", "0", "-1.05", "(1.05)", "0.9454", "105.46"] {
        let flaws = put(flat::lineloss(), 1, 8, cell).read().unwrap_err();
        let flaw = &flaws.listed()[0];
        assert_eq!((flaws.count(), flaw.code, flaw.line), (1, Code::ImpossibleValue, Some(2)), "{cell}");
        assert_eq!((flaw.column.as_deref(), flaw.found.as_str()), (Some("I"), cell));
        assert_eq!(flaw.expected, "a factor such as 1.0546: from 1 to 1.5 factor");
    }
    for cell in ["1", "1.0546", "105.46%", "#N/A"] {
        assert!(warned(&put(flat::lineloss(), 1, 8, cell)).is_empty(), "{cell}");
    }
    let told = warned(&put(flat::lineloss(), 1, 8, "1.3"));
    assert_eq!(
        told,
        [(Code::ImplausibleValue, "1.3; a factor such as 1.0546: from 1 to 1.2 factor".to_owned())]
    );
}

/// A sheet, the row and column of a cell, and what is impossible and what is implausible there.
type Kind<'k> = (&'k dyn Fn() -> Mini, usize, usize, &'k str, &'k str);

#[test]
fn every_kind_of_sheet_refuses_the_impossible_at_its_cell_and_tells_the_implausible() {
    let energy = || Mini { file: "Energy_ERCOT_20230522_082540.csv", rows: energy() };
    let load = || hours::loadprofile(&[("1/1/2024", &[1, 2])]);
    let kinds: [Kind; 7] = [
        (&energy, 11, 1, "12000", "1200"),
        (&ptc::ptc, 28, 1, "14.714", "0.9"),
        (&matrix::matrix, 28, 1, "0.0829", "900"),
        (&matrix::matrix, 24, 1, "-54000", "-1200"),
        (&load, 12, 2, "300000000", "2000000"),
        (&hours::shaping, 11, 2, "150", "50"),
        (&hours::vlr, 10, 2, "193", "60%"),
    ];
    for (sheet, row, column, impossible, implausible) in kinds {
        let sheet = sheet();
        let file = sheet.file;
        let again = |cell: &str| put(Mini { file, rows: sheet.rows.clone() }, row, column, cell);
        let place = format!("{}{}", crate::sheets::flaw::column_letters(column), row + 1);
        assert_eq!(again(impossible).flaws(|_| {}), [format!("ImpossibleValue {place}")], "{file}");
        let told = warned(&again(implausible));
        assert!(told.iter().any(|(code, _)| *code == Code::ImplausibleValue), "{file}: {told:?}");
        assert!(warned(&sheet).iter().all(|(code, _)| *code != Code::ImplausibleValue), "{file}");
    }
}

#[test]
fn charges_are_measured_by_their_unit_and_not_without_one() {
    let with = |unit: &str, cell: &str| {
        let mut sheet = Mini { file: "NonEnergy_ERCOT_20230522_082540.csv", rows: energy() };
        sheet.rows[10][0] = "Date".to_owned();
        sheet.rows[8][1] = format!("Fee {unit}");
        put(sheet, 11, 1, cell)
    };
    for (unit, cell) in [
        ("($/kW-mo)", "4161"),
        ("($/MW-day)", "9000"),
        ("($/MW-yr)", "3000000"),
        ("($/MWh)", "23143895.82"),
        ("($/MMBtu)", "3510"),
    ] {
        assert_eq!(with(unit, cell).flaws(|_| {}), ["ImpossibleValue B12"], "{unit} {cell}");
    }
    for (unit, cell) in [
        ("($/MW-mo)", "4161"),
        ("($/MW-day)", "466.35"),
        ("($/MW-yr)", "180000"),
        ("($)", "23143895.82"),
        ("(MW)", "26461.13"),
        ("", "23143895.82"),
    ] {
        assert!(warned(&with(unit, cell)).is_empty(), "{unit} {cell}");
    }
    let told = warned(&with("($/kW-mo)", "60"));
    assert_eq!(told[0].0, Code::ImplausibleValue, "{told:?}");
    assert!(told[0].1.ends_with("from -50 to 50 $/kW-mo"), "{told:?}");
}

#[test]
fn a_sheet_in_another_form_is_recognised_by_its_median() {
    let mut shares = hours::vlr();
    for row in &mut shares.rows[10..] {
        row[2..].fill("0.0193".to_owned());
    }
    let told = warned(&shares);
    assert_eq!(told[0].0, Code::ImplausibleValue);
    assert!(
        told[0].1.starts_with("6 of 6 values below 0.1 percent; percent such as 3.5 or 3.5%"),
        "{told:?}"
    );
    // With a percent sign they are unambiguous, and a risk of zero is valid, too.
    for cell in ["1.93%", "0"] {
        shares.rows[10..].iter_mut().for_each(|row| row[2..].fill(cell.to_owned()));
        assert!(warned(&shares).is_empty(), "{cell}");
    }
    let mut dollars = Mini { file: "Energy_ERCOT_20230522_082540.csv", rows: energy() };
    for row in &mut dollars.rows[11..] {
        row[1..].fill("0.0412".to_owned());
    }
    assert!(warned(&dollars)[0].1.starts_with("9 of 9 values below 1 $/MWh"), "{:?}", warned(&dollars));
    let mut tariffs = ptc::ptc();
    tariffs.rows[28][1..].fill("0.00147".to_owned());
    assert!(warned(&tariffs)[0].1.starts_with("2 of 2 values below 0.01 $/kWh"), "{:?}", warned(&tariffs));
}
