//! Log in, refresh, log out.

use super::lockout::{self, Verdict};
use super::origin::Origin;
use super::refresh::{RefreshToken, Refreshed};
use super::{Ended, token};
use crate::access::actor::By;
use crate::access::users::store;
use crate::access::{Caller, password, sessions};
use crate::ctx::Ctx;
use crate::http::form;
use crate::http::parameter::kind::Kind;
use crate::http::parameters::once;
use crate::http::problem::toast_keys;
use crate::http::route::routes;
use crate::http::{Audience, Parameter, ParameterTable, Problem, Route, body};
use axum::extract::{FromRequest, Query, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::{Form, Json};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The routes of logging in and out.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Public, routes!(log_in: LOGIN)).guarded(),
        Route::new(Audience::Public, routes!(log_in_by_query: LOGIN_BY_QUERY))
            .guarded()
            .only_if(|settings| settings.legacy_query_login),
        // Its secret has 256 bits, which nobody guesses; and offices that share an address refresh often.
        Route::new(Audience::Public, routes!(refresh)),
        Route::new(Audience::Reader, routes!(log_out)),
    ]
}

/// What `/login` takes in its query, where the operator allows it.
static LOGIN: ParameterTable = ParameterTable::new(|| vec![email(), password()]);

/// The same without a body.
static LOGIN_BY_QUERY: ParameterTable =
    ParameterTable::new(|| vec![email().required(), password().required()]);

fn email() -> Parameter {
    Parameter::new("email", Kind::Email, "E-mail address", "analyst@example.com")
}

fn password() -> Parameter {
    Parameter::new("password", Kind::Password, "Password", "correct horse battery staple")
}

/// Who wants in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    /// E-mail address, in any letter case.
    #[schema(example = "analyst@example.com")]
    email: String,
    /// Password.
    #[schema(example = "correct horse battery staple")]
    password: String,
}

/// A token to read with, and one to get the next with.
#[derive(Serialize, ToSchema)]
struct Tokens {
    /// Send it as `Authorization: Bearer <token>`.
    access_token: String,
    /// Good once, for `POST /refreshToken`; the answer brings the next, and for ten seconds the same again.
    refresh_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token ends.
    expires_in: i64,
    /// As the old system said it.
    msg: &'static str,
    /// `success`, as the old system said it.
    message_flag: &'static str,
}

impl Tokens {
    fn new(access_token: String, refresh_token: String, msg: &'static str) -> Self {
        let expires_in = token::LIFETIME.num_seconds();
        Self { access_token, refresh_token, token_type: "Bearer", expires_in, msg, message_flag: "success" }
    }
}

/// Logs in with e-mail and password.
///
/// The body is JSON or a form. A password in the query string is read only where the operator allows it, because
/// addresses are logged on their way. After five wrong passwords in a row the account is locked for a minute, then twice
/// as long with each further one, up to an hour; while it is, the right password is refused too.
#[utoipa::path(
    post,
    path = "/login",
    tag = "Session",
    request_body(content((Credentials = "application/json"), (Credentials = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = Tokens),
        (status = 401, body = Problem, description = "The e-mail or the password is wrong"),
        (status = 403, body = Problem, description = "The user is disabled"),
        (status = 429, body = Problem, description = "Too many wrong passwords; `Retry-After` says when to try again")
    )
)]
async fn log_in(State(ctx): State<Ctx>, origin: Origin, request: Request) -> Result<Json<Tokens>, Problem> {
    let Credentials { email, password } = credentials(&ctx, request).await?;
    let mut tx = ctx.db().begin("look up who logs in").await?;
    let user = store::user(&mut tx, &email).await?;
    tx.commit().await?;
    // Outside of any transaction, and whether or not there is such a user: no row waits for it, and no clock tells.
    let right = password::verified(password, user.as_ref().map(|user| user.password_hash.clone())).await?;

    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("log in").await?;
    let verdict = lockout::judge(&mut tx, &email, user.as_ref(), (right, &origin), now).await?;
    let user = match (verdict, user) {
        (Verdict::Right, Some(user)) => user,
        (verdict, _) => {
            // What was counted stays.
            tx.commit().await?;
            return Err(verdict.problem(now));
        }
    };
    if !user.enabled {
        tx.commit().await?;
        return Err(Problem::user_disabled());
    }
    let agent = origin.user_agent.as_deref();
    let Some((session, refresh_token)) = sessions::refresh::begin(&mut tx, &user, agent, now).await? else {
        tx.rollback().await?;
        return Err(Problem::login_failed());
    };
    let by = By { id: Some(user.id), name: &user.email, came_from: origin.address.as_deref() };
    let detail = json!({ "user": user.id, "session": session, "user_agent": agent });
    by.did(&mut tx, "session.begin", &user.email, detail, now).await?;
    tx.commit().await?;
    let access_token = token::issue(&ctx, user.id, session, user.role, now).await?;
    tracing::info!(user = user.id, "logged in");
    Ok(Json(Tokens::new(access_token, refresh_token.text(), "Logged In Successfully")))
}

