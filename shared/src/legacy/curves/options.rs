//! The choices offered by the old pages.

use super::asked::OldParameters;
use crate::catalog::DataType;
use crate::http::parameter::body::body;
use crate::http::{Parameter, ParameterTable, Parameters, Problem};
use crate::parameters::common;
use axum::Json;

/// A data type.
pub(super) static CURVE: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new(
        "curve",
        common::data_types_or_all(),
        "Data type or `all`; `all` if absent.",
        "energy",
    )]
});

body! {
    /// A data type.
    CurveField: CURVE
}

/// A data type, or a word that is answered like all of them.
fn curve(pairs: &[(String, String)]) -> Result<Curve, Problem> {
    let mut read = Parameters::new(pairs, &CURVE);
    let text = read.text("curve").unwrap_or("all");
    let curve = match text.parse::<DataType>() {
        Ok(data_type) => Curve::One(data_type),
        Err(_) if text.eq_ignore_ascii_case("all") => Curve::All,
        Err(expected) => {
            read.wrong("curve", format!("{expected}, or all"));
            Curve::All
        }
    };
    read.end(curve).map_err(Problem::bad_request)
}

enum Curve {
    One(DataType),
    All,
}

/// Lists the markets of a data type, in the form of the old pages.
#[utoipa::path(
    method(get, post),
    path = "/get_options",
    tag = "Old paths",
    request_body = CurveField,
    responses(
        (status = 200, body = Vec<String>, example = json!(["ERCOT", "ISONE", "NYISO", "PJM", "ALL"])),
        (status = 413, body = Problem),
        (status = 415, body = Problem, description = "The body is not JSON")
    )
)]
pub(super) async fn get_options(
    OldParameters(pairs): OldParameters,
) -> Result<Json<&'static [&'static str]>, Problem> {
    Ok(Json(match curve(&pairs)? {
        Curve::One(DataType::Rec) => &["ERCOT", "ISONE", "NYISO", "PJM", "ALL"],
        Curve::One(DataType::LineLoss) => &["ALL"],
        Curve::One(_) | Curve::All => &["ERCOT", "ISONE", "NYISO", "MISO", "PJM", "ALL"],
    }))
}

/// Lists the blocks of a data type, in the form of the old pages.
#[utoipa::path(
    method(get, post),
    path = "/get_options_for_strips",
    tag = "Old paths",
    request_body = CurveField,
    responses(
        (status = 200, body = Vec<String>, example = json!(["7x24", "5x16", "7x8", "2x16"])),
        (status = 413, body = Problem),
        (status = 415, body = Problem, description = "The body is not JSON")
    )
)]
pub(super) async fn get_options_for_strips(
    OldParameters(pairs): OldParameters,
) -> Result<Json<&'static [&'static str]>, Problem> {
    Ok(Json(match curve(&pairs)? {
        Curve::One(DataType::NonEnergy) => &["7x24", "5x16", "7x8", "2x16", "WD", "WE"],
        Curve::One(DataType::Energy | DataType::Shaping) => &["7x24", "5x16", "7x8", "2x16"],
        Curve::All => &["All"],
        Curve::One(_) => &["7x24"],
    }))
}
