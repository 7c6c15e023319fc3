//! Units of sheets: read from the unit row, the names and the label row, in every kind of sheet. A unit that is not understood is
//! never ignored.

use crate::catalog::{DataType, Label, Layout, Written};
use crate::intake::quality;
use crate::sheets::flaw::code::Code;
use crate::sheets::read::tests::{Mini, energy, flat, hours, matrix, ptc, row};

fn nonenergy() -> Mini {
    let mut rows = energy();
    rows[10][0] = "Date".to_owned();
    Mini { file: "NonEnergy_ERCOT_20230522_082540.csv", rows }
}

/// A sheet of each kind with a header block, the number of cells to the left of its first curve, and a unit that suits it.
fn kinds() -> Vec<(Mini, usize, &'static str)> {
    let energy = Mini { file: "Energy_ERCOT_20230522_082540.csv", rows: energy() };
    let mut rec = Mini { file: "REC_ERCOT_20230522_082540.csv", rows: energy.rows.clone() };
    rec.rows.insert(10, row("TX,TX,TX,TX"));
    rec.rows[11][0] = "EY".to_owned();
    vec![
        (energy, 1, "$/MWh"),
        (nonenergy(), 1, "$/MW-day"),
        (rec, 1, "$/REC"),
        (ptc::ptc(), 1, "cents/kWh"),
        (matrix::matrix(), 1, "$/MWh"),
        (hours::loadprofile(&[("1/1/2024", &[1, 2])]), 2, "MW"),
        (hours::shaping(), 2, "factor"),
        (hours::vlr(), 2, "percent"),
    ]
}

/// The sheet with a unit row of one unit.
fn with_units(mut sheet: Mini, left: usize, unit: &str) -> Mini {
    let at = sheet.rows.iter().position(|row| row[0] == "Cost Component").unwrap() + 1;
    let width = sheet.rows[at - 1].len();
    let cells = (0..width).map(|at| {
        if at == 0 {
            "UOM"
        } else if at < left {
            ""
        } else {
            unit
        }
    });
    sheet.rows.insert(at, cells.map(str::to_owned).collect());
    sheet
}

/// How many warnings of units that are not known a sheet without a past has.
fn unknown(reading: &crate::sheets::reading::Reading) -> usize {
    let warnings = quality::warnings(reading, Layout::of(reading.sheet.name.data_type), &[]);
    warnings.listed().iter().filter(|flaw| flaw.code == Code::UnitUnknown).count()
}

#[test]
fn every_kind_of_sheet_has_a_unit_row_and_refuses_units_of_other_things() {
    for (sheet, left, unit) in kinds() {
        let file = sheet.file;
        let data_type = crate::sheets::read::tests::name(file).data_type;
        let (rows, again) = (sheet.rows.clone(), || Mini { file, rows: sheet.rows.clone() });
        let reading = with_units(again(), left, unit).read();
        let reading = reading.unwrap_or_else(|flaws| panic!("{file} in {unit}: {:?}", flaws.listed()));
        // In any letter case, with blanks.
        let spelled = format!(" {} ", unit.to_uppercase().replace('/', " / "));
        let other = with_units(again(), left, &spelled).read().unwrap();
        let units = |reading: &crate::sheets::reading::Reading| -> Vec<_> {
            reading.sheet.curves.iter().map(|curve| curve.name.uom.clone()).collect()
        };
        assert_eq!(units(&reading), units(&other), "{file}");
        assert_eq!(units(&reading)[0].as_deref(), Some(unit), "{file}");

        let line = rows.iter().position(|row| row[0] == "Cost Component").unwrap() + 2;
        let flaws = |unit: &str| with_units(again(), left, unit).flaws(|_| {});
        let at = |code: &str| format!("{code} {}{line}", crate::sheets::flaw::column_letters(left));
        if data_type == DataType::NonEnergy {
            assert_eq!(flaws("kW"), [""; 0], "charges may be anything");
        } else {
            assert_eq!(flaws("$/MW-mo")[0], at("WrongUnit"), "{file}");
        }
        if Layout::of(data_type).needs_units {
            assert_eq!(flaws("widgets/h")[0], at("UnitUnknown"), "{file}");
        } else {
            let reading = with_units(again(), left, "widgets/h").read().unwrap();
            assert_eq!(unknown(&reading), 3, "{file}");
            assert_eq!(reading.sheet.curves[0].name.unit(), Written::Unknown("widgets/h".to_owned()));
        }
        // A dash or N/A states no unit.
        assert_eq!(flaws("-"), [""; 0], "{file}");
    }
}

