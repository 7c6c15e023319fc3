//! Operating days, as offered by the old pages.

use super::asked::OldParameters;
use super::store::{self, Of, Sheet};
use crate::access::{Caller, Grants};
use crate::catalog::label::normalised;
use crate::catalog::{DataType, Market, TableName};
use crate::ctx::Ctx;
use crate::http::parameter::body::body;
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable, Parameters, Problem};
use crate::parameters::common;
use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A data type and a market.
pub(super) static SERIES: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "curve",
            common::data_types_or_all(),
            "Data type or `all`; `all` if absent.",
            "energy",
        ),
        Parameter::new("iso", common::markets_or_all(), "Market or `all`; `all` if absent.", "ERCOT"),
    ]
});

body! {
    /// A data type and a market.
    SeriesFields: SERIES
}

/// A table and a load zone.
pub(super) static ZONE: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new("table", Kind::Text, "Market and data type, as `<iso>_<curve>`.", "ercot_energy")
            .required(),
        Parameter::new("load_zone", Kind::Label, "Load zone or hub; all if absent.", "NORTH ZONE"),
    ]
});

body! {
    /// A table and a load zone.
    ZoneFields: ZONE
}

/// A data type, a market and operating days.
pub(super) static DAYS: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "curve",
            common::data_types_or_all(),
            "Data type or `all`; `all` if absent.",
            "energy",
        ),
        Parameter::new("iso", common::markets_or_all(), "Market or `all`; `all` if absent.", "ERCOT"),
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
    ]
});

body! {
    /// A data type, a market and operating days.
    CobFields: DAYS
}

pub(super) fn series<'o>(read: &mut Parameters) -> Of<'o> {
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

pub(super) fn table<'o>(read: &mut Parameters, name: &str) -> Of<'o> {
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

/// The first and the last operating day; if only the first is given, it is both.
pub(super) fn days(read: &mut Parameters, first: &str, last: &str) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let from = read.text(first);
    let from = read.day(first, from);
    let to = read.text(last);
    let to = read.day(last, to).or(from);
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        read.wrong(last, format!("expected a day on or after {first}"));
    }
    (from, to)
}

pub(super) async fn sheets(ctx: &Ctx, caller: &Caller, of: &Of<'_>) -> Result<Vec<Sheet>, Problem> {
    let mut tx = ctx.db().begin_read("list operating days").await?;
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
    request_body = SeriesFields,
    responses(
        (status = 200, body = Vec<NaiveDate>, example = json!(["2024-01-05", "2024-01-04"])),
        (status = 413, body = Problem),
        (status = 415, body = Problem, description = "The body is not JSON")
    )
)]
pub(super) async fn get_operating_day(
    State(ctx): State<Ctx>,
    caller: Caller,
    OldParameters(pairs): OldParameters,
) -> Result<Json<Vec<NaiveDate>>, Problem> {
    let mut read = Parameters::new(&pairs, &SERIES);
    let of = series(&mut read);
    let of = read.end(of).map_err(Problem::bad_request)?;
    Ok(Json(newest_first(&sheets(&ctx, &caller, &of).await?)))
}

/// Lists the operating days that have data for a load zone, newest first.
#[utoipa::path(
    method(get, post),
    path = "/get_operating_days",
    tag = "Old paths",
    request_body = ZoneFields,
    responses(
        (status = 200, body = Vec<NaiveDate>, example = json!(["2024-01-05", "2024-01-04"])),
        (status = 413, body = Problem),
        (status = 415, body = Problem, description = "The body is not JSON")
    )
)]
pub(super) async fn get_operating_days(
    State(ctx): State<Ctx>,
    caller: Caller,
    OldParameters(pairs): OldParameters,
) -> Result<Json<Vec<NaiveDate>>, Problem> {
    let mut read = Parameters::new(&pairs, &ZONE);
    let zone = read.text("load_zone").map(normalised);
    let of = Of { load_zone: zone.as_deref(), ..table(&mut read, "table") };
    let of = read.end(of).map_err(Problem::bad_request)?;
    Ok(Json(newest_first(&sheets(&ctx, &caller, &of).await?)))
}

/// Which kinds of snapshot exist.
#[derive(Serialize, ToSchema)]
pub(super) struct Cob {
    /// Whether one is marked close of business.
    cob: bool,
    /// Whether one is not marked close of business.
    noncob: bool,
}

/// Says whether the days have snapshots with and without the close-of-business mark. Only energy is ever marked.
#[utoipa::path(
    method(get, post),
    path = "/cob_check",
    tag = "Old paths",
    request_body = CobFields,
    responses(
        (status = 200, body = Cob),
        (status = 413, body = Problem),
        (status = 415, body = Problem, description = "The body is not JSON")
    )
)]
pub(super) async fn cob_check(
    State(ctx): State<Ctx>,
    caller: Caller,
    OldParameters(pairs): OldParameters,
) -> Result<Json<Cob>, Problem> {
    let mut read = Parameters::new(&pairs, &DAYS);
    let mut of = series(&mut read);
    of.days = days(&mut read, "operating_day", "operating_day_end");
    of.data_types.retain(|data_type| *data_type == DataType::Energy);
    let of = read.end(of).map_err(Problem::bad_request)?;
    let sheets = sheets(&ctx, &caller, &of).await?;
    Ok(Json(Cob { cob: sheets.iter().any(|sheet| sheet.cob), noncob: sheets.iter().any(|sheet| !sheet.cob) }))
}
