//! What the JSON answers of the questions look like. The answers are written from columns; this documents them, and a test
//! holds it against real answers.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A snapshot that was read.
#[derive(Serialize, ToSchema)]
pub(super) struct SnapshotRead {
    /// Key, as in `/v1/snapshots/{id}`.
    id: i32,
    /// Data type.
    data_type: String,
    /// Market.
    market: String,
    /// Date of the stamp.
    operating_day: NaiveDate,
    /// Wall clock of the market.
    stamp: NaiveDateTime,
    /// Time zone of the market, of stamps and delivery hours.
    #[schema(example = "America/Chicago")]
    time_zone: String,
    /// Marked close of business.
    cob: bool,
    /// 1, and one more for each correction.
    revision: i32,
    /// Since when it is known.
    known_from: DateTime<Utc>,
    /// Whether its values are in the archive.
    archived: bool,
}

/// What an answer is about.
#[derive(Serialize, ToSchema)]
pub(super) struct Told {
    /// Data type.
    data_type: String,
    /// Whose hours: `nerc` or `legacy`.
    calendar: String,
    /// The moment whose knowledge was asked for; null for now.
    known_at: Option<DateTime<Utc>>,
    /// How months were put together, where they were.
    granularity: Option<String>,
    /// Which blocks, where they were asked for.
    blocks: Option<Vec<String>>,
    /// By market the month that each season begins with, where seasons were asked for.
    seasons_begin_with_month: Option<BTreeMap<String, BTreeMap<String, u32>>>,
    /// The snapshots that were read.
    snapshots: Vec<SnapshotRead>,
    /// Rows that lack a value; why stands in their `missing` and `note`.
    rows_without_a_value: u64,
    /// Series that could not be made, because they lack blocks or have no mean over hours.
    not_made: Vec<String>,
    /// What else is to be known.
    notes: Vec<String>,
    /// Cursor of the next page; null on the last.
    next: Option<String>,
}

/// The labels of a curve.
#[derive(Serialize, ToSchema)]
pub(super) struct Labels {
    /// Market.
    market: String,
    /// Control area, as the sheet says it.
    control_area: String,
    /// State; `-` for hubs.
    state: String,
    /// Load zone or hub.
    load_zone: String,
    /// Capacity zone.
    capacity_zone: String,
    /// Utility.
    utility: String,
    /// Block that the number is for.
    block_type: String,
    /// Family of the component.
    cost_group: String,
    /// Component.
    cost_component: String,
    /// Sub component.
    sub_cost_component: String,
    /// Rate class; of ptc alone.
    profile_load: Option<String>,
    /// Name of the utility; of ptc alone.
    utility_name: Option<String>,
    /// Load profile; of matrix alone.
    load_profile: Option<String>,
    /// Term in months; of matrix alone.
    term: Option<String>,
    /// Class of customers; of loadprofile alone.
    customer_type: Option<String>,
    /// Key that joins prices to compare and offers; of ptc and matrix alone.
    matching_id: Option<String>,
    /// Key in the analysts' workbook; of ptc and matrix alone.
    lookup_id: Option<String>,
    /// Unit of the number.
    unit: Option<String>,
}

/// The snapshot of a row.
#[derive(Serialize, ToSchema)]
pub(super) struct Snapshot {
    /// Key.
    snapshot: i32,
    /// Operating day.
    operating_day: NaiveDate,
    /// Wall clock of the market.
    stamp: NaiveDateTime,
    /// Marked close of business.
    cob: bool,
}

/// The delivery period of a row.
#[derive(Serialize, ToSchema)]
pub(super) struct Delivered {
    /// `2025-03`, `2025-Q1`, `Cal-2025`, `Winter-2024`, `BOM-2024-01`, `2025-03..2025-08`.
    #[schema(example = "2024-Q2")]
    period: String,
    /// Its first day.
    from: NaiveDate,
    /// The day behind its last.
    to: NaiveDate,
}

