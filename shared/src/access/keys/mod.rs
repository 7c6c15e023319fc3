//! API keys for programs that cannot log in: Tableau, Excel, scripts. Guarantees: the secret is returned once and only its SHA-256
//! is stored; a key can read what its user may read, can upload at most, and never administers; it ends with its user.

pub mod store;

use super::Caller;
use super::audit::{self, Act};
use super::gate::admission::Scope;
use super::gate::credential;
use super::requests::{no_user, user_id};
use crate::ctx::Ctx;
use crate::http::page::{self, PAGE};
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::wrong::Wrong;
use crate::http::{Audience, Parameter, ParameterTable, Problem, Route, body, path};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::http::{HeaderName, StatusCode};
use chrono::{DateTime, Months, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{ApiKey, MAX_KEYS, Made, NewKey};
use utoipa::ToSchema;

/// Default lifetime of a key, in months.
const USUAL: Months = Months::new(12);
/// Longest lifetime of a key, in months.
const LONGEST: Months = Months::new(24);

/// The routes of keys.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(make_key)),
        Route::new(Audience::Reader, routes!(list_my_keys: PAGE)),
        Route::new(Audience::Reader, routes!(revoke_my_key: KEY)),
        Route::new(Audience::Admin, routes!(list_keys: KEYS_OF_USER)),
        Route::new(Audience::Admin, routes!(revoke_key: KEY_OF_USER)),
    ]
}

/// One of the caller's own keys.
static KEY: ParameterTable =
    ParameterTable::new(|| vec![Parameter::in_path("id", Kind::Key, "Id of the key.", 12)]);

/// One key of a user.
static KEY_OF_USER: ParameterTable =
    ParameterTable::new(|| vec![user_id(), Parameter::in_path("key", Kind::Key, "Id of the key.", 12)]);

/// A page of the keys of a user.
static KEYS_OF_USER: ParameterTable =
    ParameterTable::new(|| std::iter::once(user_id()).chain(page::paging()).collect());

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyBody {
    /// 1 to 100 printable characters; must differ from the names of your active keys.
    #[schema(example = "Tableau, trading desk")]
    name: String,
    /// `read` (read with GET what you may read) or `upload` (also upload, if your role may).
    #[schema(example = "read")]
    scope: String,
    /// When the key expires, as a timestamp with a UTC offset, at most two years from now; one year from now if absent.
    #[schema(example = "2027-01-05T00:00:00Z")]
    expires_at: Option<String>,
}

/// A new API key, with its secret.
#[derive(Serialize, ToSchema)]
struct MadeKey {
    /// The key itself. It is shown only in this response.
    #[schema(example = "tp_12_q7Wb1Yv0cXk3…")]
    key: String,
    #[serde(flatten)]
    about: ApiKey,
}

/// A page of API keys.
#[derive(Serialize, ToSchema)]
struct Keys {
    /// The keys, newest first, including expired and revoked ones.
    keys: Vec<ApiKey>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The validated fields of a request body, or every error in it.
fn checked(body: &KeyBody, now: DateTime<Utc>) -> Result<(&str, Scope, DateTime<Utc>), Vec<Wrong>> {
    let mut wrong = vec![];
    let mut flaw =
        |parameter: &str, value: &str, detail: &str| wrong.push(Wrong::found(parameter, value, detail));
    let name = body.name.trim();
    if !(1..=100).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        flaw("name", name, "expected 1 to 100 printable characters");
    }
    let scope = Scope::named(&body.scope);
    if scope.is_none() {
        flaw("scope", &body.scope, "expected read or upload");
    }
    let latest = now.checked_add_months(LONGEST).unwrap_or(now);
    let expires_at = match body.expires_at.as_deref().map(DateTime::parse_from_rfc3339) {
        None => now.checked_add_months(USUAL),
        Some(moment) => moment.ok().map(|moment| moment.with_timezone(&Utc)),
    };
    let expires_at = expires_at.filter(|moment| *moment > now && *moment <= latest);
    if expires_at.is_none() {
        flaw(
            "expires_at",
            body.expires_at.as_deref().unwrap_or_default(),
            "expected a time in the next two years with its UTC offset, such as 2027-01-05T00:00:00Z",
        );
    }
    match (scope, expires_at) {
        (Some(scope), Some(expires_at)) if wrong.is_empty() => Ok((name, scope, expires_at)),
        _ => Err(wrong),
    }
}

