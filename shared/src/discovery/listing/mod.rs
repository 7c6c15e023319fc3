//! The catalog: search for curves by words and labels. Guarantees: what is not granted is not listed, not counted, and not
//! found by its id; a page continues where the previous one ended, whatever was published in the meantime.

mod absence;
mod counts;
mod curve;
mod months;
mod parameters;
mod query;
mod store;
mod versions;

use self::absence::{none, not_then};
use self::curve::Curve;
use self::parameters::{CURVES, VERSIONS};
use self::query::{CatalogQuery, Page};
use self::versions::Version;
use super::snapshots::seen_cursor;
use crate::access::{Caller, Grants};
use crate::catalog::{DataType, Layout};
use crate::ctx::Ctx;
use crate::fault::During as _;
use crate::http::route::routes;
use crate::http::{Answer, Audience, Format, Parameters, Problem, Route, answer, end_read, page};
use crate::parameters::Then;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The routes of the catalog.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(list_curves: CURVES)),
        Route::new(Audience::Reader, routes!(find_curve: VERSIONS)),
    ]
}

/// A value of a field, and how many curves have it.
#[derive(Debug, Serialize, ToSchema)]
struct FacetValue {
    /// The value, in one of its spellings; null for curves without a unit.
    #[schema(example = "NORTH ZONE")]
    value: Option<String>,
    /// Number of matching curves with this value, over all pages.
    #[schema(example = 3)]
    curves: i64,
}

/// The values of each field named in `facets`, the most common first, at most 500.
type Facets = BTreeMap<String, Vec<FacetValue>>;

/// A page of curves.
#[derive(Serialize, ToSchema)]
struct Curves {
    /// Number of matching curves, over all pages.
    #[schema(example = 3)]
    total: i64,
    /// The values of each field named in `facets`, the most common first, at most 500.
    #[schema(value_type = BTreeMap<String, Vec<FacetValue>>)]
    facets: Facets,
    /// The curves, ordered by data type and market, then by when they first appeared.
    rows: Vec<Curve>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Lists the curves that you may see.
///
/// Search by words (`q`) and labels. `facets` counts the values that you can filter by. Formats other than JSON contain only the rows;
/// the cursor of the next page is in the header `Trueprice-Next`.
#[utoipa::path(
    get,
    path = "/v1/curves",
    tag = "Curves",
    responses(
        (status = 200, content(
            (Curves = "application/json"),
            (String = "text/csv"),
            (String = "application/x-ndjson"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        (status = 406, body = Problem, description = "Not available in a format that you accept")
    )
)]
async fn list_curves(
    State(ctx): State<Ctx>,
    caller: Caller,
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let accept = answer::accepted(&headers);
    let Page { asked, facets, after, limit, format } = query::parse(&pairs, accept.as_deref())?;
    let grants = Grants::from(&caller);
    let mut tx = ctx.db().begin_read("list curves").await?;
    let done = async {
        if let Some(after) = after
            && !store::is_seen(&mut tx, after, &grants).await?
        {
            return Err(page::lost());
        }
        let found = store::list(&mut tx, &asked, None, after, limit + 1, &grants).await?;
        Ok((found, counts::count(&mut tx, &asked, &facets, &grants).await?))
    };
    let done = done.await;
    let (mut found, counts) = end_read(tx, done).await?;
    let next = page::cut(&mut found, limit, |row| i64::from(row.id));
    let rows = found.into_iter().map(Curve::of).collect::<Result<Vec<_>, _>>()?;
    let mut total = 0;
    // A field without matching values is listed, too.
    let mut counted: Facets = facets.iter().map(|field| ((*field).to_owned(), vec![])).collect();
    for count in counts {
        match counted.get_mut(&count.field) {
            Some(values) => values.push(FacetValue { value: count.value, curves: count.curves }),
            None => total = count.curves,
        }
    }
    if format == Format::Json {
        return Ok(Json(Curves { total, facets: counted, rows, next }).into_response());
    }
    let metadata = [("total".to_owned(), json!(total)), ("facets".to_owned(), json!(counted))];
    let answer = Answer {
        name: "curves".to_owned(),
        metadata: metadata.into_iter().collect(),
        table: curve::table(&rows),
        next,
        ..Answer::default()
    };
    answer.into_response(format, false)
}

/// A curve and its versions.
#[derive(Serialize, ToSchema)]
struct CurveWithVersions {
    /// The curve.
    #[serde(flatten)]
    curve: Curve,
    /// The snapshots that have the curve, newest stamp first, and within a stamp newest revision first.
    versions: Vec<Version>,
    /// Cursor of the next page of versions; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Shows a curve and the snapshots that have it.
#[utoipa::path(
    get,
    path = "/v1/curves/{id}",
    tag = "Curves",
    responses(
        (status = 200, body = CurveWithVersions),
        (status = 404, body = Problem, description = "The curve does not exist or is not visible to you, or no mark known at that time has it")
    )
)]
async fn find_curve(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(text): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<CurveWithVersions>, Problem> {
    let mut read = Parameters::new(&pairs, &VERSIONS);
    let (paged, then) = (page::read(&mut read), read.then());
    let ((after, limit), then) = read.end((paged, then)).map_err(Problem::bad_request)?;
    let id: i32 = text.parse().map_err(|_| none(&text))?;
    let grants = Grants::from(&caller);
    let mut tx = ctx.db().begin_read("find a curve").await?;
    let found = store::list(&mut tx, &CatalogQuery::all(then), Some(id), None, 1, &grants).await?.pop();
    let Some(row) = found else {
        let ever = store::list(&mut tx, &CatalogQuery::all(Then::default()), Some(id), None, 1, &grants)
            .await?
            .pop();
        tx.rollback().await?;
        return Err(ever.filter(|_| then.given).map_or_else(|| none(&text), |row| not_then(id, &row)));
    };
    let data_type: DataType = row.data_type.parse().during("reading a data type")?;
    let granted = row.months.clone();
    let of = versions::Of {
        curve: id,
        series: row.series_id,
        layout: Layout::of(data_type),
        granted: granted.as_deref(),
        then,
    };
    let done = async {
        if let Some(after) = after {
            seen_cursor(&mut tx, after, &grants).await?;
        }
        Ok(versions::list(&mut tx, of, (after, limit), &grants).await?)
    };
    let done = done.await;
    let mut versions = end_read(tx, done).await?;
    let next = page::cut(&mut versions, limit, |version| i64::from(version.snapshot_id));
    Ok(Json(CurveWithVersions { curve: Curve::of(row)?, versions, next }))
}
