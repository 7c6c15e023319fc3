//! Finds the snapshot of a day from which a line is drawn.

use super::definition::end_of_minute;
use crate::analytics::query_context::QueryContext;
use crate::catalog::{DataType, Market};
use crate::curves::read::marks::{self, Choice, Mark};
use crate::http::Problem;
use crate::parameters::snapshots::Marks;
use chrono::{NaiveDate, NaiveDateTime};

/// The requested snapshot of a day: that of a minute, the close of business, or an intraday one; if the day has none of that kind,
/// the other kind.
///
/// # Errors
/// A fault if the database does not respond.
pub async fn find(
    context: &mut QueryContext<'_>,
    (data_type, market): (DataType, Market),
    (day, minute): (NaiveDate, Option<NaiveDateTime>),
    cob: bool,
) -> Result<Option<Mark>, Problem> {
    let day = Some(day);
    let choice = |marks: Marks, as_of: Option<NaiveDateTime>| Choice {
        data_type,
        market,
        marks,
        known_at: None,
        as_of,
        days: (day, day),
        only: None,
        most: 1,
    };
    if let Some(minute) = minute.filter(|_| !cob) {
        // The latest within that minute.
        let end = end_of_minute(minute);
        let found =
            marks::choose(context.tx, &choice(Marks::IntradayOnly, Some(end)), &context.grants).await?.pop();
        if let Some(found) = found.filter(|found| found.key.stamp >= minute) {
            return Ok(Some(found));
        }
    }
    let order =
        if cob { [Marks::CobOnly, Marks::IntradayOnly] } else { [Marks::IntradayOnly, Marks::CobOnly] };
    for marks in order {
        if let Some(found) = marks::choose(context.tx, &choice(marks, None), &context.grants).await?.pop() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
