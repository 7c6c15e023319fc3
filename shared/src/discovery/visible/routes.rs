//! The routes that show what a user may see, and what it would see with other rules.

use super::place::Place;
use super::preview::{self, ChangedCurve, ChangedSeries, Compared};
use super::proposal::{Proposal, Proposed, stand_in};
use super::{Shown, VisibleCurve, VisibleSeries};
use crate::access::requests::no_user;
use crate::access::rules::viewers::Viewer;
use crate::access::rules::{self, label_names};
use crate::access::{Caller, Grants, Role};
use crate::ctx::Ctx;
use crate::http::page::PageQuery;
use crate::http::route::routes;
use crate::http::{Audience, Parameters, Problem, Route, body, end_read, page, path};
use crate::parameters::filter::Filter;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// The routes of what is seen.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Admin, routes!(visible_of_user)),
        Route::new(Audience::Reader, routes!(visible_of_me)),
        Route::new(Audience::Admin, routes!(preview_grants)),
    ]
}

/// Which curves are listed; [`shown`] reads it, this documents it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read by shown, which says everything that is wrong at once")]
struct VisibleQuery {
    /// Data type; all if absent.
    #[param(example = "energy")]
    data_type: Option<String>,
    /// Market; all if absent.
    #[param(example = "ERCOT")]
    market: Option<String>,
    /// Control area, or with `*` at its end the beginning of control areas; repeat it for several. So with all labels.
    control_area: Option<Vec<String>>,
    /// State.
    state: Option<Vec<String>>,
    /// Load zone or hub.
    #[param(example = json!(["NORTH*"]))]
    load_zone: Option<Vec<String>>,
    /// Capacity zone.
    capacity_zone: Option<Vec<String>>,
    /// Utility.
    utility: Option<Vec<String>>,
    /// Block.
    block_type: Option<Vec<String>>,
    /// Cost group.
    cost_group: Option<Vec<String>>,
    /// Cost component.
    cost_component: Option<Vec<String>>,
    /// Sub component.
    sub_cost_component: Option<Vec<String>>,
    /// How many curves, 1 to 200; 50 if absent.
    #[param(example = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where to go on, from `next` of the page before.
    cursor: Option<String>,
}

/// Which curves of a preview are listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read by shown, which says everything that is wrong at once")]
struct PreviewQuery {
    /// Data type; all if absent.
    #[param(example = "energy")]
    data_type: Option<String>,
    /// Market; all if absent.
    #[param(example = "ERCOT")]
    market: Option<String>,
    /// How many curves, 1 to 200; 50 if absent.
    #[param(example = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where to go on, from `next` of the page before.
    cursor: Option<String>,
}

/// Who sees.
#[derive(Serialize, ToSchema)]
struct Who {
    /// Key of the user.
    id: i32,
    /// E-mail address.
    #[schema(example = "analyst@example.com")]
    email: String,
    /// Whether it sees everything whatever is granted, being an admin.
    everything: bool,
}

/// What a user sees, a page of it.
#[derive(Serialize, ToSchema)]
struct Visible {
    /// Who.
    user: Who,
    /// How many curves of each data type and market, of those that were asked for; on the first page alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<Vec<VisibleSeries>>,
    /// The curves.
    curves: Vec<VisibleCurve>,
    /// Cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What would change, a page of it.
#[derive(Serialize, ToSchema)]
struct Preview {
    /// For whom.
    user: Who,
    /// How many curves of each data type and market of which something would change; on the first page alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<Vec<ChangedSeries>>,
    /// The curves that would be seen other than now.
    curves: Vec<ChangedCurve>,
    /// Cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Reads what is shown, and how many curves; with `labels`, filters too.
fn shown(pairs: &[(String, String)], labels: bool) -> Result<(Shown, bool), Problem> {
    let mut names = vec!["data_type", "market", "limit", "cursor"];
    if labels {
        names.extend(label_names());
    }
    let mut read = Parameters::new(pairs, &names);
    let first = read.text("cursor").is_none();
    let (after, limit) = PageQuery::read(&mut read);
    let shown = Shown {
        data_type: read.parsed("data_type"),
        market: read.parsed("market"),
        filter: if labels { read.filter("") } else { Filter::default() },
        after: Place::of(after),
        limit: limit + 1,
        delivery: None,
    };
    Ok((read.end(shown).map_err(Problem::bad_request)?, first))
}

/// Cuts a page, and says where the next begins.
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
    let (shown, first) = shown(pairs, true)?;
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

/// Shows what a user sees: curves and their delivery months.
///
/// By the same SQL that its reads are answered with, at this moment: curves of all snapshots that are known now, by data type and
/// market in the order in which they came. A disabled user sees nothing until it is enabled again; this shows what then.
#[utoipa::path(
    get,
    path = "/v1/users/{id}/visible",
    tag = "Grants",
    params(("id" = i32, Path, description = "Key of the user", example = 1), VisibleQuery),
    responses((status = 200, body = Visible), (status = 404, body = Problem))
)]
async fn visible_of_user(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Visible>, Problem> {
    visible(&ctx, path::id(&id, no_user)?, &pairs, true).await
}

/// Shows what you see: curves and their delivery months.
///
/// How many curves there are that you do not see is not said.
#[utoipa::path(
    get,
    path = "/v1/me/visible",
    tag = "Grants",
    params(VisibleQuery),
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

/// Shows what would change if a user had these rules and packages: curves and months gained and lost.
///
/// Nothing is written, and nothing of it is guessed: it is the SQL of every read, asked about a stand-in of the user that
/// is undone afterwards.
#[utoipa::path(
    post,
    path = "/v1/grants/preview",
    tag = "Grants",
    params(PreviewQuery),
    request_body = Proposal,
    responses(
        (status = 200, body = Preview),
        (status = 404, body = Problem, description = "There is no such user or package")
    )
)]
async fn preview_grants(
    State(ctx): State<Ctx>,
    Query(pairs): Query<Vec<(String, String)>>,
    given: Result<Json<Value>, JsonRejection>,
) -> Result<Json<Preview>, Problem> {
    let (shown, first) = shown(&pairs, false)?;
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
