//! The markets and their newest data.

use super::conventions::{ByBlock, HoursEnding, conventions};
use crate::access::{Caller, Grants};
use crate::catalog::{Layout, Market, holiday};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::{
    Answer, Cells, Column, Format, ParameterTable, Parameters, Problem, Table, answer, format,
};
use crate::parameters::Then;
use crate::parameters::common;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The markets.
#[derive(Serialize, ToSchema)]
pub(super) struct Markets {
    /// In the order in which a request for all markets returns them.
    markets: Vec<OneMarket>,
}

/// A market.
#[derive(Serialize, ToSchema)]
struct OneMarket {
    /// Code of the market.
    #[schema(example = "ERCOT")]
    market: &'static str,
    /// Full name.
    #[schema(example = "Electric Reliability Council of Texas")]
    name: &'static str,
    /// IANA name of the time zone of its stamps and blocks.
    #[schema(example = "America/Chicago")]
    time_zone: &'static str,
    /// Current date in the market's time zone.
    today: NaiveDate,
    /// Peak hours.
    peak_hours_ending: HoursEnding,
    /// How its block hours are counted.
    calendar: &'static str,
    /// Peculiarities of its calendar.
    notes: Vec<&'static str>,
    /// The hours of each block.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    blocks: ByBlock<&'static str>,
    /// The newest data that you may see, by data type.
    data_types: Vec<Newest>,
}

/// The newest data of a data type and market.
#[derive(Serialize, ToSchema)]
struct Newest {
    /// Data type that the following fields describe.
    #[schema(example = "energy")]
    data_type: String,
    /// Id of the snapshot that is the mark of the newest operating day; null without a visible snapshot.
    snapshot_id: Option<i32>,
    /// Its stamp, in the market's time zone.
    stamp: Option<NaiveDateTime>,
    /// Its operating day.
    operating_day: Option<NaiveDate>,
    /// Whether it is marked close of business.
    cob: Option<bool>,
    /// Number of NERC business days since then, up to today.
    business_days_since: Option<u32>,
    /// Whether it is late: since then, not counting today, at least `late_after_business_days` of its data type have passed.
    /// Energy is late without a sheet for the last business day before today; types without a fixed schedule are never late.
    late: bool,
}

struct MarketRow {
    data_type: String,
    market: String,
    snapshot_id: Option<i32>,
    stamp: Option<NaiveDateTime>,
    operating_day: Option<NaiveDate>,
    cob: Option<bool>,
}

/// The parameters of `/v1/markets`.
pub(super) static MARKETS: ParameterTable = ParameterTable::new(|| {
    vec![
        common::as_of(
            "How fresh the data was as of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, local time of each\n\
            market): `today` is that day, and newer snapshots are ignored.",
        ),
        common::known_at(
            "Use only what was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent. `today` is its day in each market,\n\
            unless `as_of` is earlier.",
        ),
        common::mark(
            "Which snapshot of each day: `latest` (default: the close of business if there is one, otherwise the latest), `cob`\n\
            (only the close of business) or `intraday` (the latest that is not the close of business).",
        ),
        format::usual_parameter(),
    ]
});

