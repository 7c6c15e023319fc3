//! Sessions: users manage their own, admins those of any user.

use super::{Ended, Listing, Session};
use crate::access::actor::By;
use crate::access::requests::{USER, no_user, user_id};
use crate::access::users::store;
use crate::access::{Caller, Role, sessions};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::Fault;
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::wrong::Wrong;
use crate::http::{Audience, Parameter, ParameterTable, Parameters, Problem, Route, page, path};
use axum::Json;
use axum::extract::{Path, Query, State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// The routes of sessions.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(list_own_sessions: SESSIONS)),
        Route::new(Audience::Reader, routes!(end_other_sessions)),
        Route::new(Audience::Reader, routes!(end_own_session: SESSION)),
        Route::new(Audience::Admin, routes!(list_sessions: SESSIONS_OF_USER)),
        Route::new(Audience::Admin, routes!(end_sessions: USER)),
        Route::new(Audience::Admin, routes!(end_session: SESSION_OF_USER)),
    ]
}

/// The caller's own sessions.
static SESSIONS: ParameterTable = ParameterTable::new(sessions_asked);

/// The sessions of a user, for administrators.
static SESSIONS_OF_USER: ParameterTable =
    ParameterTable::new(|| std::iter::once(user_id()).chain(sessions_asked()).collect());

/// One of the caller's own sessions.
static SESSION: ParameterTable = ParameterTable::new(|| vec![session_id()]);

/// One session of a user.
static SESSION_OF_USER: ParameterTable = ParameterTable::new(|| vec![user_id(), session_id()]);

fn session_id() -> Parameter {
    Parameter::in_path("session", Kind::Text, "Id of the session.", "0b8e3c52-6f0d-4a55-9c1e-2f7a7d1c9b10")
}

fn sessions_asked() -> Vec<Parameter> {
    vec![
        Parameter::new(
            "active",
            Kind::Flag,
            "`true` for active sessions, `false` for sessions that have ended; all if absent.",
            true,
        ),
        page::limit("Maximum number of sessions per page, 1 to 200; 50 if absent."),
        Parameter::new(
            "cursor",
            Kind::Cursor,
            "Where the page begins: `next` of the previous page. The first page if absent.",
            "AAAAAAAAACo",
        ),
    ]
}