#[test]
fn a_price_to_compare_in_megawatts_and_a_load_in_dollars_are_refused_with_what_is_expected() {
    let flaws = with_units(ptc::ptc(), 1, "MW").read().unwrap_err();
    let flaw = &flaws.listed()[0];
    assert_eq!((flaw.code, flaw.found.as_str()), (Code::WrongUnit, "MW"));
    assert_eq!(flaw.expected, "a unit of PTC: $/MWh, $/kWh, cents/kWh, mills/kWh");
    let load = with_units(hours::loadprofile(&[("1/1/2024", &[1])]), 2, "$/MWh").read().unwrap_err();
    assert_eq!(load.listed()[0].expected, "a unit of LoadProfile: MW, kW, MWh, kWh");
}

#[test]
fn a_unit_is_read_from_the_names_and_the_label_row_and_all_must_agree() {
    let with = |component: &str, label: &str, unit: &str| {
        let mut sheet = nonenergy();
        sheet.rows[8][1] = component.to_owned();
        sheet.rows[10][1] = label.to_owned();
        with_units(sheet, 1, unit)
    };
    let named = |component: &str, label: &str, unit: &str| {
        // The unit row states it only for the first column.
        let mut sheet = with(component, label, unit);
        sheet.rows[9][2..].iter_mut().for_each(String::clear);
        let name = sheet.read().unwrap().sheet.curves.remove(0).name;
        (name.label(Label::CostComponent).to_owned(), name.sub_component, name.uom.unwrap_or_default())
    };
    let texts = |one: &str, other: &str, unit: &str| (one.to_owned(), other.to_owned(), unit.to_owned());
    for (component, label, unit) in [
        ("RPM ($/MW-Day)", "RPM ($/MW-day)", ""),
        ("RPM [$/MW-day]", "", "$ / MW-day"),
        ("RPM", "RPM ($/MW-Day)", ""),
        ("RPM", "", "$/mw-day"),
        ("RPM $/MW-day", "RPM", "$/MW-day"),
    ] {
        assert_eq!(
            named(component, label, unit),
            texts("RPM", "RPM", "$/MW-day"),
            "{component} {label} {unit}"
        );
    }
    // A unit that is not understood stays in the name, and is the unit.
    assert_eq!(named("Fee (widgets/h)", "", ""), texts("Fee (widgets/h)", "Fee (widgets/h)", "widgets/h"));
    for (component, label, unit, place) in [
        ("RPM ($/MW-day)", "", "$/MWh", "UnitConflict B10"),
        ("RPM ($/MW-day)", "RPM ($/kW-day)", "", "UnitConflict B9"),
        ("RPM", "RPM ($/kW-day)", "$/MW-day", "UnitConflict B10"),
        ("RPM (widgets/h)", "", "$/MWh", "UnitConflict B10"),
        ("RPM ($/MWh)", "", "widgets/h", "UnitConflict B10"),
    ] {
        let mut sheet = with(component, label, unit);
        sheet.rows[9][2..].iter_mut().for_each(String::clear);
        assert_eq!(sheet.flaws(|_| {}), [place], "{component} {label} {unit}");
    }
    let mut sheet = nonenergy();
    sheet.rows[7][1] = "Capacity ($/MW-day)".to_owned();
    assert_eq!(sheet.read().unwrap().sheet.curves[0].name.uom.as_deref(), Some("$/MW-day"), "of the group");
}

