//! The old system's subscription paths, based on the same rules as `/v1`. `form` converts between the two forms.
//!
//! Where the old system showed or removed everything a user sees, that includes the user's packages.

mod form;
mod parameters;
pub mod viewer;
mod views;

use self::parameters::{RULE, RULE_TO_REMOVE, USER};
use crate::access::audit::{self, Act};
use crate::access::rules::Rule;
use crate::access::rules::store::{self, Added, Owner};
use crate::access::rules::viewers::{self, Viewer};
use crate::access::{Caller, packages};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::http::route::routes;
use crate::http::wrong::Wrong;
use crate::http::{Audience, Problem, Route, commit_or_rollback};
use crate::legacy::forms::envelope::Envelope;
use crate::legacy::forms::fields::Fields;
use crate::legacy::rules::viewer::{NOT_ADDED, by_email, by_key};
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde_json::json;

/// The old paths of rules.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut all = vec![
        Route::new(Audience::Admin, routes!(add_filter: RULE)).legacy("/v1/users/{id}/grants").with_fields(),
        Route::new(Audience::Admin, routes!(delete_column_filter_ui: RULE_TO_REMOVE))
            .legacy("/v1/users/{id}/grants/{rule}")
            .with_fields(),
        Route::new(Audience::Admin, routes!(reset_subscription: USER))
            .legacy("/v1/users/{id}/grants/{rule}")
            .with_fields(),
        Route::new(Audience::Admin, routes!(subscription_management)).legacy("/v1/users/{id}/grants"),
        Route::new(Audience::Admin, routes!(package_mgmt)).legacy("/v1/users/{id}/grants"),
    ];
    all.extend(views::routes());
    all
}

const NOT_REMOVED: &str = "Unable to Remove column Authentication";

/// Adds a rule to a user's own grant rules.
///
/// Parameters come in the query, a form or JSON. All eight labels are required, with `*` for any. `start` and `end` are inclusive;
/// a `bal_month` other than 0 replaces them. Adding the same rule again changes nothing. New programs use
/// `POST /v1/users/{id}/grants`.
#[utoipa::path(
    post,
    path = "/add_filter",
    tag = "Old paths",
    responses(
        (status = 200, body = Envelope),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The user has the maximum number of rules already"),
        (status = 413, body = Problem),
        (status = 415, body = Problem)
    )
)]
async fn add_filter(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<Envelope>, Problem> {
    let mut wrong = vec![];
    let email = fields.text("user");
    let table = fields.text("control_table");
    let series = crate::access::rules::control_table(&table).unwrap_or_else(|detail| {
        fields.wrong("control_table", detail);
        (None, None)
    });
    let months = (fields.optional("start"), fields.optional("end"), fields.optional("bal_month"));
    let months = form::months(months, ["start", "end", "bal_month"], &mut wrong);
    let rule = form::rule(series, |name| fields.optional(name), months, ("", &mut wrong));
    fields.also(wrong);
    fields.end().map_err(|problem| problem.with_toast(NOT_ADDED))?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("add a rule").await?;
    let done = async {
        let viewer = by_email(&mut tx, &email, true).await?;
        match store::add(&mut tx, Owner::User(viewer.id), &rule, now).await? {
            Added::Known(_) => {}
            Added::New(kept) => {
                let detail = json!({ "id": kept.id, "rule": kept.rule.body() });
                audit::record(&mut tx, &Act::of(&caller, "grant.add", &viewer.email, detail), now).await?;
            }
            Added::TooMany => {
                let detail = "the user has the maximum number of rules already; combine rules with labels that end with *";
                return Err(Problem::conflict(detail, NOT_ADDED).with_toast(NOT_ADDED));
            }
        }
        Ok(Json(Envelope::done("Filter Rule Added Successfully")))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

/// Removes one of a user's own rules. To change a package's rule, change the package.
#[utoipa::path(
    post,
    path = "/delete_column_filter_ui",
    tag = "Old paths",
    responses((status = 200, body = Envelope), (status = 404, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem))
)]
async fn delete_column_filter_ui(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<Envelope>, Problem> {
    let rule = fields.id("filter_id");
    fields.end().map_err(|problem| problem.with_toast(NOT_REMOVED))?;
    let none = || {
        let detail = "no user has a rule of their own with this id; a package's rule is changed with PUT /v1/packages/{id}";
        Problem::not_found(detail, NOT_REMOVED).with_toast(NOT_REMOVED)
    };
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("remove a rule").await?;
    let done = async {
        let owner = store::user_of_rule(&mut tx, rule).await?.ok_or_else(none)?;
        let viewer = viewers::find(&mut tx, owner, true).await?.ok_or_else(none)?;
        let removed = store::remove(&mut tx, Owner::User(viewer.id), rule).await?.ok_or_else(none)?;
        let act =
            Act::of(&caller, "grant.remove", &viewer.email, json!({ "id": rule, "rule": removed.body() }));
        audit::record(&mut tx, &act, now).await?;
        Ok(Json(Envelope::done(" Authentication Removed on columns")))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

/// Replaces all of a user's rules with these and removes its packages.
async fn set_all(
    tx: &mut Tx,
    caller: &Caller,
    viewer: &Viewer,
    rules: &[Rule],
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let replaced = store::replace(tx, Owner::User(viewer.id), rules, now).await?;
    let mut taken = vec![];
    for package in packages::of_user(tx, viewer.id).await? {
        packages::take(tx, package.id, viewer.id).await?;
        taken.push(package.name);
    }
    if replaced.changed() || !taken.is_empty() {
        let mut detail = replaced.summary();
        detail["packages_taken"] = json!(taken);
        audit::record(tx, &Act::of(caller, "grant.replace", &viewer.email, detail), now).await?;
    }
    Ok(())
}

/// Removes all grants of a user, including packages.
#[utoipa::path(
    post,
    path = "/reset_subscription",
    tag = "Old paths",
    responses((status = 200, body = bool, content_type = "application/json"), (status = 404, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem))
)]
async fn reset_subscription(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<bool>, Problem> {
    let id = fields.id("user_id");
    fields.end()?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("remove all grants of a user").await?;
    let done = async {
        let viewer = by_key(&mut tx, id, true).await?;
        set_all(&mut tx, &caller, &viewer, &[], now).await?;
        Ok(Json(true))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

/// A selection of curves to grant to a user.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it is read by hand, which reports all errors at once; this documents it")]
struct Selection {
    /// E-mail address.
    #[schema(example = "analyst@example.com")]
    email: String,
    /// First delivery month, `YYYY-MM-DD`; `2000-01-01` for no start.
    #[schema(example = "2000-01-01")]
    start_date: Option<String>,
    /// Last delivery month, included; `9999-12-31` for no end.
    #[schema(example = "9999-12-31")]
    end_date: Option<String>,
    /// If not 0: this many months from the current one on, instead of the dates.
    #[schema(example = 12)]
    balanced_month: Option<u16>,
    /// Labels of the curves, by data type and market; `{}` for nothing.
    #[schema(example = json!({ "energy": { "pjm": [{
        "control_area": "PJM", "state": "-", "load_zone": "WEST HUB", "capacity_zone": "-", "utility": "ALL", "block_type": "5x16",
        "cost_group": "Energy", "cost_component": "Energy", "sub_cost_component": "Energy"
    }] } }))]
    data: std::collections::HashMap<
        String,
        std::collections::HashMap<String, Vec<std::collections::HashMap<String, String>>>,
    >,
}

