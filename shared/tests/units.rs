//! Checks every unit in every use against independently computed numbers: `units.csv`, which `tools/units.py` writes from the unit
//! definitions and its own count of hours, in exact fractions.

use chrono::{Days, NaiveDate};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use trueprice::analytics::block_hours::Hours;
use trueprice::analytics::block_series;
use trueprice::catalog::period::Period;
use trueprice::catalog::{Block, Calendar, DataType, Grid, Layout, Month, Unit, grid};
use trueprice::curves::archive::parquet::KeptCurve;
use trueprice::curves::curve_name::CurveName;
use trueprice::curves::read::stored::{SnapshotKey, Stored};
use trueprice::curves::values::series::Series;
use trueprice::downloads::query::CurveQuery;
use trueprice::downloads::standard::standardised;
use trueprice::downloads::strips;
use trueprice::downloads::table::{CurveTable, Head, RowKey};
use trueprice::parameters::views::{Units, View};
use trueprice::pricing::headroom::compute::compare;
use trueprice::pricing::headroom::loads::{Loads, Unusable};
use trueprice::pricing::quote::inputs::{Curve, Inputs, Sheet};
use trueprice::pricing::quote::missing::Reason;
use trueprice::pricing::quote::price::Desk;
use trueprice::pricing::quote::request::Request;

/// A row of the table.
struct Case {
    purpose: String,
    unit: Unit,
    /// Another spelling of the unit.
    spelled: String,
    calendar: Calendar,
    month: Month,
    value: f64,
    expected: Option<f64>,
    /// The unit of the expected value.
    shown: String,
}

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/units.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let fraction = |text: &str| {
            let (above, below) = text.split_once('/').unwrap();
            above.parse::<f64>().unwrap() / below.parse::<f64>().unwrap()
        };
        Case {
            purpose: row[0].to_owned(),
            unit: Unit::ALL.into_iter().find(|unit| *unit.symbol() == row[1]).unwrap(),
            spelled: row[2].to_owned(),
            calendar: row[3].parse().unwrap_or(Calendar::Nerc),
            month: row[4].parse().unwrap_or(Month::new(2024, 2).unwrap()),
            value: row[5].parse().unwrap(),
            expected: Some(&row[6]).filter(|text| !text.is_empty()).map(fraction),
            shown: row[7].to_owned(),
        }
    });
    rows.collect()
}

impl Case {
    fn name(&self, block: &str, group: &str, component: &str) -> CurveName {
        name(block, group, component, Some(self.spelled.as_str()))
    }

    /// Compares the result with the expected value.
    fn hold(&self, found: Option<f64>, unit: &str) {
        let Self { purpose, unit: of, month, calendar, expected, shown, .. } = self;
        let place = format!("{purpose} of {} in {month} ({calendar})", of.symbol());
        let found = found.filter(|found| !found.is_nan());
        match (found, *expected) {
            (None, None) => {}
            (Some(found), Some(expected)) => {
                let near = (found - expected).abs() <= 1e-12 * expected.abs();
                assert!(near, "{place}: got {found}, expected {expected}");
                assert_eq!(Unit::parse(unit), Unit::parse(shown), "{place}: {unit}");
            }
            (found, expected) => panic!("{place}: got {found:?}, expected {expected:?}"),
        }
    }
}

fn name(block: &str, group: &str, component: &str, uom: Option<&str>) -> CurveName {
    let labels = ["ERCOT", "TX", "NORTH ZONE", "NORTH ZONE", "ALL", block, group, component];
    CurveName {
        labels: labels.map(str::to_owned),
        sub_component: component.to_owned(),
        sub_component_raw: None,
        uom: uom.map(str::to_owned),
        details: vec![],
    }
}

fn snapshot() -> SnapshotKey {
    SnapshotKey { stamp: "2024-01-05T17:02:01".parse().unwrap(), revision: 1, cob: false }
}

const BLOCKS: [(&str, f64); 3] = [("5x16", 1.0), ("2x16", 0.5), ("7x8", 0.25)];

