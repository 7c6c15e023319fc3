//! The routes that show what a user sees, and what the user would see with other rules.

use super::place::Place;
use super::preview::{self, ChangedCurve, ChangedSeries, Compared};
use super::proposal::{Proposal, Proposed, stand_in};
use super::{Shown, VisibleCurve, VisibleSeries};
use crate::access::requests::{no_user, user_key};
use crate::access::rules;
use crate::access::rules::viewers::Viewer;
use crate::access::{Caller, Grants, Role};
use crate::catalog::Label;
use crate::ctx::Ctx;
use crate::http::route::routes;
use crate::http::{
    Audience, Parameter, ParameterTable, Parameters, Problem, Route, body, end_read, page, path,
};
use crate::parameters::common;
use crate::parameters::filter::Field;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The routes of visible curves.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Admin, routes!(visible_of_user: VISIBLE_OF_USER)),
        Route::new(Audience::Reader, routes!(visible_of_me: VISIBLE)),
        Route::new(Audience::Admin, routes!(preview_grants: PREVIEW)),
    ]
}

/// The filters on the curves that the caller may see.
static VISIBLE: ParameterTable = ParameterTable::new(visible_asked);

/// The filters on the curves that a user may see.
static VISIBLE_OF_USER: ParameterTable =
    ParameterTable::new(|| std::iter::once(user_key()).chain(visible_asked()).collect());

fn visible_asked() -> Vec<Parameter> {
    vec![
        common::data_type("Data type; all if absent."),
        common::market("Market; all if absent."),
        common::label(Field::Label(Label::ControlArea), "Control area."),
        common::label(Field::Label(Label::State), "State, `-` for hubs."),
        common::label(Field::Label(Label::LoadZone), "Load zone or hub.").with_example("NORTH*"),
        common::label(Field::Label(Label::CapacityZone), "Capacity zone."),
        common::label(Field::Label(Label::Utility), "Utility."),
        common::label(Field::Label(Label::BlockType), "Block."),
        common::label(Field::Label(Label::CostGroup), "Cost group."),
        common::label(Field::Label(Label::CostComponent), "Cost component."),
        common::label(Field::SubComponent, "Sub cost component."),
        page::limit("Maximum number of curves per page, 1 to 200; 50 if absent."),
        page::cursor("Where the page begins: `next` of the previous page. The first page if absent."),
    ]
}

/// The parameters of `/v1/grants/preview`.
static PREVIEW: ParameterTable = ParameterTable::new(|| {
    vec![
        common::data_type("Data type; all if absent."),
        common::market("Market; all if absent."),
        page::limit("Maximum number of curves per page, 1 to 200; 50 if absent."),
        page::cursor("Where the page begins: `next` of the previous page. The first page if absent."),
    ]
});

/// The user whose view is shown.
#[derive(Serialize, ToSchema)]
struct Who {
    /// Id of the user.
    id: i32,
    /// E-mail address.
    #[schema(example = "analyst@example.com")]
    email: String,
    /// True for admins, who see everything regardless of grants.
    everything: bool,
}

