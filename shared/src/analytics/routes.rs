//! The routes of the questions.

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

/// The routes of the questions.
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

/// What else a question may be answered.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it documents what problems and the delivery of answers make")]
enum Others {
    /// Too large for the gateway: it is at `Location`, for a quarter of an hour.
    #[response(status = 303, headers(("Location" = String)))]
    Elsewhere(Elsewhere),
    /// The client has it: `If-None-Match` names its `ETag`.
    #[response(status = 304)]
    Known,
    /// There is no such curve or snapshot that you may see; `detail` says why, and what there is.
    #[response(status = 404)]
    Nothing(Problem),
    /// None of the formats in `Accept` can be had.
    #[response(status = 406)]
    NoFormat(Problem),
    /// More than is read at once.
    #[response(status = 413)]
    TooLarge(Problem),
    /// Parameters that stand against each other, or make no sense for the data type.
    #[response(status = 422)]
    Contradictory(Problem),
}

/// Asks in one transaction, whose statements all see the same: what one of them chooses the next one finds.
macro_rules! ask {
    ($ctx:expr, $caller:expr, $what:literal, $answer:path, $question:expr) => {{
        let (grants, now) = (Grants::from(&$caller), $ctx.clock().now());
        let mut tx = $ctx.db().begin_read($what).await?;
        let mut context = QueryContext { ctx: &$ctx, tx: &mut tx, grants, now };
        let answered = $answer(&mut context, &$question).await;
        end_read(tx, answered).await?
    }};
}

/// What curves are worth, by month, quarter, season, calendar year or strip.
///
/// Weighted by the hours of the block, which are returned. A period that lacks a month has no value, and the month is named.
/// A block that a sheet does not have is made of complete sets of blocks alone. Hours of days, offers and single numbers
/// are answered as the sheets have them.
#[utoipa::path(
    get,
    path = "/v1/values",
    tag = "Questions",
    responses(
        (status = 200, description = "The rows", content(
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

/// What one delivery period was worth, operating day by operating day.
///
/// By the mark of each day. A relative period rolls with the days: `M+1` is the prompt month of each of them. Name the
/// period by `period`, or by `from` and `to`.
#[utoipa::path(
    get,
    path = "/v1/evolution",
    tag = "Questions",
    responses(
        (status = 200, description = "The rows", content(
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

/// What two snapshots say differently.
///
/// Without more, the newest mark of a market against that of the day before. Curves that came and went, and every month that
/// changed, with the old and the new number.
#[utoipa::path(
    get,
    path = "/v1/diff",
    tag = "Questions",
    responses(
        (status = 200, description = "The rows", content(
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

/// Prompt month, 12 and 24 months, calendar years and seasons, and how they moved.
///
/// Since the marks of the business day before, of five business days before, and of the same day of the month before.
#[utoipa::path(
    get,
    path = "/v1/stats",
    tag = "Questions",
    responses(
        (status = 200, description = "The rows", content(
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

/// The difference of two curves, or of power and the gas that it takes.
///
/// Each side is named by the label filters that begin with `a.` and `b.`, and must be one curve. With `heat_rate` it is the
/// spark spread: power less heat rate times gas.
#[utoipa::path(
    get,
    path = "/v1/spread",
    tag = "Questions",
    responses(
        (status = 200, description = "The rows", content(
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