/// The standardised form of one month: its only price and unit.
fn standard(case: &Case, blocks: &[(&str, f64)]) -> (f64, String) {
    let heads =
        blocks.iter().map(|(block, _)| Head { name: case.name(block, "Fees", "Fee"), derived: false });
    let table = CurveTable {
        grid: Grid::Month,
        heads: heads.collect(),
        rows: vec![RowKey { snapshot: snapshot(), slot: Grid::Month.first_slot(case.month.first_day()) }],
        columns: blocks.iter().map(|(_, part)| vec![case.value * part]).collect(),
    };
    let table = standardised(table, case.calendar);
    assert_eq!(table.heads.len(), 1);
    (table.columns[0][0], table.heads[0].name.uom.clone().unwrap())
}

/// What `/v1/values` answers for one month with `units=$/MWh`.
fn question(case: &Case, view: View, blocks: &[(&str, f64)]) -> Option<(f64, String)> {
    let names: Vec<CurveName> = blocks.iter().map(|(block, _)| case.name(block, "Fees", "Fee")).collect();
    let curves: Vec<(i32, &CurveName)> = (0..).zip(&names).collect();
    let made = block_series::lines(&curves, &[view], Units::PerMwh, case.calendar);
    let line = made.lines.first()?;
    let series: Vec<Series> = blocks
        .iter()
        .map(|(_, part)| Series {
            first: case.month.ordinal(),
            values: [case.value * part].as_slice().into(),
        })
        .collect();
    let hours = Hours::new(case.calendar, case.month, case.month.plus(1));
    let found = line.recipe.measure(&|place| series.get(place), &Period::month(case.month), &hours);
    Some((found.value, line.name.uom.clone().unwrap()))
}

fn hourly(value: f64) -> (i64, Vec<f64>) {
    let first = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap();
    let days = first.iter_days().take(365 * 4 + 1);
    let values = days.flat_map(|_| (1..=25).map(move |hour| if hour == 25 { f64::NAN } else { value }));
    (Grid::DayHour.first_slot(first), values.collect())
}

/// The inputs of a quote; the curve of the given data type is in the unit of the case.
fn inputs(case: &Case, of: DataType) -> Inputs {
    let mut inputs = Inputs::default();
    let mut id = 0;
    let mut curve = |data_type: DataType, name: CurveName, first: i64, values: Vec<f64>| {
        id += 1;
        let own = data_type == of;
        let name = CurveName { uom: if own { Some(case.spelled.clone()) } else { name.uom.clone() }, ..name };
        let value = |value: f64| if own && !value.is_nan() { case.value } else { value };
        Curve { id, name: Arc::new(name), first, values: values.into_iter().map(value).collect() }
    };
    let month = i64::from(case.month.ordinal());
    let blocks = ["5x16", "2x16", "7x8"];
    let energy = blocks.map(|block| {
        curve(DataType::Energy, name(block, "Energy", "Energy", Some("$/MWh")), month, vec![40.0])
    });
    let (first, ones) = hourly(1.0);
    let shapes = blocks.map(|block| {
        curve(DataType::Shaping, name(block, "Shaping", "Shape", Some("factor")), first, ones.clone())
    });
    let loads = hourly(2000.0).1;
    let load = curve(DataType::LoadProfile, name("7x24", "Load", "FLAT", Some("kWh")), first, loads);
    let vlr = curve(DataType::Vlr, name("7x24", "VLR", "VLR", Some("percent")), 0, vec![2.5; 288]);
    let rec =
        curve(DataType::Rec, name("7x24", "RPS", "Total Cost per MWh", Some("$/MWh")), month, vec![0.5]);
    let loss =
        curve(DataType::LineLoss, name("7x24", "Line Loss", "Secondary", Some("factor")), 0, vec![1.05]);
    let own = of == DataType::NonEnergy;
    let mut charges = vec![Curve {
        id: 90,
        name: Arc::new(name("7x24", "Fees", "Admin", Some("$/MWh"))),
        first: month,
        values: vec![1.0],
    }];
    if own {
        charges.push(curve(DataType::NonEnergy, name("7x24", "Fees", "Fee", None), month, vec![0.0]));
    }
    for (snapshot, (data_type, curves)) in (1..).zip([
        (DataType::Energy, Vec::from(energy)),
        (DataType::Shaping, Vec::from(shapes)),
        (DataType::LoadProfile, vec![load]),
        (DataType::Vlr, vec![vlr]),
        (DataType::NonEnergy, charges),
        (DataType::Rec, vec![rec]),
        (DataType::LineLoss, vec![loss]),
    ]) {
        inputs.put(data_type, Arc::new(Sheet { snapshot, about: json!({ "id": snapshot }), curves }));
    }
    inputs
}