/// Logs in with e-mail and password in the query string, as scripts of the old system do.
///
/// Only where the operator allows it (`LEGACY_QUERY_LOGIN`): addresses are logged on their way.
#[utoipa::path(
    get,
    path = "/login",
    tag = "Session",
    responses(
        (status = 200, body = Tokens),
        (status = 401, body = Problem, description = "The e-mail or the password is wrong"),
        (status = 403, body = Problem, description = "The user is disabled"),
        (status = 405, body = Problem, description = "The operator does not allow it"),
        (status = 429, body = Problem, description = "Too many wrong passwords; `Retry-After` says when to try again")
    )
)]
async fn log_in_by_query(
    State(ctx): State<Ctx>,
    origin: Origin,
    request: Request,
) -> Result<Json<Tokens>, Problem> {
    log_in(State(ctx), origin, request).await
}

async fn credentials(ctx: &Ctx, request: Request) -> Result<Credentials, Problem> {
    once(&form::query(request.uri())?, &LOGIN)?;
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let expected = || Problem::bad_parameter("body", "expected email and password as JSON or as a form");
    if kind.starts_with("application/json") {
        return Ok(Json::from_request(request, &()).await.map_err(|_| expected())?.0);
    }
    if kind.starts_with("application/x-www-form-urlencoded") {
        return Ok(Form::from_request(request, &()).await.map_err(|_| expected())?.0);
    }
    if ctx.settings().legacy_query_login {
        return Ok(Query::try_from_uri(request.uri()).map_err(|_| expected())?.0);
    }
    Err(expected())
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshBody {
    /// From the log-in or the refresh before.
    #[schema(example = "0b8e3c52-6f0d-4a55-9c1e-2f7a7d1c9b10.qL5dC0mC1n0bq9Yt3v7pZr2xW8sKf4uJh6aTgE1oVyM")]
    refresh_token: String,
}

/// Exchanges a refresh token for the next pair of tokens.
///
/// Each refresh token is good once. Sent again within ten seconds, by a second tab or a retry, it brings the same pair; when it comes
/// back later, or after its successor was used, its session ends, because the token was copied.
#[utoipa::path(
    post,
    path = "/refreshToken",
    tag = "Session",
    request_body = RefreshBody,
    responses(
        (status = 200, body = Tokens),
        (status = 401, body = Problem, description = "Unknown, used more than ten seconds ago, or its session has ended")
    )
)]
async fn refresh(
    State(ctx): State<Ctx>,
    origin: Origin,
    body: Result<Json<RefreshBody>, axum::extract::rejection::JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let RefreshBody { refresh_token } = body::read(body, "a JSON body with a refresh_token")?;
    let now = ctx.clock().now();
    let old = RefreshToken::parse(&refresh_token).ok_or_else(Problem::token_invalid)?;
    let mut tx = ctx.db().begin("refresh a token").await?;
    let refreshed = super::refresh::refresh(&ctx, &mut tx, &old, now).await?;
    if let Refreshed::Reused(user) = &refreshed {
        let by = By { came_from: origin.address.as_deref(), ..By::NOBODY };
        let detail = json!({ "user": user.id, "session": old.session(), "why": Ended::Reuse.word() });
        by.did(&mut tx, "session.end", &user.email, detail, now).await?;
    }
    tx.commit().await?;
    match refreshed {
        Refreshed::Rotated { user, next, at } => {
            // Of the moment of the exchange: who sends the token a second time is given the very same.
            let access_token = token::issue(&ctx, user.id, old.session(), user.role, at).await?;
            let tokens = Tokens::new(access_token, next.text(), "Token refreshed successfully");
            let mut answer = serde_json::to_value(tokens).map_err(|_| Problem::token_invalid())?;
            // The old system's names for the same.
            answer["message"] = json!("Token refreshed successfully");
            answer["new_access_token"] = answer["access_token"].clone();
            Ok(Json(answer))
        }
        Refreshed::Reused(user) => {
            tracing::warn!(user = user.id, "a refresh token came back a second time: its session was ended");
            Err(Problem::token_expired())
        }
        Refreshed::Unknown => Err(Problem::token_invalid()),
    }
}

/// Logs out: the access and refresh tokens of this session end now.
#[utoipa::path(post, path = "/logout", tag = "Session", responses((status = 200, body = LoggedOut)))]
async fn log_out(State(ctx): State<Ctx>, caller: Caller) -> Result<Json<Value>, Problem> {
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("log out").await?;
    if sessions::end(&mut tx, caller.session, Ended::Logout, now).await? {
        let detail =
            json!({ "user": caller.user_id, "session": caller.session, "why": Ended::Logout.word() });
        By::from(&caller).did(&mut tx, "session.end", &caller.email, detail, now).await?;
    }
    tx.commit().await?;
    let mut answer = toast_keys("User Logged Out", "success");
    answer.insert("msg".to_owned(), json!("User Logged Out"));
    Ok(Json(Value::Object(answer)))
}

/// That a session has ended, with the keys of the old system.
#[derive(Serialize, ToSchema)]
struct LoggedOut {
    /// `User Logged Out`.
    msg: String,
    /// Always true: there is something to show.
    flash_message: bool,
    /// As the old system said it.
    message_toast: String,
    /// `success`.
    message_flag: String,
}
