//! The routes that assign packages to users and remove them.

use crate::access::audit::{self, Act};
use crate::access::requests::user_key;
use crate::access::rules::routes::{Changed, user};
use crate::access::{Caller, packages};
use crate::ctx::Ctx;
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::{Audience, Parameter, ParameterTable, Problem, Route, commit_or_rollback, path};
use axum::Json;
use axum::extract::{Path, State};
use serde_json::json;

/// The routes that assign and remove packages.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Admin, routes!(give_package: PACKAGE_OF_USER, take_package: PACKAGE_OF_USER))]
}

/// A user, and a package to assign to it or take away.
static PACKAGE_OF_USER: ParameterTable = ParameterTable::new(|| {
    vec![user_key(), Parameter::in_path("package", Kind::Key, "Id of the package.", 1)]
});

/// Gives a package to a user.
///
/// It takes effect with the user's next request. Repeating the request changes nothing.
#[utoipa::path(
    put,
    path = "/v1/users/{id}/packages/{package}",
    tag = "Grants",
    responses((status = 200, body = Changed), (status = 404, body = Problem))
)]
async fn give_package(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path((id, package)): Path<(String, String)>,
) -> Result<Json<Changed>, Problem> {
    hold(&ctx, &caller, (&id, &package), true).await
}

/// Withdraws a package from a user.
///
/// The user's own rules stay. Repeating the request changes nothing.
#[utoipa::path(
    delete,
    path = "/v1/users/{id}/packages/{package}",
    tag = "Grants",
    responses((status = 200, body = Changed), (status = 404, body = Problem))
)]
async fn take_package(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path((id, package)): Path<(String, String)>,
) -> Result<Json<Changed>, Problem> {
    hold(&ctx, &caller, (&id, &package), false).await
}

async fn hold(
    ctx: &Ctx,
    caller: &Caller,
    (id, package): (&str, &str),
    give: bool,
) -> Result<Json<Changed>, Problem> {
    let now = ctx.clock().now();
    let none =
        || Problem::not_found("There is no package with this id; see GET /v1/packages.", "No such package");
    let package = path::id(package, none)?;
    let mut tx = ctx.db().begin("assign or withdraw a package").await?;
    let done = async {
        let viewer = user(&mut tx, id, true).await?;
        let package = packages::find(&mut tx, package, true).await?.ok_or_else(none)?;
        let (changed, action) = if give {
            (packages::give(&mut tx, package.id, viewer.id, now).await?, "package.give")
        } else {
            (packages::take(&mut tx, package.id, viewer.id).await?, "package.take")
        };
        if changed {
            let detail = json!({ "package": package.id, "name": package.name, "rules": package.rule_count });
            audit::record(&mut tx, &Act::of(caller, action, &viewer.email, detail), now).await?;
        }
        Ok(Json(Changed { changed }))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}
