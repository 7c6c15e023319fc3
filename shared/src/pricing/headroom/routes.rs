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
    /// Too large to send directly: the answer is at `Location`, for 15 minutes.
    #[response(status = 303, headers(("Location" = String)))]
    Elsewhere(Elsewhere),
    /// Not modified: `If-None-Match` names the current `ETag`.
    #[response(status = 304)]
    Known,
    /// No matching headroom is visible to you; `detail` explains why and names what exists instead.
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
