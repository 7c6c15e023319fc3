//! The shape of the JSON answers, for the OpenAPI document. The answers are written from columns, so a new column
//! must be added here too.

pub(crate) mod moves;

pub use self::moves::{Diff, Spread, Stats};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A snapshot that an answer was read from.
#[derive(Serialize, ToSchema)]
pub struct SnapshotRead {
    /// Id of the snapshot, as in `/v1/snapshots/{id}`.
    id: i32,
    /// Data type of the snapshot.
    data_type: String,
    /// Market of the snapshot.
    market: String,
    /// Operating day: the date of the stamp.
    operating_day: NaiveDate,
    /// Stamp of the snapshot, in the market's local time.
    stamp: NaiveDateTime,
    /// Time zone of the market; stamps and delivery hours are in it.
    #[schema(example = "America/Chicago")]
    time_zone: String,
    /// Whether the snapshot is marked close of business.
    cob: bool,
    /// Revision: 1, and one more for each correction.
    revision: i32,
    /// When this revision became known.
    known_from: DateTime<Utc>,
}

/// How an answer was computed and what it leaves out.
#[derive(Serialize, ToSchema)]
pub struct Told {
    /// Data type.
    data_type: String,
    /// Calendar that hours are counted by: `nerc` or `legacy`.
    calendar: String,
    /// The answer reflects what was known at this moment; null for now.
    known_at: Option<DateTime<Utc>>,
    /// How months were aggregated, where they were.
    granularity: Option<String>,
    /// Requested blocks, if any.
    blocks: Option<Vec<String>>,
    /// For each market, the month in which each season begins; only if seasons were requested.
    seasons_begin_with_month: Option<BTreeMap<String, BTreeMap<String, u32>>>,
    /// The snapshots that were read.
    snapshots: Vec<SnapshotRead>,
    /// Number of rows without a value; their `missing` and `note` say why.
    rows_without_a_value: u64,
    /// Series that could not be computed, because blocks are missing or the unit cannot be averaged over hours.
    not_made: Vec<String>,
    /// Further remarks, such as data that was left out.
    notes: Vec<String>,
    /// Cursor of the next page; null on the last page.
    next: Option<String>,
}

/// The labels of a curve.
#[derive(Serialize, ToSchema)]
pub struct Labels {
    /// Market of the curve.
    market: String,
    /// Control area, as written in the sheet.
    control_area: String,
    /// State; `-` for hubs.
    state: String,
    /// Load zone or hub.
    load_zone: String,
    /// Capacity zone.
    capacity_zone: String,
    /// Utility code, or `ALL`.
    utility: String,
    /// Block that the value applies to.
    block_type: String,
    /// Cost group.
    cost_group: String,
    /// Cost component.
    cost_component: String,
    /// Sub cost component.
    sub_cost_component: String,
    /// Rate class; `ptc` only.
    profile_load: Option<String>,
    /// Name of the utility; `ptc` only.
    utility_name: Option<String>,
    /// Load profile; `matrix` only.
    load_profile: Option<String>,
    /// Term in months; `matrix` only.
    term: Option<String>,
    /// Customer class; `loadprofile` only.
    customer_type: Option<String>,
    /// Key that joins prices to compare to offers; `ptc` and `matrix` only.
    matching_id: Option<String>,
    /// Key in the analysts' workbook; `ptc` and `matrix` only.
    lookup_id: Option<String>,
    /// Unit of the value.
    unit: Option<String>,
}

/// The snapshot that a row was read from.
#[derive(Serialize, ToSchema)]
pub struct ReadFrom {
    /// Id of the snapshot.
    snapshot: i32,
    /// Operating day.
    operating_day: NaiveDate,
    /// Stamp of the snapshot, in the market's local time.
    stamp: NaiveDateTime,
    /// Whether the snapshot is marked close of business.
    cob: bool,
}

/// The delivery period that a row covers.
#[derive(Serialize, ToSchema)]
pub struct Delivered {
    /// Name, such as `2025-03`, `2025-Q1`, `Cal-2025`, `Winter-2024`, `BOM-2024-01` or `2025-03..2025-08`.
    #[schema(example = "2024-Q2")]
    period: String,
    /// First day of the period.
    from: NaiveDate,
    /// Day after the last day of the period.
    to: NaiveDate,
}

/// A value of a curve for one period or slot.
#[derive(Serialize, ToSchema)]
pub struct ValueRow {
    /// Labels of the curve.
    #[serde(flatten)]
    labels: Labels,
    /// Snapshot that the value was read from.
    #[serde(flatten)]
    snapshot: ReadFrom,
    /// Delivery period; absent for data types without delivery months.
    #[serde(flatten)]
    period: Option<Delivered>,
    /// Calendar day; `loadprofile` and `shaping` only.
    day: Option<NaiveDate>,
    /// Month of the year, 1 to 12; `vlr` only.
    month_of_year: Option<u32>,
    /// Hour ending, 1 to 24; 25 for the hour repeated in autumn. Hourly data types only.
    hour_ending: Option<u32>,
    /// Start date of an offer; `matrix` and `headroom` only.
    begins: Option<NaiveDate>,
    /// Value; null if it cannot be computed.
    value: Option<f64>,
    /// Hours of the block in the period.
    hours: Option<f64>,
    /// Hours of those months that have a number.
    hours_present: Option<f64>,
    /// Months without a number, such as `2024-03, 2025-01..2025-04`.
    missing: Option<String>,
    /// Months that were filled, if filling was requested.
    filled: Option<String>,
    /// Why there is no value although no month is missing.
    note: Option<String>,
    /// Id of the curve; null if the value is computed from several curves.
    curve: Option<i32>,
    /// Whether the value is computed from other blocks.
    derived: bool,
}

/// Values of curves.
#[derive(Serialize, ToSchema)]
pub struct Values {
    /// How the values were computed and what was left out.
    #[serde(flatten)]
    told: Told,
    /// One row for each curve and period, ordered by market and curve.
    rows: Vec<ValueRow>,
}

/// The value of one delivery period as of one operating day.
#[derive(Serialize, ToSchema)]
pub struct EvolutionRow {
    /// Operating day, and the snapshot of that day.
    #[serde(flatten)]
    snapshot: ReadFrom,
    /// Revision of that snapshot.
    revision: i32,
    /// Labels of the curve.
    #[serde(flatten)]
    labels: Labels,
    /// Delivery period.
    #[serde(flatten)]
    period: Delivered,
    /// Value; null if it cannot be computed.
    value: Option<f64>,
    /// Hours of the block in the period.
    hours: f64,
    /// Months without a number.
    missing: Option<String>,
    /// Why there is no value although no month is missing.
    note: Option<String>,
    /// Id of the curve; null if the value is computed from several curves.
    curve: Option<i32>,
    /// Whether the value is computed from other blocks.
    derived: bool,
}

/// One delivery period, day by day.
#[derive(Serialize, ToSchema)]
pub struct Evolution {
    /// How the values were computed and what was left out.
    #[serde(flatten)]
    told: Told,
    /// One row for each curve and operating day, ordered by market and curve.
    rows: Vec<EvolutionRow>,
}
