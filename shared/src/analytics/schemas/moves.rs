//! The JSON answers that compare: differences, spreads and statistics.

use super::{Delivered, Labels, ReadFrom, SnapshotRead, Told};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// How much two snapshots differ.
#[derive(Serialize, ToSchema)]
pub struct DiffCounts {
    /// Curves that only the new snapshot has.
    curves_added: u64,
    /// Curves that only the old snapshot has.
    curves_removed: u64,
    /// Curves in both whose values differ.
    curves_changed: u64,
    /// Curves in both with the same values.
    curves_equal: u64,
    /// Values present in both that differ.
    values_changed: u64,
    /// Values that only the new snapshot has.
    values_appeared: u64,
    /// Values that only the old snapshot has.
    values_vanished: u64,
}

/// A value that differs.
#[derive(Serialize, ToSchema)]
pub struct DiffRow {
    /// Labels of the curve.
    #[serde(flatten)]
    labels: Labels,
    /// What happened to the curve: `added`, `removed` or `changed`.
    kind: String,
    /// First day of the delivery month; monthly data types only.
    month: Option<NaiveDate>,
    /// Calendar day; `loadprofile` and `shaping` only.
    day: Option<NaiveDate>,
    /// Month of the year, 1 to 12; `vlr` only.
    month_of_year: Option<u32>,
    /// Hour ending; hourly data types only.
    hour_ending: Option<u32>,
    /// Start date of an offer; `matrix` only.
    begins: Option<NaiveDate>,
    /// Old value; null if it was missing.
    old: Option<f64>,
    /// New value; null if it is missing.
    new: Option<f64>,
    /// New value less old value.
    change: Option<f64>,
    /// Change in percent of the absolute old value (12.5 means 12.5 %); null if the old value is 0. Positive when the value rises.
    percent: Option<f64>,
    /// Id of the curve.
    curve: i32,
}

/// The differences between two snapshots.
#[derive(Serialize, ToSchema)]
pub struct Diff {
    /// How the comparison was made and what was left out.
    #[serde(flatten)]
    told: Told,
    /// The new snapshot.
    snapshot: SnapshotRead,
    /// The old snapshot.
    against: SnapshotRead,
    /// How much they differ within the requested selection.
    counts: DiffCounts,
    /// One row for each difference, ordered by curve and month.
    rows: Vec<DiffRow>,
}

/// One side of a spread.
#[derive(Serialize, ToSchema)]
pub struct SpreadSide {
    /// Labels and unit of the curve.
    curve: String,
    /// Id of the snapshot.
    snapshot: i32,
    /// Whether the curve is computed from other blocks.
    derived: bool,
}

/// The spread over one period.
#[derive(Serialize, ToSchema)]
pub struct SpreadRow {
    /// Delivery period.
    #[serde(flatten)]
    period: Delivered,
    /// Price of side a.
    a: Option<f64>,
    /// Price of side b.
    b: Option<f64>,
    /// Price of a less price of b, or less heat rate times the price of b.
    spread: Option<f64>,
    /// Hours by which side a is weighted.
    hours: f64,
    /// Hours by which side b is weighted: with `heat_rate` those of the power block, otherwise those of its own block.
    b_hours: f64,
    /// Months that side a lacks.
    a_missing: Option<String>,
    /// Months that side b lacks.
    b_missing: Option<String>,
    /// Why there is no value although no month is missing.
    note: Option<String>,
}

/// Spreads by period.
#[derive(Serialize, ToSchema)]
pub struct Spread {
    /// How the spreads were computed and what was left out.
    #[serde(flatten)]
    told: Told,
    /// Side a.
    a: SpreadSide,
    /// Side b.
    b: SpreadSide,
    /// Heat rate in `MMBtu`/`MWh`, if given.
    heat_rate: Option<f64>,
    /// Unit of the spread.
    unit: String,
    /// One row for each period.
    rows: Vec<SpreadRow>,
}

/// A standard figure of a curve, and how it moved.
#[derive(Serialize, ToSchema)]
pub struct StatsRow {
    /// Labels of the curve.
    #[serde(flatten)]
    labels: Labels,
    /// Snapshot that the value was read from.
    #[serde(flatten)]
    snapshot: ReadFrom,
    /// Which figure: `prompt`, `next12`, `next24`, `year` or `season`.
    metric: String,
    /// Delivery period.
    #[serde(flatten)]
    period: Delivered,
    /// Value; null if it cannot be computed.
    value: Option<f64>,
    /// Hours of the block in the period; null if the block has none.
    hours: Option<f64>,
    /// Number of months that have a price; null if none was looked for.
    months: Option<u32>,
    /// Months without a number.
    missing: Option<String>,
    /// Previous business day; null if it has no mark.
    day_before: Option<NaiveDate>,
    /// Value of the same delivery months on that day.
    day_value: Option<f64>,
    /// Change since that day.
    day_change: Option<f64>,
    /// Change since that day, in percent.
    day_percent: Option<f64>,
    /// Five business days earlier; null if that day has no mark.
    week_before: Option<NaiveDate>,
    /// Value of the same delivery months on that day.
    week_value: Option<f64>,
    /// Change since that day.
    week_change: Option<f64>,
    /// Change since that day, in percent.
    week_percent: Option<f64>,
    /// Same day of the previous month, or the last business day before it.
    month_before: Option<NaiveDate>,
    /// Value of the same delivery months on that day.
    month_value: Option<f64>,
    /// Change since that day.
    month_change: Option<f64>,
    /// Change since that day, in percent.
    month_percent: Option<f64>,
    /// Why there is no value although no month is missing.
    note: Option<String>,
    /// Id of the curve; null if the value is computed from several curves.
    curve: Option<i32>,
    /// Whether the value is computed from other blocks.
    derived: bool,
}

/// Standard figures of curves.
#[derive(Serialize, ToSchema)]
pub struct Stats {
    /// How the figures were computed and what was left out.
    #[serde(flatten)]
    told: Told,
    /// One row for each curve and figure, ordered by market and curve.
    rows: Vec<StatsRow>,
}
