//! Prices to compare.

use super::{Mini, row};
use crate::catalog::Label;
use crate::sheets::flaw::code::Code;
use crate::sheets::read::read;

/// 27 rows above the label row, as analysts write it.
pub(crate) fn ptc() -> Mini {
    let top = "Matching ID,M0,
Lookup ID1,LK0,LK1
Control Area,ISONE,ISONE
State,CT,MA
Load Zone,CONNECTICUT,ALL
Capacity Zone,CONNECTICUT,ALL
Utility,CLP,NSTAR
Block Type,7x24,7x24
Cost Group,Residential,Commercial
Cost Component,Service (Rate 1),Small General (Rate 30)
Utility Name,CLP,NSTAR Electric
Rate Class/Load Profile,Service (Rate 1),Small General (Rate 30)
";
    let blanks = ",,\n".repeat(15);
    let rows = "Month,Price,Price\n1/1/2024,0.14714,0.14954\n2/1/2024,\"0\",\n";
    Mini::new("PTC_ISONE_20240115_120300.csv", &format!("{top}{blanks}{rows}").replace('"', ""))
}

#[test]
fn a_price_to_compare_has_its_class_utility_and_keys() {
    let reading = ptc().read().unwrap();
    assert_eq!((reading.months, reading.cells, reading.missing), (2, 4, 1));
    let [one, two] = &reading.sheet.curves[..] else { panic!("two curves") };
    assert_eq!(one.parts[0].values, [0.14714, 0.0]);
    assert!(two.parts[0].values[1].is_nan(), "blank is missing, not 0");
    assert_eq!(one.name.label(Label::CostComponent), "Service (Rate 1)", "brackets that are no unit stay");
    assert_eq!(one.name.details, ["Service (Rate 1)", "CLP", "M0", "LK0"]);
    assert_eq!(two.name.details, ["Small General (Rate 30)", "NSTAR Electric", "N/A", "LK1"]);
    assert_eq!(one.name.uom.as_deref(), Some("$/kWh"));
}

#[test]
fn rows_come_in_any_order_and_case_with_others_between() {
    let expected = format!("{:?}", ptc().read().unwrap().sheet.curves);
    let shuffled = ptc().with(|rows| {
        rows[..12].reverse();
        for row in &mut rows[..12] {
            row[0] = format!(" {}  ", row[0].to_uppercase());
        }
        // Numbers in further rows do not begin the numbers; a repeated row counts less than the first.
        rows.insert(3, row("Rate Number,17,18"));
        rows.insert(6, row("Date,1/15/2024,1/15/2024"));
        rows.insert(14, row("State,XX,YY"));
        rows.insert(16, row("Remark,\"as filed\",17"));
    });
    assert_eq!(format!("{:?}", shuffled.sheet.curves), expected);
    // Fewer blank rows, or another text in the first cell, lose no month.
    for change in [0, 1] {
        let short = ptc().with(|rows| {
            if change == 0 {
                rows.drain(12..27);
            } else {
                rows[27][0] = "Delivery".to_owned();
            }
        });
        assert_eq!(format!("{:?}", short.sheet.curves), expected);
    }
}

#[test]
fn windows_1252_is_decoded_to_quotes_and_dashes() {
    let mut sheet = ptc();
    sheet.rows[9][1] = "OUTDOOR @ LIGHTING <OL>".to_owned();
    let bytes: Vec<u8> = super::text(&sheet.rows)
        .bytes()
        .map(|byte| match byte {
            b'@' => 0x96,
            b'<' => 0x93,
            b'>' => 0x94,
            other => other,
        })
        .collect();
    let curves = read(&bytes, super::name(sheet.file)).unwrap().sheet.curves;
    assert_eq!(curves[0].name.label(Label::CostComponent), "OUTDOOR – LIGHTING “OL”");
    assert_eq!(curves[0].name.sub_component, "OUTDOOR – LIGHTING “OL”");
}

#[test]
fn each_flaw_of_a_price_to_compare_has_its_place() {
    assert_eq!(ptc().flaws(|_| {}), [""; 0]);
    for (at, title) in
        [(1, "Lookup ID1"), (3, "State"), (10, "Utility Name"), (11, "Rate Class/Load Profile")]
    {
        let mut sheet = ptc();
        sheet.rows[at] = row(",,");
        let flaws = sheet.read().unwrap_err();
        assert_eq!((flaws.count(), flaws.listed()[0].code), (1, Code::MissingRow), "{title}");
        assert!(flaws.listed()[0].expected.contains(title), "{}", flaws.listed()[0]);
        assert_eq!(ptc().flaws(|rows| rows[at][2] = String::new()), [format!("BlankLabel C{}", at + 1)]);
    }
    assert_eq!(ptc().flaws(|rows| rows[0] = row(",,")), ["MissingRow 0"]);
    assert_eq!(ptc().flaws(|rows| rows[2][1] = "PJM".into()), ["WrongMarket B3"]);
    assert_eq!(ptc().flaws(|rows| rows[7][1] = "24x7".into()), ["UnknownBlock B8"]);
    assert_eq!(ptc().flaws(|rows| rows[11][1] = "x".repeat(201)), ["LongLabel B12"]);
    let same = ptc().flaws(|rows| {
        for row in &mut rows[..12] {
            row[2] = row[1].to_lowercase();
        }
    });
    assert_eq!(same, ["DuplicateColumn C10"]);
    assert_eq!(ptc().flaws(|rows| rows[28][2] = "n.a.".into()), ["NotANumber C29"]);
    assert_eq!(ptc().flaws(|rows| rows[28][0] = String::new()), ["BlankDate A29"]);
    assert_eq!(ptc().flaws(|rows| rows[28][0] = "Jan-24".into()), ["NotADate A29"]);
    assert_eq!(ptc().flaws(|rows| rows[29][0] = "1/1/2024".into()), ["DuplicateMonth A30"]);
    assert_eq!(ptc().flaws(|rows| rows[28].push("7".into())), ["ColumnWithoutLabels D29"]);
    assert_eq!(ptc().flaws(|rows| rows.truncate(28)), ["NoDataRows 0"]);
    assert_eq!(ptc().flaws(|rows| drop(rows.remove(27))), ["MissingLabelRow 0"]);
}

#[test]
fn no_row_of_prices_is_taken_for_a_row_of_the_header_block() {
    // With a slip in the date and in each price.
    assert_eq!(
        ptc().flaws(|rows| rows[28] = row("Jan-24,n.a.,n.a.")),
        ["NotADate A29", "NotANumber B29", "NotANumber C29"]
    );
    let free = ptc().flaws(|rows| {
        rows[27][0] = "Delivery".to_owned();
        rows[28] = row("Jan-24,n.a.,n.a.");
    });
    assert_eq!(free, ["UnknownRow A28"], "of two rows of text below the titles one is no label row");
}
