//! The routes of the history: they list, show and withdraw snapshots.

use super::history::{self, Listing, Snapshot};
use crate::access::audit::{self, Act};
use crate::access::{Caller, Grants};
use crate::ctx::Ctx;
use crate::curves::ids::SnapshotId;
use crate::curves::publish::withdrawal::{Withdrawal, withdraw};
use crate::db::Tx;
use crate::fault::Fault;
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::wrong::Wrong;
use crate::http::{
    Answer, Audience, Format, Parameter, ParameterTable, Parameters, Problem, Route, answer, body, end_read,
    format, page,
};
use crate::parameters::MARKS;
use crate::parameters::common;
use crate::parameters::snapshots::{Marks, When};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// The routes of snapshots.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(list_snapshots: SNAPSHOTS)),
        Route::new(Audience::Reader, routes!(find_snapshot: SNAPSHOT)),
        Route::new(Audience::Admin, routes!(withdraw_snapshot: SNAPSHOT)),
    ]
}

/// The parameters of `/v1/snapshots`.
static SNAPSHOTS: ParameterTable = ParameterTable::new(|| {
    vec![
        common::data_type("Data type; all if absent."),
        common::market("Market; all if absent."),
        Parameter::new(
            "operating_day",
            Kind::Day,
            "First operating day, `YYYY-MM-DD`; all if absent.",
            "2024-01-05",
        ),
        Parameter::new(
            "operating_day_end",
            Kind::Day,
            "Last operating day, `YYYY-MM-DD`, included; the first if absent.",
            "2024-01-05",
        ),
        common::as_of(
            "Only snapshots up to and including this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, local time of\n\
            the market); all if absent. Not with `operating_day`.",
        ),
        common::known_at(
            "Only snapshots that were known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; every version if absent.",
        ),
        common::mark_or_all(
            "Only the snapshot of each day that a download would contain, known now or at `known_at`: `latest` (the close of\n\
            business if there is one, otherwise the latest), `cob`, `intraday` or `all`. Every version if absent.",
        ),
        format::usual_parameter(),
        Parameter::new(
            "limit",
            Kind::Whole(1..=200),
            "Maximum number of snapshots per page, 1 to 200; 50 if absent.",
            2,
        ),
        page::cursor("Where the page begins: `next` of the previous page. The first page if absent."),
    ]
});

/// One snapshot.
static SNAPSHOT: ParameterTable =
    ParameterTable::new(|| vec![Parameter::in_path("id", Kind::Key, "Id of the snapshot.", 1)]);

