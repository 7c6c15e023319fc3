//! The data types.

use crate::catalog::layouts::LAYOUTS;
use crate::catalog::{Grid, Label, Layout, Unit};
use crate::http::{
    Answer, Cells, Column, Format, ParameterTable, Parameters, Problem, Table, answer, format,
};
use axum::Json;
use axum::extract::Query;
use axum::http::header::{CACHE_CONTROL, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// The data types.
#[derive(Serialize, ToSchema)]
struct DataTypes {
    /// In the order in which a request for all data types returns them.
    data_types: Vec<Kind>,
}

/// A data type.
#[derive(Serialize, ToSchema)]
struct Kind {
    /// Name in requests.
    #[schema(example = "energy")]
    data_type: &'static str,
    /// Name in file names.
    #[schema(example = "Energy")]
    title: &'static str,
    /// What it holds.
    #[schema(example = "Forward energy prices by zone and block")]
    about: &'static str,
    /// What its values are indexed by: `month`, `hour` (hours of dates), `month_hour` (hours of the twelve months of any year), `offer`
    /// (one value from a start date on) or `always` (one value).
    #[schema(example = "month")]
    grid: &'static str,
    /// The markets that have it.
    markets: Vec<&'static str>,
    /// Unit of all its curves; null if each sheet states its units.
    #[schema(example = "$/MWh")]
    unit: Option<&'static str>,
    /// How the units are determined.
    #[schema(example = "$/MWh unless the sheet states another")]
    unit_rule: String,
    /// Labels that identify its curves; `/v1/curves` filters by them.
    labels: Vec<&'static str>,
    /// Further labels that identify its curves.
    details: Vec<&'static str>,
    /// Whether it can be requested by block.
    by_block: bool,
    /// Whether it can be converted to $/`MWh` and merged into 7x24.
    converts: bool,
    /// Number of NERC business days without a newer sheet after which the data type counts as late; null if it never does.
    #[schema(example = 1)]
    late_after_business_days: Option<u32>,
    /// Sample file name for the bucket or an upload; null if the data type is computed.
    #[schema(example = "Energy_ERCOT_20240105_170201_cob.csv")]
    file_name: Option<String>,
}

impl From<&Layout> for Kind {
    fn from(layout: &Layout) -> Self {
        let labels = Label::ALL.into_iter().map(Label::name).chain(["sub_cost_component"]);
        let mut markets: Vec<&str> = layout.markets.iter().map(|market| market.code()).collect();
        markets.sort_unstable();
        let title = layout.data_type.title();
        Self {
            data_type: layout.data_type.word(),
            title,
            about: layout.about,
            grid: match layout.grid {
                Grid::Month => "month",
                Grid::DayHour => "hour",
                Grid::MonthHour => "month_hour",
                Grid::Offer => "offer",
                Grid::Always => "always",
            },
            unit: layout.unit.map(Unit::symbol),
            unit_rule: layout.unit.map_or_else(
                || {
                    let rule = if layout.has_sheet {
                        "a row of units, or brackets after each name"
                    } else {
                        "each component has its own unit"
                    };
                    rule.to_owned()
                },
                |unit| format!("{} unless the sheet states another", unit.symbol()),
            ),
            labels: labels.collect(),
            details: layout.details.iter().map(|detail| detail.name()).collect(),
            by_block: layout.by_block,
            converts: layout.converts,
            late_after_business_days: layout.late_after,
            file_name: layout
                .has_sheet
                .then(|| format!("{title}_{}_20240105_170201_cob.csv", markets.first().unwrap_or(&"PJM"))),
            markets,
        }
    }
}

/// The parameters of `/v1/data-types`.
pub(super) static DATA_TYPES: ParameterTable = ParameterTable::new(|| vec![format::usual_parameter()]);

/// Lists the data types: what each one holds, what its values are indexed by, its units and labels, and the markets that have it.
///
/// In formats other than JSON, a list is a text separated by commas.
#[utoipa::path(
    get,
    path = "/v1/data-types",
    tag = "Reference data",
    responses(
        (status = 200, content(
            (DataTypes = "application/json"),
            (String = "text/csv"),
            (String = "application/x-ndjson"),
            (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        (status = 406, body = Problem, description = "Not available in a format that you accept")
    )
)]
pub(super) async fn list_data_types(
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let mut read = Parameters::new(&pairs, &DATA_TYPES);
    let format = read.format(answer::accepted(&headers).as_deref())?;
    let format = read.end(format).map_err(Problem::bad_request)?;
    let data_types: Vec<Kind> = LAYOUTS.iter().map(Kind::from).collect();
    let mut response = if format == Format::Json {
        Json(DataTypes { data_types }).into_response()
    } else {
        let answer = Answer { name: "data_types".to_owned(), table: table(&data_types), ..Answer::default() };
        answer.into_response(format, false)?
    };
    // They change with a release.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}

/// Data types as rows, for the formats with columns.
fn table(kinds: &[Kind]) -> Table {
    let texts = |name, of: &dyn Fn(&Kind) -> Option<String>| Column::texts(name, kinds.iter().map(of));
    let flags = |name, of: fn(&Kind) -> bool| {
        Column::new(name, Cells::Flag(kinds.iter().map(|kind| Some(of(kind))).collect()))
    };
    let late = kinds.iter().map(|kind| kind.late_after_business_days.map(i64::from)).collect();
    Table::new(vec![
        texts("data_type", &|kind| Some(kind.data_type.to_owned())),
        texts("title", &|kind| Some(kind.title.to_owned())),
        texts("about", &|kind| Some(kind.about.to_owned())),
        texts("grid", &|kind| Some(kind.grid.to_owned())),
        texts("markets", &|kind| Some(kind.markets.join(","))),
        texts("unit", &|kind| kind.unit.map(str::to_owned)),
        texts("unit_rule", &|kind| Some(kind.unit_rule.clone())),
        texts("labels", &|kind| Some(kind.labels.join(","))),
        texts("details", &|kind| (!kind.details.is_empty()).then(|| kind.details.join(","))),
        flags("by_block", |kind| kind.by_block),
        flags("converts", |kind| kind.converts),
        Column::new("late_after_business_days", Cells::Integer(late)),
        texts("file_name", &|kind| kind.file_name.clone()),
    ])
}
