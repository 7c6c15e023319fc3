//! The hours of the blocks of a month.

use super::conventions::{ByBlock, HoursEnding};
use crate::catalog::grid::{hours_of, last_day};
use crate::catalog::{Block, Calendar, Market, Month, calendar, holiday};
use crate::http::parameter::kind::Kind;
use crate::http::wrong::Wrong;
use crate::http::{Parameter, ParameterTable, Parameters, Problem};
use crate::parameters::common;
use axum::Json;
use axum::extract::{Path, Query};
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// The parameters of `/v1/calendars/{market}/{month}`.
pub(super) static CALENDAR: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::in_path("market", common::markets(), "Market.", "PJM"),
        Parameter::in_path("month", Kind::Month, "Delivery month, `YYYY-MM`, 2000-01 to 2100-12.", "2024-11"),
        Parameter::new(
            "days",
            Kind::Flag,
            "`true` to include each day of the month; `false` if absent.",
            true,
        ),
    ]
});

/// The calendar of a delivery month in a market.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MonthOfMarket {
    /// Market whose calendar this is.
    #[schema(example = "PJM")]
    market: &'static str,
    /// Delivery month, `YYYY-MM`.
    #[schema(example = "2024-11")]
    month: String,
    /// IANA name of the time zone.
    #[schema(example = "America/New_York")]
    time_zone: &'static str,
    /// Peak hours.
    peak_hours_ending: HoursEnding,
    /// Number of hours in each block.
    hours: Hours,
    /// NERC holidays in the month, on which all hours are off-peak.
    holidays: Vec<Holiday>,
    /// The day on which the clocks change; null if they do not change in this month.
    clock_change: Option<ClockChange>,
    /// Each day of the month; only with `days=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<Vec<Day>>,
}

/// Number of hours in each block, by calendar.
#[derive(Debug, Serialize, ToSchema)]
struct Hours {
    /// The NERC calendar, with holidays and daylight saving time.
    #[schema(value_type = std::collections::BTreeMap<String, f64>)]
    nerc: ByBlock<f64>,
    /// The calendar of the old system: every Monday to Friday is a peak day, and every day has 24 hours.
    #[schema(value_type = std::collections::BTreeMap<String, f64>)]
    legacy: ByBlock<f64>,
}

/// A holiday.
#[derive(Debug, Serialize, ToSchema)]
struct Holiday {
    /// Date on which it is observed.
    day: NaiveDate,
    /// Name of the holiday.
    #[schema(example = "Thanksgiving Day")]
    name: &'static str,
    /// Whether it is observed on this Monday because it falls on the Sunday before.
    observed: bool,
}

/// The start or end of daylight saving time.
#[derive(Debug, Serialize, ToSchema)]
struct ClockChange {
    /// Date of the change, a Sunday.
    day: NaiveDate,
    /// Number of hours of that day: 23 or 25.
    #[schema(example = 25)]
    hours: i32,
}

/// A day of the month.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the day of a day is its date")]
struct Day {
    /// Date, `YYYY-MM-DD`.
    day: NaiveDate,
    /// Day of the week.
    #[schema(example = "Thu")]
    weekday: String,
    /// Whether its peak hours belong to 5x16.
    on_peak: bool,
    /// Number of hours: 23, 24 or 25.
    #[schema(example = 24)]
    hours: i32,
}

/// Years for which there are calendars: the same as for sheets.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

fn parse(market: &str, month: &str) -> Result<(Market, Month), Problem> {
    let day = NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok();
    let found =
        day.map(Month::of).filter(|found| found.to_string() == month && YEARS.contains(&found.year()));
    match (market.parse::<Market>(), found) {
        (Ok(market), Some(month)) => Ok((market, month)),
        (known, found) => {
            let market = known.err().map(|expected| Wrong::found("market", market, &expected.to_string()));
            let expected = "expected YYYY-MM from 2000-01 to 2100-12";
            let month = found.is_none().then(|| Wrong::found("month", month, expected));
            Err(Problem::bad_request(market.into_iter().chain(month).collect()))
        }
    }
}

/// Shows the number of hours in each block of a month, its holidays, and the change to or from daylight saving time.
///
/// The response needs no token, never changes, and may be cached indefinitely.
#[utoipa::path(
    get,
    path = "/v1/calendars/{market}/{month}",
    tag = "Reference data",
    responses((status = 200, body = MonthOfMarket))
)]
pub(super) async fn find_calendar(
    Path((market, month)): Path<(String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<impl IntoResponse, Problem> {
    let mut read = Parameters::new(&pairs, &CALENDAR);
    let days = read.flag("days").unwrap_or(false);
    let days = read.end(days).map_err(Problem::bad_request)?;
    let (market, month) = parse(&market, &month)?;
    Ok(([(CACHE_CONTROL, "public, max-age=31536000, immutable")], Json(of(market, month, days))))
}

fn of(market: Market, month: Month, with_days: bool) -> MonthOfMarket {
    let (first, last) = market.peak_hours_ending();
    let hours = |calendar: Calendar| {
        Block::ALL.into_iter().map(|block| (block.name(), calendar.hours(month, block))).collect()
    };
    let days = || month.first_day().iter_days().take_while(|day| *day <= last_day(month));
    let holidays = days().filter_map(|day| {
        let name = holiday::name(day)?;
        Some(Holiday { day, name, observed: holiday::is_observed(day) })
    });
    let change = days().map(|day| ClockChange { day, hours: hours_of(day) }).find(|day| day.hours != 24);
    let each = days().map(|day| Day {
        day,
        weekday: day.format("%a").to_string(),
        on_peak: calendar::is_business_day(day),
        hours: hours_of(day),
    });
    MonthOfMarket {
        market: market.code(),
        month: month.to_string(),
        time_zone: market.time_zone(),
        peak_hours_ending: HoursEnding { first, last },
        hours: Hours { nerc: hours(Calendar::Nerc), legacy: hours(Calendar::Legacy) },
        holidays: holidays.collect(),
        clock_change: change,
        days: with_days.then(|| each.collect()),
    }
}
