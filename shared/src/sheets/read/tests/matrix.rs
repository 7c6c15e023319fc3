//! Retail offers.

use super::{Mini, row};
use crate::catalog::Detail;
use crate::curves::sheet::cells::CellRef;
use crate::sheets::flaw::code::Code;

/// Blank rows up to the 24th, then a row per component.
pub(crate) fn matrix() -> Mini {
    let top = "Matching ID,M0,
Lookup ID1,LK0,LK1
Beginning Date,9/30/2024,2024-10-01
Control Area,ERCOT,ERCOT
State,TX,TX
Load Zone,HOUSTON ZONE,HOUSTON ZONE
Capacity Zone,HOUSTON ZONE,4
Utility,AEP-CENTRAL,AEP-CENTRAL
Block Type,7x24,7x24
Cost Group,FFR,FFR
Cost Component,RESHIWR_COAST,RESHIWR_COAST
Load Profile,RESHIWR_COAST,RESHIWR_COAST
Term (Months),1,12.0
";
    let rows = "  Balancing Account Proceeds ,-0.54,(0.55)
Energy,$40.08,\n,,
Total Contract Load (kWh),1190.7,-\nTotal Bundled Price ($/MWh),82.9,83.1\n";
    Mini::new("Matrix_ERCOT_20240930_110000.csv", &format!("{top}{}{rows}", ",,\n".repeat(11)))
}

#[test]
fn each_cell_of_an_offer_is_a_curve_of_one_value() {
    let reading = matrix().read().unwrap();
    assert_eq!((reading.months, reading.cells, reading.missing), (4, 8, 1));
    let curves = &reading.sheet.curves;
    let names: Vec<&str> = curves.iter().map(|curve| curve.name.sub_component.as_str()).collect();
    let components =
        ["Balancing Account Proceeds", "Energy", "Total Contract Load (kWh)", "Total Bundled Price ($/MWh)"];
    assert_eq!(names[..4], components, "names are trimmed");
    assert_eq!(names[4..], [components[0], components[2], components[3]], "a blank cell is no curve");
    let values = |at: usize| curves[at].parts[0].values.as_slice();
    assert_eq!((values(0), values(1)), (&[-0.54][..], &[40.08][..]));
    assert_eq!((values(4), values(5)), (&[-0.55][..], &[0.0][..]), "signs are kept");
    assert_eq!(curves[0].name.details, ["RESHIWR_COAST", "1", "M0", "LK0"]);
    assert_eq!(curves[4].name.details, ["RESHIWR_COAST", "12", "N/A", "LK1"]);
    assert_eq!(curves[0].parts[0].start.to_string(), "2024-09-30");
    assert_eq!(curves[4].parts[0].start.to_string(), "2024-10-01");
    let units: Vec<_> = curves[..4].iter().map(|curve| curve.name.uom.as_deref().unwrap()).collect();
    assert_eq!(units, ["$/MWh", "$/MWh", "kWh", "$/MWh"]);
    assert_eq!(reading.sheet.cells.of_value(1, 0), Some(CellRef::new(26, 1)));
}

#[test]
fn an_offer_is_identified_by_profile_term_and_keys_and_not_by_its_beginning() {
    let curves = matrix().read().unwrap().sheet.curves;
    for detail in [Detail::LoadProfile, Detail::Term, Detail::MatchingId, Detail::LookupId] {
        let at = crate::catalog::Layout::of(crate::catalog::DataType::Matrix).place_of(detail).unwrap();
        let mut other = curves[0].name.clone();
        other.details[at].push('7');
        assert_ne!(curves[0].name.identity(), other.identity(), "{detail:?}");
    }
    let later = matrix().with(|rows| rows[2][1] = "10/15/2024".into()).sheet.curves;
    assert_eq!(later[0].name.identity(), curves[0].name.identity());
}

#[test]
fn rows_of_numbers_in_the_header_block_are_no_components() {
    let expected = format!("{:?}", matrix().read().unwrap().sheet.curves);
    let more = matrix().with(|rows| {
        rows[..13].rotate_left(5);
        rows.insert(4, row("Offer Number,1,2"));
        rows.insert(9, row("Remark,,new"));
    });
    assert_eq!(format!("{:?}", more.sheet.curves), expected);
    let without_blanks = matrix().with(|rows| drop(rows.drain(13..24)));
    assert_eq!(format!("{:?}", without_blanks.sheet.curves), expected);
}

#[test]
fn each_flaw_of_an_offer_has_its_place() {
    assert_eq!(matrix().flaws(|_| {}), [""; 0]);
    for at in 0..13 {
        let mut sheet = matrix();
        let title = std::mem::replace(&mut sheet.rows[at], row(",,")).remove(0);
        let flaws = sheet.read().unwrap_err();
        assert_eq!((flaws.count(), flaws.listed()[0].code), (1, Code::MissingRow), "{title}");
        assert!(flaws.listed()[0].expected.contains(&title), "{}", flaws.listed()[0]);
    }
    for (at, code) in [(1, "BlankLabel"), (5, "BlankLabel"), (11, "BlankLabel"), (12, "BlankLabel")] {
        assert_eq!(matrix().flaws(|rows| rows[at][2] = " ".into()), [format!("{code} C{}", at + 1)]);
    }
    for term in ["0", "601", "-1", "1.5", "twelve", "1e1"] {
        assert_eq!(matrix().flaws(|rows| rows[12][1] = term.into()), ["NotATerm B13"], "{term}");
    }
    for date in ["", "30/9/2024", "45565", "Sep-24", "9/31/2024"] {
        assert_eq!(matrix().flaws(|rows| rows[2][1] = date.into()), ["NotADate B3"], "{date}");
    }
    assert_eq!(matrix().flaws(|rows| rows[3][2] = "PJM".into()), ["WrongMarket C4"]);
    let same = matrix().flaws(|rows| {
        for row in &mut rows[..13] {
            row[2] = row[1].clone();
        }
    });
    assert_eq!(same, ["DuplicateColumn C11"]);
    let later = matrix().flaws(|rows| {
        for row in &mut rows[..13] {
            row[2] = row[1].clone();
        }
        rows[2][2] = "1/1/2025".into();
    });
    assert!(later.is_empty(), "an offer may begin on several days: {later:?}");
    assert_eq!(
        matrix().flaws(|rows| rows[25][0] = "balancing  account_proceeds".into()),
        ["DuplicateRow A26"]
    );
    assert_eq!(matrix().flaws(|rows| rows[25][0] = " ".into()), ["BlankLabel A26"]);
    assert_eq!(matrix().flaws(|rows| rows[25][0] = "E".repeat(201)), ["LongLabel A26"]);
    assert_eq!(matrix().flaws(|rows| rows[25].push("7".into())), ["ColumnWithoutLabels D26"]);
    assert_eq!(matrix().flaws(|rows| rows.truncate(24)), ["NoDataRows 0"]);
    // The first component too, though it looks like a row of the header block.
    assert_eq!(
        matrix().flaws(|rows| rows[24] = row("Energy,n.a.,soon")),
        ["NotANumber B25", "NotANumber C25", "DuplicateRow A26"]
    );
}

#[test]
fn an_offer_without_a_price_is_reported() {
    let reading = matrix().with(|rows| {
        for row in rows[24..].iter_mut().filter(|row| !row[0].is_empty()) {
            row[2] = "#N/A".to_owned();
        }
    });
    let told = &reading.warnings.listed()[0];
    assert_eq!((told.code, told.column.as_deref()), (Code::EmptyColumn, Some("C")));
}
