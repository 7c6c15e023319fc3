//! The catalog: search for curves by words and labels. Guarantees: what is not granted is not listed, not counted, and not
//! found by its id; a page continues where the previous one ended, whatever was published in the meantime.

mod absence;
mod counts;
mod curve;
mod months;
mod query;
mod store;
mod versions;

use self::absence::{none, not_then};
use self::curve::Curve;
use self::query::{CatalogQuery, Page};
use self::versions::Version;
use super::snapshots::seen_cursor;
use crate::access::{Caller, Grants};
use crate::catalog::{DataType, Layout};
use crate::ctx::Ctx;
use crate::fault::During as _;
use crate::http::route::routes;
use crate::http::{Answer, Audience, Format, Parameters, Problem, Route, answer, end_read, page};
use crate::parameters::{THEN, Then};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// The routes of the catalog.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(list_curves)),
        Route::new(Audience::Reader, routes!(find_curve)),
    ]
}

/// What may stand in the query string; [`query::parse`] reads it, this documents it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the parameters are read by query::parse, which says everything that is wrong at once"
)]
struct CurvesQuery {
    /// Words; each must occur in some label, the unit, the data type or the market. In any order and letter case.
    #[param(example = "north 5x16")]
    q: Option<String>,
    /// Data type; all if absent.
    #[param(example = "energy")]
    data_type: Option<String>,
    /// Market; all if absent.
    #[param(example = "ERCOT")]
    market: Option<String>,
    /// Control area, or its beginning and `*`. This and the other labels may be repeated: any of them. Blanks and underscores in a row
    /// count as one blank, letter case does not count.
    #[param(example = "ERCOT")]
    control_area: Option<Vec<String>>,
    /// State.
    #[param(example = "TX")]
    state: Option<Vec<String>>,
    /// Load zone or hub.
    #[param(example = "NORTH*")]
    load_zone: Option<Vec<String>>,
    /// Capacity zone.
    capacity_zone: Option<Vec<String>>,
    /// Utility.
    utility: Option<Vec<String>>,
    /// Block.
    #[param(example = "5x16")]
    block_type: Option<Vec<String>>,
    /// Family of the component.
    cost_group: Option<Vec<String>>,
    /// Name of the curve, without its unit.
    cost_component: Option<Vec<String>>,
    /// Label row of the sheet.
    sub_cost_component: Option<Vec<String>>,
    /// Rate class; of `ptc` alone.
    profile_load: Option<Vec<String>>,
    /// Utility by its name; of `ptc` alone.
    utility_name: Option<Vec<String>>,
    /// Load profile; of `matrix` alone.
    load_profile: Option<Vec<String>>,
    /// Term in months; of `matrix` alone.
    term: Option<Vec<String>>,
    /// Class of customers; of `loadprofile` alone.
    customer_type: Option<Vec<String>>,
    /// Key that joins a price to compare to offers; of `ptc` and `matrix`.
    matching_id: Option<Vec<String>>,
    /// Key in the analysts' workbook; of `ptc` and `matrix`.
    lookup_id: Option<Vec<String>>,
    /// Fields whose values are counted over the whole match: labels, details, `data_type`, `market`, `unit`; repeat it or separate
    /// them by commas.
    #[param(example = json!(["load_zone"]))]
    facets: Option<Vec<String>>,
    /// The catalog as of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, wall clock of the market): the
    /// curves that a mark up to it has. This, `known_at` and `mark` leave out what was not there, and say of the others where
    /// they appeared by then, and whether they were fresh. Without the three, every curve that a sheet has which is known now.
    #[param(example = "2024-01-05")]
    as_of: Option<String>,
    /// The catalog as it was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent.
    known_at: Option<String>,
    /// Which snapshot of a day: `latest` (its mark, default), `cob` or `intraday`.
    mark: Option<String>,
    /// `json` (default), `csv`, `ndjson`, `parquet`, `arrow` or `xlsx`; counts before `Accept`.
    #[param(example = "json")]
    format: Option<String>,
    /// How many curves, 1 to 200; 50 if absent.
    #[param(example = 50)]
    limit: Option<u32>,
    /// Where to go on, from `next` of the page before.
    cursor: Option<String>,
}

/// A value of a field, and the number of curves that have it.
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
    params(CurvesQuery),
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

/// What may stand in the query string of a curve.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the parameters are read by Parameters, which says everything that is wrong at once"
)]
struct VersionsQuery {
    /// The curve and its versions as of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, wall clock of the
    /// market). With this, `known_at` or `mark` a curve that no mark of then has is not found.
    #[param(example = "2024-01-05")]
    as_of: Option<String>,
    /// As it was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent. Versions that had ended by then are listed, too.
    known_at: Option<String>,
    /// Only versions of such snapshots: `latest` (any, default), `cob` or `intraday`.
    mark: Option<String>,
    /// How many versions, 1 to 200; 50 if absent.
    #[param(example = 50)]
    limit: Option<u32>,
    /// Where to go on, from `next` of the page before.
    cursor: Option<String>,
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
    params(("id" = i32, Path, description = "Key of the curve", example = 1), VersionsQuery),
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
    let names: Vec<&str> = THEN.into_iter().chain(["limit", "cursor"]).collect();
    let mut read = Parameters::new(&pairs, &names);
    let (paged, then) = (query::paged(&mut read), read.then());
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
