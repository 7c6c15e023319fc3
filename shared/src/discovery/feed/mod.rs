//! The feed of changes, for clients that keep a copy. Guarantees: every publication, correction and withdrawal is one event;
//! ids grow in the order in which events become visible, so that a reader who continues after the last one misses none,
//! even if sheets are late, slow or out of order; an event does not change.

mod store;
mod unseen;

pub use crate::curves::publish::difference::describe;

use self::store::Wanted;
use crate::access::{Caller, Grants};
use crate::catalog::Month;
use crate::ctx::Ctx;
use crate::fault::During as _;
use crate::http::answer::NextPage;
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::{
    Answer, Audience, Cells, Column, Format, Parameter, ParameterTable, Parameters, Problem, Route, Table,
    answer, format,
};
use crate::parameters::common;
use crate::parameters::snapshots::When;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The routes of the feed.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Reader, routes!(list_changes: CHANGES))]
}

/// The parameters of `/v1/changes`.
static CHANGES: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "since",
            Kind::Text,
            "Only events after this one: `next` of the previous response; from the first event if absent.",
            "0",
        ),
        common::data_type("Data type; all if absent."),
        common::market("Market; all if absent."),
        common::as_of(
            "Only events about snapshots up to and including this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`,\n\
            local time of the market); all if absent.",
        ),
        common::known_at(
            "Only events that were known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; all if absent.",
        ),
        Parameter::new(
            "mark",
            Kind::word_pattern_of(&KINDS),
            "Only events about these sheets: `cob` (closes of business), `intraday` (others) or `all` (default). There is no\n\
            `latest`, because later sheets can change the mark of a day and events never change.",
            "all",
        ),
        format::usual_parameter(),
        Parameter::new(
            "limit",
            Kind::Int32(1..=1_000),
            "Maximum number of events, 1 to 1000; 200 if absent.",
            200,
        ),
    ]
});

/// A publication, correction or withdrawal.
#[derive(Debug, Serialize, ToSchema)]
struct Event {
    /// Id; later events have greater ids. `next` of a page is the id of its last event.
    #[schema(example = 42)]
    id: i64,
    /// `published` (a new stamp), `corrected` (new content for an existing stamp) or `withdrawn`.
    #[schema(example = "published")]
    kind: String,
    /// Data type of the snapshot.
    #[schema(example = "energy")]
    data_type: String,
    /// Market of the snapshot.
    #[schema(example = "ERCOT")]
    market: String,
    /// Date and time in the sheet's file name, in the market's time zone.
    stamp: NaiveDateTime,
    /// Operating day: the date of the stamp.
    operating_day: NaiveDate,
    /// Whether the sheet is marked close of business.
    cob: bool,
    /// 1 for the first sheet with this stamp, and one more for each correction.
    revision: i32,
    /// Id of the snapshot, as in `/v1/snapshots/{id}`.
    snapshot_id: i32,
    /// Id of the snapshot that it replaces: for a correction, and for the withdrawal of one, the previous revision; otherwise the latest
    /// earlier stamp that was known.
    previous_id: Option<i32>,
    /// When the snapshot became known; requests with a later `known_at` include it.
    known_from: DateTime<Utc>,
    /// When it was withdrawn; only in withdrawals.
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn_at: Option<DateTime<Utc>>,
    /// What it changed compared with `previous_id`, within what you may see; for a withdrawal, what it had changed. Null if that was not
    /// recorded, because an earlier release published it or the previous one was archived: read the whole snapshot in that case.
    changes: Option<Extent>,
}

/// The extent of a change.
#[derive(Debug, Serialize, ToSchema)]
struct Extent {
    /// Number of curves that the previous one did not have.
    added: i64,
    /// Number of curves that only the previous one had.
    removed: i64,
    /// Number of curves with other values.
    changed: i64,
    /// First delivery month with another value, `YYYY-MM`; null if nothing changed, or if the values have no delivery month.
    #[schema(example = "2024-02")]
    first_month: Option<String>,
    /// Last delivery month with another value, inclusive.
    #[schema(example = "2024-12")]
    last_month: Option<String>,
}

/// A page of the feed.
#[derive(Serialize, ToSchema)]
struct Feed {
    /// The events, oldest first.
    changes: Vec<Event>,
    /// The `since` of the next request; always present, so that a poller can store it.
    #[schema(example = "42")]
    next: String,
    /// Whether there are more events already: request the next page immediately.
    more: bool,
}

/// The start and length of the page, its filters, and the format.
struct FeedQuery {
    since: i64,
    limit: i64,
    of: Wanted,
    format: Format,
}

/// The default of `limit`.
const USUAL_EVENTS: u32 = 200;
/// The kinds of sheets, by their mark.
const KINDS: [(&str, Option<bool>); 3] = [("cob", Some(true)), ("intraday", Some(false)), ("all", None)];

