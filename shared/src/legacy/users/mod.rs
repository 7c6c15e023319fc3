//! The old system's account paths: its names and texts, on the same code as `/v1`. A change is a POST, and a refusal has a real
//! status code, with the old text in `message_toast`.

mod fields;
pub mod outcome;
mod passwords;

use self::fields::{
    BY_EMAIL, BY_ID, ByEmail, ById, NEW, NewFields, ROLE_BY_EMAIL, ROLE_BY_ID, RoleByEmail, RoleById, Who,
};
use crate::access::actor::By;
use crate::access::users::new::NewUser;
use crate::access::users::{Change, store};
use crate::access::{Caller, Role, users};
use crate::ctx::Ctx;
use crate::http::route::routes;
use crate::http::wrong::Wrong;
use crate::http::{Audience, Problem, Route};
use crate::legacy::forms::envelope::Envelope;
use crate::legacy::forms::fields::Fields;
use crate::legacy::users::outcome::end;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// The old paths of accounts.
#[must_use]
pub fn routes() -> Vec<Route> {
    let admin = [
        (routes!(create_user: NEW), "/v1/users"),
        (routes!(view_user), "/v1/users"),
        (routes!(get_users), "/v1/users"),
        (routes!(disable_user: BY_EMAIL), "/v1/users/{id}"),
        (routes!(enable_user: BY_EMAIL), "/v1/users/{id}"),
        (routes!(disable_user_ui: BY_ID), "/v1/users/{id}"),
        (routes!(enable_user_ui: BY_ID), "/v1/users/{id}"),
        (routes!(update_user: ROLE_BY_EMAIL), "/v1/users/{id}"),
        (routes!(update_user_ui: ROLE_BY_ID), "/v1/users/{id}"),
    ];
    let admin =
        admin.into_iter().map(|(routes, successor)| Route::new(Audience::Admin, routes).legacy(successor));
    admin.chain(passwords::routes()).collect()
}

fn done(toast: &str) -> Json<Envelope> {
    Json(Envelope::done(toast))
}

