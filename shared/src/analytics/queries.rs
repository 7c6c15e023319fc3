//! The query parameters of the price queries, for the OpenAPI document. [`super::reader::Reader`] parses them and reports all
//! errors at once.
#![expect(
    dead_code,
    reason = "the parameters are read by Reader, which says everything that is wrong at once"
)]

use serde::Deserialize;
use utoipa::IntoParams;

/// Which snapshot, whose hours, which form; of all questions.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Common {
    /// As of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, wall clock of the market): the newest snapshot
    /// up to it. The newest if absent.
    #[param(example = "2024-01-05")]
    as_of: Option<String>,
    /// What was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent. With `as_of` the answer never changes and says so
    /// in `Cache-Control`.
    known_at: Option<String>,
    /// Which snapshot of a day: `latest` (its mark: the close of business, else the latest; default), `cob` or `intraday`.
    #[param(example = "latest")]
    mark: Option<String>,
    /// Whose hours: `nerc` (default: six holidays, daylight saving) or `legacy` (neither, as the old system counted).
    #[param(example = "nerc")]
    calendar: Option<String>,
    /// `csv`, `json`, `ndjson`, `parquet`, `arrow` or `xlsx`; before `Accept`.
    #[param(example = "json")]
    format: Option<String>,
    /// `long` (default: a row per value) or `wide` (csv and xlsx: side by side).
    #[param(example = "long")]
    layout: Option<String>,
    /// Rows of a page, 1 to 1000000; all if absent.
    #[param(example = 100, minimum = 1, maximum = 1_000_000)]
    limit: Option<u32>,
    /// Where to go on, from `next` of the page before, with the same parameters. It keeps what was known at the first page.
    cursor: Option<String>,
}

/// Which delivery months.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DeliveryMonths {
    /// First delivery month, `YYYY-MM`; all there are if absent. Not with `period`.
    #[param(example = "2024-02")]
    from: Option<String>,
    /// The delivery month after the last: the range ends before it. Not with `period`.
    #[param(example = "2025-02")]
    to: Option<String>,
    /// Instead of `from` and `to`, from the operating day of the snapshot on: `M+1`, `Q+1`, `Cal+1`, `prompt`, `BOM`, `next12`,
    /// `Winter`, `Summer` (`Summer+2` is the one after), `M+1..M+12`; or by name: `2025-03`, `2025-Q1`, `Cal-2025`, `Summer-2025`,
    /// `2025-03..2025-08` (both included).
    period: Option<String>,
}

/// Which curves.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Curves {
    /// `energy` (default), `nonenergy`, `rec`, `ptc`, `matrix`, `headroom`, `loadprofile`, `shaping`, `vlr` or `lineloss`.
    #[param(example = "energy")]
    data_type: Option<String>,
    /// `ERCOT`, `ISONE`, `MISO`, `NYISO` or `PJM`; repeat it or separate them by commas; all if absent.
    #[param(example = "ERCOT")]
    market: Option<Vec<String>>,
    /// Control area: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[param(example = json!(["ERCOT"]))]
    control_area: Option<Vec<String>>,
    /// State; `-` for hubs: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[param(example = json!(["TX"]))]
    state: Option<Vec<String>>,
    /// Load zone or hub: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[param(example = json!(["NORTH ZONE"]))]
    load_zone: Option<Vec<String>>,
    /// Capacity zone: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    capacity_zone: Option<Vec<String>>,
    /// Utility: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    utility: Option<Vec<String>>,
    /// Block of the sheet: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    block_type: Option<Vec<String>>,
    /// Family of the component: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    cost_group: Option<Vec<String>>,
    /// Component: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    cost_component: Option<Vec<String>>,
    /// Sub component: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    sub_cost_component: Option<Vec<String>>,
    /// Rate class of a price to compare, likewise.
    profile_load: Option<Vec<String>>,
    /// Name of the utility of a price to compare, likewise.
    utility_name: Option<Vec<String>>,
    /// Load profile of an offer, likewise.
    load_profile: Option<Vec<String>>,
    /// Term of an offer in months, likewise.
    term: Option<Vec<String>>,
    /// Class of customers of a load profile, likewise.
    customer_type: Option<Vec<String>>,
    /// Key that joins prices to compare and offers, likewise.
    matching_id: Option<Vec<String>>,
    /// Key in the analysts' workbook, likewise.
    lookup_id: Option<Vec<String>>,
}

/// Blocks and units.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Blocks {
    /// `native` (default: the blocks of the sheet), `7x24`, `wrap` (7x8 and 2x16) or `on-peak`, made of complete sets of blocks
    /// alone; repeat it or separate them by commas.
    #[param(example = json!(["7x24"]))]
    blocks: Option<Vec<String>>,
    /// `native` (default) or `$/MWh`: prices of capacity are converted by the hours of each month.
    #[param(example = "native")]
    units: Option<String>,
}

/// How months are put together.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Together {
    /// `month` (default), `quarter`, `season` (by the definition of the market), `year` or `strip` (all months that are asked for);
    /// `native` for data types without months.
    #[param(example = "month")]
    granularity: Option<String>,
}

/// Filling.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filling {
    /// How missing months are filled: `none` (default), `forward`, `interpolate` or `value:<number>`. The column `filled` says
    /// which were.
    #[param(example = "none")]
    fill: Option<String>,
}

