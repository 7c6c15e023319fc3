//! The routes of rules: what a user may see, rule by rule, and which packages the user has.

use super::store::{self, Added, Kept, Owner};
use super::viewers::{self, Viewer};
use super::{MAX_RULES, Rule, RuleBody};
use crate::access::audit::{self, Act};
use crate::access::packages::{self, Held};
use crate::access::requests::{no_user, user_key};
use crate::access::{Caller, Role};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::{Audience, Parameter, ParameterTable, Problem, Route, body, commit_or_rollback, path};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The routes of rules.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Admin, routes!(list_grants: GRANTS, add_grant: GRANTS, replace_grants: GRANTS)),
        Route::new(Audience::Admin, routes!(remove_grant: GRANT)),
    ]
}

/// The rules of a user.
static GRANTS: ParameterTable = ParameterTable::new(|| vec![user_key()]);

/// One rule of a user.
static GRANT: ParameterTable =
    ParameterTable::new(|| vec![user_key(), Parameter::in_path("rule", Kind::Key, "Id of the rule.", 1)]);

/// A rule that a user has.
#[derive(Serialize, ToSchema)]
pub struct GrantBody {
    /// Id of the rule.
    pub id: i32,
    /// When it was granted.
    pub granted_at: DateTime<Utc>,
    /// The rule.
    #[serde(flatten)]
    pub rule: RuleBody,
}

impl From<Kept> for GrantBody {
    fn from(kept: Kept) -> Self {
        Self { id: kept.id, granted_at: kept.granted_at, rule: kept.rule.body() }
    }
}

/// The grants of a user.
#[derive(Serialize, ToSchema)]
struct GrantsOfUser {
    /// Id of the user.
    id: i32,
    /// E-mail address.
    #[schema(example = "analyst@example.com")]
    email: String,
    /// True for admins, who see everything regardless of grants.
    everything: bool,
    /// The user's own rules, oldest first.
    rules: Vec<GrantBody>,
    /// The user's packages, by name.
    packages: Vec<Held>,
}

/// The new rules of a user.
#[derive(ToSchema)]
#[schema(as = GrantReplacement)]
#[expect(dead_code, reason = "it is read by hand, which reports all errors at once; this documents it")]
struct Replacement {
    /// The rules, at most 5,000; an empty list for a user who sees only what the packages grant.
    rules: Vec<RuleBody>,
}

/// Outcome of a change.
#[derive(Serialize, ToSchema)]
pub(in crate::access) struct Changed {
    /// Whether the request changed anything; false if it was repeated.
    pub(in crate::access) changed: bool,
}

/// The user named in a path, locked if their grants are about to change.
pub(in crate::access) async fn user(tx: &mut Tx, text: &str, lock: bool) -> Result<Viewer, Problem> {
    let id = path::id(text, no_user)?;
    viewers::find(tx, id, lock).await?.ok_or_else(no_user)
}

async fn shown(tx: &mut Tx, viewer: Viewer) -> Result<GrantsOfUser, Problem> {
    let rules = store::list(tx, Owner::User(viewer.id)).await?;
    let packages = packages::of_user(tx, viewer.id).await?;
    Ok(GrantsOfUser {
        id: viewer.id,
        email: viewer.email,
        everything: viewer.role == Role::Admin,
        rules: rules.into_iter().map(GrantBody::from).collect(),
        packages,
    })
}

