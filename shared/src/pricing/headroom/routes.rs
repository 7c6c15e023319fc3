//! The routes of headroom.

use super::parameters::HEADROOM;
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
use utoipa::IntoResponses;

/// The routes of headroom.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Reader, routes!(ask_headroom: HEADROOM))]
}

/// What else may be answered.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it documents what problems and the delivery of answers make")]
enum OtherAnswers {
    /// Too large for the gateway: it is at `Location`, for a quarter of an hour.
    #[response(status = 303, headers(("Location" = String)))]
    Elsewhere(Elsewhere),
    /// The client has it: `If-None-Match` names its `ETag`.
    #[response(status = 304)]
    Known,
    /// There is no such headroom that you may see; `detail` says why, and what there is.
    #[response(status = 404)]
    Nothing(Problem),
    /// None of the formats in `Accept` can be had.
    #[response(status = 406)]
    NoFormat(Problem),
    /// More than is read at once.
    #[response(status = 413)]
    TooLarge(Problem),
    /// Parameters that make no sense here.
    #[response(status = 422)]
    Contradictory(Problem),
}

/// What retail offers are below the price to compare.
///
/// `headroom = price to compare - retail price` in $/kWh. The price to compare is that of the months of the offer, weighted by
/// the load of its load profile, or by the hours of the months. If a month is not published there is no headroom, and the
/// month is named. Every version of a day's offers has its own.
#[utoipa::path(
    get,
    path = "/v1/headroom",
    tag = "Calculators",
    responses(
        (status = 200, description = "The rows", content(
            (HeadroomAnswer = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        ), headers(("Trueprice-Next" = String, description = "Cursor of the next page"))),
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
