//! The shape of a graph line in the words of `/v1`, for the OpenAPI document. [`super::words`] reads it.

use utoipa::ToSchema;

/// A text, or several of which one is meant.
#[derive(ToSchema)]
#[schema(as = GraphLabel)]
#[serde(untagged)]
pub enum Texts {
    /// A text.
    One(String),
    /// Several: any of them.
    Several(Vec<String>),
}

/// A line of a graph, in the words of `/v1/values`. It must be one curve.
#[derive(ToSchema)]
#[schema(as = GraphLine)]
#[expect(
    dead_code,
    reason = "lines are read by hand, which says everything that is wrong at once; this documents them"
)]
pub struct GraphLineWords {
    /// What the line is called; its market, labels and day if absent.
    #[schema(example = "North")]
    name: Option<String>,
    /// `energy` (default), `nonenergy`, `rec` or `ptc`: a data type by delivery month.
    #[schema(example = "energy")]
    data_type: Option<String>,
    /// Market of the curve: `ERCOT`, `ISONE`, `MISO`, `NYISO` or `PJM`.
    #[schema(example = "ERCOT")]
    market: String,
    /// Control area: letter case does not count, `*` at the end for any that begin so. This and the other labels may be lists.
    control_area: Option<Texts>,
    /// State; `-` for hubs.
    state: Option<Texts>,
    /// Load zone or hub.
    load_zone: Option<Texts>,
    /// Capacity zone.
    capacity_zone: Option<Texts>,
    /// Utility code, or `ALL`.
    utility: Option<Texts>,
    /// Block of the sheet.
    block_type: Option<Texts>,
    /// Family of the component.
    cost_group: Option<Texts>,
    /// Component: the name of the curve, without its unit.
    cost_component: Option<Texts>,
    /// Sub component.
    sub_cost_component: Option<Texts>,
    /// Rate class of a price to compare.
    profile_load: Option<Texts>,
    /// Name of the utility of a price to compare.
    utility_name: Option<Texts>,
    /// Key that joins a price to compare to offers.
    matching_id: Option<Texts>,
    /// Key in the analysts' workbook.
    lookup_id: Option<Texts>,
    /// `native`, `7x24`, `wrap` or `on-peak`. Of energy without `block_type` it is `7x24` if absent, else `native`.
    #[schema(example = "7x24")]
    blocks: Option<String>,
    /// `native` (default) or `$/MWh`.
    #[schema(example = "native")]
    units: Option<String>,
    /// As of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`): the newest snapshot up to it. The newest if absent.
    #[schema(example = "2024-01-05")]
    as_of: Option<String>,
    /// Only the snapshots of this operating day, `YYYY-MM-DD`; of any if absent.
    operating_day: Option<String>,
    /// What was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent.
    known_at: Option<String>,
    /// Which snapshot of a day: `latest` (its mark, default), `cob` or `intraday`.
    #[schema(example = "cob")]
    mark: Option<String>,
    /// First delivery month, `YYYY-MM`; all there are if absent. Not with `period`.
    #[schema(example = "2024-02")]
    from: Option<String>,
    /// The delivery month after the last: the range ends before it. Not with `period`.
    #[schema(example = "2024-05")]
    to: Option<String>,
    /// Instead of `from` and `to`, from the operating day of the snapshot on, as in `/v1/values`.
    period: Option<String>,
}
