//! The routes of packages.

use super::input::{AssignmentInput, Body};
use super::parameters::{HOLDERS, PACKAGE, PACKAGE_TO_REMOVE};
use super::{Holder, Package};
use crate::access::audit::{self, Act};
use crate::access::rules::routes::{Changed, GrantBody};
use crate::access::rules::store::{Owner, Replaced};
use crate::access::rules::{self, Rule};
use crate::access::{Caller, packages};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::http::page::{self, PAGE};
use crate::http::route::routes;
use crate::http::words::counted;
use crate::http::{Audience, Parameters, Problem, Route, body, commit_or_rollback, path};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashSet;
use utoipa::ToSchema;

/// The routes of packages.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Admin, routes!(list_packages: PAGE, create_package)),
        Route::new(
            Audience::Admin,
            routes!(show_package: PACKAGE, replace_package: PACKAGE, delete_package: PACKAGE_TO_REMOVE),
        ),
        Route::new(Audience::Admin, routes!(list_holders: HOLDERS)),
    ]
}

/// A page of packages.
#[derive(Serialize, ToSchema)]
struct Packages {
    /// The packages, newest first.
    packages: Vec<Package>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A package with its rules.
#[derive(Serialize, ToSchema)]
struct PackageWithRules {
    /// The package.
    #[serde(flatten)]
    package: Package,
    /// The rules, oldest first.
    rules: Vec<GrantBody>,
}

/// A page of the users to whom a package is assigned.
#[derive(Serialize, ToSchema)]
struct Holders {
    /// The users, newest first.
    users: Vec<Holder>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

fn none() -> Problem {
    Problem::not_found("There is no package with this id; see GET /v1/packages.", "No such package")
}

fn taken() -> Problem {
    Problem::conflict("Another package has this name. Choose another one.", "Package exists")
}

/// The package named in a path.
async fn find(tx: &mut Tx, text: &str, lock: bool) -> Result<Package, Problem> {
    packages::find(tx, path::id(text, none)?, lock).await?.ok_or_else(none)
}

async fn shown(tx: &mut Tx, id: i32) -> Result<Json<PackageWithRules>, Problem> {
    let package = packages::find(tx, id, false).await?.ok_or_else(none)?;
    let rules = rules::store::list(tx, Owner::Package(id)).await?;
    Ok(Json(PackageWithRules { package, rules: rules.into_iter().map(GrantBody::from).collect() }))
}

/// Lists packages.
#[utoipa::path(
    get,
    path = "/v1/packages",
    tag = "Grants",
    responses((status = 200, body = Packages))
)]
async fn list_packages(
    State(ctx): State<Ctx>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Packages>, Problem> {
    let (before, limit) = page::read_only(&pairs)?;
    let mut tx = ctx.db().begin("list packages").await?;
    let done = async {
        let mut packages = packages::list(&mut tx, None, None, (before, limit + 1)).await?;
        let next = page::cut(&mut packages, limit, |package| i64::from(package.id));
        Ok(Json(Packages { packages, next }))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

/// Creates a package.
///
/// Repeating the request returns the existing package.
#[utoipa::path(
    post,
    path = "/v1/packages",
    tag = "Grants",
    request_body = Body,
    responses(
        (status = 200, body = PackageWithRules, description = "An identical package already exists"),
        (status = 201, body = PackageWithRules, description = "The package was created"),
        (status = 409, body = Problem, description = "Another package has this name")
    )
)]
async fn create_package(
    State(ctx): State<Ctx>,
    caller: Caller,
    given: Result<Json<Value>, JsonRejection>,
) -> Result<(StatusCode, Json<PackageWithRules>), Problem> {
    let given = AssignmentInput::read(&body::any(given)?)?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("create a package").await?;
    let done = async {
        let made = packages::create(&mut tx, (&given.name, &given.about), &given.rules, now).await?;
        let (status, id) = if let Some((id, replaced)) = made {
            record(&mut tx, &caller, "package.create", (id, &given.name), &replaced, now).await?;
            (StatusCode::CREATED, id)
        } else {
            let known = packages::named(&mut tx, &given.name).await?.ok_or_else(taken)?;
            let rules = rules::store::list(&mut tx, Owner::Package(known.id)).await?;
            let there: HashSet<&Rule> = rules.iter().map(|kept| &kept.rule).collect();
            if there != given.rules.iter().collect() || known.about != given.about {
                return Err(taken());
            }
            (StatusCode::OK, known.id)
        };
        let shown = shown(&mut tx, id).await?;
        Ok((status, shown))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

async fn record(
    tx: &mut Tx,
    caller: &Caller,
    action: &'static str,
    (id, name): (i32, &str),
    replaced: &Replaced,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Problem> {
    let mut detail = replaced.summary();
    detail["id"] = json!(id);
    Ok(audit::record(tx, &Act::of(caller, action, name, detail), now).await?)
}

/// Shows a package and its rules.
#[utoipa::path(
    get,
    path = "/v1/packages/{id}",
    tag = "Grants",
    responses((status = 200, body = PackageWithRules), (status = 404, body = Problem))
)]
async fn show_package(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
) -> Result<Json<PackageWithRules>, Problem> {
    let id = path::id(&id, none)?;
    let mut tx = ctx.db().begin("show a package").await?;
    let done = async {
        let shown = shown(&mut tx, id).await?;
        Ok(shown)
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

/// Replaces a package: its name, its purpose and its rules.
///
/// The replacement is atomic and takes effect with the next request of each user who has the package.
#[utoipa::path(
    put,
    path = "/v1/packages/{id}",
    tag = "Grants",
    request_body = Body,
    responses(
        (status = 200, body = PackageWithRules),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "Another package has this name")
    )
)]
async fn replace_package(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
    given: Result<Json<Value>, JsonRejection>,
) -> Result<Json<PackageWithRules>, Problem> {
    let given = AssignmentInput::read(&body::any(given)?)?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("replace a package").await?;
    let done = async {
        let before = find(&mut tx, &id, true).await?;
        if !packages::rename(&mut tx, before.id, &given.name, &given.about).await? {
            return Err(taken());
        }
        let replaced = rules::store::replace(&mut tx, Owner::Package(before.id), &given.rules, now).await?;
        if replaced.changed() || before.name != given.name || before.about != given.about {
            let mut detail = replaced.summary();
            detail["id"] = json!(before.id);
            detail["was"] = json!({ "name": before.name, "about": before.about });
            detail["about"] = json!(given.about);
            let act = Act::of(&caller, "package.replace", &given.name, detail);
            audit::record(&mut tx, &act, now).await?;
        }
        let shown = shown(&mut tx, before.id).await?;
        Ok(shown)
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

/// Removes a package.
///
/// A package that is assigned to users is removed only with `force=true`; these users lose what it grants.
#[utoipa::path(
    delete,
    path = "/v1/packages/{id}",
    tag = "Grants",
    responses(
        (status = 200, body = Changed),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The package is assigned to users, and `force` is not `true`")
    )
)]
async fn delete_package(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Changed>, Problem> {
    let mut read = Parameters::new(&pairs, &PACKAGE_TO_REMOVE);
    let force = read.flag("force").unwrap_or(false);
    let force = read.end(force).map_err(Problem::bad_request)?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("remove a package").await?;
    let done = async {
        let package = find(&mut tx, &id, true).await?;
        if package.user_count > 0 && !force {
            let holders = counted(package.user_count, "user");
            let detail = format!("Assigned to {holders}. Withdraw it first, or send force=true.");
            return Err(Problem::conflict(detail, "Package in use"));
        }
        let rules = rules::store::list(&mut tx, Owner::Package(package.id)).await?;
        let removed: Vec<Rule> = rules.into_iter().map(|kept| kept.rule).collect();
        let replaced = Replaced { before: removed.len(), after: 0, added: vec![], removed };
        let holders = packages::holders(&mut tx, package.id, (i64::MAX, i64::MAX)).await?;
        packages::delete(&mut tx, package.id).await?;
        let mut detail = replaced.summary();
        detail["id"] = json!(package.id);
        detail["users"] = holders.into_iter().map(|holder| holder.email).collect();
        audit::record(&mut tx, &Act::of(&caller, "package.delete", &package.name, detail), now).await?;
        Ok(Json(Changed { changed: true }))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

/// Lists the users to whom a package is assigned.
#[utoipa::path(
    get,
    path = "/v1/packages/{id}/users",
    tag = "Grants",
    responses((status = 200, body = Holders), (status = 404, body = Problem))
)]
async fn list_holders(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Holders>, Problem> {
    let (before, limit) = page::read_only(&pairs)?;
    let mut tx = ctx.db().begin("list the users of a package").await?;
    let done = async {
        let package = find(&mut tx, &id, false).await?;
        let mut users = packages::holders(&mut tx, package.id, (before, limit + 1)).await?;
        let next = page::cut(&mut users, limit, |user| i64::from(user.id));
        Ok(Json(Holders { users, next }))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}