/// Creates an API key for one of your programs.
///
/// The secret appears only in this response. Send it as `Authorization: Bearer <key>`, as the password of
/// `Authorization: Basic` (any user name; GET and HEAD only), or as `X-Api-Key`, but never in an address. A key reads with GET
/// what you may read; with the scope `upload` it also uploads, if your role may. A key cannot administer anything, and cannot
/// change your account. Each key has its own rate limit, the same as that of a reader. Disabling a user revokes the user's keys
/// for good. You can have up to 50 active keys.
#[utoipa::path(
    post,
    path = "/v1/me/keys",
    tag = "API keys",
    request_body = KeyBody,
    responses(
        (status = 201, body = MadeKey, headers(("Location" = String, description = "Path of the key; DELETE it to revoke the key"))),
        (status = 403, body = Problem, description = "Your role may not upload, or the request was authenticated with an API key"),
        (status = 409, body = Problem, description = "One of your active keys has this name, or you have 50 active keys")
    )
)]
async fn make_key(
    State(ctx): State<Ctx>,
    caller: Caller,
    body: Result<Json<KeyBody>, JsonRejection>,
) -> Result<(StatusCode, [(HeaderName, String); 2], Json<MadeKey>), Problem> {
    let body = body::read(body, "JSON with name, scope and, optionally, expires_at")?;
    let now = ctx.clock().now();
    let (name, scope, expires_at) = checked(&body, now).map_err(Problem::bad_request)?;
    if scope == Scope::Upload && !caller.role.is_in(Audience::Uploader) {
        return Err(Problem::role_not_allowed());
    }
    let secret = credential::new_secret()?;
    let digest = credential::digest(&secret);
    let new = NewKey { user_id: caller.user_id, name, scope, expires_at, digest: &digest };
    let mut tx = ctx.db().begin("create an API key").await?;
    let about = match store::make(&mut tx, &new, now).await? {
        Made::Key(about) => about,
        Made::NameTaken => {
            tx.rollback().await?;
            return Err(Problem::conflict(
                "One of your active keys has this name. Choose another one.",
                "Name taken",
            ));
        }
        Made::Disabled => {
            tx.rollback().await?;
            return Err(Problem::user_disabled());
        }
        Made::TooMany => {
            tx.rollback().await?;
            let detail = format!("You already have {MAX_KEYS} active keys. Revoke one first.");
            return Err(Problem::conflict(detail, "Too many keys"));
        }
    };
    let detail =
        json!({ "key": about.id, "name": about.name, "scope": about.scope, "expires_at": about.expires_at });
    audit::record(&mut tx, &Act::of(&caller, "key.create", &caller.email, detail), now).await?;
    tx.commit().await?;
    tracing::info!(user = caller.user_id, key = about.id, "created an API key");
    let headers = [(LOCATION, format!("/v1/me/keys/{}", about.id)), (CACHE_CONTROL, "no-store".to_owned())];
    let made = MadeKey { key: credential::text(about.id, &secret), about };
    Ok((StatusCode::CREATED, headers, Json(made)))
}