#[test]
fn brackets_of_plain_words_are_no_units() {
    let mut sheet = nonenergy();
    sheet.rows[8][1] = "% o load covered by Supplier (vs Utility)".to_owned();
    let reading = sheet.read().unwrap();
    assert_eq!(reading.sheet.curves[0].name.uom, None);
    assert_eq!(unknown(&reading), 0);
}

#[test]
fn percent_means_the_same_in_a_word_and_in_a_sign() {
    let vlr = with_units(hours::vlr(), 2, "%").read().unwrap();
    assert_eq!(vlr.sheet.curves[0].name.uom.as_deref(), Some("percent"));
    let mut rec = kinds().remove(2).0;
    rec.rows[12][1] = "6.84%".to_owned();
    let rec = with_units(rec, 1, "percent").read().unwrap();
    assert_eq!(rec.sheet.curves[0].name.uom.as_deref(), Some("%"), "a cell with a sign is a share");
    assert!((rec.sheet.curves[0].parts[0].values[0] - 0.0684).abs() < 1e-12);
}

#[test]
fn a_component_of_an_offer_may_be_in_another_unit_but_its_price_needs_one() {
    let with = |name: &str, unit: &str| {
        let mut sheet = matrix::matrix();
        sheet.rows.last_mut().unwrap()[0] = name.to_owned();
        if unit.is_empty() { sheet } else { with_units(sheet, 1, unit) }
    };
    let unit = |name: &str, units: &str| {
        let curves = with(name, units).read().unwrap().sheet.curves;
        curves.iter().find(|curve| curve.name.sub_component == name).unwrap().name.uom.clone().unwrap()
    };
    assert_eq!(unit("Total Bundled Price", ""), "$/MWh");
    assert_eq!(unit("Total Bundled Price", "mills/kWh"), "mills/kWh");
    assert_eq!(unit("cents/kWh", "$/MWh"), "cents/kWh", "a name that is nothing but a unit");
    assert_eq!(unit("Fee (widgets/h)", ""), "widgets/h");
    for (name, units, place) in [
        ("Total Bundled Price (widgets/h)", "", "UnitUnknown A29"),
        ("Total Bundled Price (MW)", "", "WrongUnit A29"),
        ("Total Bundled Price ($/kWh)", "$/MWh", "UnitConflict A30"),
    ] {
        assert_eq!(with(name, units).flaws(|_| {})[0], place, "{name}");
    }
    let reading = with("Fee (widgets/h)", "").read().unwrap();
    assert_eq!(unknown(&reading), 2);
}

#[test]
fn a_sheet_of_losses_may_have_a_column_of_units() {
    let with = |unit: &str| {
        let mut sheet = flat::lineloss();
        for row in sheet.rows.iter_mut().filter(|row| row.len() > 1) {
            row.push(unit.to_owned());
        }
        sheet.rows[0][9] = "Unit".to_owned();
        sheet
    };
    for unit in ["", "factor", "Multiplier", "p.u.", "-"] {
        let reading = with(unit).read().unwrap();
        assert_eq!(reading.sheet.curves[0].name.uom.as_deref(), Some("factor"), "{unit}");
    }
    for (unit, code) in [("%", "WrongUnit"), ("$/MWh", "WrongUnit"), ("widgets", "UnitUnknown")] {
        let flaws = with(unit).read().unwrap_err();
        assert_eq!((flaws.count(), flaws.listed()[0].more), (1, 2), "{unit}");
        assert_eq!(crate::sheets::read::tests::told(with(unit).read()), [format!("{code} J2")], "{unit}");
    }
    let mut named = flat::lineloss();
    named.rows[1][7] = "Secondary (%)".to_owned();
    assert_eq!(named.flaws(|_| {}), ["WrongUnit I2"]);
}
