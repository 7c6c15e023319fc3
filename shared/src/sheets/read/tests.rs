use super::*;
use crate::sheets::filename;

mod accidents;
mod alike;
mod cells;
pub(crate) mod flat;
pub(crate) mod hours;
pub(crate) mod matrix;
mod numbers;
pub(crate) mod ptc;
mod real;
mod short;

pub(crate) fn name(file: &str) -> SnapshotName {
    filename::parse(file).unwrap()
}

/// A small energy sheet, to be spoilt by the tests: rows of cells.
pub(crate) fn energy() -> Vec<Vec<String>> {
    let rows = [
        "Lookup ID1,k1,k2,k3",
        "Control Area,ERCOT,ERCOT,ERCOT",
        "State,TX,TX,TX",
        "Load Zone,NORTH ZONE,NORTH ZONE,NORTH ZONE",
        "Capacity Zone,NORTH ZONE,NORTH ZONE,NORTH ZONE",
        "Utility,ALL,ALL,ALL",
        "Block Type,7x8,2x16,5x16",
        "Cost Group,Energy,Energy,Energy",
        "Cost Component,Energy,Energy,Energy",
        ",,,",
        "Month,NORTH ZONE,NORTH ZONE,NORTH ZONE",
        "5/1/2023,19.76,33.65,39.48",
        "6/1/23,21.51,43.22,47.06",
        "2023-07-01,22.45,,$1 ",
    ];
    rows.iter().map(|row| row.split(',').map(str::to_owned).collect()).collect()
}

pub(crate) fn text(rows: &[Vec<String>]) -> String {
    rows.iter().map(|row| row.join(",") + "\n").collect()
}

pub(crate) fn reading(text: &str) -> Result<Reading, Flaws> {
    read(text.as_bytes(), name("Energy_ERCOT_20230522_082540.csv"))
}

/// Reads the sheet after a change to it, and returns the code and location of each flaw.
pub(crate) fn flaws(spoil: impl FnOnce(&mut Vec<Vec<String>>)) -> Vec<String> {
    let mut rows = energy();
    spoil(&mut rows);
    told(reading(&text(&rows)))
}

/// The code and place of each flaw.
pub(crate) fn told(reading: Result<Reading, Flaws>) -> Vec<String> {
    let Err(flaws) = reading else { return vec![] };
    let place = |flaw: &Flaw| {
        format!("{:?} {}{}", flaw.code, flaw.column.as_deref().unwrap_or(""), flaw.line.unwrap_or(0))
    };
    flaws.listed().iter().map(place).collect()
}

/// A small sheet of another kind, to be spoilt, and how to read it.
pub(crate) struct Mini {
    pub(crate) file: &'static str,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Mini {
    pub(crate) fn new(file: &'static str, rows: &str) -> Self {
        let rows = rows.lines().map(|row| row.split(',').map(str::to_owned).collect()).collect();
        Self { file, rows }
    }

    pub(crate) fn read(&self) -> Result<Reading, Flaws> {
        read(text(&self.rows).as_bytes(), name(self.file))
    }

    /// The flaws after a change.
    pub(crate) fn flaws(mut self, spoil: impl FnOnce(&mut Vec<Vec<String>>)) -> Vec<String> {
        spoil(&mut self.rows);
        told(self.read())
    }

    /// The sheet after a change that does no harm.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Vec<Vec<String>>)) -> Reading {
        change(&mut self.rows);
        self.read().unwrap_or_else(|flaws| panic!("{:#?}", flaws.listed()))
    }
}

/// A row of cells.
pub(crate) fn row(cells: &str) -> Vec<String> {
    cells.split(',').map(str::to_owned).collect()
}

pub(crate) fn column(rows: &mut [Vec<String>], cells: &[&str]) {
    for (row, cell) in rows.iter_mut().zip(cells) {
        row.push((*cell).to_owned());
    }
}

#[test]
fn a_sheet_is_read_by_original_column_with_mixed_dates_and_missing_cells() {
    let reading = reading(&text(&energy())).unwrap();
    assert_eq!((reading.months, reading.cells, reading.missing), (3, 9, 1));
    let sheet = reading.sheet;
    assert_eq!(sheet.curves[0].parts[0].start.to_string(), "2023-05-01");
    assert_eq!(sheet.curves[0].parts[0].values, [19.76, 21.51, 22.45]);
    assert!(sheet.curves[1].parts[0].values[2].is_nan());
    assert_eq!(sheet.curves[2].parts[0].values[1..], [47.06, 1.0]);
    assert_eq!(sheet.curves[0].name.uom.as_deref(), Some("$/MWh"));
    assert_eq!(sheet.curves[0].name.sub_component, "NORTH ZONE");
}

