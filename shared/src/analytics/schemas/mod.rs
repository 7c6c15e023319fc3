//! The shape of the JSON answers, for the OpenAPI document. The answers are written from columns, so a new column
//! must be added here too.

pub(crate) mod moves;

pub use self::moves::{Diff, Spread, Stats};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A snapshot that was read.
#[derive(Serialize, ToSchema)]
pub struct SnapshotRead {
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
}

/// What an answer is about.
#[derive(Serialize, ToSchema)]
pub struct Told {
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
pub struct Labels {
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
pub struct ReadFrom {
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
pub struct Delivered {
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
pub struct ValueRow {
    /// Whose.
    #[serde(flatten)]
    labels: Labels,
    /// Of which snapshot.
    #[serde(flatten)]
    snapshot: ReadFrom,
    /// Over what; absent of data types without delivery months.
    #[serde(flatten)]
    period: Option<Delivered>,
    /// Day of an hour; of loadprofile and shaping alone.
    day: Option<NaiveDate>,
    /// Month of any year; of vlr alone.
    month_of_year: Option<u32>,
    /// Hour ending, 25 for the repeated one; of hours alone.
    hour_ending: Option<u32>,
    /// Day that an offer begins on; of matrix and headroom.
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
pub struct Values {
    /// What they are about.
    #[serde(flatten)]
    told: Told,
    /// By market, curve and period.
    rows: Vec<ValueRow>,
}

/// What a period was worth on an operating day.
#[derive(Serialize, ToSchema)]
pub struct EvolutionRow {
    /// On which day, by which snapshot.
    #[serde(flatten)]
    snapshot: ReadFrom,
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
pub struct Evolution {
    /// What it is about.
    #[serde(flatten)]
    told: Told,
    /// By market, curve and operating day.
    rows: Vec<EvolutionRow>,
}
