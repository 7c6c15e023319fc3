//! The shape of the JSON answers, for the OpenAPI document. The answers are written from columns, so a new column
//! must be added here too.

use super::rows::Source;
use crate::analytics::schemas::SnapshotRead;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A row of headroom: an offer, or the mean of offers. What a row has depends on `by`.
#[derive(Serialize, ToSchema)]
pub(super) struct HeadroomRow {
    /// Market.
    #[schema(example = "PJM")]
    market: String,
    /// Control area; of an offer.
    control_area: Option<String>,
    /// State.
    #[schema(example = "NJ")]
    state: String,
    /// Load zone; of an offer.
    load_zone: Option<String>,
    /// Capacity zone; of an offer.
    capacity_zone: Option<String>,
    /// Utility; of an offer, and by utility.
    utility: Option<String>,
    /// Block; of an offer.
    block_type: Option<String>,
    /// Family of the component; of an offer.
    cost_group: Option<String>,
    /// Component, which is the class of customers; of an offer.
    cost_component: Option<String>,
    /// Class of customers; by class.
    class: Option<String>,
    /// Load profile of the offer.
    load_profile: Option<String>,
    /// Matching id of the offer.
    matching_id: Option<String>,
    /// Lookup id of the offer, which is the matching id of the price to compare.
    lookup_id: Option<String>,
    /// Rate class that the offer is compared with.
    profile_load: Option<String>,
    /// Name of the utility of that rate class.
    utility_name: Option<String>,
    /// Months of the offer.
    term: Option<u32>,
    /// Day that the offer begins on.
    begins: Option<NaiveDate>,
    /// The snapshot of headroom; of an offer.
    snapshot: Option<i32>,
    /// Date of its stamp.
    operating_day: Option<NaiveDate>,
    /// Its stamp, wall clock of the market.
    stamp: Option<NaiveDateTime>,
    /// Whether it is marked close of business.
    cob: Option<bool>,
    /// What the utility charges over the months of the offer, $/kWh; of several offers the plain mean. Null if a month is not
    /// published.
    #[schema(example = 0.123_456_7)]
    price_to_compare: Option<f64>,
    /// What the offer costs, $/kWh; of several offers the plain mean of those with a headroom.
    #[schema(example = 0.1015)]
    retail_price: Option<f64>,
    /// The first less the second, $/kWh; of several offers the plain mean.
    #[schema(example = 0.021_956_7)]
    headroom: Option<f64>,
    /// Headroom in percent of the price to compare; of several offers of the means.
    #[schema(example = 17.784_94)]
    headroom_percent: Option<f64>,
    /// The smallest headroom of several offers.
    least_headroom: Option<f64>,
    /// The largest headroom of several offers.
    most_headroom: Option<f64>,
    /// What weighted: the months of an offer `load`, `hours` or (`method=legacy`) one `month`; several offers `offers`, each
    /// counting once.
    #[schema(example = "hours")]
    weights: String,
    /// Load of the months of the offer, kWh; null where hours weighted.
    load: Option<f64>,
    /// What became of the offer: `computed`, `unpublished` (no month has a published price), `months_missing` (some have none)
    /// or `no_price`.
    #[schema(example = "computed")]
    status: Option<String>,
    /// The months of the offer that have no published price, such as `2024-07..2025-01`.
    missing: Option<String>,
    /// Offers; by state, utility or class, as the next four.
    offers: Option<u32>,
    /// Offers with a headroom.
    computed: Option<u32>,
    /// Offers of whose months none has a published price.
    unpublished: Option<u32>,
    /// Offers of whose months some have no published price.
    months_missing: Option<u32>,
    /// Offers without a price for another reason, or without one that you may see.
    no_price: Option<u32>,
}

/// Headroom.
#[derive(Serialize, ToSchema)]
pub(super) struct HeadroomAnswer {
    /// `headroom`.
    #[schema(example = "headroom")]
    data_type: String,
    /// Whose hours, where they weighted: `nerc`.
    calendar: String,
    /// The moment whose knowledge was asked for; null for now.
    known_at: Option<DateTime<Utc>>,
    /// What a row is: `offer`, `state`, `utility` or `class`.
    #[schema(example = "offer")]
    by: String,
    /// `term` or `legacy`.
    #[schema(example = "term")]
    method: String,
    /// Unit of all prices.
    #[schema(example = "$/kWh")]
    unit: String,
    /// What each snapshot was computed from.
    computed_from: Vec<Source>,
    /// The snapshots that were read.
    snapshots: Vec<SnapshotRead>,
    /// Rows without a headroom; why stands in their `status` and `missing`.
    rows_without_a_value: u64,
    /// Always empty here.
    not_made: Vec<String>,
    /// What else is to be known.
    notes: Vec<String>,
    /// Cursor of the next page; null on the last.
    next: Option<String>,
    /// By market and labels.
    rows: Vec<HeadroomRow>,
}