#[test]
fn line_ends_byte_order_marks_blank_lines_and_letter_case_do_not_matter() {
    let plain = text(&energy());
    let expected = format!("{:?}", reading(&plain).unwrap().sheet.curves);
    for other in [
        plain.replace('\n', "\r\n"),
        plain.replace('\n', "\r"),
        plain.replace('\n', "\n\n"),
        format!("\u{feff}{plain}"),
        plain.replace("Control Area", "\"CONTROL  area \"").replace("Month", "Date"),
        plain.replace("Lookup ID1,k1,k2,k3\n", ""),
        plain + ",,,\n,,,\n",
    ] {
        assert_eq!(format!("{:?}", reading(&other).unwrap().sheet.curves), expected, "{other}");
    }
}

#[test]
fn an_inner_blank_column_does_not_shift_the_next_ones() {
    let mut rows = energy();
    for row in &mut rows {
        row.insert(2, String::new());
        row.extend([String::new(), String::new()]);
    }
    let sheet = reading(&text(&rows)).unwrap().sheet;
    assert_eq!(sheet.curves[1].parts[0].values[..2], [33.65, 43.22]);
    assert_eq!(sheet.curves.len(), 3);
}

#[test]
fn the_unit_comes_from_the_unit_row_or_from_the_bracket() {
    let mut rows = energy();
    rows[8][1] = "Capacity ($/kW-Month)".to_owned();
    rows.insert(9, ["UOM", "", "$/mw-month", "bananas"].map(str::to_owned).to_vec());
    let charges =
        |rows: &[Vec<String>]| read(text(rows).as_bytes(), name("NonEnergy_ERCOT_20230522_082540.csv"));
    let sheet = charges(&rows).unwrap().sheet;
    let units: Vec<_> = sheet.curves.iter().map(|curve| curve.name.uom.clone().unwrap()).collect();
    assert_eq!(units, ["$/kW-mo", "$/MW-mo", "bananas"]);
    assert_eq!(sheet.curves[0].name.label(crate::catalog::Label::CostComponent), "Capacity");
    // A unit row replaces the blank row.
    rows.remove(10);
    assert!(charges(&rows).is_ok());
}

#[test]
fn each_flaw_has_its_code_and_place() {
    assert_eq!(flaws(|_| {}), [""; 0]);
    assert_eq!(flaws(|rows| rows[12][2] = "n.a.".into()), ["NotANumber C13"]);
    assert_eq!(flaws(|rows| rows[12][0] = "5/1/2023".into()), ["DuplicateMonth A13"]);
    assert_eq!(flaws(|rows| rows[12][0] = String::new()), ["BlankDate A13"]);
    assert_eq!(flaws(|rows| rows[12][0] = "6/2/2023".into()), ["NotFirstOfMonth A13"]);
    // The first row of numbers too, with the label row or without it.
    assert_eq!(flaws(|rows| rows[11][0] = String::new()), ["BlankDate A12"]);
    assert_eq!(flaws(|rows| rows[11][0] = "May-23".into()), ["NotADate A12"]);
    for date in ["", "May-23"] {
        let found = flaws(|rows| {
            rows[11][0] = date.into();
            rows.remove(10);
        });
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0], "MissingLabelRow 0");
    }
    assert_eq!(flaws(|rows| rows[12][0] = "1/6/9999".into()), ["MonthOutOfRange A13"]);
    assert_eq!(flaws(|rows| rows.push(vec!["Total".into(), "1".into()])), ["NotADate A15"]);
    assert_eq!(flaws(|rows| rows[6][2] = "7x8".into()), ["DuplicateColumn C9"]);
    assert_eq!(flaws(|rows| rows[3][2] = " ".into()), ["BlankLabel C4"]);
    assert_eq!(flaws(|rows| rows[3][2] = "Z".repeat(201)), ["LongLabel C4"]);
    assert_eq!(flaws(|rows| rows[6][2] = "24x7".into()), ["UnknownBlock C7"]);
    assert_eq!(flaws(|rows| drop(rows.remove(9))), ["LabelRowTooEarly A10"]);
    assert_eq!(flaws(|rows| drop(rows.remove(10))), ["MissingLabelRow 0"]);
    assert_eq!(flaws(|rows| rows.truncate(11)), ["NoDataRows 0"]);
    assert_eq!(flaws(|rows| rows[3][0] = "Zone".into()), ["MissingRow 0", "UnknownRow A4"]);
    assert_eq!(flaws(|rows| rows.insert(4, rows[3].clone())), ["RepeatedRow A5"]);
    assert_eq!(flaws(|rows| column(rows, &[""; 14])), [""; 0]);
    assert_eq!(
        flaws(|rows| column(rows, &["", "", "", "", "", "", "", "", "", "", "", "", "7", "8"])),
        ["ColumnWithoutLabels E13"]
    );
    assert_eq!(
        flaws(|rows| {
            rows[8][1] = "Energy ($/MWh)".into();
            rows.insert(9, ["UOM", "$/kW-mo", "", ""].map(str::to_owned).to_vec());
        }),
        ["UnitConflict B10"]
    );
    assert_eq!(
        flaws(|rows| rows.iter_mut().skip(1).take(8).for_each(|row| row.truncate(1)))[0],
        "NoCurves 0"
    );
}

