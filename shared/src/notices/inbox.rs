//! A user's inbox, and all notices with their states. Guarantees: content that the user may no longer see is not shown,
//! whenever it was reported.

use super::store::{self, Notice, NoticeFilter};
use super::visible;
use crate::access::{Caller, Grants};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During as _, Fault};
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::{Audience, Parameter, ParameterTable, Parameters, Problem, Route, page, path};
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Serialize;
use utoipa::ToSchema;

#[must_use]
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(read_inbox: NOTICES)),
        Route::new(Audience::Reader, routes!(list_notices: NOTICES)),
        Route::new(Audience::Reader, routes!(mark_read: NOTICE)),
    ]
}

/// The parameters of a page of notices.
static NOTICES: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new("unread", Kind::Flag, "`true` for notices not marked as read; all if absent.", false),
        page::limit("Maximum number of notices per page, 1 to 200; 50 if absent."),
        page::cursor("Where the page begins: `next` of the previous page. The first page if absent."),
    ]
});

/// One notice.
static NOTICE: ParameterTable =
    ParameterTable::new(|| vec![Parameter::in_path("id", Kind::Key, "Id of the notice.", 1)]);

/// A page of notices.
#[derive(Serialize, ToSchema)]
struct Notices {
    /// Newest first.
    notices: Vec<Notice>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The notice is marked as read.
#[derive(Serialize, ToSchema)]
struct Marked {
    /// Always true.
    read: bool,
}

/// Lists the notices in your inbox.
#[utoipa::path(
    get,
    path = "/v1/me/inbox",
    tag = "Notices",
    responses((status = 200, body = Notices))
)]
async fn read_inbox(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Notices>, Problem> {
    listed(&ctx, &caller, &pairs, true).await
}

/// Lists your notices on all channels, with the delivery status of each.
#[utoipa::path(
    get,
    path = "/v1/me/notices",
    tag = "Notices",
    responses((status = 200, body = Notices))
)]
async fn list_notices(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Notices>, Problem> {
    listed(&ctx, &caller, &pairs, false).await
}

async fn listed(
    ctx: &Ctx,
    caller: &Caller,
    pairs: &[(String, String)],
    inbox: bool,
) -> Result<Json<Notices>, Problem> {
    let mut read = Parameters::new(pairs, &NOTICES);
    let unread = read.flag("unread").unwrap_or(false);
    let (before, limit) = page::read(&mut read);
    let before = before.unwrap_or(i64::MAX);
    let asked = NoticeFilter { user: caller.user_id, inbox, unread, only: None, page: (before, limit + 1) };
    let asked = read.end(asked).map_err(Problem::bad_request)?;
    let grants = Grants::from(caller);
    let mut tx = ctx.db().begin("list notices").await?;
    let mut notices = seen(&mut tx, asked, &grants).await?;
    tx.commit().await?;
    let next = page::cut(&mut notices, limit, number);
    Ok(Json(Notices { notices, next }))
}

fn number(notice: &Notice) -> i64 {
    notice.id.parse().unwrap_or(0)
}

/// The requested number of notices of which something is visible, if there are that many: neither the length of a page nor the
/// existence of a next one reveals how many are hidden.
async fn seen(tx: &mut Tx, mut asked: NoticeFilter, grants: &Grants) -> Result<Vec<Notice>, Fault> {
    let wanted = usize::try_from(asked.page.1).unwrap_or(usize::MAX);
    let mut seen = Vec::new();
    while seen.len() < wanted {
        let mut notices = store::notices(tx, &asked).await?;
        let Some(last) = notices.last() else { break };
        asked.page.0 = number(last);
        let found = notices.iter_mut().map(|notice| std::mem::take(&mut notice.found)).collect();
        let found = visible::only_of_each(tx, found, grants).await?;
        for (notice, found) in notices.into_iter().zip(found).filter(|(_, found)| !found.is_empty()) {
            seen.push(Notice { found, ..notice });
        }
    }
    seen.truncate(wanted);
    Ok(seen)
}

/// Marks a notice as read.
#[utoipa::path(
    post,
    path = "/v1/me/notices/{id}/read",
    tag = "Notices",
    responses((status = 200, body = Marked), (status = 404, body = Problem))
)]
async fn mark_read(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Marked>, Problem> {
    let none = || Problem::not_found("no such notice, or it is not yours", "No such notice");
    let id: i64 = path::id(&id, none)?;
    let mut tx = ctx.db().begin("mark a notice as read").await?;
    // A notice in which nothing is visible any longer counts as not found.
    let page = (i64::MAX, 1);
    let asked = NoticeFilter { user: caller.user_id, inbox: false, unread: false, only: Some(id), page };
    if seen(&mut tx, asked, &Grants::from(&caller)).await?.is_empty() {
        tx.rollback().await?;
        return Err(none());
    }
    let marked = sqlx::query!(
        "update trueprice.notice n
        set read_at = coalesce(n.read_at, $3)
        from trueprice.subscription s
        where n.id = $1 and s.id = n.subscription_id and s.user_id = $2",
        id,
        caller.user_id,
        ctx.clock().now()
    );
    let marked = marked.execute(&mut tx).await.during("marking a notice as read")?;
    tx.commit().await?;
    if marked.rows_affected() == 1 { Ok(Json(Marked { read: true })) } else { Err(none()) }
}
