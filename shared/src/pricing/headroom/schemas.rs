//! The shape of the JSON answers, for the OpenAPI document. The answers are written from columns, so a new column
//! must be added here too.

use super::rows::Source;
use crate::analytics::schemas::SnapshotRead;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A row of headroom: one offer, or the mean of several. Which fields a row has depends on `by`.
#[derive(Serialize, ToSchema)]
pub(super) struct HeadroomRow {
    /// Market of the offers.
    #[schema(example = "PJM")]
    market: String,
    /// Control area; only with `by=offer`.
    control_area: Option<String>,
    /// State of the offers.
    #[schema(example = "NJ")]
    state: String,
    /// Load zone; only with `by=offer`.
    load_zone: Option<String>,
    /// Capacity zone; only with `by=offer`.
    capacity_zone: Option<String>,
    /// Utility; with `by=offer` and `by=utility`.
    utility: Option<String>,
    /// Block; only with `by=offer`.
    block_type: Option<String>,
    /// Cost group; only with `by=offer`.
    cost_group: Option<String>,
    /// Cost component, which names the customer class; only with `by=offer`.
    cost_component: Option<String>,
    /// Customer class; only with `by=class`.
    class: Option<String>,
    /// Load profile of the offer.
    load_profile: Option<String>,
    /// Matching id of the offer.
    matching_id: Option<String>,
    /// Lookup id of the offer, which is the matching id of the price to compare.
    lookup_id: Option<String>,
    /// Rate class that the offer is compared to.
    profile_load: Option<String>,
    /// Name of the utility of that rate class.
    utility_name: Option<String>,
    /// Term of the offer in months.
    term: Option<u32>,
    /// Start date of the offer.
    begins: Option<NaiveDate>,
    /// Id of the headroom snapshot; only with `by=offer`.
    snapshot: Option<i32>,
    /// Operating day: the date of the stamp.
    operating_day: Option<NaiveDate>,
    /// Stamp of the snapshot, in the market's local time.
    stamp: Option<NaiveDateTime>,
    /// Whether the snapshot is marked close of business.
    cob: Option<bool>,
    /// Price to compare over the months of the offer, $/kWh; for several offers their plain mean. Null if the price
    /// of a month is not published.
    #[schema(example = 0.123_456_7)]
    price_to_compare: Option<f64>,
    /// Price of the offer, $/kWh; for several offers the unweighted mean of those with a headroom.
    #[schema(example = 0.1015)]
    retail_price: Option<f64>,
    /// Price to compare less retail price, $/kWh; for several offers their plain mean.
    #[schema(example = 0.021_956_7)]
    headroom: Option<f64>,
    /// Headroom in percent of the price to compare; for several offers computed from the means.
    #[schema(example = 17.784_94)]
    headroom_percent: Option<f64>,
    /// Smallest headroom among several offers.
    least_headroom: Option<f64>,
    /// Largest headroom among several offers.
    most_headroom: Option<f64>,
    /// What the mean is weighted by: for the months of one offer `load`, `hours` or (`method=legacy`) a single `month`; for several
    /// offers `offers`, each counting once.
    #[schema(example = "hours")]
    weights: String,
    /// Load over the months of the offer, kWh; null if weighted by hours.
    load: Option<f64>,
    /// Outcome for the offer: `computed`, `unpublished` (no month has a published price to compare), `months_missing` (some have
    /// none) or `no_price`.
    #[schema(example = "computed")]
    status: Option<String>,
    /// Months of the offer without a published price to compare, such as `2024-07..2025-01`.
    missing: Option<String>,
    /// Number of offers; like the next four fields, only with `by=state`, `by=utility` or `by=class`.
    offers: Option<u32>,
    /// Offers with a headroom.
    computed: Option<u32>,
    /// Offers without a published price to compare in any month.
    unpublished: Option<u32>,
    /// Offers without a published price to compare in some months.
    months_missing: Option<u32>,
    /// Offers without a price for another reason, or whose price you may not see.
    no_price: Option<u32>,
}

/// The rows of headroom, and how they were computed.
#[derive(Serialize, ToSchema)]
pub(super) struct HeadroomAnswer {
    /// Always `headroom`.
    #[schema(example = "headroom")]
    data_type: String,
    /// Calendar that hours were counted by, if they weighted: `nerc`.
    calendar: String,
    /// The answer reflects what was known at this moment; null for now.
    known_at: Option<DateTime<Utc>>,
    /// What a row represents: `offer`, `state`, `utility` or `class`.
    #[schema(example = "offer")]
    by: String,
    /// Method: `term` or `legacy`.
    #[schema(example = "term")]
    method: String,
    /// Unit of all prices.
    #[schema(example = "$/kWh")]
    unit: String,
    /// What each snapshot was computed from.
    computed_from: Vec<Source>,
    /// The snapshots that were read.
    snapshots: Vec<SnapshotRead>,
    /// Number of rows without a headroom; their `status` and `missing` explain why.
    rows_without_a_value: u64,
    /// Always empty here.
    not_made: Vec<String>,
    /// Further remarks, such as offers that were left out.
    notes: Vec<String>,
    /// Cursor of the next page; null on the last page.
    next: Option<String>,
    /// Ordered by market and labels.
    rows: Vec<HeadroomRow>,
}
