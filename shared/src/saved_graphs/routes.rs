//! The routes of saved graphs.

use super::given::{Body, GraphInput};
use super::graph::{GraphShare, MAX_GRAPHS, Right, SavedGraph};
use super::store::{self, Viewer};
use crate::access::audit::{self, Act};
use crate::access::{Caller, Grants};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::During as _;
use crate::http::page::{self, PAGE};
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::{
    Audience, Parameter, ParameterTable, Problem, Route, body, commit_or_rollback, end_read, etag, path,
};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(list_graphs: PAGE, create_graph)),
        Route::new(
            Audience::Reader,
            routes!(show_graph: GRAPH, replace_graph: GRAPH_TO_CHANGE, delete_graph: GRAPH),
        ),
    ]
}

/// One graph.
static GRAPH: ParameterTable = ParameterTable::new(|| vec![graph_key()]);

/// A graph to change.
static GRAPH_TO_CHANGE: ParameterTable = ParameterTable::new(|| {
    vec![
        graph_key(),
        Parameter::in_header("If-Match", Kind::Text, "`ETag` of the graph as you read it.", "*"),
    ]
});

/// The id of a graph in the path.
pub(super) fn graph_key() -> Parameter {
    Parameter::in_path("id", Kind::Key, "Id of the graph.", 1)
}

/// A page of graphs.
#[derive(Serialize, ToSchema)]
struct SavedGraphs {
    /// Newest first: your own graphs and those shared with you.
    graphs: Vec<SavedGraph>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A graph, and the users with whom it is shared.
#[derive(Serialize, ToSchema)]
struct GraphWithShares {
    /// The graph.
    #[serde(flatten)]
    graph: SavedGraph,
    /// Users that the graph is shared with; only for your own graphs.
    #[serde(skip_serializing_if = "Option::is_none")]
    shares: Option<Vec<GraphShare>>,
}

/// Whether the request changed anything.
#[derive(Serialize, ToSchema)]
pub(crate) struct GraphGone {
    /// `false` if the state was already as requested.
    #[schema(example = true)]
    pub(crate) changed: bool,
}

pub(crate) fn none() -> Problem {
    Problem::not_found(
        "no such graph is yours or shared with you; GET /v1/graphs lists those that are",
        "No such graph",
    )
}

/// The caller, in the form the SQL needs.
pub(crate) fn viewer(caller: &Caller) -> Viewer<'_> {
    Viewer { id: Grants::from(caller).user_id(), email: &caller.email }
}

/// The graph named in a path, locked.
pub(crate) async fn held(tx: &mut Tx, caller: &Caller, text: &str) -> Result<SavedGraph, Problem> {
    let id = path::id(text, none)?;
    store::find(tx, viewer(caller), id, true).await?.ok_or_else(none)
}

async fn whole(tx: &mut Tx, caller: &Caller, id: i32) -> Result<GraphWithShares, Problem> {
    let graph = store::find(tx, viewer(caller), id, false).await?.ok_or_else(none)?;
    let shares = match graph.may {
        Right::Own => Some(store::shares(tx, viewer(caller), id).await?),
        Right::Edit | Right::View => None,
    };
    Ok(GraphWithShares { graph, shares })
}

/// The JSON body of a graph, and its tag.
fn shown(graph: &GraphWithShares) -> Result<(Vec<u8>, HeaderValue), Problem> {
    let bytes = serde_json::to_vec(graph).during("writing a graph as JSON")?;
    let tag = etag::of(&bytes);
    Ok((bytes, tag))
}

fn answered(status: StatusCode, graph: &GraphWithShares) -> Result<Response, Problem> {
    let (bytes, tag) = shown(graph)?;
    let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/json")), (ETAG, tag)];
    Ok((status, headers, bytes).into_response())
}

