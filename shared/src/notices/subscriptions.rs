//! The routes for a user's own subscriptions.

use super::body::{New, SubscriptionBody};
use super::rule::{CurveSelection, Rule};
use super::signature;
use super::store::{self, Made, Subscription};
use crate::access::{Caller, Grants};
use crate::catalog::Month;
use crate::ctx::Ctx;
use crate::curves::read::marks;
use crate::curves::read::marks::Choice;
use crate::db::Tx;
use crate::discovery::visible::{self, Shown};
use crate::fault::Fault;
use crate::http::page::{self, PAGE};
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::{Audience, Parameter, ParameterTable, Problem, Route, body, commit_or_rollback, path};
use crate::parameters::snapshots::Marks;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderName, StatusCode};
use serde::Serialize;
use serde_json::Value;
use std::ops::Range;
use utoipa::ToSchema;

#[must_use]
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(list_subscriptions: PAGE, subscribe)),
        Route::new(
            Audience::Reader,
            routes!(find_subscription: SUBSCRIPTION, change_subscription: SUBSCRIPTION, end_subscription: SUBSCRIPTION),
        ),
    ]
}

/// One subscription.
static SUBSCRIPTION: ParameterTable =
    ParameterTable::new(|| vec![Parameter::in_path("id", Kind::Key, "Id of the subscription.", 1)]);

/// A page of subscriptions.
#[derive(Serialize, ToSchema)]
struct Subscriptions {
    /// Newest first.
    subscriptions: Vec<Subscription>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A subscription, and how many curves it matches now.
#[derive(Serialize, ToSchema)]
struct SubscriptionWithMatches {
    /// The subscription.
    #[serde(flatten)]
    subscription: Subscription,
    /// Number of visible curves that the rule matches now. For a rule about prices, only curves with a visible price in the rule's
    /// delivery period count, based on the newest sheet.
    #[schema(example = 3)]
    matches: i64,
    /// Present if `matches` is 0: no notices are sent until the rule matches a curve.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'static str>,
}

/// A subscription that has just been created.
#[derive(Serialize, ToSchema)]
struct Subscribed {
    /// The subscription.
    #[serde(flatten)]
    subscription: SubscriptionWithMatches,
    /// Signing secret of the webhook in Standard Webhooks form: `whsec_` and the key in base64. Shown only once, in this
    /// answer; absent for other channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "whsec_q7Wb1Yv0cXk3…")]
    secret: Option<String>,
    /// Token of the unsubscribe link in its mails.
    unsubscribe_token: String,
}

/// The subscription has ended.
#[derive(Serialize, ToSchema)]
struct Ended {
    /// Always true.
    ended: bool,
}

fn none() -> Problem {
    Problem::not_found(
        "no such subscription, or it is not yours; GET /v1/me/subscriptions lists yours",
        "No such subscription",
    )
}

/// The warning for a rule that matches nothing.
const NO_MATCH: &str = "the rule matches no curve visible to you, so no notices are sent until one does; GET /v1/curves lists your curves";

/// A subscription with the number of curves its rule matches, as far as its user may see them.
async fn with_matches(
    tx: &mut Tx,
    caller: &Caller,
    (subscription, rule): (Subscription, &Rule),
) -> Result<SubscriptionWithMatches, Fault> {
    let grants = Grants::from(caller);
    let mut matches = 0;
    for selection in rule.selections() {
        let (data_type, market) = selection.series();
        let delivery = if rule.on.is_about_prices() {
            let Some(months) = delivery(tx, selection, &grants).await? else { continue };
            Some(months)
        } else {
            None
        };
        let (data_type, market) = (Some(data_type), Some(market));
        let filter = selection.filter.clone();
        let shown = Shown { data_type, market, filter, delivery, ..Shown::default() };
        let series = visible::series(tx, &shown, &grants, false).await?;
        matches += series.iter().map(|series| series.curves).sum::<i64>();
    }
    Ok(SubscriptionWithMatches { subscription, matches, warning: (matches == 0).then_some(NO_MATCH) })
}

/// The delivery months of a selection, resolved from the operating day of the newest visible sheet; `None` without one.
async fn delivery(
    tx: &mut Tx,
    selection: &CurveSelection,
    grants: &Grants,
) -> Result<Option<Range<Month>>, Fault> {
    let (data_type, market) = selection.series();
    let choice = Choice {
        data_type,
        market,
        marks: Marks::Latest,
        known_at: None,
        as_of: None,
        days: (None, None),
        only: None,
        most: 1,
    };
    let Some(newest) = marks::choose(tx, &choice, grants).await?.pop() else { return Ok(None) };
    let period = selection.period.on(newest.day, selection.asked.seasons(market)).ok().flatten();
    Ok(period.map(|period| period.first..period.end))
}

fn taken() -> Problem {
    Problem::conflict("you already have a subscription with this name; choose another name", "Name taken")
}

/// Lists your subscriptions.
#[utoipa::path(
    get,
    path = "/v1/me/subscriptions",
    tag = "Notices",
    responses((status = 200, body = Subscriptions))
)]
async fn list_subscriptions(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Subscriptions>, Problem> {
    let (before, limit) = page::read_only(&pairs)?;
    let mut tx = ctx.db().begin("list subscriptions").await?;
    let mut subscriptions = store::list(&mut tx, caller.user_id, None, (before, limit + 1)).await?;
    tx.commit().await?;
    let next = page::cut(&mut subscriptions, limit, |one| i64::from(one.id));
    Ok(Json(Subscriptions { subscriptions, next }))
}

/// Creates a subscription.
///
/// Changes that become known from now on trigger notices, limited to what you may see at that time. `matches` counts the curves
/// that the rule matches; a rule that matches none is accepted with a `warning`. A webhook's secret is shown only in this answer.
#[utoipa::path(
    post,
    path = "/v1/me/subscriptions",
    tag = "Notices",
    request_body = SubscriptionBody,
    responses(
        (status = 201, body = Subscribed),
        (status = 409, body = Problem, description = "You already have a subscription with this name, or the maximum number of subscriptions")
    )
)]
async fn subscribe(
    State(ctx): State<Ctx>,
    caller: Caller,
    given: Result<Json<Value>, JsonRejection>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], Json<Subscribed>), Problem> {
    let new = New::read(&ctx, &body::any(given)?)?;
    let key = signature::secret()?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("subscribe").await?;
    let done = async {
        let id = match store::make(&mut tx, caller.user_id, &new, &key, now).await? {
            Made::Subscription(id) => id,
            Made::NameTaken => return Err(taken()),
            Made::TooMany => {
                let detail = format!(
                    "you already have {} subscriptions, which is the limit; end some first",
                    store::MAX_LISTED
                );
                return Err(Problem::conflict(detail, "Too many subscriptions"));
            }
        };
        let made = store::list(&mut tx, caller.user_id, Some(id), (i64::MAX, 1)).await?.pop();
        Ok(with_matches(&mut tx, &caller, (made.ok_or_else(none)?, &new.read)).await?)
    };
    let done = done.await;
    let subscription = commit_or_rollback(tx, done).await?;
    let secret = (subscription.subscription.channel == "webhook").then(|| signature::shown(&key));
    let unsubscribe_token = signature::token(subscription.subscription.id, &key);
    let headers = [(CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, headers, Json(Subscribed { subscription, secret, unsubscribe_token })))
}

