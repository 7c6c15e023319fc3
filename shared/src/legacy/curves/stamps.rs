//! Stamps, as offered by the old pages.

use super::asked::OldParameters;
use super::days::{days, series, sheets, table};
use super::store::Of;
use crate::access::Caller;
use crate::catalog::TableName;
use crate::ctx::Ctx;
use crate::http::parameter::body::body;
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable, Parameters, Problem};
use crate::parameters::common;
use axum::Json;
use axum::extract::State;
use chrono::NaiveDateTime;
use serde::Serialize;
use utoipa::ToSchema;

/// A data type, a market and operating days.
pub(super) static STAMPS: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "curve",
            common::data_types_or_all(),
            "Data type or `all`; `all` if absent.",
            "energy",
        ),
        Parameter::new("iso", common::markets_or_all(), "Market or `all`; `all` if absent.", "ERCOT"),
        Parameter::new(
            "operating_day_start",
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
    ]
});

body! {
    /// A data type, a market and operating days.
    StampsFields: STAMPS
}

/// A table and an operating day.
pub(super) static DAY: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "control_table",
            Kind::Text,
            "Market and data type, as `<iso>_<curve>`.",
            "ercot_energy",
        )
        .required(),
        Parameter::new(
            "operating_day",
            Kind::Day,
            "Operating day, `YYYY-MM-DD`; all if absent.",
            "2024-01-05",
        ),
    ]
});

/// A stamp of a snapshot.
#[derive(PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Stamp {
    /// Stamp in the market's local time, to the minute.
    #[schema(example = "2024-01-05 17:02")]
    timestamp: String,
    /// Whether the snapshot is marked close of business.
    cob: bool,
    /// Name of the table in the old system.
    #[schema(example = "ercot_energy")]
    curve: String,
}

fn minute(stamp: NaiveDateTime) -> String {
    stamp.format("%Y-%m-%d %H:%M").to_string()
}

/// Lists the stamps of the given days, newest first, to the minute.
#[utoipa::path(
    method(get, post),
    path = "/intraday_timestamps_download",
    tag = "Old paths",
    request_body = StampsFields,
    responses(
        (status = 200, body = Vec<Stamp>),
        (status = 413, body = Problem),
        (status = 415, body = Problem, description = "The body is not JSON")
    )
)]
pub(super) async fn intraday_timestamps_download(
    State(ctx): State<Ctx>,
    caller: Caller,
    OldParameters(pairs): OldParameters,
) -> Result<Json<Vec<Stamp>>, Problem> {
    let mut read = Parameters::new(&pairs, &STAMPS);
    let of = Of { days: days(&mut read, "operating_day_start", "operating_day_end"), ..series(&mut read) };
    let of = read.end(of).map_err(Problem::bad_request)?;
    let mut stamps = Vec::new();
    for sheet in sheets(&ctx, &caller, &of).await? {
        let (Ok(data_type), Ok(market)) = (sheet.data_type.parse(), sheet.market.parse()) else { continue };
        let curve = TableName::of(data_type, market).to_string();
        stamps.push(Stamp { timestamp: minute(sheet.stamp), cob: sheet.cob, curve });
    }
    // Stamps within the same minute look alike.
    stamps.dedup();
    Ok(Json(stamps))
}

/// A stamp of one day.
#[derive(PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct DayStamp {
    /// Stamp in the market's local time, to the minute.
    #[schema(example = "2024-01-05 17:02")]
    timestamp: String,
    /// `true` unless this snapshot is the mark of the day.
    history: bool,
    /// Whether the snapshot is marked close of business.
    cob: bool,
}

/// Lists the stamps of one day, newest first, to the minute.
#[utoipa::path(
    get,
    path = "/intraday_timestamps",
    tag = "Old paths",
    responses((status = 200, body = Vec<DayStamp>), (status = 413, body = Problem))
)]
pub(super) async fn intraday_timestamps(
    State(ctx): State<Ctx>,
    caller: Caller,
    OldParameters(pairs): OldParameters,
) -> Result<Json<Vec<DayStamp>>, Problem> {
    let mut read = Parameters::new(&pairs, &DAY);
    let mut of = table(&mut read, "control_table");
    of.days = days(&mut read, "operating_day", "operating_day");
    let of = read.end(of).map_err(Problem::bad_request)?;
    let sheets = sheets(&ctx, &caller, &of).await?.into_iter();
    let stamps =
        sheets.map(|sheet| DayStamp { timestamp: minute(sheet.stamp), history: !sheet.mark, cob: sheet.cob });
    let mut stamps: Vec<DayStamp> = stamps.collect();
    stamps.dedup();
    Ok(Json(stamps))
}
