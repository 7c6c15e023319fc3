//! The routes of quotes and jobs.

use super::jobs::store as jobs;
use super::parameters::{EXPLANATION, JOB, QUOTE, VIEWS};
use super::quote::make::{self, Maker};
use super::quote::priced::Quote;
use super::quote::read::Which;
use super::quote::request::Request;
use super::quote::store::{self, Kept};
use super::quote::{self, explain, inputs_of, tables};
use super::schemas::{Explained, JobAnswer, QuoteRequest};
use crate::access::{Caller, Grants};
use crate::ctx::Ctx;
use crate::fault::During as _;
use crate::http::route::routes;
use crate::http::{Audience, Format, Parameters, Problem, Route, answer, body, path};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

/// The routes of this module.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Uploader, routes!(create_quote)),
        Route::new(Audience::Uploader, routes!(find_quote: QUOTE)),
        Route::new(Audience::Uploader, routes!(explain_quote: EXPLANATION)),
        Route::new(Audience::Uploader, routes!(create_job)),
        Route::new(Audience::Uploader, routes!(find_job: JOB)),
    ]
}

/// The most months, over all accounts, priced within a request; more becomes a job. 500 accounts of five years reach it exactly.
pub const MAX_AT_ONCE: usize = 30_000;
/// The most waiting jobs of one user.
const MAX_JOBS: i64 = 20;
/// How long the URL of a result is valid.
const VALID: Duration = Duration::from_mins(15);

type Pairs = Vec<(String, String)>;