/// Lists your API keys, without their secrets.
#[utoipa::path(get, path = "/v1/me/keys", tag = "API keys", responses((status = 200, body = Keys)))]
async fn list_my_keys(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Keys>, Problem> {
    listed(&ctx, caller.user_id, &pairs).await
}

/// Revokes one of your API keys immediately. Repeating the request returns the same response.
#[utoipa::path(
    delete,
    path = "/v1/me/keys/{id}",
    tag = "API keys",
    responses((status = 200, body = ApiKey), (status = 404, body = Problem, description = "You have no key with this id"))
)]
async fn revoke_my_key(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<Json<ApiKey>, Problem> {
    revoked(&ctx, &caller, caller.user_id, &key).await
}

/// Lists the API keys of a user.
#[utoipa::path(
    get,
    path = "/v1/users/{id}/keys",
    tag = "API keys",
    responses((status = 200, body = Keys), (status = 404, body = Problem, description = "There is no user with this id"))
)]
async fn list_keys(
    State(ctx): State<Ctx>,
    Path(user): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Keys>, Problem> {
    let user = path::id(&user, no_user)?;
    listed(&ctx, user, &pairs).await
}

/// Revokes an API key of a user immediately. Repeating the request returns the same response.
#[utoipa::path(
    delete,
    path = "/v1/users/{id}/keys/{key}",
    tag = "API keys",
    responses((status = 200, body = ApiKey), (status = 404, body = Problem, description = "The user has no key with this id"))
)]
async fn revoke_key(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path((user, key)): Path<(String, String)>,
) -> Result<Json<ApiKey>, Problem> {
    revoked(&ctx, &caller, path::id(&user, no_user)?, &key).await
}

async fn listed(ctx: &Ctx, user: i32, pairs: &[(String, String)]) -> Result<Json<Keys>, Problem> {
    let (before, limit) = page::read_only(pairs)?;
    let mut tx = ctx.db().begin("list API keys").await?;
    let known = store::email(&mut tx, user).await?;
    let mut keys = store::list(&mut tx, user, (before, limit + 1), ctx.clock().now()).await?;
    tx.commit().await?;
    known.ok_or_else(no_user)?;
    let next = page::cut(&mut keys, limit, |key| i64::from(key.id));
    Ok(Json(Keys { keys, next }))
}

async fn revoked(ctx: &Ctx, caller: &Caller, user: i32, key: &str) -> Result<Json<ApiKey>, Problem> {
    let none = || Problem::not_found("The user has no API key with this id.", "No such key");
    let (key, now) = (path::id(key, none)?, ctx.clock().now());
    let mut tx = ctx.db().begin("revoke an API key").await?;
    let found = store::revoke(&mut tx, user, key, now).await?;
    let whose = store::email(&mut tx, user).await?;
    if let (Some((about, true)), Some(whose)) = (&found, &whose) {
        let detail = json!({ "key": about.id, "name": about.name });
        audit::record(&mut tx, &Act::of(caller, "key.revoke", whose, detail), now).await?;
        tracing::info!(by = caller.user_id, user, key, "revoked an API key");
    }
    tx.commit().await?;
    found.map(|(about, _)| Json(about)).ok_or_else(none)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_lasts_one_year_by_default_and_at_most_two() {
        let now: DateTime<Utc> = "2024-02-29T12:00:00Z".parse().unwrap();
        let ask = |name: &str, scope: &str, expires_at: Option<&str>| {
            let expires_at = expires_at.map(str::to_owned);
            let body = KeyBody { name: name.to_owned(), scope: scope.to_owned(), expires_at };
            checked(&body, now).map(|(_, _, expires_at)| expires_at.to_rfc3339())
        };
        assert_eq!(ask("desk", "read", None).unwrap(), "2025-02-28T12:00:00+00:00");
        assert_eq!(
            ask("desk", "upload", Some("2026-02-28T07:00:00-05:00")).unwrap(),
            "2026-02-28T12:00:00+00:00"
        );
        for wrong in ["2026-02-28T12:00:01Z", "2024-02-29T12:00:00Z", "2025-01-01", "", "soon"] {
            assert_eq!(ask("desk", "read", Some(wrong)).unwrap_err().len(), 1, "{wrong}");
        }
        let all = ask(" ", "admin", Some("never")).unwrap_err();
        assert_eq!(
            all.iter().map(|wrong| wrong.parameter.as_str()).collect::<Vec<_>>(),
            ["name", "scope", "expires_at"]
        );
        assert!(ask("two\nlines", "read", None).is_err());
        assert!(ask(&"x".repeat(101), "read", None).is_err());
    }
}
