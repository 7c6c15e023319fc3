//! The routes of user administration.

use super::list::{self, Account, Listing};
use super::new::NewUser;
use super::reset_link::Link;
use super::{Change, store};
use crate::access::actor::By;
use crate::access::requests::{USER, no_user};
use crate::access::{Caller, Role, users};
use crate::ctx::Ctx;
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::wrong::Wrong;
use crate::http::{
    Audience, Parameter, ParameterTable, Parameters, Problem, Route, body, commit_or_rollback, page, path,
};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The routes of users.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Admin, routes!(list_users: USERS)),
        Route::new(Audience::Admin, routes!(add_user)),
        Route::new(Audience::Admin, routes!(find_user: USER)),
        Route::new(Audience::Admin, routes!(change_user: USER)),
        Route::new(Audience::Admin, routes!(reset_user: USER)),
    ]
}

/// The parameters of `/v1/users`.
static USERS: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "q",
            Kind::TextUpTo(254),
            "Part of the e-mail address, in any letter case; all if absent.",
            "example.com",
        ),
        Parameter::new(
            "role",
            Kind::WordPattern(Role::ALL.map(Role::name).to_vec()),
            "`admin`, `read_write_user` or `read_only_user`; all if absent.",
            "read_only_user",
        ),
        Parameter::new(
            "enabled",
            Kind::Flag,
            "`true` for users who may log in, `false` for users who may not; all if absent.",
            true,
        ),
        page::limit("Maximum number of users per page, 1 to 200; 50 if absent."),
        Parameter::new(
            "cursor",
            Kind::Cursor,
            "Where the page begins: `next` of the previous page. The first page if absent.",
            "AAAAAAAAACo",
        ),
    ]
});

/// A page of users.
#[derive(Serialize, ToSchema)]
struct Users {
    /// The users, newest first.
    users: Vec<Account>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

fn listing(pairs: &[(String, String)]) -> Result<(Listing, i64), Vec<Wrong>> {
    let mut read = Parameters::new(pairs, &USERS);
    let (before, limit) = page::read(&mut read);
    let q = read.text("q").map(store::normal);
    if q.as_ref().is_some_and(|q| q.len() > 254 || q.chars().any(char::is_control)) {
        read.wrong("q", "expected at most 254 printable characters");
    }
    let role = read.parsed::<Role>("role").map(Role::name);
    let enabled = read.flag("enabled");
    read.end((
        Listing { id: None, q, role, enabled, before: before.unwrap_or(i64::MAX), limit: limit + 1 },
        limit,
    ))
}

/// Lists users.
#[utoipa::path(
    get,
    path = "/v1/users",
    tag = "Users",
    responses((status = 200, body = Users))
)]
async fn list_users(
    State(ctx): State<Ctx>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Users>, Problem> {
    let (listing, limit) = listing(&pairs).map_err(Problem::bad_request)?;
    let mut tx = ctx.db().begin("list users").await?;
    let mut users = list::list(&mut tx, &listing, ctx.clock().now()).await?;
    tx.commit().await?;
    let next = page::cut(&mut users, limit, |user| i64::from(user.id));
    Ok(Json(Users { users, next }))
}

/// The user to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserBody {
    /// E-mail address, with which the user logs in.
    #[schema(example = "analyst@example.com", max_length = 254)]
    email: String,
    /// `admin`, `read_write_user` or `read_only_user`.
    #[schema(example = "read_only_user", pattern = "^(admin|read_write_user|read_only_user)$")]
    role: String,
    /// At least 12 characters, and not the e-mail address. If absent, the response has a link with which the user sets one.
    #[schema(example = "correct horse battery staple", min_length = 12, max_length = 1024)]
    password: Option<String>,
}

/// The new user.
#[derive(Serialize, ToSchema)]
struct Added {
    /// The user.
    #[serde(flatten)]
    user: Account,
    /// The link with which the user sets a password, shown only in this response; null if a password was given.
    set_password: Option<Link>,
}

