//! The data types.

use crate::catalog::layouts::LAYOUTS;
use crate::catalog::{Grid, Label, Layout, Unit};
use crate::web::{Parameters, Problem};
use axum::Json;
use axum::extract::Query;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

/// The data types.
#[derive(Serialize, ToSchema)]
struct DataTypes {
    /// In the order in which a request for all of them is answered.
    data_types: Vec<Kind>,
}

/// A data type.
#[derive(Serialize, ToSchema)]
struct Kind {
    /// Its name in requests.
    #[schema(example = "energy")]
    data_type: &'static str,
    /// Its name in file names.
    #[schema(example = "Energy")]
    title: &'static str,
    /// What it holds.
    #[schema(example = "Forward energy prices by zone and block")]
    about: &'static str,
    /// What its values run over: `month`, `hour` (hours of days), `month_hour` (hours of the twelve months of any year), `offer`
    /// (one value that begins on a day) or `always` (one value).
    #[schema(example = "month")]
    grid: &'static str,
    /// The markets that have it.
    markets: Vec<&'static str>,
    /// Unit of all its curves; null where each sheet says the units of its own.
    #[schema(example = "$/MWh")]
    unit: Option<&'static str>,
    /// Where the units come from.
    #[schema(example = "$/MWh unless the sheet says another")]
    unit_rule: String,
    /// The labels that say which curve it is, as `curves` filters by them.
    labels: Vec<&'static str>,
    /// What else tells its curves apart.
    details: Vec<&'static str>,
    /// Whether it can be asked for by block.
    by_block: bool,
    /// Whether it can be asked for in $/`MWh`, and merged into 7x24.
    converts: bool,
    /// Name of a file, to be put into the bucket or uploaded; null of what is computed.
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
                        "a row of units, or the brackets behind each name"
                    } else {
                        "each component has its own"
                    };
                    rule.to_owned()
                },
                |unit| format!("{} unless the sheet says another", unit.symbol()),
            ),
            labels: labels.collect(),
            details: layout.details.iter().map(|detail| detail.name()).collect(),
            by_block: layout.by_block,
            converts: layout.converts,
            file_name: layout
                .has_sheet
                .then(|| format!("{title}_{}_20240105_170201_cob.csv", markets.first().unwrap_or(&"PJM"))),
            markets,
        }
    }
}

/// Lists the data types: what each holds, what its values run over, its units and labels, and the markets that have it.
#[utoipa::path(get, path = "/v1/data-types", tag = "Facts", responses((status = 200, body = DataTypes)))]
pub(super) async fn list_data_types(
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<impl IntoResponse, Problem> {
    Parameters::new(&pairs, &[]).end(()).map_err(Problem::bad_request)?;
    // They change with a release.
    let data_types = LAYOUTS.iter().map(Kind::from).collect();
    Ok(([(CACHE_CONTROL, "public, max-age=3600")], Json(DataTypes { data_types })))
}