fn parse(pairs: &[(String, String)], accept: Option<&str>) -> Result<FeedQuery, Problem> {
    let mut read = Parameters::new(pairs, &CHANGES);
    let since = read.text("since").map_or(Some(0), |text| text.parse().ok());
    let since = since.filter(|since| *since >= 0).unwrap_or_else(|| {
        read.wrong("since", "expected `next` of a previous response");
        0
    });
    let limit = i64::from(read.whole("limit").unwrap_or(USUAL_EVENTS));
    let as_of = match read.stamp_or_day("as_of") {
        Some(When::AsOf(stamp)) => Some(stamp),
        Some(When::Newest | When::Between(..)) | None => None,
    };
    let of = Wanted {
        data_type: read.parsed("data_type"),
        market: read.parsed("market"),
        as_of,
        known_at: read.moment("known_at"),
        cob: read.one_of("mark", None, &KINDS),
    };
    let format = read.format(accept)?;
    read.end(FeedQuery { since, limit, of, format }).map_err(Problem::bad_request)
}

/// Lists what was published, corrected and withdrawn, oldest first: a feed for polling.
///
/// Start without `since`, store `next`, and send it as `since` from then on. Nothing is missed: an event appears only after all events
/// with smaller ids. A late sheet appears at the end of the feed, with its own stamp. After a new grant, start again without `since`
/// to read the history that it reveals. In formats other than JSON, `next` is always in the header `Trueprice-Next`, and there is a
/// `Link` to the next page as long as there is one.
#[utoipa::path(
    get,
    path = "/v1/changes",
    tag = "History",
    responses(
        (status = 200, content(
            (Feed = "application/json"),
            (String = "text/csv"),
            (String = "application/x-ndjson"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        (status = 406, body = Problem, description = "Not available in a format that you accept")
    )
)]
async fn list_changes(
    State(ctx): State<Ctx>,
    caller: Caller,
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let asked = parse(&pairs, answer::accepted(&headers).as_deref())?;
    let grants = Grants::from(&caller);
    let mut tx = ctx.db().begin_read("read the feed").await?;
    let mut rows = store::events(&mut tx, &asked.of, asked.since, asked.limit + 1, &grants).await?;
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    unseen::compare(&ctx, &mut tx, &mut rows, &grants).await?;
    tx.commit().await?;
    let next = rows.last().map_or(asked.since, |last| last.id).to_string();
    if asked.format == Format::Json {
        let changes = rows.into_iter().map(Event::from).collect();
        return Ok(Json(Feed { changes, next, more }).into_response());
    }
    let answer = Answer { name: "changes".to_owned(), table: table(&rows), ..Answer::default() };
    let mut response = answer.into_response(asked.format, false)?;
    // Pollers need it on the last page, too.
    response.headers_mut().insert(answer::NEXT, HeaderValue::try_from(&next).during("writing a number")?);
    if more {
        response.extensions_mut().insert(NextPage { parameter: "since", value: next });
    }
    Ok(response)
}

/// Events as rows, for the formats with columns; without counts if none were recorded.
fn table(rows: &[store::EventRow]) -> Table {
    let texts = |name, of: &dyn Fn(&store::EventRow) -> String| {
        Column::texts(name, rows.iter().map(|row| Some(of(row))))
    };
    let integers = |name, of: &dyn Fn(&store::EventRow) -> Option<i64>| {
        Column::new(name, Cells::Integer(rows.iter().map(of).collect()))
    };
    let days = |name, of: &dyn Fn(&store::EventRow) -> Option<NaiveDate>| {
        Column::new(name, Cells::Day(rows.iter().map(of).collect()))
    };
    let moments = |name, of: &dyn Fn(&store::EventRow) -> Option<DateTime<Utc>>| {
        Column::new(name, Cells::Moment(rows.iter().map(of).collect()))
    };
    let count = |of: fn(&store::EventRow) -> Option<i64>| {
        move |row: &store::EventRow| row.described.then(|| of(row).unwrap_or(0))
    };
    let month = |day: Option<NaiveDate>| day.map(|day| Month::of(day).first_day());
    Table::new(vec![
        integers("id", &|row| Some(row.id)),
        texts("kind", &|row| row.kind.clone()),
        texts("data_type", &|row| row.data_type.clone()),
        texts("market", &|row| row.market.clone()),
        Column::new("stamp", Cells::Stamp(rows.iter().map(|row| Some(row.stamp)).collect())),
        days("operating_day", &|row| Some(row.operating_day)),
        Column::new("cob", Cells::Flag(rows.iter().map(|row| Some(row.cob)).collect())),
        integers("revision", &|row| Some(row.revision.into())),
        integers("snapshot_id", &|row| Some(row.snapshot_id.into())),
        integers("previous_id", &|row| row.previous_id.map(i64::from)),
        moments("known_from", &|row| Some(row.known_from)),
        moments("withdrawn_at", &|row| row.withdrawn_at),
        integers("added", &count(|row| row.added)),
        integers("removed", &count(|row| row.removed)),
        integers("changed", &count(|row| row.changed)),
        days("first_month", &|row| month(row.first_month)),
        days("last_month", &|row| month(row.last_month)),
    ])
}

impl From<store::EventRow> for Event {
    fn from(row: store::EventRow) -> Self {
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
