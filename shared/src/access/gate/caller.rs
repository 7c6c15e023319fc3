//! The caller of a route, checked against the database on every request, and the gate that admits callers.

use super::admission::{self, Holder, Scope};
use super::credential::Credential;
use super::limits::{self, LimitStatus, Policy};
use crate::access::Role;
use crate::access::sessions::token::{self, Claims, Refused};
use crate::ctx::Ctx;
use crate::fault::Fault;
use crate::http::{Arrival, Audience, LimitClass, Problem, Route};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Seconds after which a client may ask whether the API is on again.
const SWITCHED_OFF_RETRY: i64 = 300;

/// A user who is logged in or who presented one of their API keys.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(crate) user_id: i32,
    /// Id of the session; nil for an API key. A key never reaches a route that deals with sessions.
    pub(in crate::access) session: Uuid,
    /// E-mail address.
    pub email: String,
    /// Current role in the database.
    pub role: Role,
    /// Network address of the request, if known.
    pub came_from: Option<String>,
    /// When the request was made.
    pub(in crate::access) now: DateTime<Utc>,
}

/// The access rules of a route.
#[derive(Clone, Copy, Debug)]
pub struct RoutePolicy {
    audience: Audience,
    limit_class: LimitClass,
    /// The route deals with the caller's own account.
    personal: bool,
    /// The route is a legacy path whose use is counted.
    legacy: bool,
}

impl From<&Route> for RoutePolicy {
    fn from(route: &Route) -> Self {
        Self {
            audience: route.audience,
            limit_class: route.limit_class,
            personal: route.is_personal(),
            legacy: route.successor.is_some(),
        }
    }
}

/// Admits callers who belong to the audience and passes the caller on to the route. Every response, whatever its status, reports
/// the caller's rate limit.
pub async fn gate(
    State((ctx, route_policy)): State<(Ctx, RoutePolicy)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut limit_status = None;
    let admitted = match route_policy.audience {
        Audience::Public => count_address(&ctx, route_policy, &parts, &mut limit_status).await.map(|()| None),
        _ => caller(&ctx, route_policy, &parts, &mut limit_status).await.map(Some),
    };
    let mut response = match admitted {
        Err(problem) => problem.into_response(),
        Ok(caller) => {
            caller.map(|caller| parts.extensions.insert(caller));
            next.run(Request::from_parts(parts, body)).await
        }
    };
    if let Some(limit_status) = limit_status {
        limit_status.write(response.headers_mut());
    }
    response
}

fn arrival(parts: &Parts) -> Result<&Arrival, Problem> {
    let arrival = parts.extensions.get();
    arrival.ok_or_else(|| Fault::new("the request did not pass the layer that identifies the caller").into())
}

/// The route's path as declared, if its use is counted.
fn legacy_path(route_policy: RoutePolicy, request: &Parts) -> Option<&str> {
    let path = request.extensions.get::<MatchedPath>().filter(|_| route_policy.legacy);
    path.map(MatchedPath::as_str)
}

/// Counts a request to a public route by network address.
async fn count_address(
    ctx: &Ctx,
    route_policy: RoutePolicy,
    request: &Parts,
    limit_status: &mut Option<LimitStatus>,
) -> Result<(), Problem> {
    let limits = ctx.settings().limits;
    let policy = match route_policy.limit_class {
        LimitClass::Free => return Ok(()),
        LimitClass::Usual => Policy::anonymous(limits),
        LimitClass::Guarded => Policy::log_in(limits),
    };
    *limit_status =
        match limits::count(ctx, policy, arrival(request)?, legacy_path(route_policy, request)).await {
            // The documents are served even while the database is unavailable.
            Err(fault) if route_policy.limit_class == LimitClass::Usual => {
                tracing::warn!(fault = fault.chain(), "a request was not counted");
                None
            }
            counted => counted?,
        };
    limit_status.map_or(Ok(()), LimitStatus::check)
}