/// Stores a graph; also used by the old path.
pub(crate) async fn keep(
    tx: &mut Tx,
    caller: &Caller,
    given: &GraphInput,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<i32, Problem> {
    let name = given.name.as_deref().unwrap_or_default();
    store::add(tx, viewer(caller), (name, &given.lines), now).await?.ok_or_else(|| {
        Problem::conflict(
            format!("you already have {MAX_GRAPHS} graphs, which is the limit; remove one first"),
            "unable to save graph",
        )
    })
}

/// Changes a graph; also used by the old path.
pub(crate) async fn edit(
    tx: &mut Tx,
    caller: &Caller,
    graph: &SavedGraph,
    given: &GraphInput,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Problem> {
    let what = (given.name.as_deref(), given.lines.as_slice());
    if store::change(tx, viewer(caller), graph.id, what, now).await? {
        return Ok(());
    }
    Err(Problem::not_yours(
        "the graph is shared with you for viewing only; ask its owner for the right to edit",
    ))
}

/// Lists your own graphs and those shared with you.
#[utoipa::path(
    get,
    path = "/v1/graphs",
    tag = "Graphs",
    responses((status = 200, body = SavedGraphs))
)]
async fn list_graphs(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<SavedGraphs>, Problem> {
    let (before, limit) = page::read_only(&pairs)?;
    let mut tx = ctx.db().begin_read("list saved graphs").await?;
    let mut graphs = store::list(&mut tx, viewer(&caller), None, (before, limit + 1)).await?;
    tx.commit().await?;
    let next = page::cut(&mut graphs, limit, |graph| i64::from(graph.id));
    Ok(Json(SavedGraphs { graphs, next }))
}

/// Saves a new graph.
#[utoipa::path(
    post,
    path = "/v1/graphs",
    tag = "Graphs",
    request_body = Body,
    responses(
        (status = 201, body = GraphWithShares, description = "Saved"),
        (status = 409, body = Problem, description = "You already have the maximum number of graphs")
    )
)]
async fn create_graph(
    State(ctx): State<Ctx>,
    caller: Caller,
    given: Result<Json<Value>, JsonRejection>,
) -> Result<Response, Problem> {
    let now = ctx.clock().now();
    let given = GraphInput::read(&body::any(given)?, now.date_naive())?;
    let mut tx = ctx.db().begin("save a graph").await?;
    let done = async {
        let id = keep(&mut tx, &caller, &given, now).await?;
        whole(&mut tx, &caller, id).await
    };
    let done = done.await;
    answered(StatusCode::CREATED, &commit_or_rollback(tx, done).await?)
}

/// Shows a graph.
#[utoipa::path(
    get,
    path = "/v1/graphs/{id}",
    tag = "Graphs",
    responses((status = 200, body = GraphWithShares), (status = 404, body = Problem))
)]
async fn show_graph(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = path::id(&id, none)?;
    let mut tx = ctx.db().begin_read("show a saved graph").await?;
    let done = whole(&mut tx, &caller, id).await;
    answered(StatusCode::OK, &end_read(tx, done).await?)
}

/// Changes the lines of a graph, and its name if given.
///
/// Send `If-Match` with the `ETag` from reading the graph, so that the change fails if another user has changed it since.
#[utoipa::path(
    put,
    path = "/v1/graphs/{id}",
    tag = "Graphs",
    request_body = Body,
    responses(
        (status = 200, body = GraphWithShares),
        (status = 404, body = Problem),
        (status = 412, body = Problem)
    )
)]
async fn replace_graph(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    given: Result<Json<Value>, JsonRejection>,
) -> Result<Response, Problem> {
    let now = ctx.clock().now();
    let given = GraphInput::read(&body::any(given)?, now.date_naive())?;
    let mut tx = ctx.db().begin("change a saved graph").await?;
    let done = async {
        let graph = held(&mut tx, &caller, &id).await?;
        let (_, tag) = shown(&whole(&mut tx, &caller, graph.id).await?)?;
        if !etag::is_expected(&headers, &tag) {
            return Err(Problem::changed_meanwhile(
                "another user has changed the graph since you read it; read it again and repeat your change",
            ));
        }
        edit(&mut tx, &caller, &graph, &given, now).await?;
        whole(&mut tx, &caller, graph.id).await
    };
    let done = done.await;
    answered(StatusCode::OK, &commit_or_rollback(tx, done).await?)
}

/// Deletes the caller's own graph, or its share of another user's; also used by the old path.
pub(crate) async fn remove(
    tx: &mut Tx,
    caller: &Caller,
    graph: &SavedGraph,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Problem> {
    let shares = store::shares(tx, viewer(caller), graph.id).await?;
    if !store::remove(tx, viewer(caller), graph.id).await? {
        return Err(Problem::not_yours("the graph is shared with you; only its owner may remove it"));
    }
    if !shares.is_empty() {
        let (subject, emails) = (graph.id.to_string(), shares.into_iter().map(|share| share.email));
        let detail = json!({ "name": graph.name, "shared_with": emails.collect::<Vec<_>>() });
        audit::record(tx, &Act::of(caller, "graph.delete", &subject, detail), now).await?;
    }
    Ok(())
}

/// Removes one of your own graphs, also for everyone with whom it is shared.
#[utoipa::path(
    delete,
    path = "/v1/graphs/{id}",
    tag = "Graphs",
    responses((status = 200, body = GraphGone), (status = 404, body = Problem))
)]
async fn delete_graph(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<GraphGone>, Problem> {
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("remove a saved graph").await?;
    let done = async {
        let graph = held(&mut tx, &caller, &id).await?;
        remove(&mut tx, &caller, &graph, now).await?;
        Ok(Json(GraphGone { changed: true }))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}
