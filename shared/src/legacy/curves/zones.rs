//! Load zones, as offered by the old graph page.

use super::asked::OldParameters;
use super::store::{self, Zone};
use crate::access::{Caller, Grants};
use crate::catalog::TableName;
use crate::ctx::Ctx;
use crate::http::parameter::body::body;
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable, Parameters, Problem};
use axum::Json;
use axum::extract::State;
use std::collections::BTreeSet;

/// A table.
pub(super) static TABLE: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "control_table",
            Kind::Text,
            "Market and data type, as `<iso>_<curve>`.",
            "ercot_energy",
        )
        .required(),
    ]
});

body! {
    /// A table.
    TableField: TABLE
}

async fn zones(ctx: &Ctx, caller: &Caller, pairs: &[(String, String)]) -> Result<Vec<Zone>, Problem> {
    let mut read = Parameters::new(pairs, &TABLE);
    let table = read.parsed::<TableName>("control_table");
    if read.text("control_table").is_none() {
        read.wrong("control_table", "expected a market and a data type, such as ercot_energy");
    }
    let Some(table) = read.end(table).map_err(Problem::bad_request)? else { return Ok(vec![]) };
    let mut tx = ctx.db().begin_read("list load zones").await?;
    let zones = store::zones(&mut tx, table.data_type, &table.markets(), &Grants::from(caller)).await?;
    tx.commit().await?;
    Ok(zones)
}

/// Lists the load zones that have a 5x16 curve.
#[utoipa::path(
    get,
    path = "/load_zones",
    tag = "Old paths",
    responses((status = 200, body = Vec<String>, example = json!(["HOUSTON ZONE", "NORTH ZONE"])), (status = 413, body = Problem))
)]
pub(super) async fn load_zones(
    State(ctx): State<Ctx>,
    caller: Caller,
    OldParameters(pairs): OldParameters,
) -> Result<Json<BTreeSet<String>>, Problem> {
    let zones = zones(&ctx, &caller, &pairs).await?;
    Ok(Json(zones.into_iter().map(|zone| zone.load_zone).collect()))
}

/// Lists the sub cost components of 5x16 curves.
#[utoipa::path(
    method(get, post),
    path = "/get_locations",
    tag = "Old paths",
    request_body = TableField,
    responses(
        (status = 200, body = Vec<String>, example = json!(["HOUSTON ZONE", "NORTH ZONE"])),
        (status = 413, body = Problem),
        (status = 415, body = Problem, description = "The body is not JSON")
    )
)]
pub(super) async fn get_locations(
    State(ctx): State<Ctx>,
    caller: Caller,
    OldParameters(pairs): OldParameters,
) -> Result<Json<BTreeSet<String>>, Problem> {
    let zones = zones(&ctx, &caller, &pairs).await?;
    Ok(Json(zones.into_iter().map(|zone| zone.sub_cost_component).collect()))
}
