//! Sharing a graph, and ending a share.

use super::graph::{GraphShare, MAX_SHARES, Right, SavedGraph};
use super::routes::{GraphGone, graph_key, held, none, viewer};
use super::store::{self, Shared};
use crate::access::audit::{self, Act};
use crate::access::users::store as users;
use crate::access::{Caller, Role};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::wrong::Wrong;
use crate::http::{Audience, Parameter, ParameterTable, Problem, Route, body, commit_or_rollback};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Reader, routes!(share_graph: SHARE, unshare_graph: SHARE))]
}

/// A graph, and the user with whom it is shared.
static SHARE: ParameterTable = ParameterTable::new(|| {
    vec![
        graph_key(),
        Parameter::in_path(
            "user",
            Kind::Text,
            "E-mail address of the user; admins may give an id instead.",
            "client@example.com",
        ),
    ]
});

/// The rights of a user.
#[derive(ToSchema)]
#[schema(as = ShareBody)]
#[expect(dead_code, reason = "it is read by hand, which reports all errors at once; this documents it")]
struct Body {
    /// `view` or `edit`.
    #[schema(example = "view", pattern = "^(view|edit)$")]
    right: String,
}

/// The users that a graph is shared with.
#[derive(Serialize, ToSchema)]
struct GraphShares {
    /// Ordered by e-mail address.
    shares: Vec<GraphShare>,
}

fn right(value: &Value) -> Result<&'static str, Problem> {
    let mut wrong = vec![];
    let given = body::fields(value, &["right"], &mut wrong).and_then(|fields| fields.get("right"));
    let found = ["view", "edit"].into_iter().find(|word| given.and_then(Value::as_str) == Some(word));
    if found.is_none() && value.is_object() {
        let expected = "expected view or edit";
        wrong.push(given.map_or_else(
            || Wrong::new("right", expected),
            |value| Wrong::found_value("right", value, expected),
        ));
    }
    found.filter(|_| wrong.is_empty()).ok_or_else(|| Problem::bad_request(wrong))
}

/// The address that a text names. User ids are only for admins: others could use them to find out addresses.
async fn address(tx: &mut Tx, caller: &Caller, text: &str) -> Result<String, Problem> {
    let nobody = || {
        Problem::not_found(
            "no user was found by this id (ids are for admins only); give an e-mail address",
            "No such user",
        )
    };
    if let Ok(id) = text.parse::<i32>() {
        return match caller.role {
            Role::Admin => users::user_by_id(tx, id).await?.map(|user| user.email).ok_or_else(nobody),
            Role::ReadWrite | Role::ReadOnly => Err(nobody()),
        };
    }
    email(text)
}

/// A normalised address, if the text can be one.
pub(crate) fn email(text: &str) -> Result<String, Problem> {
    let email = users::normal(text);
    let plain = !email.chars().any(|c| c.is_control() || c.is_whitespace());
    let good = plain && (3..=320).contains(&email.chars().count()) && email.contains('@');
    let wrong = || Problem::bad_request(vec![Wrong::found("email", text, "expected an e-mail address")]);
    if good { Ok(email) } else { Err(wrong()) }
}

/// Shares the caller's own graph; also used by the old path.
pub(crate) async fn share(
    tx: &mut Tx,
    caller: &Caller,
    graph: &SavedGraph,
    (email, may): (&str, &'static str),
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    owned(graph)?;
    if email == caller.email {
        return Err(Problem::bad_parameter(
            "email",
            "expected another user's address: the graph is already yours",
        ));
    }
    match store::share(tx, viewer(caller), graph.id, (email, may), now).await? {
        Shared::Before => Ok(()),
        Shared::Done => {
            let detail = json!({ "with": email, "right": may, "name": graph.name });
            let subject = graph.id.to_string();
            Ok(audit::record(tx, &Act::of(caller, "graph.share", &subject, detail), now).await?)
        }
        Shared::TooMany => {
            let detail = format!(
                "the graph is already shared with {MAX_SHARES} users, which is the limit; end one share first"
            );
            Err(Problem::conflict(detail, "unable to share graph"))
        }
    }
}

fn owned(graph: &SavedGraph) -> Result<(), Problem> {
    match graph.may {
        Right::Own => Ok(()),
        Right::Edit | Right::View => {
            Err(Problem::not_yours("the graph is shared with you; only its owner may share it"))
        }
    }
}

/// Ends a share; also used by the old path. False if there was none.
pub(crate) async fn unshare(
    tx: &mut Tx,
    caller: &Caller,
    graph: &SavedGraph,
    email: &str,
    now: DateTime<Utc>,
) -> Result<bool, Problem> {
    let gone = store::unshare(tx, viewer(caller), graph.id, email).await?;
    if gone {
        let (subject, detail) = (graph.id.to_string(), json!({ "with": email, "name": graph.name }));
        audit::record(tx, &Act::of(caller, "graph.unshare", &subject, detail), now).await?;
    }
    Ok(gone)
}

/// Shares one of your own graphs with a user, or changes that user's right.
///
/// The graph is shared, not copied: everyone sees later edits, each limited by their own grants. An unknown address is accepted
/// like any other, so that the answer does not reveal who has an account.
#[utoipa::path(
    put,
    path = "/v1/graphs/{id}/shares/{user}",
    tag = "Graphs",
    request_body = Body,
    responses(
        (status = 200, body = GraphShares),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The graph is already shared with the maximum number of users")
    )
)]
async fn share_graph(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path((id, user)): Path<(String, String)>,
    given: Result<Json<Value>, JsonRejection>,
) -> Result<Json<GraphShares>, Problem> {
    let may = right(&body::any(given)?)?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("share a graph").await?;
    let done = async {
        let graph = held(&mut tx, &caller, &id).await?;
        owned(&graph)?;
        let email = address(&mut tx, &caller, &user).await?;
        share(&mut tx, &caller, &graph, (&email, may), now).await?;
        Ok(Json(GraphShares { shares: store::shares(&mut tx, viewer(&caller), graph.id).await? }))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

/// Ends a share of one of your own graphs, or gives up a graph shared with you. It takes effect at once.
#[utoipa::path(
    delete,
    path = "/v1/graphs/{id}/shares/{user}",
    tag = "Graphs",
    responses((status = 200, body = GraphGone), (status = 404, body = Problem))
)]
async fn unshare_graph(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path((id, user)): Path<(String, String)>,
) -> Result<Json<GraphGone>, Problem> {
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("end a share").await?;
    let done = async {
        let graph = held(&mut tx, &caller, &id).await?;
        let email = address(&mut tx, &caller, &user).await?;
        if email != caller.email {
            owned(&graph)?;
        }
        if !unshare(&mut tx, &caller, &graph, &email, now).await? {
            return Err(none());
        }
        Ok(Json(GraphGone { changed: true }))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}
