//! The old system's notice paths: the panel, and the two jobs that admins could start.

use crate::access::{Caller, Grants};
use crate::ctx::Ctx;
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route, commit_or_rollback};
use crate::notices::backtest::replay;
use crate::notices::change_context::{self, Wanted};
use crate::notices::judge::Move;
use crate::notices::rule::{Rule, default_rule, series_word};
use crate::notices::{command, render};
use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};
use chrono::TimeDelta;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How far back the panel looks.
const PANEL: TimeDelta = TimeDelta::hours(24);
/// The most rows of the panel.
const MAX_RULES: usize = 9;

/// The old notice routes.
#[must_use]
pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(get_notifications, get_notifications_by_post))
            .legacy("/v1/me/inbox"),
        Route::new(Audience::Admin, routes!(setup_notification)).legacy("/v1/outbox"),
        Route::new(Audience::Admin, routes!(send_notification)).legacy("/v1/outbox"),
    ]
}

/// A row of the notification panel.
#[derive(Serialize, ToSchema)]
struct LegacyNoticeRow {
    /// Market, zone and block.
    #[schema(example = "PJM, WEST HUB (5x16)")]
    location: String,
    /// `increase` or `decrease`.
    #[schema(example = "increase")]
    price_shift: String,
    /// Size of the change in percent of the absolute old value, without a sign; empty if the old value is zero.
    #[schema(example = "12.50")]
    price_shift_prct: String,
    /// New value less old value.
    #[schema(example = "5.00")]
    price_shift_value: String,
}

/// Shows the notification panel: moves of the last 24 hours under the default rule, limited to what you may see.
#[utoipa::path(get, path = "/get_notifications", tag = "Old paths", responses((status = 200, body = Vec<LegacyNoticeRow>)))]
async fn get_notifications(
    State(ctx): State<Ctx>,
    caller: Caller,
) -> Result<Json<Vec<LegacyNoticeRow>>, Problem> {
    panel(&ctx, &caller).await
}

/// Shows the notification panel, by POST as the old pages do.
#[utoipa::path(post, path = "/get_notifications", tag = "Old paths", responses((status = 200, body = Vec<LegacyNoticeRow>)))]
async fn get_notifications_by_post(
    State(ctx): State<Ctx>,
    caller: Caller,
) -> Result<Json<Vec<LegacyNoticeRow>>, Problem> {
    panel(&ctx, &caller).await
}

async fn panel(ctx: &Ctx, caller: &Caller) -> Result<Json<Vec<LegacyNoticeRow>>, Problem> {
    let rule = Rule::read(&default_rule()).expect("the default rule is one");
    let series: Vec<String> = rule.series().into_iter().map(series_word).collect();
    let grants = Grants::from(caller);
    let since = ctx.clock().now() - PANEL;
    let mut tx = ctx.db().begin("show the panel").await?;
    let done = async {
        let wanted = Wanted { most: 100, series: &series, since: Some(since), ..Wanted::default() };
        let changes = change_context::changes(&mut tx, &wanted, &grants).await?;
        Ok(replay(ctx, &mut tx, &rule, changes, &grants).await?)
    };
    let done = Box::pin(done).await;
    let fired = commit_or_rollback(tx, done).await?;
    // The latest move at each location.
    let latest: BTreeMap<String, Move> =
        fired.into_iter().flat_map(|one| one.found.moves).map(|one| (one.location.clone(), one)).collect();
    let mut moves: Vec<Move> = latest.into_values().collect();
    let size = |one: &Move| one.percent.map_or(0.0, f64::abs);
    moves.sort_by(|one, other| size(other).total_cmp(&size(one)));
    moves.truncate(MAX_RULES);
    let rows = moves.into_iter().map(|one| LegacyNoticeRow {
        location: one.location,
        price_shift: one.direction,
        price_shift_prct: one.percent.map(|percent| render::number(percent.abs(), 2)).unwrap_or_default(),
        price_shift_value: render::number(one.change, 2),
    });
    Ok(Json(rows.collect()))
}

/// Checks what changed. Both old jobs are now one.
///
/// The `notify` function sends mails and webhooks, within five minutes.
#[utoipa::path(
    post,
    path = "/setup-notification",
    tag = "Old paths",
    responses((status = 303, description = "Done; go to /home", headers(("Location" = String, description = "`/home`"))))
)]
async fn setup_notification(
    State(ctx): State<Ctx>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1]), Problem> {
    run(&ctx).await
}

/// Checks what changed, as the other old job did.
#[utoipa::path(
    post,
    path = "/send-notification",
    tag = "Old paths",
    responses((status = 303, description = "Done; go to /home", headers(("Location" = String, description = "`/home`"))))
)]
async fn send_notification(
    State(ctx): State<Ctx>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1]), Problem> {
    run(&ctx).await
}

async fn run(ctx: &Ctx) -> Result<(StatusCode, [(HeaderName, &'static str); 1]), Problem> {
    // It must finish within the gateway's timeout. The API has no internet access, so the notify function sends the notices.
    Box::pin(command::look(ctx, 15)).await?;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, "/home")]))
}