/// Lists the markets: time zone, peak hours, the hours of each block, and the newest data that you may see.
///
/// Formats other than JSON have one row per market and data type.
#[utoipa::path(
    get,
    path = "/v1/markets",
    tag = "Reference data",
    responses(
        (status = 200, content(
            (Markets = "application/json"),
            (String = "text/csv"),
            (String = "application/x-ndjson"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        (status = 406, body = Problem, description = "Not available in a format that you accept")
    )
)]
pub(super) async fn list_markets(
    State(ctx): State<Ctx>,
    caller: Caller,
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let mut read = Parameters::new(&pairs, &MARKETS);
    let then = read.then();
    let format = read.format(answer::accepted(&headers).as_deref())?;
    let (then, format) = read.end((then, format)).map_err(Problem::bad_request)?;
    let mut tx = ctx.db().begin_read("list markets").await?;
    let rows = newest(&mut tx, &then, &Grants::from(&caller)).await?;
    tx.commit().await?;
    let now = ctx.clock().now();
    let markets = Market::ALL.into_iter().map(|market| {
        let today = today(market, &then, now);
        let rows = rows.iter().filter(|row| row.market == market.code());
        one(market, today, rows.map(|row| fresh(row, today)).collect())
    });
    let markets: Vec<OneMarket> = markets.collect();
    if format == Format::Json {
        return Ok(Json(Markets { markets }).into_response());
    }
    let answer = Answer { name: "markets".to_owned(), table: table(&markets), ..Answer::default() };
    answer.into_response(format, false)
}

/// The current day as of the request: the earliest of now, `known_at` and the stamp.
fn today(market: Market, then: &Then, now: DateTime<Utc>) -> NaiveDate {
    let known_at = then.known_at.unwrap_or(now).min(now);
    let day = market.wall_clock(known_at).date();
    then.as_of.map_or(day, |stamp| stamp.date().min(day))
}

/// Markets as rows, one for each data type, for the formats with columns.
fn table(markets: &[OneMarket]) -> Table {
    // A market without visible data has a row, too.
    let rows: Vec<(&OneMarket, Option<&Newest>)> = markets
        .iter()
        .flat_map(|market| match market.data_types.as_slice() {
            [] => vec![(market, None)],
            types => types.iter().map(|newest| (market, Some(newest))).collect(),
        })
        .collect();
    let texts = |name, of: &dyn Fn(&OneMarket) -> String| {
        Column::texts(name, rows.iter().map(|(market, _)| Some(of(market))))
    };
    let integers = |name, of: &dyn Fn(&OneMarket, Option<&Newest>) -> Option<i64>| {
        Column::new(name, Cells::Integer(rows.iter().map(|(market, newest)| of(market, *newest)).collect()))
    };
    let flags = |name, of: &dyn Fn(&Newest) -> Option<bool>| {
        Column::new(name, Cells::Flag(rows.iter().map(|(_, newest)| newest.and_then(of)).collect()))
    };
    let days = |of: &dyn Fn(&OneMarket, Option<&Newest>) -> Option<NaiveDate>| {
        Cells::Day(rows.iter().map(|(market, newest)| of(market, *newest)).collect())
    };
    let stamps = rows.iter().map(|(_, newest)| newest.and_then(|newest| newest.stamp)).collect();
    Table::new(vec![
        texts("market", &|market| market.market.to_owned()),
        texts("name", &|market| market.name.to_owned()),
        texts("time_zone", &|market| market.time_zone.to_owned()),
        Column::new("today", days(&|market, _| Some(market.today))),
        integers("first_peak_hour_ending", &|market, _| Some(market.peak_hours_ending.first.into())),
        integers("last_peak_hour_ending", &|market, _| Some(market.peak_hours_ending.last.into())),
        Column::texts(
            "data_type",
            rows.iter().map(|(_, newest)| newest.map(|newest| newest.data_type.clone())),
        ),
        integers("snapshot_id", &|_, newest| newest?.snapshot_id.map(i64::from)),
        Column::new("stamp", Cells::Stamp(stamps)),
        Column::new("operating_day", days(&|_, newest| newest?.operating_day)),
        flags("cob", &|newest| newest.cob),
        integers("business_days_since", &|_, newest| newest?.business_days_since.map(i64::from)),
        flags("late", &|newest| Some(newest.late)),
    ])
}

/// The mark of the newest operating day of each granted data type and market.
async fn newest(tx: &mut Tx, then: &Then, grants: &Grants) -> Result<Vec<MarketRow>, Fault> {
    let rows = sqlx::query_as!(
        MarketRow,
        r#"select r.data_type, r.market, s.id as "snapshot_id?", s.stamp as "stamp?",
            s.operating_day as "operating_day?", s.cob as "cob?"
        from trueprice.series r
        cross join lateral trueprice.visible_coverage($1, $2, $6, r.data_type, r.market) v
        left join lateral trueprice.day_marks(r.id, v.whole, v.coverages, $3, $4, $5, null, null, 1) s on true
        order by r.market, r.data_type"#,
        grants.user_id(),
        grants.everything(),
        then.known_at,
        then.as_of,
        then.cob,
        grants.now()
    );
    rows.fetch_all(tx).await.during("looking for the newest snapshots")
}

fn fresh(row: &MarketRow, today: NaiveDate) -> Newest {
    let yesterday = today.pred_opt().unwrap_or(today);
    let late_after = row.data_type.parse().ok().and_then(|data_type| Layout::of(data_type).late_after);
    let late =
        |day: Option<NaiveDate>, after| day.is_none_or(|day| holiday::business_days(day, yesterday) >= after);
    Newest {
        data_type: row.data_type.clone(),
        snapshot_id: row.snapshot_id,
        stamp: row.stamp,
        operating_day: row.operating_day,
        cob: row.cob,
        business_days_since: row.operating_day.map(|day| holiday::business_days(day, today)),
        late: late_after.is_some_and(|after| late(row.operating_day, after)),
    }
}

fn one(market: Market, today: NaiveDate, data_types: Vec<Newest>) -> OneMarket {
    let (first, last) = market.peak_hours_ending();
    let mut notes = vec![
        "six NERC holidays are off-peak; one on a Sunday is observed on the Monday, one on a Saturday is not moved",
        "the hour that daylight saving time removes or adds belongs to 7x8",
    ];
    notes.extend(match market {
        Market::Ercot => Some("peak hours in Central prevailing time"),
        Market::Miso => {
            Some("settled in Eastern standard time; forwards and these blocks are in Eastern prevailing time")
        }
        Market::Isone | Market::Nyiso | Market::Pjm => None,
    });
    OneMarket {
        market: market.code(),
        name: market.name(),
        time_zone: market.time_zone(),
        today,
        peak_hours_ending: HoursEnding { first, last },
        calendar: "NERC; calendar=legacy counts every Monday to Friday as a peak day, and 24 hours for every day",
        notes,
        blocks: conventions(),
        data_types,
    }
}

#[cfg(test)]
mod tests;
