//! Stamps, as offered by the old pages.

use super::asked::OldParameters;
use super::days::{days, series, sheets, table};
use super::store::Of;
use crate::access::Caller;
use crate::catalog::TableName;
use crate::ctx::Ctx;
use crate::http::{Parameters, Problem};
use axum::Json;
use axum::extract::State;
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Of which data type, market and days.
#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the parameters are read by Parameters, which says everything that is wrong at once"
)]
struct StampsFields {
    /// Data type or `all`; `all` if absent.
    #[param(example = "energy")]
    #[schema(example = "energy")]
    curve: Option<String>,
    /// Market or `all`; `all` if absent.
    #[param(example = "ERCOT")]
    #[schema(example = "ERCOT")]
    iso: Option<String>,
    /// First operating day, `YYYY-MM-DD`; all if absent.
    #[param(example = "2024-01-05")]
    #[schema(example = "2024-01-05")]
    operating_day_start: Option<String>,
    /// Last operating day; the first if absent.
    #[param(example = "2024-01-05")]
    #[schema(example = "2024-01-05")]
    operating_day_end: Option<String>,
}

/// Of which table and day.
#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the parameters are read by Parameters, which says everything that is wrong at once"
)]
struct DayFields {
    /// Market and data type, as the old system's table was called.
    #[param(example = "ercot_energy")]
    #[schema(example = "ercot_energy")]
    control_table: String,
    /// Operating day, `YYYY-MM-DD`; all if absent.
    #[param(example = "2024-01-05")]
    #[schema(example = "2024-01-05")]
    operating_day: Option<String>,
}

/// A stamp.
#[derive(PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Stamp {
    /// Wall clock of the market, to the minute.
    #[schema(example = "2024-01-05 17:02")]
    timestamp: String,
    /// Marked close of business.
    cob: bool,
    /// The old system's table.
    #[schema(example = "ercot_energy")]
    curve: String,
}

fn minute(stamp: NaiveDateTime) -> String {
    stamp.format("%Y-%m-%d %H:%M").to_string()
}

/// Lists the stamps of days, newest first, to the minute.
#[utoipa::path(
    method(get, post),
    path = "/intraday_timestamps_download",
    tag = "Old paths",
    params(StampsFields),
    request_body = StampsFields,
    responses(
        (status = 200, body = Vec<Stamp>),
        (status = 413, body = Problem),
        (status = 415, body = Problem, description = "The body is no JSON")
    )
)]
pub(super) async fn intraday_timestamps_download(
    State(ctx): State<Ctx>,
    caller: Caller,
    OldParameters(pairs): OldParameters,
) -> Result<Json<Vec<Stamp>>, Problem> {
    let names = ["curve", "iso", "operating_day_start", "operating_day_end"];
    let mut read = Parameters::new(&pairs, &names);
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

/// A stamp of a day.
#[derive(PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct DayStamp {
    /// Wall clock of the market, to the minute.
    #[schema(example = "2024-01-05 17:02")]
    timestamp: String,
    /// Whether another is the mark of the day.
    history: bool,
    /// Marked close of business.
    cob: bool,
}

/// Lists the stamps of a day, newest first, to the minute.
#[utoipa::path(
    get,
    path = "/intraday_timestamps",
    tag = "Old paths",
    params(DayFields),
    responses((status = 200, body = Vec<DayStamp>), (status = 413, body = Problem))
)]
pub(super) async fn intraday_timestamps(
    State(ctx): State<Ctx>,
    caller: Caller,
    OldParameters(pairs): OldParameters,
) -> Result<Json<Vec<DayStamp>>, Problem> {
    let mut read = Parameters::new(&pairs, &["control_table", "operating_day"]);
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
