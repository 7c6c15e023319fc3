//! The old pricing desk's reference case, and what must hold for every price.

use super::hours::{Hours, Rules, kinds_of};
use super::inputs::{Curve, Inputs, Sheet};
use super::legacy;
use super::price::Desk;
use super::priced::Priced;
use super::request::Request;
use super::zone::Zone;
use crate::catalog::{Block, Calendar, DataType, Grid, Label, Market, Month};
use crate::curves::curve_name::CurveName;
use chrono::{Datelike as _, NaiveDate};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

mod golden;
mod rules;
mod units;

/// A curve: labels in sheet order, unit, first slot and values.
fn curve(id: i32, labels: [&str; 8], uom: Option<&str>, first: i64, values: Vec<f64>) -> Curve {
    let name = CurveName {
        labels: labels.map(str::to_owned),
        sub_component: labels[7].to_owned(),
        sub_component_raw: None,
        uom: uom.map(str::to_owned),
        details: vec![],
    };
    Curve { id, name: Arc::new(name), first, values }
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// A value for every hour of some years, by day and hour ending.
fn hourly(years: std::ops::RangeInclusive<i32>, value: impl Fn(NaiveDate, u8) -> f64) -> (i64, Vec<f64>) {
    let first = NaiveDate::from_ymd_opt(*years.start(), 1, 1).unwrap();
    let days = first.iter_days().take_while(|day| day.year() <= *years.end());
    let values = days.flat_map(|day| (1..=25).map(move |hour| (day, hour)));
    let values = values.map(|(day, hour)| if hour == 25 { f64::NAN } else { value(day, hour) });
    (Grid::DayHour.first_slot(first), values.collect())
}

fn sheet(snapshot: i32, curves: Vec<Curve>) -> Arc<Sheet> {
    Arc::new(Sheet { snapshot, about: json!({ "id": snapshot }), curves })
}

/// Made-up sheets for one place in Texas; block prices by month from 2023-01 on.
fn made_up(prices: &[[f64; 3]]) -> Inputs {
    const AT: [&str; 5] = ["ERCOT", "TX", "NORTH ZONE", "NORTH ZONE", "ALL"];
    let labels = |block: &'static str, group: &'static str, component: &'static str| {
        [AT[0], AT[1], AT[2], AT[3], AT[4], block, group, component]
    };
    let first = i64::from(month("2023-01").ordinal());
    let mut inputs = Inputs::default();
    let blocks = ["5x16", "2x16", "7x8"];
    let energy = blocks.iter().enumerate().map(|(at, block)| {
        let values = prices.iter().map(|prices| prices[at]).collect();
        curve(1 + i32::try_from(at).unwrap(), labels(block, "Energy", "Energy"), Some("$/MWh"), first, values)
    });
    inputs.put(DataType::Energy, sheet(101, energy.collect()));
    let shapes = blocks.iter().enumerate().map(|(at, block)| {
        let (first, values) = hourly(2023..=2023, |_, hour| 1.0 + 0.001 * f64::from(hour));
        curve(11 + i32::try_from(at).unwrap(), labels(block, "Shaping", "Shape"), None, first, values)
    });
    inputs.put(DataType::Shaping, sheet(102, shapes.collect()));
    let vlr = curve(21, labels("7x24", "VLR", "VLR"), None, 0, vec![2.5; 288]);
    inputs.put(DataType::Vlr, sheet(103, vec![vlr]));
    let (start, loads) = hourly(2023..=2023, |_, hour| 1000.0 + 10.0 * f64::from(hour));
    let profile = curve(31, labels("7x24", "Load Profile", "RESLOWR_NORTH"), None, start, loads);
    inputs.put(DataType::LoadProfile, sheet(104, vec![profile]));
    let months = prices.len();
    let all = ["ERCOT", "TX", "ALL", "ALL", "ALL", "7x24", "Ancillary Charges", "Admin Fee"];
    let mut capacity = all;
    (capacity[6], capacity[7]) = ("Capacity", "Capacity Charge");
    let charges = vec![
        curve(41, all, Some("$/MWh"), first, vec![0.7; months]),
        curve(42, capacity, Some("$/kW-mo"), first, vec![2.0; months]),
    ];
    inputs.put(DataType::NonEnergy, sheet(105, charges));
    let rec = ["ERCOT", "TX", "ALL", "ALL", "ALL", "7x24", "RPS", "Total Cost per MWh"];
    inputs.put(DataType::Rec, sheet(106, vec![curve(51, rec, Some("$/MWh"), first, vec![0.1584; months])]));
    let loss = ["ERCOT", "TX", "ALL", "ALL", "ONCOR", "7x24", "Line Loss", "Secondary"];
    inputs.put(DataType::LineLoss, sheet(107, vec![curve(61, loss, None, 0, vec![1.05])]));
    inputs
}

fn request(start: &str, end: &str) -> Request {
    Request::read(&asked(start, end)).unwrap()
}

fn asked(start: &str, end: &str) -> Value {
    json!({ "market": "ERCOT", "curve_date": "2023-05-22", "accounts": [{
        "name": "A", "load_zone": "NORTH ZONE", "capacity_zone": "NORTH ZONE", "utility": "ONCOR", "voltage": "Secondary",
        "load_profile": "RESLOWR_NORTH", "state": "TX", "start": start, "end": end,
        "margin": 1.0, "sleeve_fee": 0.5, "billing_surcharge": 0.25, "other1": 0.1, "other2": 0.05,
    }] })
}

fn price(inputs: &Inputs, request: &Request) -> Priced {
    let mut desk = Desk::new(request, inputs);
    desk.price(&request.accounts[0], "/accounts/0").unwrap_or_else(|missing| panic!("{missing:#?}"))
}

fn line<'p>(priced: &'p Priced, component: &str) -> &'p super::priced::Line {
    let found = priced.lines.iter().find(|line| line.component == component);
    found.unwrap_or_else(|| panic!("no line {component} in {priced:#?}"))
}

fn close(one: f64, other: f64, within: f64) {
    assert!((one - other).abs() <= within, "got {one}, expected {other}");
}