/// Adds a user.
#[utoipa::path(
    post,
    path = "/create_user",
    tag = "Old paths",
    request_body(content((NewFields = "application/x-www-form-urlencoded"), (NewFields = "application/json"))),
    responses((status = 200, body = Envelope), (status = 409, body = Problem, description = "A user with this address already exists"))
)]
async fn create_user(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<Envelope>, Problem> {
    const NOT_DONE: &str = "Unable to create user";
    let (email, role) = (fields.text("email"), fields.text("prv_level"));
    let password = fields.secret("password", ctx.settings().legacy_query_login);
    fields.end()?;
    let new = NewUser::check(&email, &role, Some(password)).map_err(|mut wrong| {
        // Named like the field here.
        for role in wrong.iter_mut().filter(|wrong| wrong.parameter == "role") {
            "prv_level".clone_into(&mut role.parameter);
        }
        Problem::bad_request(wrong).with_toast(NOT_DONE)
    })?;
    let mut tx = ctx.db().begin("add a user").await?;
    let outcome = users::create(&mut tx, By::from(&caller), &new, ctx.clock().now()).await?;
    end(tx, outcome, NOT_DONE).await?;
    Ok(done("User Created"))
}

/// Users and their roles, as parallel lists.
#[derive(Serialize, ToSchema)]
struct UserColumns {
    /// E-mail addresses.
    #[schema(example = json!(["analyst@example.com"]))]
    email: Vec<String>,
    /// Their roles, in the same order.
    #[schema(example = json!(["read_only_user"]))]
    privileged_level: Vec<&'static str>,
}

/// Lists users and their roles.
#[utoipa::path(get, path = "/view_user", tag = "Old paths", responses((status = 200, body = UserColumns)))]
async fn view_user(State(ctx): State<Ctx>) -> Result<Json<UserColumns>, Problem> {
    let mut tx = ctx.db().begin("list users").await?;
    let users = store::users(&mut tx).await?;
    tx.commit().await?;
    let (email, privileged_level) = users.into_iter().map(|user| (user.email, user.role.name())).unzip();
    Ok(Json(UserColumns { email, privileged_level }))
}

/// Lists the e-mail addresses of all users who are not admins.
#[utoipa::path(get, path = "/get_users", tag = "Old paths", responses((status = 200, body = Vec<String>)))]
async fn get_users(State(ctx): State<Ctx>) -> Result<Json<Vec<String>>, Problem> {
    let mut tx = ctx.db().begin("list users").await?;
    let users = store::users(&mut tx).await?;
    tx.commit().await?;
    let others = users.into_iter().filter(|user| user.role != Role::Admin);
    Ok(Json(others.map(|user| user.email).collect()))
}

async fn set(
    ctx: &Ctx,
    caller: &Caller,
    who: &Who,
    change: Change,
    [toast, not_done]: [&'static str; 2],
) -> Result<Json<Envelope>, Problem> {
    let mut tx = ctx.db().begin("change a user").await?;
    let id = who.find(&mut tx).await?;
    let outcome = users::change(&mut tx, By::from(caller), id, change, ctx.clock().now()).await?;
    end(tx, outcome, not_done).await?;
    Ok(done(toast))
}

/// Disables a user and ends the user's sessions.
#[utoipa::path(
    post,
    path = "/disable_user",
    tag = "Old paths",
    request_body(content((ByEmail = "application/x-www-form-urlencoded"), (ByEmail = "application/json"))),
    responses((status = 200, body = Envelope), (status = 404, body = Problem), (status = 409, body = Problem, description = "The user is the last admin who can log in, or is yourself"))
)]
async fn disable_user(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<Envelope>, Problem> {
    let who = Who::email(&mut fields);
    fields.end()?;
    let change = Change { enabled: Some(false), role: None };
    set(&ctx, &caller, &who, change, ["user disabled", "user not disabled"]).await
}

/// Enables a disabled user.
#[utoipa::path(
    post,
    path = "/enable_user",
    tag = "Old paths",
    request_body(content((ByEmail = "application/x-www-form-urlencoded"), (ByEmail = "application/json"))),
    responses((status = 200, body = Envelope), (status = 404, body = Problem), (status = 409, body = Problem, description = "The user is the last admin who can log in, or is yourself"))
)]
async fn enable_user(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<Envelope>, Problem> {
    let who = Who::email(&mut fields);
    fields.end()?;
    let change = Change { enabled: Some(true), role: None };
    set(&ctx, &caller, &who, change, ["user enabled", "user not enabled"]).await
}

/// Disables a user and ends the user's sessions.
#[utoipa::path(
    post,
    path = "/disable_user_ui",
    tag = "Old paths",
    request_body(content((ById = "application/x-www-form-urlencoded"), (ById = "application/json"))),
    responses((status = 200, body = Envelope), (status = 404, body = Problem), (status = 409, body = Problem, description = "The user is the last admin who can log in, or is yourself"))
)]
async fn disable_user_ui(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<Envelope>, Problem> {
    let who = Who::id(&mut fields);
    fields.end()?;
    let change = Change { enabled: Some(false), role: None };
    set(&ctx, &caller, &who, change, ["User disabled", "user not disabled"]).await
}

/// Enables a disabled user.
#[utoipa::path(
    post,
    path = "/enable_user_ui",
    tag = "Old paths",
    request_body(content((ById = "application/x-www-form-urlencoded"), (ById = "application/json"))),
    responses((status = 200, body = Envelope), (status = 404, body = Problem), (status = 409, body = Problem, description = "The user is the last admin who can log in, or is yourself"))
)]
async fn enable_user_ui(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<Envelope>, Problem> {
    let who = Who::id(&mut fields);
    fields.end()?;
    let change = Change { enabled: Some(true), role: None };
    set(&ctx, &caller, &who, change, ["User enabled", "user not enabled"]).await
}

fn level(text: &str, toast: &str) -> Result<Role, Problem> {
    text.parse::<Role>().map_err(|expected| {
        let wrong = Wrong::found("prv_level", text, &expected.to_string());
        Problem::bad_request(vec![wrong]).with_toast(toast)
    })
}

/// Changes the role of a user.
#[utoipa::path(
    post,
    path = "/update_user",
    tag = "Old paths",
    request_body(content((RoleByEmail = "application/x-www-form-urlencoded"), (RoleByEmail = "application/json"))),
    responses((status = 200, body = Envelope), (status = 404, body = Problem), (status = 409, body = Problem, description = "The user is the last admin who can log in"))
)]
async fn update_user(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<Envelope>, Problem> {
    let who = Who::email(&mut fields);
    let role = fields.text("prv_level");
    fields.end()?;
    let change = Change { role: Some(level(&role, "Privileged level is not available")?), enabled: None };
    set(&ctx, &caller, &who, change, ["User updated", "Unable to update user"]).await
}

/// Changes the role of a user.
#[utoipa::path(
    post,
    path = "/update_user_ui",
    tag = "Old paths",
    request_body(content((RoleById = "application/x-www-form-urlencoded"), (RoleById = "application/json"))),
    responses((status = 200, body = Envelope), (status = 404, body = Problem), (status = 409, body = Problem, description = "The user is the last admin who can log in"))
)]
async fn update_user_ui(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<Envelope>, Problem> {
    let who = Who::id(&mut fields);
    let role = fields.text("prv_level");
    fields.end()?;
    let change = Change { role: Some(level(&role, "Unable to Update User")?), enabled: None };
    set(&ctx, &caller, &who, change, ["User Updated", "Unable to Update User"]).await
}