/// Prices accounts: the cost of full supply, component by component.
///
/// Every line gives its formula, snapshots and curves; the lines sum to the price. The quote is stored and can be read again at
/// `GET /v1/quotes/{id}`. If inputs are missing, all of them are named together with the sheets to upload (422, `missing`). A
/// request of more than 30,000 account-months is priced as a job: the answer is 202, and `Location` is where to poll the job.
#[utoipa::path(
    post,
    path = "/v1/quotes",
    tag = "Quotes",
    request_body = QuoteRequest,
    responses(
        (status = 200, body = Quote, description = "The quote"),
        (
            status = 202,
            body = JobAnswer,
            description = "Accepted; a job prices it",
            headers(("Location" = String, description = "Address of the job")),
            example = json!({
                "id": "0f8fad5b-d9cb-469f-a165-70867728950e", "kind": "quote", "state": "queued", "done": 0, "total": 2000, "attempts": 0,
                "created_at": "2024-02-01T12:00:00Z", "started_at": null, "finished_at": null, "problem": null, "quote": null, "result": null
            })
        ),
        (status = 409, body = Problem, description = "You have too many unfinished jobs"),
        (status = 413, body = Problem),
        (status = 422, body = Problem, description = "Inputs are missing; `missing` names all of them")
    )
)]
async fn create_quote(
    State(ctx): State<Ctx>,
    caller: Caller,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<Response, Problem> {
    let request = Request::read(&body::any(body)?).map_err(Problem::bad_request)?;
    if request.account_months() > MAX_AT_ONCE {
        return enqueue(&ctx, &caller, &request).await;
    }
    let (_, bytes) = price(&ctx, &caller, &request).await?;
    Ok(([(CONTENT_TYPE, HeaderValue::from_static(Format::Json.content_type()))], bytes).into_response())
}

/// Prices a request at once and stores the quote.
///
/// # Errors
/// 422 with everything that is missing; a fault.
pub(crate) async fn price(
    ctx: &Ctx,
    caller: &Caller,
    request: &Request,
) -> Result<(Quote, Vec<u8>), Problem> {
    let (grants, now) = (Grants::from(caller), ctx.clock().now());
    let known_at = request.known_at.unwrap_or(now);
    let inputs = inputs_of(ctx, &grants, request, Which::Of(request.curve_date, known_at)).await?;
    let mut maker = Maker::new(request, &inputs);
    while maker.go_on() {
        // Lets other requests run meanwhile.
        tokio::task::yield_now().await;
    }
    let quote = maker.end()?.quote(Uuid::new_v4(), request, &inputs, known_at, now);
    let mut tx = ctx.db().begin("keep a quote").await?;
    let bytes = store::keep(&mut tx, grants.user_id(), request, &quote).await?;
    tx.commit().await?;
    Ok((quote, bytes))
}

async fn enqueue(ctx: &Ctx, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    let (grants, now, id) = (Grants::from(caller), ctx.clock().now(), Uuid::new_v4());
    let mut said = request.canonical();
    said["known_at"] = json!(request.known_at.unwrap_or(now));
    let total = i32::try_from(request.accounts.len()).unwrap_or(i32::MAX);
    let mut tx = ctx.db().begin("add a job").await?;
    if jobs::waiting(&mut tx, grants.user_id()).await? >= MAX_JOBS {
        tx.rollback().await?;
        let detail = format!(
            "{MAX_JOBS} of your jobs are already waiting or running; try again when some have finished"
        );
        return Err(Problem::conflict(detail, "Too many jobs"));
    }
    jobs::enqueue(&mut tx, id, grants.user_id(), (&said, total), now).await?;
    let job = jobs::find(&mut tx, id, &grants).await?.ok_or_else(no_job)?;
    tx.commit().await?;
    ctx.wake_workers().await;
    let location = HeaderValue::try_from(format!("/v1/jobs/{id}")).during("writing an address")?;
    Ok((StatusCode::ACCEPTED, [(LOCATION, location)], Json(JobAnswer::of(job, None))).into_response())
}

fn no_quote() -> Problem {
    Problem::not_found("no such quote, or it is not yours", "Not Found")
}

fn no_job() -> Problem {
    Problem::not_found("no such job, or it is not yours", "Not Found")
}

async fn kept(ctx: &Ctx, caller: &Caller, id: &str) -> Result<(Kept, Quote, Request), Problem> {
    let id: Uuid = path::id(id, no_quote)?;
    let mut tx = ctx.db().begin_read("find a quote").await?;
    let kept = store::find(&mut tx, id, &Grants::from(caller)).await?;
    tx.commit().await?;
    let kept = kept.ok_or_else(no_quote)?;
    let quote: Quote = serde_json::from_slice(&kept.answer).during("reading a quote")?;
    let mut request = Request::read(&kept.request)
        .map_err(|wrong| crate::fault::Fault::new(format!("a stored request cannot be read: {wrong:?}")))?;
    request.known_at = Some(kept.known_at);
    Ok((kept, quote, request))
}

/// Reads the inputs of a quote again and checks that they give the same price.
async fn inputs_again(
    ctx: &Ctx,
    caller: &Caller,
    kept: &Kept,
    request: &Request,
) -> Result<quote::inputs::Inputs, Problem> {
    if request.account_months() > MAX_AT_ONCE {
        let detail = format!(
            "the quote has more than {MAX_AT_ONCE} account-months, too many to price again within one request"
        );
        return Err(Problem::too_large(detail));
    }
    let inputs = inputs_of(ctx, &Grants::from(caller), request, Which::These(&kept.snapshots)).await?;
    let same = make::all(request, &inputs).is_ok_and(|made| made.hash(request, &inputs) == kept.hash);
    if !same {
        let detail =
            "you can no longer read all inputs of this quote: a grant has changed, or data was purged";
        return Err(Problem::conflict(detail, "Exception in price calculation"));
    }
    Ok(inputs)
}

/// Returns a quote: as JSON exactly as it was made, byte for byte; in other formats its lines or its hours as rows.
///
/// Only its owner and admins may read it.
#[utoipa::path(
    get,
    path = "/v1/quotes/{id}",
    tag = "Quotes",
    responses(
        (status = 200, description = "The quote, or its lines or hours as rows", content(
            (Quote = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        (status = 404, body = Problem),
        (status = 406, body = Problem),
        (status = 409, body = Problem, description = "With `view=hourly`: you can no longer read all its inputs"),
        (status = 413, body = Problem)
    )
)]
async fn find_quote(
    State(ctx): State<Ctx>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Problem> {
    let mut read = Parameters::new(&pairs, &QUOTE);
    let hourly = read.one_of("view", false, &VIEWS);
    let account = read.text("account");
    if account.is_some() && !hourly {
        read.wrong("account", "expected only with view=hourly");
    }
    let format = read.format(answer::accepted(&headers).as_deref())?;
    let format = read.end(format).map_err(Problem::bad_request)?;
    let (kept, quote, request) = kept(&ctx, &caller, &id).await?;
    if hourly {
        let inputs = inputs_again(&ctx, &caller, &kept, &request).await?;
        return tables::hourly(&quote, &request, &inputs, account)?.into_response(format, false);
    }
    if format == Format::Json {
        let kind = [(CONTENT_TYPE, HeaderValue::from_static(format.content_type()))];
        return Ok((kind, kept.answer).into_response());
    }
    tables::summary(&quote).into_response(format, false)
}

/// Explains a quote against another day: how much each component and each input moved the price.
///
/// The accounts are priced again with the inputs of the other day. Component effects and input effects each sum to the difference.
#[utoipa::path(
    get,
    path = "/v1/quotes/{id}/explain",
    tag = "Quotes",
    responses(
        (status = 200, body = Explained),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "You can no longer read all its inputs"),
        (status = 413, body = Problem),
        (status = 422, body = Problem, description = "Inputs of the other day are missing; `missing` names all of them")
    )
)]
async fn explain_quote(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Json<Explained>, Problem> {
    let mut read = Parameters::new(&pairs, &EXPLANATION);
    let text = read.text("against");
    let against = read.day("against", text);
    if text.is_none() {
        read.wrong("against", "expected an operating day as YYYY-MM-DD");
    }
    let known_at: Option<DateTime<Utc>> = read.moment("known_at");
    read.end(()).map_err(Problem::bad_request)?;
    let against = against.unwrap_or_default();
    let (kept, quote, request) = kept(&ctx, &caller, &id).await?;
    let after = inputs_again(&ctx, &caller, &kept, &request).await?;
    let known_at = known_at.unwrap_or(ctx.clock().now());
    let before = inputs_of(&ctx, &Grants::from(&caller), &request, Which::Of(against, known_at)).await?;
    let accounts = explain::explain(&request, &before, &after, &quote.accounts)?;
    let snapshots = before.sheets().map(|sheet| sheet.about.clone()).collect();
    Ok(Json(Explained { id: quote.id, hash: quote.hash, against, known_at, snapshots, accounts }))
}

/// Prices accounts as a job, for any number of accounts.
///
/// The body is that of `POST /v1/quotes`. `GET /v1/jobs/{id}` reports progress and, once the job is done, the path of the quote.
#[utoipa::path(
    post,
    path = "/v1/jobs",
    tag = "Quotes",
    request_body = QuoteRequest,
    responses(
        (status = 202, body = JobAnswer, headers(("Location" = String, description = "Address of the job"))),
        (status = 409, body = Problem, description = "You have too many unfinished jobs")
    )
)]
async fn create_job(
    State(ctx): State<Ctx>,
    caller: Caller,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<Response, Problem> {
    let request = Request::read(&body::any(body)?).map_err(Problem::bad_request)?;
    enqueue(&ctx, &caller, &request).await
}

/// Returns a job: its progress and where its result is.
///
/// Only its owner and admins may read it.
#[utoipa::path(
    get,
    path = "/v1/jobs/{id}",
    tag = "Quotes",
    responses((status = 200, body = JobAnswer), (status = 404, body = Problem))
)]
async fn find_job(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<JobAnswer>, Problem> {
    let id: Uuid = path::id(&id, no_job)?;
    let mut tx = ctx.db().begin_read("find a job").await?;
    let job = jobs::find(&mut tx, id, &Grants::from(&caller)).await?;
    tx.commit().await?;
    let job = job.ok_or_else(no_job)?;
    let result = match &job.result_key {
        Some(key) => Some(ctx.objects().presigned(ctx.export_bucket()?, key, VALID).await?),
        None => None,
    };
    Ok(Json(JobAnswer::of(job, result)))
}