/// A page of snapshots.
#[derive(Serialize, ToSchema)]
struct Snapshots {
    /// The snapshots, newest stamp first, and within a stamp newest revision first.
    snapshots: Vec<Snapshot>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The requested snapshots, the length of the page, and the format.
fn listing(pairs: &[(String, String)], accept: Option<&str>) -> Result<(Listing, i64, Format), Problem> {
    let mut read = Parameters::new(pairs, &SNAPSHOTS);
    let (after, limit) = page::read(&mut read);
    let listing = Listing {
        data_type: read.parsed("data_type"),
        market: read.parsed("market"),
        when: read.when(),
        marks: read.text("mark").map(|_| read.one_of("mark", Marks::Latest, &MARKS)),
        known_at: read.moment("known_at"),
        id: None,
        after,
        limit: limit + 1,
    };
    let format = read.format(accept)?;
    read.end((listing, limit, format)).map_err(Problem::bad_request)
}

/// Lists snapshots: every version of a data type and market, including superseded, corrected and withdrawn ones.
///
/// Formats other than JSON contain only the rows; the cursor of the next page is in the header `Trueprice-Next`.
#[utoipa::path(
    get,
    path = "/v1/snapshots",
    tag = "History",
    responses(
        (status = 200, content(
            (Snapshots = "application/json"),
            (String = "text/csv"),
            (String = "application/x-ndjson"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        (status = 406, body = Problem, description = "Not available in a format that you accept")
    )
)]
async fn list_snapshots(
    State(ctx): State<Ctx>,
    caller: Caller,
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (listing, limit, format) = listing(&pairs, answer::accepted(&headers).as_deref())?;
    let grants = Grants::from(&caller);
    let mut tx = ctx.db().begin_read("list snapshots").await?;
    let done = async {
        if let Some(after) = listing.after {
            seen_cursor(&mut tx, after, &grants).await?;
        }
        Ok(history::list(&mut tx, &listing, &grants).await?)
    };
    let done = done.await;
    let mut snapshots = end_read(tx, done).await?;
    let next = page::cut(&mut snapshots, limit, |snapshot| i64::from(snapshot.id));
    if format == Format::Json {
        return Ok(Json(Snapshots { snapshots, next }).into_response());
    }
    let table = history::table(&snapshots);
    let answer = Answer { name: "snapshots".to_owned(), table, next, ..Answer::default() };
    answer.into_response(format, false)
}

/// Checks a cursor, which continues after a snapshot. It must not reveal whether a snapshot that the caller may not see exists.
///
/// # Errors
/// 400 if there is no such snapshot, or the caller may not see it.
pub async fn seen_cursor(tx: &mut Tx, after: i64, grants: &Grants) -> Result<(), Problem> {
    let id = i32::try_from(after).unwrap_or_default();
    match grants.see_snapshots(tx, &[id]).await?.as_slice() {
        [true] => Ok(()),
        _ => Err(page::lost()),
    }
}

/// 404: a snapshot that is not granted reads as one that does not exist.
fn none(id: &str) -> Problem {
    let id: String = id.chars().take(40).collect();
    let detail = format!("There is no snapshot \"{id}\" that you may see. /v1/snapshots lists yours.");
    Problem::not_found(detail, "No such snapshot")
}

/// The id in a path.
fn id(text: &str) -> Result<SnapshotId, Problem> {
    text.parse().map(SnapshotId).map_err(|_| none(text))
}

async fn find(tx: &mut Tx, id: SnapshotId, caller: &Caller) -> Result<Option<Snapshot>, Fault> {
    let listing = Listing {
        data_type: None,
        market: None,
        when: When::Newest,
        marks: None,
        known_at: None,
        id: Some(id),
        after: None,
        limit: 1,
    };
    Ok(history::list(tx, &listing, &Grants::from(caller)).await?.pop())
}

/// Shows one snapshot.
#[utoipa::path(
    get,
    path = "/v1/snapshots/{id}",
    tag = "History",
    responses((status = 200, body = Snapshot), (status = 404, body = Problem))
)]
async fn find_snapshot(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Json<Snapshot>, Problem> {
    let id = id(&text)?;
    let mut tx = ctx.db().begin_read("find a snapshot").await?;
    let found = find(&mut tx, id, &caller).await?;
    tx.commit().await?;
    found.map(Json).ok_or_else(|| none(&text))
}

/// The reason for a withdrawal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    /// Why the snapshot is withdrawn, 3 to 500 printable characters.
    #[schema(example = "published with the prices of the day before")]
    reason: String,
}

/// Withdraws a snapshot.
///
/// It is no longer used, and the next best snapshot becomes the mark of the day. Requests with a `known_at` before the withdrawal
/// still read it. No earlier revision replaces it; to do so, publish the right sheet with the same stamp. Repeating the
/// request returns the same response.
#[utoipa::path(
    post,
    path = "/v1/snapshots/{id}/withdraw",
    tag = "History",
    request_body = Reason,
    responses(
        (status = 200, body = Snapshot),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "Another revision has already replaced it")
    )
)]
async fn withdraw_snapshot(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(text): Path<String>,
    body: Result<Json<Reason>, JsonRejection>,
) -> Result<Json<Snapshot>, Problem> {
    let id = id(&text)?;
    let Reason { reason } = body::read(body, "JSON with a reason of 3 to 500 printable characters")?;
    let reason = reason.trim();
    if !(3..=500).contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
        let flaw = Wrong::found("reason", reason, "expected 3 to 500 printable characters");
        return Err(Problem::bad_request(vec![flaw]));
    }
    let mut tx = ctx.db().begin("withdraw a snapshot").await?;
    let came_to = withdraw(&mut tx, id, &caller.email, reason, ctx.clock()).await?;
    if came_to == Withdrawal::Done {
        // The number, however it was written.
        let subject = id.0.to_string();
        let act = Act::of(&caller, "snapshot.withdraw", &subject, json!({ "reason": reason }));
        audit::record(&mut tx, &act, ctx.clock().now()).await?;
    }
    let shown = find(&mut tx, id, &caller).await?;
    tx.commit().await?;
    if came_to == Withdrawal::Done {
        ctx.wake_workers().await;
    }
    match came_to {
        Withdrawal::Done | Withdrawal::DoneBefore => shown.map(Json).ok_or_else(|| none(&text)),
        Withdrawal::Unknown => Err(none(&text)),
        Withdrawal::Superseded => {
            let detail =
                "A newer revision with the same stamp has replaced this snapshot. Withdraw that one.";
            Err(Problem::conflict(detail, "Superseded"))
        }
    }
}
