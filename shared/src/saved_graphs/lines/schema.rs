//! The shape of a graph line in the words of `/v1`, for the OpenAPI document. [`super::words`] reads it.

use utoipa::ToSchema;

/// A text, or a list of alternatives.
#[derive(ToSchema)]
#[schema(as = GraphLabel)]
#[serde(untagged)]
pub enum Texts {
    /// One text.
    One(String),
    /// A list of texts, any of which may match.
    Several(Vec<String>),
}

/// A line of a graph, in the parameters of `/v1/values`. It must match exactly one curve.
#[derive(ToSchema)]
#[schema(as = GraphLine)]
#[expect(dead_code, reason = "lines are read by hand, which reports all errors at once; this documents them")]
pub struct GraphLineWords {
    /// Name of the line; by default its market, labels and day.
    #[schema(example = "North")]
    name: Option<String>,
    /// `energy` (default), `nonenergy`, `rec` or `ptc`: a data type with delivery months.
    #[schema(example = "energy")]
    data_type: Option<String>,
    /// Market of the curve: `ERCOT`, `ISONE`, `MISO`, `NYISO` or `PJM`.
    #[schema(example = "ERCOT")]
    market: String,
    /// Control area. Letter case does not matter; a trailing `*` matches any ending. This and the other labels may also be lists.
    control_area: Option<Texts>,
    /// State, `-` for hubs.
    state: Option<Texts>,
    /// Load zone or hub.
    load_zone: Option<Texts>,
    /// Capacity zone.
    capacity_zone: Option<Texts>,
    /// Utility code, or `ALL`.
    utility: Option<Texts>,
    /// Block type in the sheet.
    block_type: Option<Texts>,
    /// Cost group.
    cost_group: Option<Texts>,
    /// Cost component: the name of the curve, without its unit.
    cost_component: Option<Texts>,
    /// Sub cost component.
    sub_cost_component: Option<Texts>,
    /// Rate class (`ptc` only).
    profile_load: Option<Texts>,
    /// Name of the utility (`ptc` only).
    utility_name: Option<Texts>,
    /// Matching id, which joins prices to compare and offers (`ptc` and `matrix` only).
    matching_id: Option<Texts>,
    /// Lookup id in the analysts' workbook (`ptc` and `matrix` only).
    lookup_id: Option<Texts>,
    /// `native`, `7x24`, `wrap` or `on-peak`. Default: `7x24` for energy without `block_type`, otherwise `native`.
    #[schema(example = "7x24")]
    blocks: Option<String>,
    /// `native` (default) or `$/MWh`.
    #[schema(example = "native")]
    units: Option<String>,
    /// As of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, local time of the market): the newest snapshot up
    /// to and including it. The newest of all if absent.
    #[schema(example = "2024-01-05")]
    as_of: Option<String>,
    /// Use only snapshots of this operating day, `YYYY-MM-DD`; by default of any day.
    operating_day: Option<String>,
    /// Use only what was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent.
    known_at: Option<String>,
    /// Which snapshot of each day: `latest` (default: the close of business if there is one, otherwise the latest), `cob` (only the
    /// close of business) or `intraday` (the latest that is not the close of business).
    #[schema(example = "cob")]
    mark: Option<String>,
    /// First delivery month, `YYYY-MM`; the first available if absent. Not with `period`.
    #[schema(example = "2024-02")]
    from: Option<String>,
    /// The month after the last delivery month (the end is excluded), `YYYY-MM`; the end of the data if absent. Not with `period`.
    #[schema(example = "2024-05")]
    to: Option<String>,
    /// A delivery period relative to the operating day of the snapshot, as in `/v1/values`; replaces `from` and `to`.
    period: Option<String>,
}
