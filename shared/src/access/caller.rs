//! The caller of a route: a user whose token was checked against the database, on every request.

use super::token::{self, Refused};
use super::{Role, store};
use crate::ctx::Ctx;
use crate::web::{Audience, Problem};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A user who is logged in.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(super) user_id: i32,
    pub(super) session: Uuid,
    /// E-mail address.
    pub email: String,
    /// Role, as the database has it now.
    pub role: Role,
    /// The network address that it called from, where there is one.
    pub came_from: Option<String>,
    /// When it called.
    pub(super) now: DateTime<Utc>,
}

/// Lets through whoever is in the audience, and hands the caller on.
///
/// # Errors
/// A problem: no token, a wrong one, an ended one, a disabled user, a role that may not.
pub async fn gate(
    State((ctx, audience)): State<(Ctx, Audience)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if audience != Audience::Public {
        let header = request.headers().get(AUTHORIZATION);
        let token =
            header.and_then(|value| value.to_str().ok()).and_then(|text| text.split_whitespace().next_back());
        let caller = caller(&ctx, token.ok_or_else(Problem::token_missing)?).await?;
        if !caller.role.is_in(audience) {
            return Err(Problem::role_not_allowed());
        }
        request.extensions_mut().insert(caller);
    }
    Ok(next.run(request).await)
}

async fn caller(ctx: &Ctx, token: &str) -> Result<Caller, Problem> {
    let claims = token::check(ctx, token).await.map_err(|refused| match refused {
        Refused::Invalid => Problem::token_invalid(),
        Refused::Expired => Problem::token_expired(),
        Refused::Fault(fault) => fault.into(),
    })?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("look up the caller").await?;
    let found = store::session(&mut tx, claims.sid, now).await?;
    tx.commit().await?;
    let user = found.ok_or_else(Problem::token_expired)?;
    if user.id.to_string() != claims.sub {
        return Err(Problem::token_invalid());
    }
    if !user.enabled {
        return Err(Problem::user_disabled());
    }
    // A token of another role was issued before the role changed.
    if user.role.name() != claims.role {
        return Err(Problem::token_expired());
    }
    let (email, role) = (user.email, user.role);
    Ok(Caller { user_id: user.id, session: claims.sid, email, role, came_from: None, now })
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::token_missing)
    }
}