#[test]
fn a_sheet_of_another_market_is_rejected_in_every_column() {
    let error = read(text(&energy()).as_bytes(), name("Energy_PJM_20230522_082540.csv")).unwrap_err();
    // One flaw, however many columns it is in.
    let flaw = &error.listed()[0];
    assert_eq!((error.count(), flaw.code, flaw.line, flaw.more), (1, Code::WrongMarket, Some(2), 2));
}

#[test]
fn all_flaws_come_at_once_by_line() {
    let found = flaws(|rows| {
        rows[3][1] = String::new();
        rows[11][1] = "x".into();
        rows[11][3] = "y".into();
        rows[13][0] = "soon".into();
    });
    assert_eq!(found, ["BlankLabel B4", "NotANumber B12", "NotANumber D12", "NotADate A14"]);
}

#[test]
fn a_labelled_column_without_a_value_is_reported() {
    let mut rows = energy();
    for row in &mut rows[11..] {
        row[2] = String::new();
    }
    let reading = reading(&text(&rows)).unwrap();
    let told = &reading.warnings.listed()[0];
    assert_eq!((told.code, told.column.as_deref(), reading.missing), (Code::EmptyColumn, Some("C"), 3));
}

#[test]
fn a_sheet_that_is_no_sheet_is_rejected_without_being_held() {
    // Wider than a spreadsheet, and longer than there are months.
    let more = ",ERCOT".repeat(20_000);
    let wide = text(&energy()).replace('\n', &format!("{more}\n"));
    assert_eq!(reading(&wide).unwrap_err().listed()[0].code, Code::TooLarge);
    let commas = text(&energy()) + &",".repeat(22_000_000);
    assert_eq!(reading(&commas).unwrap_err().listed()[0].code, Code::TooLarge);
    let long = text(&energy()) + &"8/1/2023,1,2,3\n".repeat(200_000);
    let flaws = reading(&long).unwrap_err();
    assert_eq!(flaws.count(), 199_999);
    assert_eq!(
        flaws.listed()[99].to_string(),
        "Cell A115: \"8/1/2023\" appears twice. Enter a month other than that of line 15, or delete the row."
    );
}

#[test]
fn rows_in_any_order_get_their_months_and_a_gap_is_reported() {
    let mut rows = energy();
    rows.swap(11, 13);
    let shuffled = reading(&text(&rows)).unwrap();
    assert_eq!(shuffled.sheet.curves[0].parts[0].values, [19.76, 21.51, 22.45]);
    rows.remove(12);
    let gap = reading(&text(&rows)).unwrap();
    assert_eq!(gap.warnings.listed()[0].code, Code::MonthMissing);
    assert!(gap.warnings.listed()[0].expected.contains("2023-06"));
    assert!(gap.sheet.curves[0].parts[0].values[1].is_nan());
    assert_eq!((gap.months, gap.cells), (2, 6));
}

#[test]
fn rec_joins_state_and_name_and_folds_their_spelling() {
    let mut rows = energy();
    rows.insert(10, ["TX", "TX", "TX", ""].map(str::to_owned).to_vec());
    rows[11] = ["EY", "Class_I_Price", "Class I  obligation", ""].map(str::to_owned).to_vec();
    let sheet = read(text(&rows).as_bytes(), name("REC_ERCOT_20230522_082540.csv")).unwrap().sheet;
    let subs: Vec<_> = sheet.curves.iter().map(|curve| curve.name.sub_component.as_str()).collect();
    assert_eq!(subs, ["tx_class_i_price", "tx_class_i_obligation", "tx_energy"]);
    assert_eq!(sheet.curves[0].name.sub_component_raw.as_deref(), Some("Class_I_Price"));
    assert_eq!(sheet.curves[0].name.uom, None);
    rows.remove(10);
    let error = read(text(&rows).as_bytes(), name("REC_ERCOT_20230522_082540.csv")).unwrap_err();
    assert_eq!(error.listed()[0].code, Code::MissingLabelRow);
}