/// A page of sessions.
#[derive(Serialize, ToSchema)]
struct Sessions {
    /// The sessions, newest first. Sessions that ended more than half a year ago are removed.
    sessions: Vec<Session>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// How many sessions were ended.
#[derive(Serialize, ToSchema)]
struct EndedSessions {
    /// Number of active sessions that were ended.
    #[schema(example = 2)]
    ended: u64,
}

fn no_session() -> Problem {
    Problem::not_found("The user has no session with this id.", "No such session")
}

fn listing(pairs: &[(String, String)], user: i32, current: Uuid) -> Result<Listing, Vec<Wrong>> {
    let mut read = Parameters::new(pairs, &SESSIONS);
    let (before, limit) = page::read(&mut read);
    let active = read.flag("active");
    let before = before.unwrap_or(i64::MAX);
    read.end(Listing { user, id: None, active, before, limit, current: Some(current) })
}

async fn list(
    ctx: &Ctx,
    caller: &Caller,
    user: i32,
    pairs: &[(String, String)],
) -> Result<Json<Sessions>, Problem> {
    let listing = listing(pairs, user, caller.session).map_err(Problem::bad_request)?;
    let one_more = Listing { limit: listing.limit + 1, ..listing };
    let mut tx = ctx.db().begin("list sessions").await?;
    let known = caller.user_id == user || store::user_by_id(&mut tx, user).await?.is_some();
    let mut sessions = sessions::list(&mut tx, &one_more, ctx.clock().now()).await?;
    tx.commit().await?;
    if !known {
        return Err(no_user());
    }
    let next = page::cut(&mut sessions, listing.limit, |session| session.number);
    Ok(Json(Sessions { sessions, next }))
}

/// Ends one session of a user if it is still active, and returns it.
async fn end_one(ctx: &Ctx, caller: &Caller, user: i32, session: Uuid) -> Result<Json<Session>, Problem> {
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("end a session").await?;
    let found = match find(&mut tx, caller, (user, session), now).await? {
        Some(found) if found.active => {
            let why = why(caller, user);
            if sessions::end(&mut tx, session, why, now).await? {
                let subject = subject(&mut tx, caller, user).await?;
                let detail = json!({ "user": user, "session": session, "why": why.word() });
                By::from(caller).did(&mut tx, "session.end", &subject, detail, now).await?;
            }
            find(&mut tx, caller, (user, session), now).await?
        }
        found => found,
    };
    tx.commit().await?;
    found.map(Json).ok_or_else(no_session)
}

async fn find(
    tx: &mut Tx,
    caller: &Caller,
    (user, session): (i32, Uuid),
    now: DateTime<Utc>,
) -> Result<Option<Session>, Fault> {
    let current = Some(caller.session);
    let listing = Listing { user, id: Some(session), active: None, before: i64::MAX, limit: 1, current };
    Ok(sessions::list(tx, &listing, now).await?.pop())
}

/// Ends all sessions of a user. If the caller is that user, the calling session stays.
async fn end_many(ctx: &Ctx, caller: &Caller, user: i32) -> Result<Json<EndedSessions>, Problem> {
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("end sessions").await?;
    if caller.user_id != user && store::user_by_id(&mut tx, user).await?.is_none() {
        tx.rollback().await?;
        return Err(no_user());
    }
    let but = (caller.user_id == user).then_some(caller.session);
    let why = why(caller, user);
    let ended = sessions::end_all(&mut tx, user, but, why, now).await?;
    if ended > 0 {
        let subject = subject(&mut tx, caller, user).await?;
        let detail = json!({ "user": user, "sessions_ended": ended, "why": why.word() });
        By::from(caller).did(&mut tx, "session.end", &subject, detail, now).await?;
    }
    tx.commit().await?;
    Ok(Json(EndedSessions { ended }))
}

fn why(caller: &Caller, user: i32) -> Ended {
    if caller.role == Role::Admin && caller.user_id != user { Ended::Admin } else { Ended::User }
}

/// The e-mail address of the user whose session it is.
async fn subject(tx: &mut Tx, caller: &Caller, user: i32) -> Result<String, Fault> {
    if caller.user_id == user {
        return Ok(caller.email.clone());
    }
    Ok(store::user_by_id(tx, user).await?.map(|user| user.email).unwrap_or_default())
}

/// Lists your sessions.
#[utoipa::path(
    get,
    path = "/v1/me/sessions",
    tag = "Account",
    responses((status = 200, body = Sessions))
)]
async fn list_own_sessions(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Sessions>, Problem> {
    list(&ctx, &caller, caller.user_id, &pairs).await
}

/// Ends all your sessions except the current one.
#[utoipa::path(
    delete,
    path = "/v1/me/sessions",
    tag = "Account",
    responses((status = 200, body = EndedSessions))
)]
async fn end_other_sessions(State(ctx): State<Ctx>, caller: Caller) -> Result<Json<EndedSessions>, Problem> {
    end_many(&ctx, &caller, caller.user_id).await
}

/// Ends one of your sessions, which may be the current one. Repeating the request returns the same response.
#[utoipa::path(
    delete,
    path = "/v1/me/sessions/{session}",
    tag = "Account",
    responses((status = 200, body = Session), (status = 404, body = Problem))
)]
async fn end_own_session(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(session): Path<String>,
) -> Result<Json<Session>, Problem> {
    end_one(&ctx, &caller, caller.user_id, path::id(&session, no_session)?).await
}

/// Lists the sessions of a user.
#[utoipa::path(
    get,
    path = "/v1/users/{id}/sessions",
    tag = "Users",
    responses((status = 200, body = Sessions), (status = 404, body = Problem))
)]
async fn list_sessions(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(user): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Sessions>, Problem> {
    list(&ctx, &caller, path::id(&user, no_user)?, &pairs).await
}

/// Ends all sessions of a user; if that is you, the current one stays.
#[utoipa::path(
    delete,
    path = "/v1/users/{id}/sessions",
    tag = "Users",
    responses((status = 200, body = EndedSessions), (status = 404, body = Problem))
)]
async fn end_sessions(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Json<EndedSessions>, Problem> {
    end_many(&ctx, &caller, path::id(&user, no_user)?).await
}

/// Ends one session of a user. Repeating the request returns the same response.
#[utoipa::path(
    delete,
    path = "/v1/users/{id}/sessions/{session}",
    tag = "Users",
    responses((status = 200, body = Session), (status = 404, body = Problem))
)]
async fn end_session(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path((user, session)): Path<(String, String)>,
) -> Result<Json<Session>, Problem> {
    end_one(&ctx, &caller, path::id(&user, no_user)?, path::id(&session, no_session)?).await
}