fn request(start: NaiveDate, end: NaiveDate) -> Request {
    let body = json!({ "market": "ERCOT", "curve_date": "2024-01-05", "accounts": [{
        "name": "A", "load_zone": "NORTH ZONE", "utility": "ALL", "voltage": "Secondary", "load_profile": "FLAT", "state": "TX",
        "start": start.to_string(), "end": end.to_string(), "capacity_kw": 3000,
    }] });
    Request::read(&body).unwrap_or_else(|wrong| panic!("{wrong:?}"))
}

/// Dollars of each line, the metered energy, and $/`MWh` of each charge in each hour; `None` if the unit is refused.
struct Quoted {
    dollars: BTreeMap<String, f64>,
    mwh: f64,
    by_hour: BTreeMap<String, Vec<f64>>,
    left_out: Vec<String>,
}

fn quoted(case: &Case, of: DataType, (start, end): (NaiveDate, NaiveDate)) -> Option<Quoted> {
    let (inputs, request) = (inputs(case, of), request(start, end));
    let mut desk = Desk::new(&request, &inputs);
    let priced = match desk.price(&request.accounts[0], "/accounts/0") {
        Ok(priced) => priced,
        Err(missing) => {
            let told: Vec<_> =
                missing.iter().map(|missing| (missing.data_type.as_str(), missing.reason)).collect();
            assert!(
                told.iter().all(|told| *told == (of.word(), Reason::WrongUnit)),
                "{} of {}: {missing:#?}",
                case.purpose,
                case.unit.symbol()
            );
            return None;
        }
    };
    let by_hour = desk.hourly(&request.accounts[0]).charges.into_iter().collect();
    let dollars = priced.lines.iter().map(|line| (line.component.clone(), line.dollars)).collect();
    let left_out = desk.left_out.iter().map(|left| left.component.clone()).collect();
    Some(Quoted { dollars, mwh: priced.mwh, by_hour, left_out })
}

fn quote(case: &Case) {
    let month = (case.month.first_day(), grid::last_day(case.month));
    let days = if case.purpose.contains("ten days") {
        (month.0 + Days::new(4), month.0 + Days::new(13))
    } else {
        month
    };
    let (of, line) = match case.purpose.as_str() {
        "quote load" => (DataType::LoadProfile, ""),
        "quote energy" => (DataType::Energy, "energy"),
        "quote shaping" => (DataType::Shaping, "energy"),
        "quote rec" => (DataType::Rec, "rec"),
        "quote vlr" => (DataType::Vlr, "vlr"),
        "quote lineloss" => (DataType::LineLoss, "losses"),
        _ => (DataType::NonEnergy, "Fees / Fee"),
    };
    let found = quoted(case, of, days);
    if of == DataType::NonEnergy {
        let found = found.unwrap();
        assert_eq!(
            found.left_out.contains(&"Fee".to_owned()),
            case.expected.is_none(),
            "{}",
            case.unit.symbol()
        );
        if case.purpose.ends_with("by hour") {
            let hours = found.by_hour.get(line).cloned().unwrap_or_default();
            assert!(hours.iter().all(|hour| Some(hour) == hours.first()), "{}", case.unit.symbol());
            return case.hold(hours.first().copied(), "$/MWh");
        }
        return case.hold(found.dollars.get(line).copied(), &case.spelled);
    }
    let unit = if of == DataType::LoadProfile { "MWh" } else { "$" };
    case.hold(found.map(|found| if line.is_empty() { found.mwh } else { found.dollars[line] }), unit);
}

fn kept(details: &[&str], component: &str, uom: &str, values: Vec<f64>) -> KeptCurve {
    let details = details.iter().map(|text| (*text).to_owned()).collect();
    let name = CurveName { details, ..name("7x24", "FFR", component, Some(uom)) };
    KeptCurve { name, start: NaiveDate::from_ymd_opt(2024, 2, 1).unwrap(), values }
}

