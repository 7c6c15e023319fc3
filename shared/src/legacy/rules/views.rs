//! The old paths that show what a user is granted: its own rules, and those of its packages.

use super::form::{Counting, OldColumns, OldRule};
use super::parameters::{EMAIL, EMAIL_BY_QUERY, USER, USER_BY_QUERY};
use super::viewer::{by_email, by_key};
use crate::access::rules::store::Owner;
use crate::access::rules::viewers::Viewer;
use crate::access::{packages, rules};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route, commit_or_rollback};
use crate::legacy::forms::fields::Fields;
use axum::Json;
use axum::extract::State;

/// The old paths that show rules.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Audience::Admin,
            routes!(view_authorized_columns: EMAIL, view_authorized_columns_by_get: EMAIL_BY_QUERY),
        )
        .legacy("/v1/users/{id}/grants")
        .with_fields(),
        Route::new(
            Audience::Admin,
            routes!(view_authorized_columns_ui: USER, view_authorized_columns_ui_by_get: USER_BY_QUERY),
        )
        .legacy("/v1/users/{id}/grants")
        .with_fields(),
    ]
}

/// All rules in effect for a user.
async fn counting(tx: &mut Tx, viewer: &Viewer) -> Result<Counting, Problem> {
    let own = rules::store::list(tx, Owner::User(viewer.id)).await?;
    let mut all: Counting = own.into_iter().map(|kept| (kept, None)).collect();
    for package in packages::of_user(tx, viewer.id).await? {
        let rules = rules::store::list(tx, Owner::Package(package.id)).await?;
        all.extend(rules.into_iter().map(|kept| (kept, Some(package.clone()))));
    }
    Ok(all)
}

/// Lists the grant rules of a user, including those of its packages.
///
/// New programs use `GET /v1/users/{id}/grants`.
#[utoipa::path(
    post,
    path = "/view_authorized_columns",
    tag = "Old paths",
    responses((status = 200, body = Vec<OldRule>), (status = 404, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem))
)]
async fn view_authorized_columns(
    State(ctx): State<Ctx>,
    mut fields: Fields,
) -> Result<Json<Vec<OldRule>>, Problem> {
    let email = fields.text("email");
    fields.end()?;
    let mut tx = ctx.db().begin("show the rules of a user").await?;
    let done = async {
        let viewer = by_email(&mut tx, &email, false).await?;
        let rules = counting(&mut tx, &viewer).await?.into_iter();
        let rules = rules.map(|(kept, package)| OldRule::of(&viewer.email, &kept.rule, package.as_ref()));
        Ok(Json(rules.collect()))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

/// Lists the grant rules of a user, including those of its packages.
#[utoipa::path(
    get,
    path = "/view_authorized_columns",
    tag = "Old paths",
    responses((status = 200, body = Vec<OldRule>), (status = 404, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem))
)]
async fn view_authorized_columns_by_get(
    state: State<Ctx>,
    fields: Fields,
) -> Result<Json<Vec<OldRule>>, Problem> {
    view_authorized_columns(state, fields).await
}

/// Lists the grant rules of a user column by column, with their ids.
#[utoipa::path(
    post,
    path = "/view_authorized_columns_ui",
    tag = "Old paths",
    responses((status = 200, body = OldColumns), (status = 404, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem))
)]
async fn view_authorized_columns_ui(
    State(ctx): State<Ctx>,
    mut fields: Fields,
) -> Result<Json<OldColumns>, Problem> {
    let id = fields.id("user_id");
    fields.end()?;
    let mut tx = ctx.db().begin("show the rules of a user").await?;
    let done = async {
        let viewer = by_key(&mut tx, id, false).await?;
        let rules = counting(&mut tx, &viewer).await?.into_iter();
        let rules =
            rules.map(|(kept, package)| (kept.id, OldRule::of(&viewer.email, &kept.rule, package.as_ref())));
        Ok(Json(rules.collect()))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

/// Lists the grant rules of a user column by column, with their ids.
#[utoipa::path(
    get,
    path = "/view_authorized_columns_ui",
    tag = "Old paths",
    responses((status = 200, body = OldColumns), (status = 404, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem))
)]
async fn view_authorized_columns_ui_by_get(
    state: State<Ctx>,
    fields: Fields,
) -> Result<Json<OldColumns>, Problem> {
    view_authorized_columns_ui(state, fields).await
}
