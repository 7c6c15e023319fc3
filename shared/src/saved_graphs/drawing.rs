//! Draws a saved graph from the prices that the viewer may see.

use super::lines::line::Instead;
use super::lines::values::{self, GraphValues};
use super::routes::{graph_key, none, viewer};
use super::store;
use crate::access::{Caller, Grants};
use crate::analytics::query_context::QueryContext;
use crate::catalog::Calendar;
use crate::ctx::Ctx;
use crate::http::route::routes;
use crate::http::{Audience, ParameterTable, Parameters, Problem, Route, path};
use crate::parameters::common;
use crate::parameters::snapshots::{Marks, When};
use crate::parameters::{CALENDARS, MARKS};
use axum::Json;
use axum::extract::{Path, Query, State};

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Reader, routes!(draw_graph: DRAWING))]
}

/// A graph, and the snapshot and calendar with which it is drawn.
static DRAWING: ParameterTable = ParameterTable::new(|| {
    vec![
        graph_key(),
        common::calendar(
            "Calendar that defines the hours of each block: `nerc` (default) or `legacy`, as on `/graphs`.",
        ),
        common::as_of(
            "As of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, local time of the market): the newest\n\
            snapshot up to and including it. Overrides every line; what each line selects if absent.",
        ),
        common::known_at(
            "Use only what was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`. Overrides every line.",
        ),
        common::mark(
            "Which snapshot of each day: `latest` (the close of business if there is one, otherwise the latest), `cob` (only the\n\
            close of business) or `intraday` (the latest that is not the close of business). Overrides every line.",
        ),
    ]
});

/// Draws a graph: its lines by month, of what you may see.
///
/// Each line is read from the snapshot that it selects. `as_of`, `known_at` and `mark` given here override those of every line.
/// A line saved through an old path is read from the operating day that it names; if that day has no snapshot with the requested
/// mark, the snapshot with the other mark is used.
#[utoipa::path(
    get,
    path = "/v1/graphs/{id}/values",
    tag = "Graphs",
    responses(
        (status = 200, body = GraphValues),
        (status = 404, body = Problem, description = "The graph does not exist or is not visible to you, or no line has a price that you may see; `detail` tells which case applies"),
        (status = 413, body = Problem),
        (status = 422, body = Problem, description = "A line matches several curves; `matches` names some of them")
    )
)]
async fn draw_graph(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<GraphValues>, Problem> {
    let mut read = Parameters::new(&pairs, &DRAWING);
    let calendar = read.one_of("calendar", Calendar::Nerc, &CALENDARS);
    let as_of = match read.stamp_or_day("as_of") {
        Some(When::AsOf(stamp)) => Some(stamp),
        Some(When::Newest | When::Between(..)) | None => None,
    };
    let marks = read.text("mark").map(|_| read.one_of("mark", Marks::Latest, &MARKS));
    let instead = Instead { as_of, known_at: read.moment("known_at"), marks };
    let (calendar, instead) = read.end((calendar, instead)).map_err(Problem::bad_request)?;
    let id = path::id(&id, none)?;
    let (grants, now) = (Grants::from(&caller), ctx.clock().now());
    let mut tx = ctx.db().begin("draw a saved graph").await?;
    let Some(graph) = store::find(&mut tx, viewer(&caller), id, false).await? else {
        tx.rollback().await?;
        return Err(none());
    };
    let lines = graph.lines.iter().map(|line| Ok(line.line()?.instead(instead)));
    let lines = lines.collect::<Result<Vec<_>, Problem>>()?;
    let mut context = QueryContext { ctx: &ctx, tx: &mut tx, grants, now };
    let drawn = values::draw(&mut context, &lines, calendar).await?;
    tx.commit().await?;
    Ok(Json(drawn))
}
