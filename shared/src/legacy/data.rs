//! Downloads in the old layouts.

use crate::access::{Caller, Grants};
use crate::ctx::Ctx;
use crate::curves::absence;
use crate::downloads::query::CurveQuery;
use crate::downloads::{files, json};
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route, answer};
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Reader, routes!(get_data)).legacy("/v1/values")]
}

/// What may stand in the query string; [`CurveQuery::parse`] reads it, this documents it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the parameters are read by CurveQuery::parse, which says everything that is wrong at once"
)]
struct DataQuery {
    /// `energy`, `nonenergy`, `rec`, `ptc`, `matrix`, `headroom`, `loadprofile`, `shaping`, `vlr`, `lineloss` or `all`; `all` if absent.
    /// Several files come as a zip.
    #[param(example = "energy")]
    curve_type: Option<String>,
    /// `ERCOT`, `ISONE`, `MISO`, `NYISO`, `PJM` or `all`; `all` if absent.
    #[param(example = "ERCOT")]
    iso: Option<String>,
    /// `standardized` (7x24 in $/`MWh`), `unstandardized` (as uploaded, the default), `all`, or blocks: `5x16`, `2x16`,
    /// `7x8`, `7x24`, `wd`, `we`, `on-peak`, `off-peak`, `wrap`; repeat it or separate them by commas.
    #[param(example = "standardized")]
    strip: Option<Vec<String>>,
    /// First delivery month, as `YYYY-MM-DD` or `YYYYMMDD`; all if absent.
    start: Option<String>,
    /// Last delivery month, included; all if absent.
    end: Option<String>,
    /// `csv` (default), `xlsx` or `json`.
    r#type: Option<String>,
    /// `latestall` (the day's mark, default), `cobonly`, `intradayonly`; `all` is `latestall`. Only energy looks at it.
    idcob: Option<String>,
    /// Which snapshot of a day, in words of our own: `latest` (the day's mark, default), `cob`, `intraday` (the latest that
    /// is not the close of business), `all`. Counts before `idcob`, and for every data type.
    mark: Option<String>,
    /// As of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, wall clock of the market): the newest
    /// snapshot up to it. Not together with `operating_day` and `offset`.
    as_of: Option<String>,
    /// What was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent.
    known_at: Option<String>,
    /// First operating day, `YYYY-MM-DD`; the newest if absent.
    operating_day: Option<String>,
    /// Last operating day; the first if absent.
    operating_day_end: Option<String>,
    /// Days to go back from the first operating day, then to the business day (by NERC's calendar) on or before.
    offset: Option<u64>,
    /// `legacy` (default: no holidays, 24-hour days, as published) or `nerc`.
    calendar: Option<String>,
    /// Of headroom: `term` (default: the price to compare of the months of the offer; an offer without it is left out) or
    /// `legacy` (that of the month in which it was published, 0 where there is none), to reconcile with old files.
    #[param(example = "term", pattern = "^(term|legacy)$")]
    method: Option<String>,
    /// `true` for every snapshot of the days in every revision, superseded, corrected and withdrawn ones too, with a column
    /// `Revision`; `false` (default) for none of these.
    #[param(example = "false", pattern = "^([Tt]rue|[Ff]alse|TRUE|FALSE)$")]
    history: Option<String>,
}

/// Downloads curves.
///
/// One file per data type and market; several come as a zip. In CSV a blank cell is a missing value.
#[utoipa::path(
    get,
    path = "/get_data",
    tag = "Curves",
    params(DataQuery),
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
        (status = 404, body = Problem, description = "There is nothing of it that you may see; `detail` says why"),
        (status = 413, body = Problem, description = "More than can be answered at once"))
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
