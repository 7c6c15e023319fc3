//! Graphs under the old paths. Guarantees: paths, names and success bodies are unchanged; only the owner of a graph and users it is
//! shared with can find it; a share is a reference, not a copy.

pub mod chart;
pub(crate) mod home;
mod parameters;

use self::chart::Chart;
use self::home::HomeGraph;
use self::parameters::{GRAPH, GRAPH_TO_REMOVE, SHARE};
use crate::access::{Caller, Grants};
use crate::analytics::query_context::QueryContext;
use crate::catalog::Calendar;
use crate::ctx::Ctx;
use crate::fault::During as _;
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route, body, commit_or_rollback, end_read, path};
use crate::legacy::forms::fields::Fields;
use crate::saved_graphs::given::GraphInput;
use crate::saved_graphs::graph::{Right, SavedGraph};
use crate::saved_graphs::line::SavedLine;
use crate::saved_graphs::lines::definition::LineDefinition;
use crate::saved_graphs::routes::{edit, held, keep, remove, viewer};
use crate::saved_graphs::shares::{email, share, unshare};
use crate::saved_graphs::store;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::response::Redirect;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

const NOT_SAVED: &str = "unable to save graph";
const NOT_REMOVED: &str = "unable to remove graph";
const NOT_SHARED: &str = "unable to share graph";

pub(crate) fn routes() -> Vec<Route> {
    let reader = |routes| Route::new(Audience::Reader, routes);
    vec![
        reader(routes!(draw_graphs)).legacy("/v1/values"),
        reader(routes!(save_graph)).legacy("/v1/graphs"),
        reader(routes!(update_graph_filters: GRAPH)).legacy("/v1/graphs/{id}"),
        reader(routes!(available_graphs)).legacy("/v1/graphs"),
        reader(routes!(remove_graph: GRAPH_TO_REMOVE)).legacy("/v1/graphs/{id}").with_fields(),
        reader(routes!(share_graphs: SHARE)).legacy("/v1/graphs/{id}/shares/{user}").with_fields(),
        reader(routes!(graph_page)).legacy("/v1/graphs"),
        reader(routes!(graph_page_of: GRAPH)).legacy("/v1/graphs/{id}/values"),
        reader(routes!(get_graphview)).legacy("/v1/stats"),
    ]
}

/// Saves a new graph, as the old page did.
#[utoipa::path(
    post,
    path = "/save_graph",
    tag = "Old paths",
    request_body = Vec<LineDefinition>,
    responses(
        (status = 200, body = String, content_type = "application/json", example = json!("graph saved successfully")),
        (status = 409, body = Problem, description = "You already have the maximum number of graphs")
    )
)]
async fn save_graph(
    State(ctx): State<Ctx>,
    caller: Caller,
    given: Result<Json<Value>, JsonRejection>,
) -> Result<Json<&'static str>, Problem> {
    let given = body::any(given).and_then(|value| GraphInput::read_list(&value));
    let given = given.map_err(|problem| problem.saying(NOT_SAVED))?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("save a graph").await?;
    let done = keep(&mut tx, &caller, &given, now).await.map_err(|problem| problem.saying(NOT_SAVED));
    commit_or_rollback(tx, done).await?;
    Ok(Json("graph saved successfully"))
}

/// Changes the lines of a graph, as the old page did.
#[utoipa::path(
    put,
    path = "/update_graph_filters/{graph_id}",
    tag = "Old paths",
    request_body = Vec<LineDefinition>,
    responses(
        (status = 200, body = String, content_type = "application/json", example = json!("graph saved successfully")),
        (status = 404, body = Problem)
    )
)]
async fn update_graph_filters(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
    given: Result<Json<Value>, JsonRejection>,
) -> Result<Json<&'static str>, Problem> {
    let given = body::any(given).and_then(|value| GraphInput::read_list(&value));
    let given = given.map_err(|problem| problem.saying(NOT_SAVED))?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("change a saved graph").await?;
    let done = async {
        let graph = held(&mut tx, &caller, &id).await?;
        edit(&mut tx, &caller, &graph, &given, now).await
    };
    let done = done.await.map_err(|problem| problem.saying(NOT_SAVED));
    commit_or_rollback(tx, done).await?;
    Ok(Json("graph saved successfully"))
}

