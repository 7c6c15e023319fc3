//! Every number leads back to its cell in the file, as another reader of CSV finds it.

use super::{Mini, energy, flat, hours, matrix, name, ptc, text};
use crate::catalog::layouts::Body;
use crate::catalog::{Grid, Label, Layout};
use crate::curves::sheet::CurveSheet;
use crate::env::shared_path;
use crate::sheets::read::read;

/// The cells of a file, by the line and column that a spreadsheet shows, read byte by byte.
fn spreadsheet(bytes: &[u8]) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), Vec::new(), false);
    let text = |cell: &mut Vec<u8>| String::from_utf8_lossy(&std::mem::take(cell)).into_owned();
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut at = 0;
    while at < bytes.len() {
        match (quoted, bytes[at]) {
            (true, b'"') if bytes.get(at + 1) == Some(&b'"') => {
                cell.push(b'"');
                at += 1;
            }
            (true, b'"') => quoted = false,
            (false, b'"') if cell.is_empty() => quoted = true,
            (false, b',') => row.push(text(&mut cell)),
            (false, b'\r') if bytes.get(at + 1) == Some(&b'\n') => {}
            (false, b'\r' | b'\n') => {
                row.push(text(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            (_, byte) => cell.push(byte),
        }
        at += 1;
    }
    row.push(text(&mut cell));
    rows.push(row);
    rows
}

/// The number that a person reads in a cell; `None` if it is missing.
fn number(cell: &str, percent_points: bool) -> Option<f64> {
    let cell = cell.trim();
    if cell.is_empty() || cell == "#N/A" {
        return None;
    }
    let negative = cell.contains('(') || (cell.starts_with(['-', '$']) && cell.contains('-'));
    let digits: String = cell.chars().filter(|c| c.is_ascii_digit() || ".eE".contains(*c)).collect();
    let exponent = cell.to_lowercase().contains("e-");
    let digits = if exponent { digits.to_lowercase().replace('e', "e-") } else { digits };
    let size: f64 =
        if digits.is_empty() { 0.0 } else { digits.parse().unwrap_or_else(|_| panic!("{cell:?}")) };
    let size = if cell.ends_with('%') && !percent_points { size / 100.0 } else { size };
    Some(if negative { -size } else { size })
}

/// Follows each number of a sheet to its cell; how many there are.
fn followed(file: &str, bytes: &[u8]) -> usize {
    let reading = read(bytes, name(file)).unwrap_or_else(|flaws| panic!("{file}: {:#?}", flaws.listed()));
    let (sheet, rows, mut found) = (&reading.sheet, spreadsheet(bytes), 0);
    let layout = Layout::of(sheet.name.data_type);
    for (at, curve) in sheet.curves.iter().enumerate() {
        for part in &curve.parts {
            for (slot, value) in (layout.grid.first_slot(part.start)..).zip(&part.values) {
                let Some(cell) = sheet.cell_at(at, slot) else {
                    assert!(value.is_nan(), "{file}: {value} at {slot} has no cell");
                    continue;
                };
                let row = &rows[cell.line as usize - 1];
                let said = number(&row[cell.index()], layout.percent_points);
                let place = format!("{file}, {cell:?}: {:?} is {value}", row[cell.index()]);
                let near = |said: f64| (said - value).abs() <= said.abs() * 1e-12;
                assert!(said.map_or(value.is_nan(), near), "{place}");
                if layout.grid == Grid::Month {
                    let month = layout.grid.day(slot).format("%Y-%m").to_string();
                    assert_eq!(month_of(&row[0]), month, "{place}");
                }
                found += usize::from(!value.is_nan());
            }
        }
    }
    assert_eq!(found, reading.cells - reading.missing, "{file}");
    names(file, sheet, &rows);
    found
}

/// The cell of a curve is below its own labels. In a sheet of losses it is next to them.
fn names(file: &str, sheet: &CurveSheet, rows: &[Vec<String>]) {
    if matches!(Layout::of(sheet.name.data_type).body, Body::Flat { .. }) {
        return;
    }
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let zones = rows.iter().find(|row| words(&row[0]) == "load zone").unwrap();
    for (at, curve) in sheet.curves.iter().enumerate() {
        let column = sheet.cells.column_of(at).unwrap();
        assert_eq!(words(&zones[column]), words(curve.name.label(Label::LoadZone)), "{file}");
    }
}

/// `5/1/2023`, `5/1/23` and `2023-05-01` as `2023-05`.
fn month_of(cell: &str) -> String {
    let parts: Vec<&str> = cell.trim().split('/').collect();
    match parts.as_slice() {
        [month, _, year] => format!("20{}-{month:0>2}", &year[year.len() - 2..]),
        _ => cell.trim()[..7].to_owned(),
    }
}

#[test]
fn each_number_of_the_real_sheets_leads_back_to_its_cell() {
    let Some(folder) = shared_path("data/inputs/accepted") else { return };
    let (mut sheets, mut numbers) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        numbers += followed(&file, &std::fs::read(&path).unwrap());
        sheets += 1;
    }
    println!("{numbers} numbers of {sheets} sheets");
    assert!(sheets >= 17 && numbers > 120_000, "{numbers} numbers of {sheets} sheets");
}

#[test]
fn a_title_that_was_broken_over_two_lines_moves_no_cell() {
    let Some(folder) = shared_path("data/field/F08-titles") else { return };
    for file in ["line-break.csv", "no-break-space.csv", "double-blank.csv"] {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        assert_eq!(followed("Energy_ERCOT_20200108_103000.csv", &bytes), 6, "{file}");
    }
}

#[test]
fn each_number_of_every_kind_of_sheet_leads_back_to_its_cell() {
    let spring: Vec<u32> = (1..=24).filter(|hour| *hour != 3).collect();
    let autumn: Vec<u32> = [1, 2, 2].into_iter().chain(3..=24).collect();
    for (sheet, numbers) in [
        (Mini { file: "Energy_ERCOT_20230522_082540.csv", rows: energy() }, 8),
        (ptc::ptc(), 3),
        (matrix::matrix(), 7),
        (hours::loadprofile(&[("3/10/2024", &spring), ("11/3/2024", &autumn), ("1/1/2025", &[1, 24])]), 100),
        (hours::shaping(), 5),
        (hours::vlr(), 6),
        (flat::lineloss(), 3),
    ] {
        let plain = text(&sheet.rows);
        assert_eq!(followed(sheet.file, plain.as_bytes()), numbers, "{}", sheet.file);
        for other in [
            plain.replace('\n', "\r\n"),
            plain.replace('\n', "\r"),
            plain.replace('\n', "\n\n"),
            format!("\u{feff}\n\n{plain}"),
            plain.replace("Control Area", "\"Control\n\nArea\""),
        ] {
            assert_eq!(followed(sheet.file, other.as_bytes()), numbers, "{}: {other}", sheet.file);
        }
    }
}

#[test]
fn an_offer_that_begins_on_several_days_leads_to_the_cell_of_each() {
    let sheet = matrix::matrix().with(|rows| {
        for row in &mut rows[..13] {
            row[2] = row[1].clone();
        }
        rows[2][2] = "1/1/2025".into();
    });
    let curve = &sheet.sheet.curves[0];
    assert_eq!(curve.parts.len(), 2);
    let cell = |part: usize| {
        let cell = sheet.sheet.cell_at(0, Grid::Offer.first_slot(curve.parts[part].start)).unwrap();
        (cell.line, cell.index())
    };
    assert_eq!((cell(0), cell(1)), ((25, 1), (25, 2)));
    assert_eq!(sheet.sheet.cell_at(0, 0), None, "no offer begins on that day");
}

#[test]
fn rows_in_any_order_lead_back_to_their_own_lines() {
    let mut rows = energy();
    rows.swap(11, 13);
    rows.remove(12);
    assert_eq!(followed("Energy_ERCOT_20230522_082540.csv", text(&rows).as_bytes()), 5);
    let reading = super::reading(&text(&rows)).unwrap();
    let first = Grid::Month.first_slot(reading.sheet.curves[0].parts[0].start);
    let line = |slot: i64| reading.sheet.cell_at(2, slot).map(|cell| cell.line);
    assert_eq!(
        [line(first), line(first + 1), line(first + 2), line(first + 3)],
        [Some(13), None, Some(12), None]
    );
}