/// Operating days.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OperatingDays {
    /// First operating day, `YYYY-MM-DD`.
    #[param(example = "2024-01-01")]
    from_day: String,
    /// Last operating day, included; the newest if absent.
    #[param(example = "2024-01-31")]
    to_day: Option<String>,
}

/// Two snapshots.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TwoSnapshots {
    /// Id of the new snapshot, instead of `data_type`, `market`, `as_of` and `mark`.
    snapshot: Option<u32>,
    /// Id of the old snapshot, instead of `against_as_of` and `against_mark`.
    against: Option<u32>,
    /// The old snapshot is the newest up to this operating day or stamp; if absent, that of the last day before the new one's
    /// that has one.
    against_as_of: Option<String>,
    /// Which snapshot of that day; as `mark` if absent.
    against_mark: Option<String>,
}

/// Two curves.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TwoCurves {
    /// Data type of both, if they have none of their own; `energy` if absent.
    #[param(example = "energy")]
    data_type: Option<String>,
    /// Market of both, if they have none of their own.
    #[param(example = "ERCOT")]
    market: Option<String>,
    /// How many `MMBtu` of gas make a `MWh`: `a` is power in $/`MWh`, `b` gas in $/`MMBtu`.
    heat_rate: Option<f64>,
    /// Data type of `a`.
    #[serde(rename = "a.data_type")]
    a_data_type: Option<String>,
    /// Market of `a`.
    #[serde(rename = "a.market")]
    a_market: Option<String>,
    /// Control area: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "a.control_area")]
    a_control_area: Option<Vec<String>>,
    /// State; `-` for hubs: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "a.state")]
    a_state: Option<Vec<String>>,
    /// Load zone or hub: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "a.load_zone")]
    a_load_zone: Option<Vec<String>>,
    /// Capacity zone: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "a.capacity_zone")]
    a_capacity_zone: Option<Vec<String>>,
    /// Utility: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "a.utility")]
    a_utility: Option<Vec<String>>,
    /// Block of the sheet: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "a.block_type")]
    a_block_type: Option<Vec<String>>,
    /// Family of the component: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "a.cost_group")]
    a_cost_group: Option<Vec<String>>,
    /// Component: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "a.cost_component")]
    a_cost_component: Option<Vec<String>>,
    /// Sub component: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "a.sub_cost_component")]
    a_sub_cost_component: Option<Vec<String>>,
    /// Rate class of a price to compare, likewise.
    #[serde(rename = "a.profile_load")]
    a_profile_load: Option<Vec<String>>,
    /// Name of the utility of a price to compare, likewise.
    #[serde(rename = "a.utility_name")]
    a_utility_name: Option<Vec<String>>,
    /// Load profile of an offer, likewise.
    #[serde(rename = "a.load_profile")]
    a_load_profile: Option<Vec<String>>,
    /// Term of an offer in months, likewise.
    #[serde(rename = "a.term")]
    a_term: Option<Vec<String>>,
    /// Class of customers of a load profile, likewise.
    #[serde(rename = "a.customer_type")]
    a_customer_type: Option<Vec<String>>,
    /// Key that joins prices to compare and offers, likewise.
    #[serde(rename = "a.matching_id")]
    a_matching_id: Option<Vec<String>>,
    /// Key in the analysts' workbook, likewise.
    #[serde(rename = "a.lookup_id")]
    a_lookup_id: Option<Vec<String>>,
    /// Data type of `b`.
    #[serde(rename = "b.data_type")]
    b_data_type: Option<String>,
    /// Market of `b`.
    #[serde(rename = "b.market")]
    b_market: Option<String>,
    /// Control area: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "b.control_area")]
    b_control_area: Option<Vec<String>>,
    /// State; `-` for hubs: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "b.state")]
    b_state: Option<Vec<String>>,
    /// Load zone or hub: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "b.load_zone")]
    b_load_zone: Option<Vec<String>>,
    /// Capacity zone: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "b.capacity_zone")]
    b_capacity_zone: Option<Vec<String>>,
    /// Utility: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "b.utility")]
    b_utility: Option<Vec<String>>,
    /// Block of the sheet: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "b.block_type")]
    b_block_type: Option<Vec<String>>,
    /// Family of the component: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "b.cost_group")]
    b_cost_group: Option<Vec<String>>,
    /// Component: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "b.cost_component")]
    b_cost_component: Option<Vec<String>>,
    /// Sub component: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    #[serde(rename = "b.sub_cost_component")]
    b_sub_cost_component: Option<Vec<String>>,
    /// Rate class of a price to compare, likewise.
    #[serde(rename = "b.profile_load")]
    b_profile_load: Option<Vec<String>>,
    /// Name of the utility of a price to compare, likewise.
    #[serde(rename = "b.utility_name")]
    b_utility_name: Option<Vec<String>>,
    /// Load profile of an offer, likewise.
    #[serde(rename = "b.load_profile")]
    b_load_profile: Option<Vec<String>>,
    /// Term of an offer in months, likewise.
    #[serde(rename = "b.term")]
    b_term: Option<Vec<String>>,
    /// Class of customers of a load profile, likewise.
    #[serde(rename = "b.customer_type")]
    b_customer_type: Option<Vec<String>>,
    /// Key that joins prices to compare and offers, likewise.
    #[serde(rename = "b.matching_id")]
    b_matching_id: Option<Vec<String>>,
    /// Key in the analysts' workbook, likewise.
    #[serde(rename = "b.lookup_id")]
    b_lookup_id: Option<Vec<String>>,
}