/// A saved graph, in the form of the old system.
#[derive(Serialize, ToSchema)]
struct AvailableGraph {
    /// Id of the graph.
    #[schema(example = 1)]
    graph_id: i32,
    /// Lines of the graph, as JSON text.
    #[schema(example = "[]")]
    filters: String,
    /// Id of the user who sent the request, in whose list the graph is.
    #[schema(example = 7)]
    user_id: i32,
    /// `self` for your own graph, `shared` for one shared with you.
    #[schema(example = "self")]
    status: &'static str,
}

/// Lists your own graphs and those shared with you, oldest first.
#[utoipa::path(
    method(get, post),
    path = "/available_graphs",
    tag = "Old paths",
    responses((status = 200, body = Vec<AvailableGraph>))
)]
async fn available_graphs(
    State(ctx): State<Ctx>,
    caller: Caller,
) -> Result<Json<Vec<AvailableGraph>>, Problem> {
    let viewer = viewer(&caller);
    let mut tx = ctx.db().begin_read("list saved graphs").await?;
    let mut graphs =
        store::list(&mut tx, viewer, None, (i64::MAX, 2 * crate::saved_graphs::graph::MAX_GRAPHS)).await?;
    tx.commit().await?;
    graphs.reverse();
    let one = |graph: SavedGraph| {
        let lines: Vec<&LineDefinition> = graph.lines.iter().map(SavedLine::old).collect();
        let filters = serde_json::to_string(&lines).during("writing a graph as JSON")?;
        let status = if graph.may == Right::Own { "self" } else { "shared" };
        Ok(AvailableGraph { graph_id: graph.id, filters, user_id: viewer.id, status })
    };
    Ok(Json(graphs.into_iter().map(one).collect::<Result<_, Problem>>()?))
}

/// Removes one of your own graphs; a graph shared with you is only removed from your list.
#[utoipa::path(
    post,
    path = "/remove_graph",
    tag = "Old paths",
    responses(
        (status = 200, body = String, content_type = "application/json", example = json!("graph removed successfully")),
        (status = 404, body = Problem),
        (status = 413, body = Problem),
        (status = 415, body = Problem)
    )
)]
async fn remove_graph(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<&'static str>, Problem> {
    let id = fields.id("graph_id");
    fields.end().map_err(|problem| problem.saying(NOT_REMOVED))?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("remove a saved graph").await?;
    let done = async {
        let graph = held(&mut tx, &caller, &id.to_string()).await?;
        match graph.may {
            Right::Own => remove(&mut tx, &caller, &graph, now).await,
            Right::Edit | Right::View => {
                unshare(&mut tx, &caller, &graph, &caller.email, now).await.map(drop)
            }
        }
    };
    let done = done.await.map_err(|problem| problem.saying(NOT_REMOVED));
    commit_or_rollback(tx, done).await?;
    Ok(Json("graph removed successfully"))
}

/// Shares one of your own graphs for viewing. The old system made a copy instead.
#[utoipa::path(
    post,
    path = "/share_graphs",
    tag = "Old paths",
    responses(
        (status = 200, body = String, content_type = "application/json", example = json!("graph shared successfully")),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The graph is already shared with the maximum number of users"),
        (status = 413, body = Problem),
        (status = 415, body = Problem)
    )
)]
async fn share_graphs(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<&'static str>, Problem> {
    let (id, whom) = (fields.id("graph_id"), fields.text("email"));
    fields.end().map_err(|problem| problem.saying(NOT_SHARED))?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("share a graph").await?;
    let done = async {
        let graph = held(&mut tx, &caller, &id.to_string()).await?;
        let email = email(&whom)?;
        share(&mut tx, &caller, &graph, (&email, "view"), now).await
    };
    let done = done.await.map_err(|problem| problem.saying(NOT_SHARED));
    commit_or_rollback(tx, done).await?;
    Ok(Json("graph shared successfully"))
}

