//! The block hours of every month, as one file.

use crate::catalog::{Block, Calendar, Market, Month};
use crate::http::{ParameterTable, Parameters, Problem};
use crate::parameters::common;
use axum::extract::Query;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use std::fmt::Write as _;

/// `calendar`, with the default of the old system.
pub(super) static HOURS: ParameterTable = ParameterTable::new(|| {
    vec![common::calendar(
        "Calendar that defines the hours of each block: `legacy` (default: as in the old system) or `nerc` (six holidays,\n\
        daylight saving time).",
    )]
});

/// Downloads the hours of each block for every month from 2000 to 2100, for all markets.
#[utoipa::path(
    method(get, post),
    path = "/curves_catalog",
    tag = "Old paths",
    responses((status = 200, body = String, content_type = "text/csv"))
)]
pub(super) async fn curves_catalog(
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<impl IntoResponse, Problem> {
    let mut read = Parameters::new(&pairs, &HOURS);
    let calendar = read.parsed("calendar").unwrap_or(Calendar::Legacy);
    let calendar = read.end(calendar).map_err(Problem::bad_request)?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=curves_catalog.csv"),
    ];
    Ok((headers, csv(calendar)))
}

/// The blocks, in column order.
const COLUMNS: [(&str, Block); 8] = [
    ("5x16", Block::Peak5x16),
    ("7x8", Block::Night7x8),
    ("2x16", Block::Peak2x16),
    ("7x24", Block::Flat7x24),
    ("WE", Block::Weekend),
    ("WD", Block::Weekday),
    ("OnPeak", Block::OnPeak),
    ("OffPeak", Block::OffPeak),
];

fn csv(calendar: Calendar) -> String {
    let first = Month::new(2000, 1).expect("January 2000 is a month");
    // The hours are the same in all markets and are counted once.
    let hours: Vec<(Month, String)> = (0..101 * 12)
        .map(|place| {
            let month = first.plus(place);
            let cells = COLUMNS.map(|(_, block)| calendar.hours(month, block).to_string());
            (month, cells.join(","))
        })
        .collect();
    let mut markets = Market::ALL.map(Market::code);
    markets.sort_unstable();
    let mut text = format!("ISO,CalMonth,{}\n", COLUMNS.map(|(title, _)| title).join(","));
    for market in markets {
        for (month, cells) in &hours {
            writeln!(text, "{market},{month}-01,{cells}").expect("a text takes what is written");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_month_of_a_century_has_a_line() {
        let (legacy, nerc) = (csv(Calendar::Legacy), csv(Calendar::Nerc));
        assert_eq!(legacy.lines().count(), 6061);
        assert!(
            legacy.starts_with("ISO,CalMonth,5x16,7x8,2x16,7x24,WE,WD,OnPeak,OffPeak\nERCOT,2000-01-01,")
        );
        assert!(legacy.contains("\nPJM,2024-11-01,336,240,144,720,216,504,480,240\n"));
        assert!(nerc.contains("\nPJM,2024-11-01,320,241,160,721,241,480,320,401\n"));
        assert!(legacy.lines().last().unwrap().starts_with("PJM,2100-12-01,"));
    }
}