/// A page of the curves that a user sees.
#[derive(Serialize, ToSchema)]
struct Visible {
    /// The user.
    user: Who,
    /// Number of matching curves by data type and market; only on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<Vec<VisibleSeries>>,
    /// The visible curves.
    curves: Vec<VisibleCurve>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A page of the curves whose visibility would change.
#[derive(Serialize, ToSchema)]
struct Preview {
    /// The user.
    user: Who,
    /// Number of curves by data type and market, where anything would change; only on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<Vec<ChangedSeries>>,
    /// The curves whose visibility would change.
    curves: Vec<ChangedCurve>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Reads what is shown, and how many curves; with the labels that the table has.
fn shown(pairs: &[(String, String)], table: &[Parameter]) -> Result<(Shown, bool), Problem> {
    let mut read = Parameters::new(pairs, table);
    let first = read.text("cursor").is_none();
    let (after, limit) = page::read(&mut read);
    let shown = Shown {
        data_type: read.parsed("data_type"),
        market: read.parsed("market"),
        filter: read.filter(""),
        after: Place::of(after.unwrap_or(i64::MAX)),
        limit: limit + 1,
        delivery: None,
    };
    Ok((read.end(shown).map_err(Problem::bad_request)?, first))
}

/// Cuts the list to a page, and returns the cursor of the next one.
fn cut<T>(mut found: Vec<(Place, T)>, shown: &Shown) -> (Vec<T>, Option<String>) {
    let next = page::cut(&mut found, shown.limit - 1, |(place, _)| place.falling());
    (found.into_iter().map(|(_, curve)| curve).collect(), next)
}

fn who(viewer: Viewer) -> Who {
    Who { id: viewer.id, email: viewer.email, everything: viewer.role == Role::Admin }
}

async fn visible(
    ctx: &Ctx,
    id: i32,
    pairs: &[(String, String)],
    of_all: bool,
) -> Result<Json<Visible>, Problem> {
    let (shown, first) = shown(pairs, &VISIBLE)?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin_read("show what a user sees").await?;
    let done = async {
        let viewer = rules::viewers::find(&mut tx, id, false).await?.ok_or_else(no_user)?;
        let grants = Grants::of_user(&mut tx, id, now).await?.ok_or_else(no_user)?;
        let (curves, next) = cut(super::curves(&mut tx, &shown, &grants).await?, &shown);
        let series = if first { Some(super::series(&mut tx, &shown, &grants, of_all).await?) } else { None };
        Ok(Json(Visible { user: who(viewer), series, curves, next }))
    };
    let done = done.await;
    end_read(tx, done).await
}

/// Lists the curves and delivery months that a user sees.
///
/// The list uses the same rules as every read: curves of all snapshots that are known now (neither corrected nor withdrawn), by data
/// type and market, then by when they first appeared. A disabled user sees nothing; the list shows what that user will see when enabled again.
#[utoipa::path(
    get,
    path = "/v1/users/{id}/visible",
    tag = "Grants",
    responses((status = 200, body = Visible), (status = 404, body = Problem))
)]
async fn visible_of_user(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Visible>, Problem> {
    visible(&ctx, path::id(&id, no_user)?, &pairs, true).await
}

/// Lists the curves and delivery months that you see.
///
/// The response does not reveal how many curves you do not see.
#[utoipa::path(
    get,
    path = "/v1/me/visible",
    tag = "Grants",
    responses((status = 200, body = Visible), (status = 404, body = Problem))
)]
async fn visible_of_me(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Visible>, Problem> {
    let grants = Grants::from(&caller);
    visible(&ctx, grants.user_id(), &pairs, grants.everything()).await
}

/// Previews a change of grants: the curves and months that a user would gain or lose.
///
/// Nothing is saved. The preview is exact, because it uses the same rules as every read.
#[utoipa::path(
    post,
    path = "/v1/grants/preview",
    tag = "Grants",
    request_body = Proposal,
    responses(
        (status = 200, body = Preview),
        (status = 404, body = Problem, description = "There is no user or package with this id")
    )
)]
async fn preview_grants(
    State(ctx): State<Ctx>,
    Query(pairs): Query<Vec<(String, String)>>,
    given: Result<Json<Value>, JsonRejection>,
) -> Result<Json<Preview>, Problem> {
    let (shown, first) = shown(&pairs, &PREVIEW)?;
    let given = body::any(given)?;
    let proposed = Proposed::read(&given)?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("preview grants").await?;
    let done = async {
        let viewer = rules::viewers::find(&mut tx, proposed.user, false).await?.ok_or_else(no_user)?;
        let stand_in = stand_in(&mut tx, &viewer, proposed, now).await?;
        let everything = viewer.role == Role::Admin;
        let compared = Compared { user: viewer.id, stand_in, everything, now };
        let (curves, next) = cut(preview::changed_curves(&mut tx, &shown, compared).await?, &shown);
        let series =
            if first { Some(preview::changed_series(&mut tx, &shown, compared).await?) } else { None };
        Ok(Json(Preview { user: who(viewer), series, curves, next }))
    };
    let done: Result<_, Problem> = done.await;
    tx.rollback().await?;
    done
}