/// Redirects to your graphs.
#[utoipa::path(
    get,
    path = "/graph",
    tag = "Old paths",
    responses((status = 303, description = "To /v1/graphs"))
)]
async fn graph_page() -> Redirect {
    Redirect::to("/v1/graphs")
}

/// Redirects to the values of a graph, with the old system's calendar.
#[utoipa::path(
    get,
    path = "/graph/{graph_id}",
    tag = "Old paths",
    responses((status = 303, description = "The values of the graph"), (status = 404, body = Problem))
)]
async fn graph_page_of(Path(id): Path<String>) -> Result<Redirect, Problem> {
    let id: i32 = path::id(&id, crate::saved_graphs::routes::none)?;
    if id < 1 {
        return Err(crate::saved_graphs::routes::none());
    }
    Ok(Redirect::to(&format!("/v1/graphs/{id}/values?calendar=legacy")))
}

/// Draws the largest price move for the home page: the newest mark of a node and the previous one.
///
/// Among the nine nodes, as far as visible to you, picks the one whose 5x16 prompt month moved furthest in percent.
#[utoipa::path(
    method(get, post),
    path = "/get_graphview",
    tag = "Old paths",
    responses(
        (status = 200, body = HomeGraph),
        (status = 404, body = Problem, description = "No node has two marks visible to you"),
        (status = 413, body = Problem),
        (status = 422, body = Problem, description = "A zone matches several curves")
    )
)]
async fn get_graphview(State(ctx): State<Ctx>, caller: Caller) -> Result<Json<HomeGraph>, Problem> {
    let (grants, now) = (Grants::from(&caller), ctx.clock().now());
    let mut tx = ctx.db().begin_read("draw the largest mover").await?;
    let mut context = QueryContext { ctx: &ctx, tx: &mut tx, grants, now };
    let graph = home::draw(&mut context).await;
    Ok(Json(end_read(tx, graph).await?))
}

/// Draws 7x24 energy prices by month, as the old graph page did.
///
/// Uses the old calendar and rounds to two decimals. Several snapshots of one day differ by minute. For new programs, `/v1/values`
/// and `/v1/stats` offer more.
#[utoipa::path(
    post,
    path = "/graphs",
    tag = "Old paths",
    request_body = Vec<LineDefinition>,
    responses(
        (status = 200, body = Chart),
        (status = 404, body = Problem, description = "No line has a price visible to you"),
        (status = 413, body = Problem),
        (status = 415, body = Problem, description = "The body is not JSON"),
        (status = 422, body = Problem, description = "A zone matches several curves")
    )
)]
async fn draw_graphs(
    State(ctx): State<Ctx>,
    caller: Caller,
    body: Result<Json<Vec<LineDefinition>>, JsonRejection>,
) -> Result<Json<Chart>, Problem> {
    let expected = "expected a list of lines, each with control_table, loadZone, operatin_day_timestamps, cob, start and end";
    let Json(lines) = body.map_err(|rejection| match rejection {
        JsonRejection::MissingJsonContentType(_) => Problem::unsupported_body("expected application/json"),
        JsonRejection::JsonDataError(_) | JsonRejection::JsonSyntaxError(_) => {
            Problem::bad_parameter("lines", expected)
        }
        other => Problem::too_large(format!("the body cannot be read: {}", other.body_text())),
    })?;
    let (grants, now) = (Grants::from(&caller), ctx.clock().now());
    let mut tx = ctx.db().begin_read("draw graphs").await?;
    let mut context = QueryContext { ctx: &ctx, tx: &mut tx, grants, now };
    let chart = crate::legacy::graphs::chart::draw(&mut context, &lines, Calendar::Legacy).await;
    Ok(Json(end_read(tx, chart).await?))
}