/// A value of a curve.
#[derive(Serialize, ToSchema)]
pub(super) struct ValueRow {
    /// Whose.
    #[serde(flatten)]
    labels: Labels,
    /// Of which snapshot.
    #[serde(flatten)]
    snapshot: Snapshot,
    /// Over what; absent of data types without delivery months.
    #[serde(flatten)]
    period: Option<Delivered>,
    /// Day of an hour; of loadprofile and shaping alone.
    day: Option<NaiveDate>,
    /// Month of any year; of vlr alone.
    month_of_year: Option<u32>,
    /// Hour ending, 25 for the repeated one; of hours alone.
    hour_ending: Option<u32>,
    /// Day that an offer begins on; of matrix alone.
    begins: Option<NaiveDate>,
    /// The value; null if it cannot be computed.
    value: Option<f64>,
    /// Hours of the block in the period.
    hours: Option<f64>,
    /// Hours of the months that have a number.
    hours_present: Option<f64>,
    /// The months that have none, such as `2024-03, 2025-01..2025-04`.
    missing: Option<String>,
    /// The months that were filled, if filling was asked for.
    filled: Option<String>,
    /// Why there is no value although no month is missing.
    note: Option<String>,
    /// Key of the curve; null if it is made of others.
    curve: Option<i32>,
    /// Whether it is made of other blocks.
    derived: bool,
}

/// Values.
#[derive(Serialize, ToSchema)]
pub(super) struct Values {
    /// What they are about.
    #[serde(flatten)]
    told: Told,
    /// By market, curve and period.
    rows: Vec<ValueRow>,
}

/// What a period was worth on an operating day.
#[derive(Serialize, ToSchema)]
pub(super) struct EvolutionRow {
    /// On which day, by which snapshot.
    #[serde(flatten)]
    snapshot: Snapshot,
    /// Its revision.
    revision: i32,
    /// Whose.
    #[serde(flatten)]
    labels: Labels,
    /// Over what.
    #[serde(flatten)]
    period: Delivered,
    /// The value; null if it cannot be computed.
    value: Option<f64>,
    /// Hours of the block in the period.
    hours: f64,
    /// The months that have no number.
    missing: Option<String>,
    /// Why there is no value although no month is missing.
    note: Option<String>,
    /// Key of the curve; null if it is made of others.
    curve: Option<i32>,
    /// Whether it is made of other blocks.
    derived: bool,
}

/// An evolution.
#[derive(Serialize, ToSchema)]
pub(super) struct Evolution {
    /// What it is about.
    #[serde(flatten)]
    told: Told,
    /// By market, curve and operating day.
    rows: Vec<EvolutionRow>,
}

/// How much two snapshots differ.
#[derive(Serialize, ToSchema)]
pub(super) struct DiffCounts {
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
pub(super) struct DiffRow {
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
pub(super) struct Diff {
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
pub(super) struct SpreadSide {
    /// Its labels and unit.
    curve: String,
    /// Key of its snapshot.
    snapshot: i32,
    /// Whether it is made of other blocks.
    derived: bool,
}

/// A spread over a period.
#[derive(Serialize, ToSchema)]
pub(super) struct SpreadRow {
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
pub(super) struct Spread {
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
pub(super) struct StatsRow {
    /// Whose.
    #[serde(flatten)]
    labels: Labels,
    /// Of which snapshot.
    #[serde(flatten)]
    snapshot: Snapshot,
    /// `prompt`, `next12`, `next24`, `year` or `season`.
    metric: String,
    /// Over what.
    #[serde(flatten)]
    period: Delivered,
    /// The value; null if it cannot be computed.
    value: Option<f64>,
    /// Hours of the block in the period.
    hours: f64,
    /// Months that have a number.
    months: u32,
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
pub(super) struct Stats {
    /// What they are about.
    #[serde(flatten)]
    told: Told,
    /// By market, curve and figure.
    rows: Vec<StatsRow>,
}
