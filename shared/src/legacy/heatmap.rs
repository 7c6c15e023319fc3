//! The heat map of the old system: one cell per offer, with the words and digits that its page read.

use crate::access::{Caller, Grants};
use crate::analytics::query_context::{AnswerMetadata, QueryContext};
use crate::catalog::headroom::Method;
use crate::catalog::{Calendar, DataType, Label, Market};
use crate::ctx::Ctx;
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::{Audience, Parameter, ParameterTable, Parameters, Problem, Route, end_read};
use crate::parameters::filter::Filter;
use crate::parameters::selection::{Delivery, Page, Selection};
use crate::parameters::snapshots::Marks;
use crate::parameters::views::{Units, View};
use crate::pricing::headroom::rows::{self, layout};
use axum::Json;
use axum::extract::{Query, State};
use serde::Serialize;
use utoipa::ToSchema;

/// The routes of the heat map.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(get_heatmap: HEATMAP)).legacy("/v1/headroom"),
        Route::new(Audience::Reader, routes!(generate_headroom_heatmap: HEATMAP)).legacy("/v1/headroom"),
    ]
}

/// The method that selects the price to compare.
static HEATMAP: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new(
        "method",
        Kind::words_of(&Method::WORDS),
        "`term` (default: the price to compare over the months of the offer; offers without one are left out) or `legacy` (the\n\
        price to compare of the month of publication, 0 if missing), to reconcile with the old map.",
        "term",
    )]
});

/// A cell of the heat map: one offer.
#[derive(Debug, Serialize, ToSchema)]
struct Cell {
    /// State of the offer.
    #[schema(example = "NJ")]
    state: String,
    /// Utility of the offer.
    #[schema(example = "PSEG")]
    utility: String,
    /// Load zone.
    #[schema(example = "PSEG")]
    load_zone: String,
    /// Price to compare, $/kWh.
    #[schema(example = "0.12346")]
    utility_price: String,
    /// Price of the offer, $/kWh.
    #[schema(example = "0.10150")]
    retail_price: String,
    /// Headroom, $/kWh.
    #[schema(example = "0.02196")]
    headroom: String,
    /// Headroom in percent of the price to compare.
    #[schema(example = 17.78)]
    headroom_prct: f64,
    /// Customer class, which is the cost component.
    #[schema(example = "RS")]
    customer_type: String,
    /// Term of the offer in months.
    #[schema(example = 6)]
    term: Option<u32>,
}

/// Lists the offers of each market's newest operating day with their headroom.
#[utoipa::path(
    method(get, post),
    path = "/get_heatmap",
    tag = "Old paths",
    responses((status = 200, body = Vec<Cell>), (status = 413, body = Problem))
)]
async fn get_heatmap(
    ctx: State<Ctx>,
    caller: Caller,
    pairs: Query<Vec<(String, String)>>,
) -> Result<Json<Vec<Cell>>, Problem> {
    cells(ctx, caller, pairs).await
}

/// Lists the offers of each market's newest operating day with their headroom, as `/get_heatmap` does.
#[utoipa::path(
    method(get, post),
    path = "/generate_headroom_heatmap",
    tag = "Old paths",
    responses((status = 200, body = Vec<Cell>), (status = 413, body = Problem))
)]
async fn generate_headroom_heatmap(
    ctx: State<Ctx>,
    caller: Caller,
    pairs: Query<Vec<(String, String)>>,
) -> Result<Json<Vec<Cell>>, Problem> {
    cells(ctx, caller, pairs).await
}

async fn cells(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Vec<Cell>>, Problem> {
    let mut read = Parameters::new(&pairs, &HEATMAP);
    let method = read.one_of("method", Method::Term, &Method::WORDS);
    let method = read.end(method).map_err(Problem::bad_request)?;
    let question = Selection {
        data_type: DataType::Headroom,
        markets: Market::ALL.to_vec(),
        as_of: None,
        known_at: None,
        marks: Marks::Latest,
        calendar: Calendar::Nerc,
        delivery: Delivery::Range(None, None),
        views: vec![View::Native],
        units: Units::Native,
        page: Page::default(),
        wide: false,
    };
    let (grants, now) = (Grants::from(&caller), ctx.clock().now());
    let mut tx = ctx.db().begin_read("draw a heat map").await?;
    let mut context = QueryContext { ctx: &ctx, tx: &mut tx, grants, now };
    let mut metadata = AnswerMetadata::new(DataType::Headroom, Calendar::Nerc, None);
    let read = rows::read(&mut context, &question, &Filter::default(), &mut metadata).await;
    let read = end_read(tx, read).await?;
    let cell = |offer: &rows::Offer| {
        let offer = &offer.compared;
        let figures = offer.figures(method)?;
        let label = |label: Label| offer.name.label(label).to_owned();
        Some(Cell {
            state: label(Label::State),
            utility: label(Label::Utility),
            load_zone: label(Label::LoadZone),
            utility_price: half_up(figures.price_to_compare, 5),
            retail_price: half_up(figures.retail_price, 5),
            headroom: half_up(figures.headroom, 5),
            headroom_prct: half_up(figures.percent, 2).parse().unwrap_or_default(),
            customer_type: label(Label::CostComponent),
            term: offer.term(layout()),
        })
    };
    Ok(Json(read.offers.iter().filter_map(cell).collect()))
}

/// A number with this many decimals, halves rounded away from zero. A half is judged by its decimal form to the twelfth digit:
/// 0.000005 becomes 0.00001, although as a float it is slightly less.
fn half_up(number: f64, decimals: usize) -> String {
    let written = format!("{number:.12}");
    let (sign, digits) = written.strip_prefix('-').map_or(("", written.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let kept = fraction.get(..decimals).unwrap_or(fraction);
    let up = fraction.as_bytes().get(decimals).is_some_and(|digit| *digit >= b'5');
    let mut digits: Vec<u8> = whole.bytes().chain(kept.bytes()).collect();
    if up {
        if let Some(last) = digits.iter().rposition(|digit| *digit != b'9') {
            digits[last] += 1;
            digits[last + 1..].fill(b'0');
        } else {
            digits.fill(b'0');
            digits.insert(0, b'1');
        }
    }
    let digits: String = digits.into_iter().map(char::from).collect();
    let (whole, fraction) = digits.split_at(digits.len() - kept.len());
    let sign = if digits.bytes().all(|digit| digit == b'0') { "" } else { sign };
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_half_rounds_away_from_zero() {
        for (number, decimals, written) in [
            (0.123_456_7, 5, "0.12346"),
            (0.000_005, 5, "0.00001"),
            (-0.000_005, 5, "-0.00001"),
            (0.000_004_9, 5, "0.00000"),
            (-0.000_001, 5, "0.00000"),
            (0.101_5, 5, "0.10150"),
            (0.999_995, 5, "1.00000"),
            (9.995, 2, "10.00"),
            (1.005, 2, "1.01"),
            (17.784_939_983_006, 2, "17.78"),
            (-0.1015, 5, "-0.10150"),
            (0.0, 5, "0.00000"),
        ] {
            assert_eq!(half_up(number, decimals), written, "{number}");
        }
    }
}
