//! The routes of the price queries.

use super::queries::{DIFF, EVOLUTION, SPREAD, STATS, VALUES};
use super::query_context::QueryContext;
use super::schemas::moves::{Diff, Spread, Stats};
use super::schemas::{Evolution, Values};
use super::{diff, evolution, reads, spread, stats, values};
use crate::access::{Caller, Grants};
use crate::ctx::Ctx;
use crate::http::delivery::Elsewhere;
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route, end_read};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use utoipa::IntoResponses;

type Pairs = Vec<(String, String)>;

/// The routes of the price queries.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(ask_values: VALUES)),
        Route::new(Audience::Reader, routes!(ask_evolution: EVOLUTION)),
        Route::new(Audience::Reader, routes!(ask_diff: DIFF)),
        Route::new(Audience::Reader, routes!(ask_stats: STATS)),
        Route::new(Audience::Reader, routes!(ask_spread: SPREAD)),
    ]
}

/// The other responses to a price query.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it documents what problems and the delivery of answers make")]
enum Others {
    /// Too large to send directly: the answer is at `Location`, for 15 minutes.
    #[response(status = 303, headers(("Location" = String)))]
    Elsewhere(Elsewhere),
    /// Not modified: `If-None-Match` names the current `ETag`.
    #[response(status = 304)]
    Known,
    /// No matching curve or snapshot is visible to you; `detail` explains why and names what exists instead.
    #[response(status = 404)]
    Nothing(Problem),
    /// None of the formats in `Accept` is available; `available` lists those that are.
    #[response(status = 406)]
    NoFormat(Problem),
    /// The request covers more data than one answer may read; narrow it.
    #[response(status = 413)]
    TooLarge(Problem),
    /// Parameters contradict each other or do not apply to the data type.
    #[response(status = 422)]
    Contradictory(Problem),
}

/// Answers a query in one transaction, whose statements all see the same state: what one of them selects the next one finds.
macro_rules! ask {
    ($ctx:expr, $caller:expr, $what:literal, $answer:path, $question:expr) => {{
        let (grants, now) = (Grants::from(&$caller), $ctx.clock().now());
        let mut tx = $ctx.db().begin_read($what).await?;
        let mut context = QueryContext { ctx: &$ctx, tx: &mut tx, grants, now };
        let answered = $answer(&mut context, &$question).await;
        end_read(tx, answered).await?
    }};
}

/// Returns curve values by month, quarter, season, calendar year or strip.
///
/// Values are weighted by the hours of the block, and those hours are returned. A period that lacks a month has no value, and the
/// missing months are named. A block that the sheet lacks is computed only from a complete set of other blocks. Hourly data, offers
/// and single numbers are returned as the sheets give them.
#[utoipa::path(
    get,
    path = "/v1/values",
    tag = "Analytics",
    responses(
        (status = 200, description = "The values", content(
            (Values = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        Others
    )
)]
async fn ask_values(
    State(ctx): State<Ctx>,
    caller: Caller,
    headers: HeaderMap,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Problem> {
    let (question, look) = reads::values(&headers, &pairs)?;
    ask!(ctx, caller, "answer values", values::answer, question).into_response(look.format, look.wide)
}

/// Shows how the price of one delivery period changed from one operating day to the next.
///
/// Each day is read from its mark. A relative period moves with the day: `M+1` is the prompt month as of each day. Give the
/// period as `period`, or as both `from` and `to`.
#[utoipa::path(
    get,
    path = "/v1/evolution",
    tag = "Analytics",
    responses(
        (status = 200, description = "The value on each operating day", content(
            (Evolution = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        Others
    )
)]
async fn ask_evolution(
    State(ctx): State<Ctx>,
    caller: Caller,
    headers: HeaderMap,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Problem> {
    let (question, look) = reads::evolution(&headers, &pairs)?;
    ask!(ctx, caller, "answer evolution", evolution::answer, question).into_response(look.format, look.wide)
}

/// Compares two snapshots.
///
/// By default, compares the newest mark of a market with that of the previous day. Reports curves that were added or removed and
/// every month that changed, with the old and the new number.
#[utoipa::path(
    get,
    path = "/v1/diff",
    tag = "Analytics",
    responses(
        (status = 200, description = "The differences", content(
            (Diff = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        Others
    )
)]
async fn ask_diff(
    State(ctx): State<Ctx>,
    caller: Caller,
    headers: HeaderMap,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Problem> {
    let (question, look) = reads::diff(&headers, &pairs)?;
    ask!(ctx, caller, "answer diff", diff::answer, question).into_response(look.format, look.wide)
}

/// Returns the prompt month, next 12 and 24 months, calendar years and seasons, and how they moved.
///
/// Changes are measured against the marks of the previous business day, of five business days earlier, and of the same day last month.
#[utoipa::path(
    get,
    path = "/v1/stats",
    tag = "Analytics",
    responses(
        (status = 200, description = "The figures", content(
            (Stats = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        Others
    )
)]
async fn ask_stats(
    State(ctx): State<Ctx>,
    caller: Caller,
    headers: HeaderMap,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Problem> {
    let (question, look) = reads::stats(&headers, &pairs)?;
    ask!(ctx, caller, "answer stats", stats::answer, question).into_response(look.format, look.wide)
}

/// Returns the spread between two curves, or the spark spread of power over gas.
///
/// Select each side with label filters prefixed `a.` and `b.`; each side must match exactly one curve. With `heat_rate`, the
/// result is the spark spread: power price less heat rate times gas price.
#[utoipa::path(
    get,
    path = "/v1/spread",
    tag = "Analytics",
    responses(
        (status = 200, description = "The spreads", content(
            (Spread = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        Others
    )
)]
async fn ask_spread(
    State(ctx): State<Ctx>,
    caller: Caller,
    headers: HeaderMap,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Problem> {
    let (question, look) = reads::spread(&headers, &pairs)?;
    ask!(ctx, caller, "answer spread", spread::answer, question).into_response(look.format, look.wide)
}
