//! Line losses.

use super::{Mini, row};
use crate::catalog::Label;
use crate::curves::sheet::cells::CellRef;
use crate::sheets::flaw::code::Code;

pub(crate) fn lineloss() -> Mini {
    Mini::new(
        "LineLoss_ERCOT_20230520_080000.csv",
        "Control Area,State,Load Zone,Capacity Zone,Utility,Block Type,Cost Group,Cost Component,Line Loss Factor
ERCOT,TX,ALL,ALL,ONCOR,7x24,Line Loss,Secondary,1.05
ERCOT,TX,ALL,ALL,ONCOR,7x24,Line Loss,Primary,1.0303

ERCOT,TX,ALL,ALL,TNMP,7x24,Line Loss,Secondary, 1.06 ",
    )
}

#[test]
fn each_row_is_a_curve_of_one_factor() {
    let reading = lineloss().read().unwrap();
    assert_eq!((reading.months, reading.cells, reading.missing), (3, 3, 0));
    let curves = &reading.sheet.curves;
    assert_eq!(curves[2].parts[0].values, [1.06]);
    assert_eq!(curves[2].name.label(Label::Utility), "TNMP");
    assert_eq!(curves[1].name.label(Label::CostComponent), "Primary");
    assert_eq!(curves[0].name.uom.as_deref(), Some("factor"));
    assert_eq!(reading.sheet.cells.of_value(2, 0), Some(CellRef::new(5, 8)));
}

#[test]
fn columns_come_in_any_order_and_case_with_others_between() {
    let expected = format!("{:?}", lineloss().read().unwrap().sheet.curves);
    let other = lineloss().with(|rows| {
        for row in rows.iter_mut().filter(|row| row.len() > 1) {
            row.reverse();
            row.insert(2, "Remark".to_owned());
        }
        rows[0].iter_mut().for_each(|title| *title = title.to_uppercase());
        rows.insert(0, row(",,,"));
    });
    assert_eq!(format!("{:?}", other.sheet.curves), expected);
}

#[test]
fn each_flaw_of_a_factor_has_its_place() {
    assert_eq!(lineloss().flaws(|_| {}), [""; 0]);
    for at in 0..9 {
        let mut sheet = lineloss();
        let title = std::mem::replace(&mut sheet.rows[0][at], "Remark".to_owned());
        let flaws = sheet.read().unwrap_err();
        assert_eq!((flaws.count(), flaws.listed()[0].code), (1, Code::MissingRow), "{title}");
        assert!(flaws.listed()[0].expected.contains(&title), "{}", flaws.listed()[0]);
    }
    assert_eq!(lineloss().flaws(|rows| rows[0].push("State".into())), ["RepeatedRow J1"]);
    assert_eq!(lineloss().flaws(|rows| rows[4][0] = "PJM".into()), ["WrongMarket A5"]);
    assert_eq!(lineloss().flaws(|rows| rows[2][4] = " ".into()), ["BlankLabel E3"]);
    assert_eq!(lineloss().flaws(|rows| rows[2][7] = "P".repeat(201)), ["LongLabel H3"]);
    assert_eq!(lineloss().flaws(|rows| rows[1][5] = "24x7".into()), ["UnknownBlock F2"]);
    assert_eq!(lineloss().flaws(|rows| rows[2][7] = "SECONDARY ".into()), ["DuplicateRow 3"]);
    assert_eq!(lineloss().flaws(|rows| rows[1][8] = "TRUE".into()), ["NotANumber I2"]);
    assert_eq!(lineloss().flaws(|rows| rows.truncate(1)), ["NoDataRows 0"]);
    assert_eq!(lineloss().flaws(|rows| rows[1].truncate(3)), ["RowShort D2"]);
    assert_eq!(lineloss().flaws(Vec::clear), ["EmptyFile 0"]);
    assert_eq!(lineloss().flaws(|rows| rows[0] = row("x,y")).len(), 9, "all titles are missing");
    let old = lineloss().flaws(|rows| rows[0] = row("EDC,Voltage,Loss Factor"));
    assert_eq!(old, ["OldGeneration 0"]);
}

#[test]
fn a_row_without_a_factor_is_reported() {
    let reading = lineloss().with(|rows| rows[2][8] = "#N/A".into());
    let told = &reading.warnings.listed()[0];
    assert_eq!((told.code, told.line, reading.missing), (Code::EmptyColumn, Some(3), 1));
}
