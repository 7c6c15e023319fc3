//! The caller's own account: identity and password.

use super::new::flaw;
use super::store;
use crate::access::actor::By;
use crate::access::requests::no_user;
use crate::access::sessions::lockout::{self, Verdict};
use crate::access::sessions::origin::Origin;
use crate::access::sessions::{self, Listing, Session};
use crate::access::{Caller, password, users};
use crate::ctx::Ctx;
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route, body};
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The routes of the caller's own account.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Reader, routes!(me)), Route::new(Audience::Reader, routes!(change_password))]
}

/// The calling user.
#[derive(Serialize, ToSchema)]
struct Me {
    /// Id of the user.
    #[schema(example = 7)]
    id: i32,
    /// E-mail address.
    #[schema(example = "analyst@example.com")]
    email: String,
    /// `admin`, `read_write_user` or `read_only_user`.
    #[schema(example = "read_only_user")]
    role: &'static str,
    /// When the session started; null if the request was authenticated with an API key.
    since: Option<DateTime<Utc>>,
    /// The session; null if the request was authenticated with an API key.
    session: Option<Session>,
}

/// Shows who you are.
#[utoipa::path(get, path = "/v1/me", tag = "Account", responses((status = 200, body = Me)))]
async fn me(State(ctx): State<Ctx>, caller: Caller) -> Result<Json<Me>, Problem> {
    let id = Some(caller.session);
    let listing = Listing { user: caller.user_id, id, active: None, before: i64::MAX, limit: 1, current: id };
    let mut tx = ctx.db().begin("look up the session of the caller").await?;
    let session = sessions::list(&mut tx, &listing, ctx.clock().now()).await?.pop();
    tx.commit().await?;
    let since = session.as_ref().map(|session| session.began_at);
    let (id, role) = (caller.user_id, caller.role.name());
    Ok(Json(Me { id, email: caller.email, role, since, session }))
}

/// The old password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordBody {
    /// The current password.
    #[schema(example = "correct horse battery staple")]
    old_password: String,
    /// The new password: at least 12 characters, and not the e-mail address.
    #[schema(example = "staple battery horse correct", min_length = 12, max_length = 1024)]
    password: String,
}

/// Outcome of a password change.
#[derive(Serialize, ToSchema)]
struct PasswordChanged {
    /// Number of other sessions that were ended.
    #[schema(example = 2)]
    sessions_ended: u64,
}

/// Changes your password. All your other sessions end.
///
/// A wrong old password counts like a wrong password at log-in; five in a row lock the account.
#[utoipa::path(
    post,
    path = "/v1/me/password",
    tag = "Account",
    request_body = PasswordBody,
    responses(
        (status = 200, body = PasswordChanged),
        (status = 422, body = Problem, description = "The old password is wrong"),
        (status = 429, body = Problem, description = "Too many wrong passwords; `Retry-After` gives the seconds to wait")
    )
)]
async fn change_password(
    State(ctx): State<Ctx>,
    caller: Caller,
    origin: Origin,
    json: Result<Json<PasswordBody>, JsonRejection>,
) -> Result<Json<PasswordChanged>, Problem> {
    let PasswordBody { old_password, password } = body::read(json, "JSON with old_password and password")?;
    let sessions_ended = change(&ctx, &caller, &origin, old_password, password).await?;
    Ok(Json(PasswordChanged { sessions_ended }))
}

/// Sets a new password for the caller and returns how many other sessions that ended.
///
/// # Errors
/// A problem: the new password is not acceptable, the old one is wrong, or the account is locked.
pub(crate) async fn change(
    ctx: &Ctx,
    caller: &Caller,
    origin: &Origin,
    old: String,
    new: String,
) -> Result<u64, Problem> {
    let same = || (old == new).then(|| "the new password must differ from the old one".to_owned());
    if let Some(detail) = password::flaw(&new, &caller.email).or_else(same) {
        return Err(Problem::bad_request(vec![flaw("password", detail)]));
    }
    let mut tx = ctx.db().begin("look up the caller's password").await?;
    let user = store::user_by_id(&mut tx, caller.user_id).await?;
    tx.commit().await?;
    let user = user.ok_or_else(no_user)?;
    let right = password::verified(old, Some(user.password_hash.clone())).await?;
    // Hashed only if the caller may set it, and outside the transaction that counts wrong passwords.
    let hash = if right { password::hashed(new).await? } else { String::new() };

    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("change a password").await?;
    let verdict = lockout::judge(&mut tx, &user.email, Some(&user), (right, origin), now).await?;
    if verdict != Verdict::Right {
        tx.commit().await?;
        return Err(match verdict {
            Verdict::Right | Verdict::Wrong => Problem::rejected("The old password is wrong.", NOT_UPDATED),
            Verdict::Locked(_) => verdict.problem(now),
        });
    }
    let by = By::from(caller);
    let ended = users::set_password(&mut tx, by, (&user, &hash), Some(caller.session), now).await?;
    let Some(ended) = ended else {
        // If two requests change it at once with the old password, the second is too late: the old password is no longer valid.
        tx.rollback().await?;
        return Err(Problem::rejected(
            "Another request has just changed the password. Log in again.",
            NOT_UPDATED,
        ));
    };
    tx.commit().await?;
    Ok(ended)
}

/// The old system's message for a password that was not changed.
pub(crate) const NOT_UPDATED: &str = "unable to update password";
