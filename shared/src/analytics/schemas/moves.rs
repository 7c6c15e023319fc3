//! The JSON answers that compare: differences, spreads and statistics.

use super::{Delivered, Labels, ReadFrom, SnapshotRead, Told};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// How much two snapshots differ.
#[derive(Serialize, ToSchema)]
pub struct DiffCounts {
    /// Curves that the new one alone has.
    curves_added: u64,
    /// Curves that the old one alone has.
    curves_removed: u64,
    /// Curves with other values.
    curves_changed: u64,
    /// Curves with the same values.
    curves_equal: u64,
    /// Values that both have, and differ.
    values_changed: u64,
    /// Values that the new one alone has.
    values_appeared: u64,
    /// Values that the old one alone has.
    values_vanished: u64,
}

/// A value that differs.
#[derive(Serialize, ToSchema)]
pub struct DiffRow {
    /// Whose.
    #[serde(flatten)]
    labels: Labels,
    /// `added`, `removed` or `changed`: what became of the curve.
    kind: String,
    /// Delivery month, by its first day; of data types of months.
    month: Option<NaiveDate>,
    /// Day of an hour; of loadprofile and shaping alone.
    day: Option<NaiveDate>,
    /// Month of any year; of vlr alone.
    month_of_year: Option<u32>,
    /// Hour ending; of hours alone.
    hour_ending: Option<u32>,
    /// Day that an offer begins on; of matrix alone.
    begins: Option<NaiveDate>,
    /// What it was; null if it was missing.
    old: Option<f64>,
    /// What it is; null if it is missing.
    new: Option<f64>,
    /// The new less the old one.
    change: Option<f64>,
    /// The same in percent of the old one, 12.5 for 12.5 %; null if that is 0. Up is positive, of negative prices too.
    percent: Option<f64>,
    /// Key of the curve.
    curve: i32,
}

/// A difference.
#[derive(Serialize, ToSchema)]
pub struct Diff {
    /// What it is about.
    #[serde(flatten)]
    told: Told,
    /// The new snapshot.
    snapshot: SnapshotRead,
    /// The old one.
    against: SnapshotRead,
    /// How much they differ in what is asked for.
    counts: DiffCounts,
    /// By curve and month.
    rows: Vec<DiffRow>,
}

/// One of the two curves.
#[derive(Serialize, ToSchema)]
pub struct SpreadSide {
    /// Its labels and unit.
    curve: String,
    /// Key of its snapshot.
    snapshot: i32,
    /// Whether it is made of other blocks.
    derived: bool,
}

/// A spread over a period.
#[derive(Serialize, ToSchema)]
pub struct SpreadRow {
    /// Over what.
    #[serde(flatten)]
    period: Delivered,
    /// Price of the first curve.
    a: Option<f64>,
    /// Price of the second.
    b: Option<f64>,
    /// The first less the second, or less heat rate times the second.
    spread: Option<f64>,
    /// Hours that weigh the first.
    hours: f64,
    /// Hours that weigh the second: those of the power that gas is burnt for, else of its own block.
    b_hours: f64,
    /// The months that the first lacks.
    a_missing: Option<String>,
    /// The months that the second lacks.
    b_missing: Option<String>,
    /// Why there is no value although no month is missing.
    note: Option<String>,
}

/// Spreads.
#[derive(Serialize, ToSchema)]
pub struct Spread {
    /// What they are about.
    #[serde(flatten)]
    told: Told,
    /// The first curve.
    a: SpreadSide,
    /// The second.
    b: SpreadSide,
    /// `MMBtu`/`MWh`, if it was given.
    heat_rate: Option<f64>,
    /// Unit of the spread.
    unit: String,
    /// By period.
    rows: Vec<SpreadRow>,
}

/// A figure of a curve, and how it moved.
#[derive(Serialize, ToSchema)]
pub struct StatsRow {
    /// Whose.
    #[serde(flatten)]
    labels: Labels,
    /// Of which snapshot.
    #[serde(flatten)]
    snapshot: ReadFrom,
    /// `prompt`, `next12`, `next24`, `year` or `season`.
    metric: String,
    /// Over what.
    #[serde(flatten)]
    period: Delivered,
    /// The value; null if it cannot be computed.
    value: Option<f64>,
    /// Hours of the block in the period; null where there are none.
    hours: Option<f64>,
    /// Months that have a number; null where none was looked for.
    months: Option<u32>,
    /// The months that have none.
    missing: Option<String>,
    /// The business day before; null if it has no mark.
    day_before: Option<NaiveDate>,
    /// What the same months were worth then.
    day_value: Option<f64>,
    /// The value less that.
    day_change: Option<f64>,
    /// In percent of that.
    day_percent: Option<f64>,
    /// Five business days before.
    week_before: Option<NaiveDate>,
    /// What the same months were worth then.
    week_value: Option<f64>,
    /// The value less that.
    week_change: Option<f64>,
    /// In percent of that.
    week_percent: Option<f64>,
    /// The same day of the month before, or the business day before that.
    month_before: Option<NaiveDate>,
    /// What the same months were worth then.
    month_value: Option<f64>,
    /// The value less that.
    month_change: Option<f64>,
    /// In percent of that.
    month_percent: Option<f64>,
    /// Why there is no value although no month is missing.
    note: Option<String>,
    /// Key of the curve; null if it is made of others.
    curve: Option<i32>,
    /// Whether it is made of other blocks.
    derived: bool,
}

/// Figures.
#[derive(Serialize, ToSchema)]
pub struct Stats {
    /// What they are about.
    #[serde(flatten)]
    told: Told,
    /// By market, curve and figure.
    rows: Vec<StatsRow>,
}