/// Replaces all grants of a user by the given rules.
///
/// One transaction: if any rule is wrong, nothing changes. An empty selection removes everything. The user's packages are
/// removed as well: afterwards the user sees exactly what this request grants. New programs use `PUT /v1/users/{id}/grants`.
#[utoipa::path(
    post,
    path = "/subscription_management",
    tag = "Old paths",
    request_body = Selection,
    responses((status = 200, body = Envelope), (status = 404, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem))
)]
async fn subscription_management(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<Envelope>, Problem> {
    let mut wrong = vec![];
    let email = fields.text("email");
    let rules = selected(&fields, &mut wrong);
    fields.also(wrong);
    fields.end().map_err(|problem| problem.with_toast(NOT_ADDED))?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("replace all grants of a user").await?;
    let done = async {
        let viewer = by_email(&mut tx, &email, true).await?;
        set_all(&mut tx, &caller, &viewer, &rules, now).await?;
        Ok(Json(Envelope::done("Filter Rules Added Successfully")))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

/// The rules of a selection. For an empty selection the months do not matter.
fn selected(fields: &Fields, wrong: &mut Vec<Wrong>) -> Vec<Rule> {
    let before = wrong.len();
    let all = crate::access::rules::Months::Range(None, None);
    // They are not examined for an empty selection.
    fields.take(&["start_date", "end_date", "balanced_month"]);
    let rules = form::selection(fields.get("data"), all, wrong);
    if rules.is_empty() && wrong.len() == before {
        return rules;
    }
    let months =
        (fields.optional("start_date"), fields.optional("end_date"), fields.optional("balanced_month"));
    let months = form::months(months, ["start_date", "end_date", "balanced_month"], wrong);
    let mut known = std::collections::HashSet::new();
    let rules = rules.into_iter().map(|rule| Rule { months, ..rule });
    rules.filter(|rule| known.insert(rule.clone())).collect()
}

/// Replaces all grants of a user, as `/subscription_management` does; the old package page sent this.
#[utoipa::path(
    post,
    path = "/package_mgmt",
    tag = "Old paths",
    request_body = Selection,
    responses((status = 200, body = Envelope), (status = 404, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem))
)]
async fn package_mgmt(state: State<Ctx>, caller: Caller, fields: Fields) -> Result<Json<Envelope>, Problem> {
    subscription_management(state, caller, fields).await
}