/// Adds a user.
///
/// Without a password, the response has a one-time link, valid for an hour, with which the user sets one. The system does not
/// send the link: pass it on to the user.
#[utoipa::path(
    post,
    path = "/v1/users",
    tag = "Users",
    request_body = UserBody,
    responses(
        (status = 201, body = Added, headers(("Location" = String, description = "Path of the user"))),
        (status = 409, body = Problem, description = "There is already a user with this address")
    )
)]
async fn add_user(
    State(ctx): State<Ctx>,
    caller: Caller,
    json: Result<Json<UserBody>, JsonRejection>,
) -> Result<Response, Problem> {
    let UserBody { email, role, password } =
        body::read(json, "JSON with email, role and, optionally, password")?;
    let new = NewUser::check(&email, &role, password).map_err(Problem::bad_request)?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("add a user").await?;
    let outcome = users::create(&mut tx, By::from(&caller), &new, now).await?;
    let id = outcome.as_ref().map_or(0, |(id, _)| *id);
    let user = list::find(&mut tx, id, now).await?;
    let (_, set_password) = commit_or_rollback(tx, outcome.map_err(Problem::from)).await?;
    let user = user.ok_or_else(no_user)?;
    let place = [(LOCATION, format!("/v1/users/{id}"))];
    Ok((StatusCode::CREATED, place, Json(Added { user, set_password })).into_response())
}

/// Shows one user.
#[utoipa::path(
    get,
    path = "/v1/users/{id}",
    tag = "Users",
    responses((status = 200, body = Account), (status = 404, body = Problem))
)]
async fn find_user(State(ctx): State<Ctx>, Path(text): Path<String>) -> Result<Json<Account>, Problem> {
    let id = path::id(&text, no_user)?;
    let mut tx = ctx.db().begin("find a user").await?;
    let user = list::find(&mut tx, id, ctx.clock().now()).await?;
    tx.commit().await?;
    user.map(Json).ok_or_else(no_user)
}

/// Changes to a user; a field that is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeBody {
    /// `admin`, `read_write_user` or `read_only_user`. Access tokens with the old role stop working; a refresh returns new ones.
    #[schema(example = "read_write_user", pattern = "^(admin|read_write_user|read_only_user)$")]
    role: Option<String>,
    /// `false` locks the user out immediately, and ends the user's sessions and link.
    #[schema(example = true)]
    enabled: Option<bool>,
}

/// Changes the role of a user, or enables or disables the user.
///
/// The last admin who can log in can be neither disabled nor demoted, and admins cannot disable themselves.
#[utoipa::path(
    patch,
    path = "/v1/users/{id}",
    tag = "Users",
    request_body = ChangeBody,
    responses(
        (status = 200, body = Account),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The user is the last admin who can log in, or you tried to disable yourself")
    )
)]
async fn change_user(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(text): Path<String>,
    json: Result<Json<ChangeBody>, JsonRejection>,
) -> Result<Json<Account>, Problem> {
    const EXPECTED: &str = "JSON with role, enabled or both";
    let id = path::id(&text, no_user)?;
    let ChangeBody { role, enabled } = body::read(json, EXPECTED)?;
    let parsed = role.as_deref().map(str::parse::<Role>).transpose();
    let role = parsed.map_err(|expected| {
        let found = role.unwrap_or_default();
        Problem::bad_request(vec![Wrong::found("role", &found, &expected.to_string())])
    })?;
    if role.is_none() && enabled.is_none() {
        return Err(Problem::bad_parameter("body", format!("expected {EXPECTED}")));
    }
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("change a user").await?;
    let outcome = users::change(&mut tx, By::from(&caller), id, Change { role, enabled }, now).await?;
    let user = list::find(&mut tx, id, now).await?;
    commit_or_rollback(tx, outcome.map_err(Problem::from)).await?;
    user.map(Json).ok_or_else(no_user)
}

/// Creates a one-time link with which a user sets a password.
///
/// The link is valid for an hour and shown only in this response; it replaces an older link. The password and the sessions
/// stay as they are until it is used. The system does not send the link: pass it on to the user.
#[utoipa::path(
    post,
    path = "/v1/users/{id}/reset",
    tag = "Users",
    responses(
        (status = 200, body = Link),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The user is disabled")
    )
)]
async fn reset_user(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Json<Link>, Problem> {
    let id = path::id(&text, no_user)?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("create a link to set a password").await?;
    let outcome = users::link(&mut tx, By::from(&caller), id, now).await?;
    commit_or_rollback(tx, outcome.map_err(Problem::from)).await.map(Json)
}