/// Shows the grants of a user: rules and packages.
///
/// `GET /v1/users/{id}/visible` lists the curves that they amount to.
#[utoipa::path(
    get,
    path = "/v1/users/{id}/grants",
    tag = "Grants",
    responses((status = 200, body = GrantsOfUser), (status = 404, body = Problem))
)]
async fn list_grants(State(ctx): State<Ctx>, Path(id): Path<String>) -> Result<Json<GrantsOfUser>, Problem> {
    let mut tx = ctx.db().begin("show the grants of a user").await?;
    let done = async {
        let viewer = user(&mut tx, &id, false).await?;
        let shown = shown(&mut tx, viewer).await?;
        Ok(Json(shown))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

/// Grants a rule to a user.
///
/// It takes effect with the user's next request, without ending a session. Repeating the request changes nothing.
#[utoipa::path(
    post,
    path = "/v1/users/{id}/grants",
    tag = "Grants",
    request_body = RuleBody,
    responses(
        (status = 200, body = GrantBody, description = "The user already has this rule"),
        (status = 201, body = GrantBody, description = "The rule was added"),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The user has the maximum number of rules already")
    )
)]
async fn add_grant(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
    given: Result<Json<Value>, JsonRejection>,
) -> Result<(StatusCode, Json<GrantBody>), Problem> {
    let (given, mut wrong) = (body::any(given)?, vec![]);
    let rule = Rule::read(&given, "", &mut wrong).ok_or_else(|| Problem::bad_request(wrong))?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("add a rule").await?;
    let done = async {
        let viewer = user(&mut tx, &id, true).await?;
        let (status, kept) = match store::add(&mut tx, Owner::User(viewer.id), &rule, now).await? {
            Added::Known(kept) => (StatusCode::OK, kept),
            Added::New(kept) => {
                let act = Act::of(
                    &caller,
                    "grant.add",
                    &viewer.email,
                    json!({ "id": kept.id, "rule": kept.rule.body() }),
                );
                audit::record(&mut tx, &act, now).await?;
                (StatusCode::CREATED, kept)
            }
            Added::TooMany => return Err(too_many()),
        };
        Ok((status, Json(kept.into())))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

fn too_many() -> Problem {
    let detail = format!(
        "The user has the maximum number of rules already ({MAX_RULES}). Combine rules with labels that end with *."
    );
    Problem::conflict(detail, "Too many rules")
}

/// Replaces all rules of a user.
///
/// The replacement is atomic: if one rule is wrong, nothing changes. Packages stay as they are, and rules that remain keep their
/// ids. It takes effect with the user's next request.
#[utoipa::path(
    put,
    path = "/v1/users/{id}/grants",
    tag = "Grants",
    request_body = Replacement,
    responses((status = 200, body = GrantsOfUser), (status = 404, body = Problem))
)]
async fn replace_grants(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
    given: Result<Json<Value>, JsonRejection>,
) -> Result<Json<GrantsOfUser>, Problem> {
    let (given, mut wrong) = (body::any(given)?, vec![]);
    let fields = body::fields(&given, &["rules"], &mut wrong);
    let list = fields.and_then(|fields| fields.get("rules")).unwrap_or(&Value::Null);
    let rules = Rule::read_all(list, "rules", &mut wrong);
    if !wrong.is_empty() {
        return Err(Problem::bad_request(wrong));
    }
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("replace the rules of a user").await?;
    let done = async {
        let viewer = user(&mut tx, &id, true).await?;
        let replaced = store::replace(&mut tx, Owner::User(viewer.id), &rules, now).await?;
        if replaced.changed() {
            audit::record(
                &mut tx,
                &Act::of(&caller, "grant.replace", &viewer.email, replaced.summary()),
                now,
            )
            .await?;
        }
        let shown = shown(&mut tx, viewer).await?;
        Ok(Json(shown))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

/// Revokes a rule of a user.
#[utoipa::path(
    delete,
    path = "/v1/users/{id}/grants/{rule}",
    tag = "Grants",
    responses(
        (status = 200, body = Changed),
        (status = 404, body = Problem, description = "There is no user with this id, or the user has no rule of its own with this id")
    )
)]
async fn remove_grant(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path((id, rule)): Path<(String, String)>,
) -> Result<Json<Changed>, Problem> {
    let now = ctx.clock().now();
    let none = || {
        Problem::not_found(
            "The user has no rule of its own with this id. Rules of packages are changed in the package.",
            "No such rule",
        )
    };
    let rule = path::id(&rule, none)?;
    let mut tx = ctx.db().begin("remove a rule").await?;
    let done = async {
        let viewer = user(&mut tx, &id, true).await?;
        let removed = store::remove(&mut tx, Owner::User(viewer.id), rule).await?.ok_or_else(none)?;
        let act =
            Act::of(&caller, "grant.remove", &viewer.email, json!({ "id": rule, "rule": removed.body() }));
        audit::record(&mut tx, &act, now).await?;
        Ok(Json(Changed { changed: true }))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}
