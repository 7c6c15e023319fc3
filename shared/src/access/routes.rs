//! Log in, refresh, log out.

use super::store::{self, RefreshToken, Refreshed};
use super::{Caller, password, token};
use crate::ctx::Ctx;
use crate::web::problem::toast_keys;
use crate::web::{Audience, Problem, Route};
use axum::extract::{FromRequest, Query, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::{Form, Json};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::routes;

/// The routes of this room.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Public, routes!(log_in)),
        Route::new(Audience::Public, routes!(log_in_by_query)),
        Route::new(Audience::Public, routes!(refresh)),
        Route::new(Audience::Reader, routes!(log_out)),
    ]
}

/// Who wants in.
#[derive(Deserialize, ToSchema)]
struct Credentials {
    /// E-mail address, in any letter case.
    #[schema(example = "analyst@example.com")]
    email: String,
    /// Password.
    password: String,
}

/// A token to read with, and one to get the next with.
#[derive(Serialize, ToSchema)]
struct Tokens {
    /// Send it as `Authorization: Bearer <token>`.
    access_token: String,
    /// Good once, for `POST /refreshToken`; the answer brings the next.
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
/// addresses are logged on their way.
#[utoipa::path(
    post,
    path = "/login",
    tag = "Session",
    request_body(content((Credentials = "application/json"), (Credentials = "application/x-www-form-urlencoded"))),
    responses((status = 200, body = Tokens))
)]
async fn log_in(State(ctx): State<Ctx>, request: Request) -> Result<Json<Tokens>, Problem> {
    let Credentials { email, password } = credentials(&ctx, request).await?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("log in").await?;
    let user = store::user(&mut tx, email.trim()).await?;
    if !password::verify(&password, user.as_ref().map(|user| user.password_hash.as_str())) {
        tx.rollback().await?;
        tracing::info!("a log-in failed");
        return Err(Problem::login_failed());
    }
    let user = user.ok_or_else(Problem::login_failed)?;
    if !user.enabled {
        tx.rollback().await?;
        return Err(Problem::user_disabled());
    }
    let begun = store::begin_session(&mut tx, &user, now).await?;
    tx.commit().await?;
    let (session, refresh_token) = begun.ok_or_else(Problem::login_failed)?;
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
    params(("email" = String, Query, description = "E-mail address"), ("password" = String, Query, description = "Password")),
    responses((status = 200, body = Tokens), (status = 405, body = Problem))
)]
async fn log_in_by_query(State(ctx): State<Ctx>, request: Request) -> Result<Json<Tokens>, Problem> {
    if !ctx.settings().legacy_query_login {
        return Err(Problem::method_not_allowed());
    }
    log_in(State(ctx), request).await
}

async fn credentials(ctx: &Ctx, request: Request) -> Result<Credentials, Problem> {
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
struct RefreshBody {
    /// From the log-in or the refresh before.
    refresh_token: String,
}

/// Exchanges a refresh token for the next pair of tokens.
///
/// Each refresh token is good once. If one comes back a second time its session ends, because somebody copied it.
#[utoipa::path(
    post,
    path = "/refreshToken",
    tag = "Session",
    request_body = RefreshBody,
    responses((status = 200, body = Tokens))
)]
async fn refresh(
    State(ctx): State<Ctx>,
    body: Result<Json<RefreshBody>, axum::extract::rejection::JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(RefreshBody { refresh_token }) = body
        .map_err(|_| Problem::bad_parameter("refresh_token", "expected a JSON body with a refresh_token"))?;
    let now = ctx.clock().now();
    let old = RefreshToken::parse(&refresh_token).ok_or_else(Problem::token_invalid)?;
    let new = old.next()?;
    let mut tx = ctx.db().begin("refresh a token").await?;
    let refreshed = store::refresh(&mut tx, &old, &new, now).await?;
    tx.commit().await?;
    match refreshed {
        Refreshed::Rotated(session, user) => {
            let access_token = token::issue(&ctx, user.id, session, user.role, now).await?;
            let tokens = Tokens::new(access_token, new.text(), "Token refreshed successfully");
            let mut answer = serde_json::to_value(tokens).map_err(|_| Problem::token_invalid())?;
            // The old system's names for the same.
            answer["message"] = json!("Token refreshed successfully");
            answer["new_access_token"] = answer["access_token"].clone();
            Ok(Json(answer))
        }
        Refreshed::Reused => {
            tracing::warn!("a refresh token came back a second time: its session was ended");
            Err(Problem::token_expired())
        }
        Refreshed::Unknown => Err(Problem::token_invalid()),
    }
}

/// Logs out: the access and refresh tokens of this session end now.
#[utoipa::path(post, path = "/logout", tag = "Session", responses((status = 200, body = LoggedOut)))]
async fn log_out(State(ctx): State<Ctx>, caller: Caller) -> Result<Json<Value>, Problem> {
    let mut tx = ctx.db().begin("log out").await?;
    store::end_session(&mut tx, caller.session, ctx.clock().now()).await?;
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
