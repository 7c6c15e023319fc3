//! Logging in, refreshing tokens and logging out.

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
        // Refreshing is not guarded: a 256-bit secret cannot be guessed, and offices that share an address refresh often.
        Route::new(Audience::Public, routes!(refresh)),
        Route::new(Audience::Reader, routes!(log_out)),
    ]
}

/// The parameters of `/login` in the query string, where the operator allows them.
static LOGIN: ParameterTable = ParameterTable::new(|| vec![email(), password()]);

/// The parameters of `/login` without a body.
static LOGIN_BY_QUERY: ParameterTable =
    ParameterTable::new(|| vec![email().required(), password().required()]);

fn email() -> Parameter {
    Parameter::new("email", Kind::Email, "E-mail address of the user.", "analyst@example.com")
}

fn password() -> Parameter {
    Parameter::new("password", Kind::Password, "Password of the user.", "correct horse battery staple")
}

/// Who wants in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    /// E-mail address, in any letter case.
    #[schema(example = "analyst@example.com")]
    email: String,
    /// The password.
    #[schema(example = "correct horse battery staple")]
    password: String,
}

/// An access token, and a refresh token to get the next pair.
#[derive(Serialize, ToSchema)]
struct Tokens {
    /// Send it as `Authorization: Bearer <token>`.
    access_token: String,
    /// For `POST /refreshToken`, which returns the next pair. Works once; a repeat within ten seconds returns the same pair.
    refresh_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: i64,
    /// The message of the old system.
    msg: &'static str,
    /// `success`, as in the old system.
    message_flag: &'static str,
}

impl Tokens {
    fn new(access_token: String, refresh_token: String, msg: &'static str) -> Self {
        let expires_in = token::LIFETIME.num_seconds();
        Self { access_token, refresh_token, token_type: "Bearer", expires_in, msg, message_flag: "success" }
    }
}

/// Logs in with e-mail address and password.
///
/// The body is JSON or a form. A password in the query string is accepted only if the operator allows it, because
/// addresses end up in logs. After five wrong passwords in a row the account is locked for a minute; each further one doubles
/// the time, up to an hour. While an account is locked, the right password is refused, too.
#[utoipa::path(
    post,
    path = "/login",
    tag = "Session",
    request_body(content((Credentials = "application/json"), (Credentials = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = Tokens),
        (status = 401, body = Problem, description = "The e-mail address or the password is wrong"),
        (status = 403, body = Problem, description = "The account is disabled"),
        (status = 429, body = Problem, description = "Too many wrong passwords; `Retry-After` gives the seconds to wait")
    )
)]
async fn log_in(State(ctx): State<Ctx>, origin: Origin, request: Request) -> Result<Json<Tokens>, Problem> {
    let Credentials { email, password } = credentials(&ctx, request).await?;
    let mut tx = ctx.db().begin("look up who logs in").await?;
    let user = store::user(&mut tx, &email).await?;
    tx.commit().await?;
    // Outside any transaction, and whether or not the user exists: no row is locked meanwhile, and the response time reveals
    // nothing.
    let right = password::verified(password, user.as_ref().map(|user| user.password_hash.clone())).await?;

    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("log in").await?;
    let verdict = lockout::judge(&mut tx, &email, user.as_ref(), (right, &origin), now).await?;
    let user = match (verdict, user) {
        (Verdict::Right, Some(user)) => user,
        (verdict, _) => {
            // Commit keeps the count of wrong passwords.
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

/// Logs in with e-mail address and password in the query string, as scripts for the old system do.
///
/// Only if the operator allows it (`LEGACY_QUERY_LOGIN`), because addresses end up in logs.
#[utoipa::path(
    get,
    path = "/login",
    tag = "Session",
    responses(
        (status = 200, body = Tokens),
        (status = 401, body = Problem, description = "The e-mail address or the password is wrong"),
        (status = 403, body = Problem, description = "The account is disabled"),
        (status = 405, body = Problem, description = "The operator does not allow this"),
        (status = 429, body = Problem, description = "Too many wrong passwords; `Retry-After` gives the seconds to wait")
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
    /// The refresh token of the last log-in or refresh.
    #[schema(example = "0b8e3c52-6f0d-4a55-9c1e-2f7a7d1c9b10.qL5dC0mC1n0bq9Yt3v7pZr2xW8sKf4uJh6aTgE1oVyM")]
    refresh_token: String,
}

/// Exchanges a refresh token for a new pair of tokens.
///
/// Each refresh token works once. If it is sent again within ten seconds, by a second tab or a retry, the response is the same pair. If it
/// is sent later, or after its successor was used, the session ends, because the token has been copied.
#[utoipa::path(
    post,
    path = "/refreshToken",
    tag = "Session",
    request_body = RefreshBody,
    responses(
        (status = 200, body = Tokens),
        (status = 401, body = Problem, description = "The token is unknown or was used more than ten seconds ago, or its session has ended")
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
            // Issued as of the exchange, so that a second use of the same token returns an identical pair.
            let access_token = token::issue(&ctx, user.id, old.session(), user.role, at).await?;
            let tokens = Tokens::new(access_token, next.text(), "Token refreshed successfully");
            let mut answer = serde_json::to_value(tokens).map_err(|_| Problem::token_invalid())?;
            // The old system's names for the same fields.
            answer["message"] = json!("Token refreshed successfully");
            answer["new_access_token"] = answer["access_token"].clone();
            Ok(Json(answer))
        }
        Refreshed::Reused(user) => {
            tracing::warn!(user = user.id, "a refresh token was reused; its session was ended");
            Err(Problem::token_expired())
        }
        Refreshed::Unknown => Err(Problem::token_invalid()),
    }
}

/// Logs out: the access and refresh tokens of this session stop working immediately.
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

/// Confirmation with the fields of the old system.
#[derive(Serialize, ToSchema)]
struct LoggedOut {
    /// `User Logged Out`.
    msg: String,
    /// Always true, as in the old system.
    flash_message: bool,
    /// The message of the old system.
    message_toast: String,
    /// `success`.
    message_flag: String,
}
