//! Downloads in the old layouts.

use crate::access::{Caller, Grants};
use crate::ctx::Ctx;
use crate::curves::absence;
use crate::downloads::parameters::DOWNLOAD;
use crate::downloads::query::CurveQuery;
use crate::downloads::{files, json};
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route, answer};
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use axum::response::{IntoResponse, Response};

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Reader, routes!(get_data: DOWNLOAD)).legacy("/v1/values")]
}

/// Downloads curves as files.
///
/// Returns one file per data type and market; several files come as a zip. In CSV, an empty cell is a missing value.
#[utoipa::path(
    get,
    path = "/get_data",
    tag = "Curves",
    responses((
        status = 200,
        description = "The file",
        content(
            (String = "text/csv"),
            (Vec<json::AnyRecord> = "application/json"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (Vec<u8> = "application/zip")
        )
    ),
        (status = 404, body = Problem, description = "Nothing matches, or nothing that matches is visible to you; `detail` tells which case applies"),
        (status = 413, body = Problem, description = "The request covers more data than one answer may hold"))
)]
pub(super) async fn get_data(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let query = CurveQuery::parse(&pairs).map_err(Problem::bad_request)?;
    let grants = Grants::from(&caller);
    // Grants may change, and then so does the answer.
    let immutable =
        grants.everything() && query.is_absolute() && answer::is_settled(query.known_at, ctx.clock().now());
    let Some(file) = files::answer(&ctx, query.clone(), grants).await? else {
        let filter = query.filter();
        let mut tx = ctx.db().begin_read("look for why there is nothing").await?;
        let problem = absence::problem(&mut tx, &query.sought(&filter), &grants).await?;
        tx.commit().await?;
        return Err(problem);
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(file.media_type)),
        (CONTENT_DISPOSITION, answer::disposition("attachment", &file.name)),
        (CACHE_CONTROL, answer::caching(immutable)),
        (VARY, HeaderValue::from_static("Authorization, X-Api-Key")),
    ];
    Ok((headers, Extension(file.afterwards), file.body).into_response())
}
