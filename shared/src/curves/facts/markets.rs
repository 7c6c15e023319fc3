//! The markets, and how new what they have is.

use super::{ByBlock, HoursEnding, conventions};
use crate::access::{Caller, Grants};
use crate::catalog::{Market, calendar, holiday};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::web::{Parameters, Problem};
use axum::Json;
use axum::extract::{Query, State};
use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;
use utoipa::ToSchema;

/// The markets.
#[derive(Serialize, ToSchema)]
pub(super) struct Markets {
    /// In the order in which a request for all of them is answered.
    markets: Vec<OneMarket>,
}

/// A market.
#[derive(Serialize, ToSchema)]
struct OneMarket {
    /// Code.
    #[schema(example = "ERCOT")]
    market: &'static str,
    /// Name in full.
    #[schema(example = "Electric Reliability Council of Texas")]
    name: &'static str,
    /// Time zone of its stamps and blocks, as the IANA names it.
    #[schema(example = "America/Chicago")]
    time_zone: &'static str,
    /// What day it is there.
    today: NaiveDate,
    /// Peak hours.
    peak_hours_ending: HoursEnding,
    /// How its hours are counted.
    calendar: &'static str,
    /// What surprises in its calendar.
    notes: Vec<&'static str>,
    /// Which hours each block has.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    blocks: ByBlock<&'static str>,
    /// What you may see of it, and how new it is.
    data_types: Vec<Newest>,
}

/// The newest of a data type and market.
#[derive(Serialize, ToSchema)]
struct Newest {
    /// Data type.
    #[schema(example = "energy")]
    data_type: String,
    /// The mark of the newest operating day; null if there is no snapshot that is known.
    snapshot_id: Option<i32>,
    /// Its stamp, wall clock of the market.
    stamp: Option<NaiveDateTime>,
    /// Its operating day.
    operating_day: Option<NaiveDate>,
    /// Whether it is marked close of business.
    cob: Option<bool>,
    /// Business days (NERC) behind it, up to today.
    business_days_since: Option<u32>,
    /// Whether there is no snapshot of the last business day before today, nor a newer one.
    late: bool,
}

struct Row {
    data_type: String,
    market: String,
    snapshot_id: Option<i32>,
    stamp: Option<NaiveDateTime>,
    operating_day: Option<NaiveDate>,
    cob: Option<bool>,
}

/// Lists the markets: time zone, peak hours, which hours each block has, and how new what you may see is.
#[utoipa::path(get, path = "/v1/markets", tag = "Facts", responses((status = 200, body = Markets)))]
pub(super) async fn list_markets(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Markets>, Problem> {
    Parameters::new(&pairs, &[]).end(()).map_err(Problem::bad_request)?;
    let mut tx = ctx.db().begin("list markets").await?;
    let rows = newest(&mut tx, &Grants::from(&caller)).await?;
    tx.commit().await?;
    let now = ctx.clock().now();
    let markets = Market::ALL.into_iter().map(|market| {
        let today = market.wall_clock(now).date();
        let rows = rows.iter().filter(|row| row.market == market.code());
        one(market, today, rows.map(|row| fresh(row, today)).collect())
    });
    Ok(Json(Markets { markets: markets.collect() }))
}

/// The mark of the newest operating day of each data type and market that is granted.
async fn newest(tx: &mut Tx, grants: &Grants) -> Result<Vec<Row>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        r#"select r.data_type, r.market, s.id as "snapshot_id?", s.stamp as "stamp?",
            s.operating_day as "operating_day?", s.cob as "cob?"
        from trueprice.series r
        left join lateral (
            select n.id, n.stamp, n.operating_day, n.cob
            from trueprice.snapshot n
            where n.series_id = r.id and upper_inf(n.known)
            order by n.operating_day desc, n.cob desc, n.stamp desc
            limit 1
        ) s on true
        where trueprice.sees_series($1, $2, r.data_type, r.market, false)
        order by r.market, r.data_type"#,
        grants.user_id,
        grants.everything
    );
    rows.fetch_all(tx).await.during("looking for the newest snapshots")
}

fn fresh(row: &Row, today: NaiveDate) -> Newest {
    let last = today.pred_opt().map_or(today, calendar::business_day_on_or_before);
    Newest {
        data_type: row.data_type.clone(),
        snapshot_id: row.snapshot_id,
        stamp: row.stamp,
        operating_day: row.operating_day,
        cob: row.cob,
        business_days_since: row.operating_day.map(|day| holiday::business_days(day, today)),
        late: row.operating_day.is_none_or(|day| day < last),
    }
}

fn one(market: Market, today: NaiveDate, data_types: Vec<Newest>) -> OneMarket {
    let (first, last) = market.peak_hours_ending();
    let mut notes = vec![
        "six additional off-peak days of NERC's; one on a Sunday is kept on the Monday, one on a Saturday does not move",
        "the hour that daylight saving takes or gives is in 7x8",
    ];
    notes.extend(match market {
        Market::Ercot => Some("peak hours in Central prevailing time"),
        Market::Miso => Some(
            "settled in Eastern standard time; its forwards, and these blocks, in Eastern prevailing time",
        ),
        Market::Isone | Market::Nyiso | Market::Pjm => None,
    });
    OneMarket {
        market: market.code(),
        name: market.name(),
        time_zone: market.time_zone(),
        today,
        peak_hours_ending: HoursEnding { first, last },
        calendar: "NERC; calendar=legacy counts every Monday to Friday as peak days and 24 hours a day",
        notes,
        blocks: conventions(),
        data_types,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_late_when_a_business_day_has_passed_without_one() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let row = |operating_day| Row {
            data_type: "energy".to_owned(),
            market: "PJM".to_owned(),
            snapshot_id: Some(1),
            stamp: None,
            operating_day,
            cob: None,
        };
        for (newest, today, since, late) in [
            // Friday's is new until Monday has passed.
            ("2024-01-05", "2024-01-05", 0, false),
            ("2024-01-05", "2024-01-07", 0, false),
            ("2024-01-05", "2024-01-08", 1, false),
            ("2024-01-05", "2024-01-09", 2, true),
            // Over New Year's Day.
            ("2023-12-29", "2024-01-02", 1, false),
            ("2023-12-29", "2024-01-03", 2, true),
            ("2024-01-06", "2024-01-05", 0, false),
        ] {
            let found = fresh(&row(Some(day(newest))), day(today));
            assert_eq!((found.business_days_since, found.late), (Some(since), late), "{newest} on {today}");
        }
        assert!(fresh(&row(None), day("2024-01-05")).late);
    }
}