/// Returns one of your subscriptions.
#[utoipa::path(
    get,
    path = "/v1/me/subscriptions/{id}",
    tag = "Notices",
    responses((status = 200, body = Subscription), (status = 404, body = Problem))
)]
async fn find_subscription(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Subscription>, Problem> {
    let id = path::id(&id, none)?;
    let mut tx = ctx.db().begin("show a subscription").await?;
    let found = store::list(&mut tx, caller.user_id, Some(id), (i64::MAX, 1)).await?.pop();
    tx.commit().await?;
    found.map(Json).ok_or_else(none)
}

/// Replaces a subscription.
///
/// Notices found earlier are sent as they were found. The secret stays the same.
#[utoipa::path(
    put,
    path = "/v1/me/subscriptions/{id}",
    tag = "Notices",
    request_body = SubscriptionBody,
    responses(
        (status = 200, body = SubscriptionWithMatches),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "Another of your subscriptions has this name")
    )
)]
async fn change_subscription(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
    given: Result<Json<Value>, JsonRejection>,
) -> Result<Json<SubscriptionWithMatches>, Problem> {
    let new = New::read(&ctx, &body::any(given)?)?;
    let id = path::id(&id, none)?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("change a subscription").await?;
    let done = async {
        let known = store::list(&mut tx, caller.user_id, Some(id), (i64::MAX, 1)).await?;
        known.first().ok_or_else(none)?;
        if !store::replace(&mut tx, id, &new, now).await? {
            return Err(taken());
        }
        let changed = store::list(&mut tx, caller.user_id, Some(id), (i64::MAX, 1)).await?.pop();
        Ok(Json(with_matches(&mut tx, &caller, (changed.ok_or_else(none)?, &new.read)).await?))
    };
    let done = done.await;
    commit_or_rollback(tx, done).await
}

/// Ends a subscription.
///
/// Notices that are waiting to be sent are dropped.
#[utoipa::path(
    delete,
    path = "/v1/me/subscriptions/{id}",
    tag = "Notices",
    responses((status = 200, body = Ended), (status = 404, body = Problem))
)]
async fn end_subscription(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Ended>, Problem> {
    let id = path::id(&id, none)?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("end a subscription").await?;
    let ended = store::end(&mut tx, id, Some(caller.user_id), "user", now).await?;
    tx.commit().await?;
    if ended { Ok(Json(Ended { ended })) } else { Err(none()) }
}