async fn caller(
    ctx: &Ctx,
    route_policy: RoutePolicy,
    request: &Parts,
    limit_status: &mut Option<LimitStatus>,
) -> Result<Caller, Problem> {
    let credential = Credential::read(&request.headers, &request.method)?;
    let (claims, key) = match credential {
        Credential::Token(token) => (Some(check(ctx, token).await?), None),
        Credential::Key(key) => (None, Some(key)),
    };
    let (arrival, limits, now) = (arrival(request)?, ctx.settings().limits, ctx.clock().now());
    let anonymous = Policy::anonymous(limits);
    let session = claims.as_ref().map(|claims| claims.sid);

    let mut tx = ctx.db().begin("look up the caller").await?;
    let (address, legacy) = (anonymous.caller(arrival), legacy_path(route_policy, request));
    let found = admission::admit(&mut tx, session, key.as_ref(), (limits, &address), legacy, now).await?;
    // The request has not done anything yet, so it is safe to repeat.
    tx.commit_harmless().await?;

    let policy = found.holder.as_ref().map_or(anonymous, |holder| {
        // A key has its own count and the quota of a reader, whatever the role of its user.
        Policy::of(limits, if holder.scope.is_some() { Role::ReadOnly } else { holder.role })
    });
    *limit_status = found.count.and_then(|count| LimitStatus::new(policy, count, now));
    limit_status.map_or(Ok(()), LimitStatus::check)?;
    let ended = if key.is_some() { Problem::key_invalid } else { Problem::token_expired };
    let holder = found.holder.ok_or_else(ended)?;
    if let Some(claims) = &claims {
        still_true(claims, &holder)?;
    }
    if !holder.enabled {
        return Err(Problem::user_disabled());
    }
    // A token with a different role was issued before the role changed.
    if claims.is_some_and(|claims| claims.role != holder.role.name()) {
        return Err(Problem::token_expired());
    }
    // An admin's key counts as a reader and is switched off with the readers.
    if let Some(reason) = found.switched_off
        && (holder.role != Role::Admin || holder.scope.is_some())
    {
        return Err(Problem::switched_off(&reason, SWITCHED_OFF_RETRY));
    }
    if !holder.role.is_in(route_policy.audience) {
        return Err(Problem::role_not_allowed());
    }
    if let Some(scope) = holder.scope {
        fits(scope, route_policy, &request.method)?;
    }
    let Holder { user_id, email, role, .. } = holder;
    let came_from = arrival.address.map(|address| address.to_string());
    Ok(Caller { user_id, session: session.unwrap_or_default(), email, role, came_from, now })
}

async fn check(ctx: &Ctx, token: &str) -> Result<Claims, Problem> {
    token::check(ctx, token).await.map_err(|refused| match refused {
        Refused::Invalid => Problem::token_invalid(),
        Refused::Expired => Problem::token_expired(),
        Refused::Fault(fault) => fault.into(),
    })
}

/// Checks that the session belongs to the user named in the token.
fn still_true(claims: &Claims, holder: &Holder) -> Result<(), Problem> {
    if holder.user_id.to_string() == claims.sub { Ok(()) } else { Err(Problem::token_invalid()) }
}

/// Checks that a key permits the request: reading, or uploading if it has that scope. A key never administers, whatever the role of
/// its user, and never changes its user's account or keys; otherwise, anyone who finds a key could extend its reach.
fn fits(scope: Scope, route_policy: RoutePolicy, method: &Method) -> Result<(), Problem> {
    let reads = method.is_safe();
    match route_policy.audience {
        _ if route_policy.personal => {
            Err(Problem::key_not_allowed("An API key cannot do this; log in instead."))
        }
        Audience::Admin => Err(Problem::key_not_allowed("An API key cannot administer; log in instead.")),
        Audience::Uploader if scope != Scope::Upload => Err(Problem::key_not_allowed(
            "This API key can read but not upload; create one with the scope upload.",
        )),
        Audience::Reader if !reads => {
            Err(Problem::key_not_allowed("An API key can only read here; log in to change something."))
        }
        Audience::Public | Audience::Reader | Audience::Uploader => Ok(()),
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::token_missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_and_uploads_within_its_scope_and_does_nothing_else() {
        let may = |scope, audience, method: Method, personal| {
            fits(
                scope,
                RoutePolicy { audience, limit_class: LimitClass::Usual, personal, legacy: false },
                &method,
            )
            .is_ok()
        };
        let table = [
            (Audience::Reader, Method::GET, false, true, true),
            (Audience::Reader, Method::HEAD, false, true, true),
            (Audience::Reader, Method::POST, false, false, false),
            (Audience::Reader, Method::DELETE, false, false, false),
            (Audience::Reader, Method::GET, true, false, false),
            (Audience::Uploader, Method::GET, false, false, true),
            (Audience::Uploader, Method::POST, false, false, true),
            (Audience::Admin, Method::GET, false, false, false),
            (Audience::Admin, Method::PUT, false, false, false),
        ];
        for (audience, method, personal, read, upload) in table {
            let row = format!("{audience:?} {method} personal {personal}");
            assert_eq!(may(Scope::Read, audience, method.clone(), personal), read, "{row} read");
            assert_eq!(may(Scope::Upload, audience, method, personal), upload, "{row} upload");
        }
    }
}
