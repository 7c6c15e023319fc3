//! The routes of headroom.

use super::question;
use super::schemas::HeadroomAnswer;
use crate::access::{Caller, Grants};
use crate::analytics::query_context::QueryContext;
use crate::ctx::Ctx;
use crate::http::delivery::Elsewhere;
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route, end_read};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use utoipa::{IntoParams, IntoResponses};

/// The routes of headroom.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Reader, routes!(ask_headroom))]
}

/// What may stand in the query string; [`question::parse`] reads it, this documents it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the parameters are read by question::parse, which says everything that is wrong at once"
)]
struct HeadroomQuery {
    /// `ERCOT`, `ISONE`, `MISO`, `NYISO` or `PJM`; repeat it or separate them by commas; all if absent.
    #[param(example = "PJM")]
    market: Option<Vec<String>>,
    /// What a row is: `offer` (default), or the plain mean of the offers of a `state`, of a `utility` or of a `class` of
    /// customers (the cost component).
    #[param(example = "state", pattern = "^(offer|state|utility|class)$")]
    by: Option<String>,
    /// `term` (default: the price to compare of the months of the offer) or `legacy` (that of the month in which it was
    /// published, 0 where there is none, as the old system had it), to reconcile.
    #[param(example = "term", pattern = "^(term|legacy)$")]
    method: Option<String>,
    /// As of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, wall clock of the market): the newest snapshot
    /// up to it. The newest if absent.
    as_of: Option<String>,
    /// What was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent.
    known_at: Option<String>,
    /// Which snapshot of a day: `latest` (its mark, default), `cob` or `intraday`.
    #[param(example = "latest")]
    mark: Option<String>,
    /// Control area: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.
    control_area: Option<Vec<String>>,
    /// State, likewise.
    state: Option<Vec<String>>,
    /// Load zone, likewise.
    load_zone: Option<Vec<String>>,
    /// Capacity zone, likewise.
    capacity_zone: Option<Vec<String>>,
    /// Utility, likewise.
    utility: Option<Vec<String>>,
    /// Block, likewise.
    block_type: Option<Vec<String>>,
    /// Family of the component, likewise.
    cost_group: Option<Vec<String>>,
    /// Class of the offer, likewise.
    cost_component: Option<Vec<String>>,
    /// Number of the offer, likewise; without all of them a row has gaps.
    sub_cost_component: Option<Vec<String>>,
    /// Load profile of the offer, likewise.
    load_profile: Option<Vec<String>>,
    /// Term of the offer in months, likewise.
    term: Option<Vec<String>>,
    /// Matching id of the offer, likewise.
    matching_id: Option<Vec<String>>,
    /// Lookup id of the offer, likewise.
    lookup_id: Option<Vec<String>>,
    /// Rate class that the offer is compared with, likewise.
    profile_load: Option<Vec<String>>,
    /// Name of the utility of that rate class, likewise.
    utility_name: Option<Vec<String>>,
    /// `csv`, `json`, `ndjson`, `parquet`, `arrow` or `xlsx`; before `Accept`.
    #[param(example = "json")]
    format: Option<String>,
    /// Rows of a page, 1 to 1000000; all if absent.
    #[param(example = 100, minimum = 1, maximum = 1_000_000)]
    limit: Option<u32>,
    /// Where to go on, from `next` of the page before, with the same parameters.
    cursor: Option<String>,
}

/// What else may be answered.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it documents what problems and the delivery of answers make")]
enum OtherAnswers {
    /// Too large to send directly: the answer is at `Location`, for 15 minutes.
    #[response(status = 303, headers(("Location" = String)))]
    Elsewhere(Elsewhere),
    /// Not modified: `If-None-Match` names the current `ETag`.
    #[response(status = 304)]
    Known,
    /// No matching headroom is visible to you; `detail` says why, and what exists instead.
    #[response(status = 404)]
    Nothing(Problem),
    /// None of the formats in `Accept` is available; `available` lists those that are.
    #[response(status = 406)]
    NoFormat(Problem),
    /// The request covers more data than one answer may read; narrow it.
    #[response(status = 413)]
    TooLarge(Problem),
    /// Parameters that do not apply to headroom.
    #[response(status = 422)]
    Contradictory(Problem),
}

/// Shows how far retail offers are below the utility's price to compare.
///
/// `headroom = price to compare - retail price`, in $/kWh. The price to compare is the average over the offer's months, weighted by
/// its load profile or, without one, by the hours of the months. If a month is not published there is no headroom, and the
/// missing months are named. Headroom is computed separately for every version of a day's offers.
#[utoipa::path(
    get,
    path = "/v1/headroom",
    tag = "Calculators",
    params(HeadroomQuery),
    responses(
        (status = 200, description = "Offers, or means of offers, with their headroom", content(
            (HeadroomAnswer = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        ), headers(("Trueprice-Next" = String, description = "Cursor of the next page; absent on the last page"))),
        OtherAnswers
    )
)]
async fn ask_headroom(
    State(ctx): State<Ctx>,
    caller: Caller,
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (question, format) = question::parse(&headers, &pairs)?;
    let (grants, now) = (Grants::from(&caller), ctx.clock().now());
    let mut tx = ctx.db().begin_read("answer headroom").await?;
    let mut context = QueryContext { ctx: &ctx, tx: &mut tx, grants, now };
    let answered = question::answer(&mut context, &question).await;
    end_read(tx, answered).await?.into_response(format, false)
}