fn headroom(case: &Case) {
    let (offer, price) = (
        |uom: &str, value: f64| kept(&["FLAT", "1", "N/A", "K"], "Total Bundled Price", uom, vec![value]),
        |uom: &str, value: f64| kept(&["R", "U", "K", "L"], "Rate R", uom, vec![value]),
    );
    if case.purpose == "headroom load" {
        let load = kept(&["Residential"], "FLAT", &case.spelled, vec![]).name;
        let days = case.month.first_day().iter_days().take(case.month.days() as usize);
        let values = days.flat_map(|day| {
            let hours = grid::hours_of(day);
            (1..=25).map(move |hour| if hour <= hours { case.value } else { f64::NAN })
        });
        let mut loads = Loads::default();
        loads.add(&load, Grid::DayHour.first_slot(case.month.first_day()), &values.collect::<Vec<_>>());
        let found = loads.of(&offer("$/MWh", 90.0).name, &[case.month]);
        if found == Err(Unusable::Unit) {
            return case.hold(None, "");
        }
        return case.hold(found.unwrap().map(|months| months[0]), "kWh");
    }
    let (part, offer, price) = match case.purpose.as_str() {
        "headroom ptc" => ("Price to Compare", offer("$/MWh", 90.0), price(&case.spelled, case.value)),
        _ => ("Retail Price", offer(&case.spelled, case.value), price("$/kWh", 0.1)),
    };
    let day = NaiveDate::from_ymd_opt(2024, 1, 15).unwrap();
    let prices = [price];
    let (curves, counts) = compare(&[offer], Some((prices.as_slice(), day)), &Loads::default());
    let found = curves.iter().find(|curve| curve.name.sub_component == part);
    assert_eq!((counts.computed, counts.unit_unknown), if found.is_some() { (1, 0) } else { (0, 1) });
    case.hold(found.map(|curve| curve.parts[0].values[0]), "$/kWh");
}

fn download(case: &Case) {
    let data_type: DataType = case.purpose.strip_prefix("download ").unwrap().parse().unwrap();
    let layout = Layout::of(data_type);
    let details = vec!["1".to_owned(); layout.details.len()];
    let named = CurveName { details, ..case.name("7x24", "Group", "Component") };
    let day = NaiveDate::from_ymd_opt(2024, 2, 1).unwrap();
    let stored = Stored {
        snapshot: snapshot(),
        curve_id: 1,
        name: Arc::new(named),
        first: layout.grid.first_slot(day),
        values: vec![case.value],
    };
    let query = CurveQuery::parse(&[]).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let table = strips::table(vec![stored], layout, &query);
    let unit = table.heads[0].name.uom.clone().unwrap();
    case.hold(Some(table.columns[0][0]), &unit);
    // A file without a unit row gets one if a curve has another unit than such files usually have.
    let other = layout.shown.is_some_and(|shown| Unit::parse(&unit) != Some(shown));
    assert_eq!(table.shows_unit(layout), layout.shows_unit || other, "{} {unit}", case.purpose);
}

#[test]
fn every_unit_in_every_use_matches_the_independent_numbers() {
    let (mut uses, mut units) = (BTreeMap::<String, usize>::new(), BTreeMap::<&str, usize>::new());
    for case in cases() {
        *uses.entry(case.purpose.clone()).or_default() += 1;
        *units.entry(case.unit.symbol()).or_default() += 1;
        assert_eq!(Unit::parse(&case.spelled), Some(case.unit), "{}", case.spelled);
        match case.purpose.as_str() {
            "standardised" => {
                let (found, unit) = standard(&case, &[("7x24", 1.0)]);
                case.hold(Some(found), &unit);
            }
            "standardised blocks" => {
                let (found, unit) = standard(&case, &BLOCKS);
                case.hold(Some(found), &unit);
            }
            "question" => {
                let (found, unit) = question(&case, View::Native, &[("7x24", 1.0)]).unwrap();
                case.hold(Some(found), &unit);
            }
            "question blocks" => {
                let found = question(&case, View::Of(Block::Flat7x24), &BLOCKS);
                let (found, unit) = found.map_or((None, String::new()), |(found, unit)| (Some(found), unit));
                case.hold(found, &unit);
            }
            own if own.starts_with("quote") => quote(&case),
            own if own.starts_with("headroom") => headroom(&case),
            own if own.starts_with("download") => download(&case),
            other => panic!("unknown use {other:?}"),
        }
    }
    assert_eq!((uses.len(), units.len()), (22, Unit::ALL.len()), "{uses:?}");
    assert!(units.values().all(|count| Some(count) == units.values().next()), "{units:?}");
}
