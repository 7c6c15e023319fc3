//! The feed of changes, for those who keep a copy. Promises: every publication, correction and withdrawal is one event;
//! ids grow in the order in which events become visible, so that a reader who goes on behind the last one misses none,
//! whatever was late, slow or out of order; an event does not change.

mod difference;
mod store;

pub use difference::describe;

use crate::access::{Caller, Grants};
use crate::catalog::{DataType, Market, Month};
use crate::ctx::Ctx;
use crate::web::{Audience, Parameters, Problem, Route};
use axum::Json;
use axum::extract::{Query, State};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

/// The routes of the feed.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Reader, routes!(list_changes))]
}

/// What may stand in the query string; [`parse`] reads it, this documents it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read by parse, which says everything that is wrong at once")]
struct ChangeQuery {
    /// Only events behind this one: `next` of the answer before; from the beginning if absent.
    #[param(example = "0")]
    since: Option<String>,
    /// Only this data type; all if absent.
    #[param(example = "energy")]
    data_type: Option<String>,
    /// Only this market; all if absent.
    #[param(example = "ERCOT")]
    market: Option<String>,
    /// How many events, 1 to 1000; 200 if absent.
    #[param(example = 200, minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// What became of a snapshot.
#[derive(Debug, Serialize, ToSchema)]
struct Event {
    /// Grows with each event; `next` of an answer is the one of its last event.
    #[schema(example = 42)]
    id: i64,
    /// `published` (a new stamp), `corrected` (another content under a stamp that was there) or `withdrawn`.
    #[schema(example = "published")]
    kind: String,
    /// Data type.
    #[schema(example = "energy")]
    data_type: String,
    /// Market.
    #[schema(example = "ERCOT")]
    market: String,
    /// Wall clock of the market, from the name of the sheet.
    stamp: NaiveDateTime,
    /// Date of the stamp.
    operating_day: NaiveDate,
    /// Marked close of business.
    cob: bool,
    /// 1, and one more for each correction under the same stamp.
    revision: i32,
    /// The snapshot, as in `/v1/snapshots/{id}`.
    snapshot_id: i32,
    /// What it takes the place of: of a correction the revision before, else the latest stamp before its own that was known.
    previous_id: Option<i32>,
    /// Since when the snapshot is known; with `known_at` after it, questions have it.
    known_from: DateTime<Utc>,
    /// Since when it is withdrawn, if this event says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn_at: Option<DateTime<Utc>>,
    /// What it changed against `previous_id`, of what you may see; of a withdrawal, what it had changed. Null if that was not
    /// written down: it was published by an earlier release, or the one before is in the archive. Then read it whole.
    changes: Option<Extent>,
}

/// What a snapshot changed.
#[derive(Debug, Serialize, ToSchema)]
struct Extent {
    /// Curves that the one before did not have.
    added: i64,
    /// Curves that only the one before had.
    removed: i64,
    /// Curves with other values.
    changed: i64,
    /// First delivery month with another value, `YYYY-MM`; null if nothing changed, or months do not apply.
    #[schema(example = "2024-02")]
    first_month: Option<String>,
    /// Last delivery month with another value, included.
    #[schema(example = "2024-12")]
    last_month: Option<String>,
}

/// A page of the feed.
#[derive(Serialize, ToSchema)]
struct Feed {
    /// Oldest first.
    changes: Vec<Event>,
    /// `since` of the next question; always there, so that a poller keeps it.
    #[schema(example = "42")]
    next: String,
    /// Whether there are more events already: ask on at once.
    more: bool,
}

/// Where the page begins, how long it is, and of what.
struct Asked {
    since: i64,
    limit: i64,
    data_type: Option<DataType>,
    market: Option<Market>,
}

fn parse(pairs: &[(String, String)]) -> Result<Asked, Problem> {
    let mut read = Parameters::new(pairs, &["since", "data_type", "market", "limit"]);
    let mut number = |name: &str, default: i64, least: i64, most: i64, expected: &str| {
        let Some(text) = read.text(name) else { return default };
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.unwrap_or_else(|| {
            read.wrong(name, expected);
            default
        })
    };
    let since = number("since", 0, 0, i64::MAX, "expected `next` of an answer");
    let limit = number("limit", 200, 1, 1000, "expected 1 to 1000");
    let asked = Asked { since, limit, data_type: read.parsed("data_type"), market: read.parsed("market") };
    read.end(asked).map_err(Problem::bad_request)
}

/// Lists what was published, corrected and withdrawn, oldest first: a feed to go on with.
///
/// Ask without `since` first, keep `next`, and ask with it from then on, as often as you like. Nothing is missed: an event is
/// shown when all with a smaller id have been. A sheet that comes late stands at the end of the feed, with its own stamp.
/// After a new grant, ask from the beginning again for what it shows.
#[utoipa::path(
    get,
    path = "/v1/changes",
    tag = "History",
    params(ChangeQuery),
    responses((status = 200, body = Feed))
)]
async fn list_changes(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Feed>, Problem> {
    let asked = parse(&pairs)?;
    let grants = Grants::from(&caller);
    let mut tx = ctx.db().begin("read the feed").await?;
    let of = (asked.data_type, asked.market);
    let mut rows = store::events(&mut tx, of, asked.since, asked.limit + 1, &grants).await?;
    tx.commit().await?;
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().map_or(asked.since, |last| last.id).to_string();
    Ok(Json(Feed { changes: rows.into_iter().map(Event::from).collect(), next, more }))
}

impl From<store::Row> for Event {
    fn from(row: store::Row) -> Self {
        let month = |day: Option<NaiveDate>| day.map(|day| Month::of(day).to_string());
        let changes = row.described.then(|| Extent {
            added: row.added.unwrap_or(0),
            removed: row.removed.unwrap_or(0),
            changed: row.changed.unwrap_or(0),
            first_month: month(row.first_month),
            last_month: month(row.last_month),
        });
        Self {
            id: row.id,
            kind: row.kind,
            data_type: row.data_type,
            market: row.market,
            stamp: row.stamp,
            operating_day: row.operating_day,
            cob: row.cob,
            revision: row.revision,
            snapshot_id: row.snapshot_id,
            previous_id: row.previous_id,
            known_from: row.known_from,
            withdrawn_at: row.withdrawn_at,
            changes,
        }
    }
}
