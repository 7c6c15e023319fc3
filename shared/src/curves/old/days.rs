//! Operating days and stamps, as the old pages offered them.

use super::asked::Asked;
use super::store::{self, Of, Sheet};
use crate::access::{Caller, Grants};
use crate::catalog::{DataType, Market, TableName};
use crate::ctx::Ctx;
use crate::web::{Parameters, Problem};
use axum::Json;
use axum::extract::State;
use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// Of which data type and market.
#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the parameters are read by Parameters, which says everything that is wrong at once"
)]
struct SeriesFields {
    /// Data type or `all`; `all` if absent.
    #[param(example = "energy")]
    #[schema(example = "energy")]
    curve: Option<String>,
    /// Market or `all`; `all` if absent.
    #[param(example = "ERCOT")]
    #[schema(example = "ERCOT")]
    iso: Option<String>,
}

/// Of which table and zone.
#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the parameters are read by Parameters, which says everything that is wrong at once"
)]
struct ZoneFields {
    /// Market and data type, as the old system's table was called.
    #[param(example = "ercot_energy")]
    #[schema(example = "ercot_energy")]
    table: String,
    /// Load zone; all if absent.
    #[param(example = "NORTH ZONE")]
    #[schema(example = "NORTH ZONE")]
    load_zone: Option<String>,
}

/// Of which data type, market and days.
#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the parameters are read by Parameters, which says everything that is wrong at once"
)]
struct CobFields {
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
    operating_day: Option<String>,
    /// Last operating day; the first if absent.
    #[param(example = "2024-01-05")]
    #[schema(example = "2024-01-05")]
    operating_day_end: Option<String>,
}

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

fn series<'o>(read: &mut Parameters) -> Of<'o> {
    let (curve, iso) = (read.text("curve").unwrap_or("all"), read.text("iso").unwrap_or("all"));
    let all = |text: &str| text.eq_ignore_ascii_case("all");
    let data_types = match curve.parse() {
        Ok(data_type) => vec![data_type],
        Err(_) if all(curve) => DataType::ALL.to_vec(),
        Err(expected) => {
            read.wrong("curve", format!("{expected}, or all"));
            vec![]
        }
    };
    let markets = match iso.parse() {
        Ok(market) => vec![market],
        Err(_) if all(iso) => Market::ALL.to_vec(),
        Err(expected) => {
            read.wrong("iso", format!("{expected}, or all"));
            vec![]
        }
    };
    Of { data_types, markets, ..Of::default() }
}

fn table<'o>(read: &mut Parameters, name: &str) -> Of<'o> {
    let table = read.parsed::<TableName>(name);
    if read.text(name).is_none() {
        read.wrong(name, "expected a market and a data type, such as ercot_energy");
    }
    let of = table.map(|table| Of {
        data_types: vec![table.data_type],
        markets: table.markets(),
        ..Of::default()
    });
    of.unwrap_or_default()
}

/// The first and the last operating day; the first alone is both.
fn days(read: &mut Parameters, first: &str, last: &str) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let from = read.text(first);
    let from = read.day(first, from);
    let to = read.text(last);
    let to = read.day(last, to).or(from);
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        read.wrong(last, format!("expected a day that is not before {first}"));
    }
    (from, to)
}

async fn sheets(ctx: &Ctx, caller: &Caller, of: &Of<'_>) -> Result<Vec<Sheet>, Problem> {
    let mut tx = ctx.db().begin("list operating days").await?;
    let sheets = store::sheets(&mut tx, of, &Grants::from(caller)).await?;
    tx.commit().await?;
    Ok(sheets)
}

/// Operating days, newest first, each once.
fn newest_first(sheets: &[Sheet]) -> Vec<NaiveDate> {
    let days: BTreeSet<NaiveDate> = sheets.iter().map(|sheet| sheet.operating_day).collect();
    days.into_iter().rev().collect()
}

/// Lists the operating days of a data type and market, newest first.
#[utoipa::path(
    method(get, post),
    path = "/get_operating_day",
    tag = "Old paths",
    params(SeriesFields),
    request_body = SeriesFields,
    responses(
        (status = 200, body = Vec<NaiveDate>, example = json!(["2024-01-05", "2024-01-04"])),
        (status = 413, body = Problem),
        (status = 415, body = Problem, description = "The body is no JSON")
    )
)]
pub(super) async fn get_operating_day(
    State(ctx): State<Ctx>,
    caller: Caller,
    Asked(pairs): Asked,
) -> Result<Json<Vec<NaiveDate>>, Problem> {
    let mut read = Parameters::new(&pairs, &["curve", "iso"]);
    let of = series(&mut read);
    let of = read.end(of).map_err(Problem::bad_request)?;
    Ok(Json(newest_first(&sheets(&ctx, &caller, &of).await?)))
}

/// Lists the operating days that have a load zone, newest first.
#[utoipa::path(
    method(get, post),
    path = "/get_operating_days",
    tag = "Old paths",
    params(ZoneFields),
    request_body = ZoneFields,
    responses(
        (status = 200, body = Vec<NaiveDate>, example = json!(["2024-01-05", "2024-01-04"])),
        (status = 413, body = Problem),
        (status = 415, body = Problem, description = "The body is no JSON")
    )
)]
pub(super) async fn get_operating_days(
    State(ctx): State<Ctx>,
    caller: Caller,
    Asked(pairs): Asked,
) -> Result<Json<Vec<NaiveDate>>, Problem> {
    let mut read = Parameters::new(&pairs, &["table", "load_zone"]);
    let of = Of { load_zone: read.text("load_zone"), ..table(&mut read, "table") };
    let of = read.end(of).map_err(Problem::bad_request)?;
    Ok(Json(newest_first(&sheets(&ctx, &caller, &of).await?)))
}

/// Which kinds of sheet there are.
#[derive(Serialize, ToSchema)]
pub(super) struct Cob {
    /// One that is marked close of business.
    cob: bool,
    /// One that is not.
    noncob: bool,
}

/// Says whether the days have sheets with and without the mark of close of business. Only energy has the mark.
#[utoipa::path(
    method(get, post),
    path = "/cob_check",
    tag = "Old paths",
    params(CobFields),
    request_body = CobFields,
    responses(
        (status = 200, body = Cob),
        (status = 413, body = Problem),
        (status = 415, body = Problem, description = "The body is no JSON")
    )
)]
pub(super) async fn cob_check(
    State(ctx): State<Ctx>,
    caller: Caller,
    Asked(pairs): Asked,
) -> Result<Json<Cob>, Problem> {
    let names = ["curve", "iso", "operating_day", "operating_day_end"];
    let mut read = Parameters::new(&pairs, &names);
    let mut of = series(&mut read);
    of.days = days(&mut read, "operating_day", "operating_day_end");
    of.data_types.retain(|data_type| *data_type == DataType::Energy);
    let of = read.end(of).map_err(Problem::bad_request)?;
    let sheets = sheets(&ctx, &caller, &of).await?;
    Ok(Json(Cob { cob: sheets.iter().any(|sheet| sheet.cob), noncob: sheets.iter().any(|sheet| !sheet.cob) }))
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
    Asked(pairs): Asked,
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
    // Seconds apart they look alike.
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
    Asked(pairs): Asked,
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
