//! Reads the inputs of a request: for each data type the mark of the curve date, or the newest before it, as known at a moment; of
//! that mark, the curves that the caller may see and the request needs.

use super::inputs::{Curve, Inputs, NEEDED, Sheet};
use super::request::{Method, Request};
use crate::access::Grants;
use crate::catalog::{DataType, Grid, Label, Layout, Pattern};
use crate::ctx::Ctx;
use crate::curves::archive;
use crate::curves::read;
use crate::curves::read::marks::{self, Choice, Mark};
use crate::curves::read::stored::Stored;
use crate::db::Tx;
use crate::http::Problem;
use crate::parameters::filter::{Field, Filter};
use crate::parameters::snapshots::{Marks, Wanted, When};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Selects the input snapshots.
#[derive(Clone, Copy, Debug)]
pub enum Which<'w> {
    /// Those of a day, as known at a moment.
    Of(NaiveDate, DateTime<Utc>),
    /// Exactly the snapshots with these ids.
    These(&'w [i32]),
}

/// Labels of hourly sheets read in one go: ten years of that many curves stay far below the limit.
const TOGETHER: usize = 4;

/// Reads the inputs.
///
/// # Errors
/// 413 if that is too much; a fault if the database or the archive does not respond.
pub async fn inputs(
    ctx: &Ctx,
    tx: &mut Tx,
    grants: &Grants,
    request: &Request,
    which: Which<'_>,
) -> Result<Inputs, Problem> {
    let mut inputs = Inputs::default();
    for data_type in
        NEEDED.into_iter().filter(|data_type| Layout::of(*data_type).markets.contains(&request.market))
    {
        let mark = match which {
            Which::Of(day, known_at) => {
                // The old desk took energy of exactly that day, and the other data types of the newest day up to it.
                let exact = request.method == Method::Legacy && data_type == DataType::Energy;
                let days = (exact.then_some(day), Some(day));
                let (market, known_at) = (request.market, Some(known_at));
                let choice = Choice {
                    data_type,
                    market,
                    marks: Marks::Latest,
                    known_at,
                    as_of: None,
                    days,
                    only: None,
                    most: 1,
                };
                marks::choose(tx, &choice, grants).await?.pop()
            }
            Which::These(ids) => of_type(tx, ids, data_type, grants).await?,
        };
        let Some(mark) = mark else { continue };
        let curves = curves(ctx, tx, grants, request, &mark).await?;
        // A sheet in which nothing is visible counts as missing.
        let about = mark.metadata();
        let sheet = (!curves.is_empty()).then(|| Arc::new(Sheet { snapshot: mark.id, about, curves }));
        inputs.put(data_type, sheet);
    }
    Ok(inputs)
}

async fn of_type(
    tx: &mut Tx,
    ids: &[i32],
    data_type: DataType,
    grants: &Grants,
) -> Result<Option<Mark>, Problem> {
    for id in ids {
        let mark = marks::of_id(tx, *id, grants).await?;
        if let Some(mark) = mark.filter(|mark| mark.data_type == data_type) {
            return Ok(Some(mark));
        }
    }
    Ok(None)
}

/// Filters for the labels of an hourly sheet, a few at a time; one empty filter where all of it is read.
fn filters(data_type: DataType, request: &Request) -> Vec<Filter> {
    let accounts = request.accounts.iter();
    let (label, texts): (Label, BTreeSet<&str>) = match data_type {
        DataType::Shaping => {
            (Label::LoadZone, accounts.map(|account| account.load_zone.as_str()).chain(["ALL"]).collect())
        }
        DataType::LoadProfile => {
            (Label::CostComponent, accounts.map(|account| account.load_profile.as_str()).collect())
        }
        _ => return vec![Filter::default()],
    };
    let texts: Vec<&str> = texts.into_iter().collect();
    let filter = |texts: &[&str]| {
        let mut filter = Filter::default();
        for pattern in texts.iter().filter_map(|text| text.parse::<Pattern>().ok()) {
            filter.add(Field::Label(label), pattern);
        }
        filter
    };
    texts.chunks(TOGETHER).map(filter).filter(|filter| !filter.is_empty()).collect()
}

async fn curves(
    ctx: &Ctx,
    tx: &mut Tx,
    grants: &Grants,
    request: &Request,
    mark: &Mark,
) -> Result<Vec<Curve>, Problem> {
    let (first, last) = request.months();
    let months = match Layout::of(mark.data_type).grid {
        Grid::Month => (Some(first), Some(last)),
        // Hours of other years show what is typical.
        Grid::DayHour | Grid::MonthHour | Grid::Offer | Grid::Always => (None, None),
    };
    let mut all: Vec<Stored> = Vec::new();
    for filter in filters(mark.data_type, request) {
        // Exactly this snapshot: what was known when it was new, as of its stamp.
        let wanted = Wanted {
            data_type: mark.data_type,
            market: mark.market,
            when: When::AsOf(mark.key.stamp),
            marks: if mark.key.cob { Marks::CobOnly } else { Marks::IntradayOnly },
            known_at: Some(mark.known_from),
            history: false,
            months,
            filter,
        };
        let found = read::read(tx, &wanted, grants).await?;
        let mut found = found.ok_or_else(|| too_large(mark.data_type))?;
        found.stored.retain(|stored| stored.snapshot == mark.key);
        found.archived.retain(|archived| archived.snapshot == mark.key);
        let stored = archive::complete(tx, ctx.objects(), &wanted, grants, found).await?;
        all.extend(stored.ok_or_else(|| too_large(mark.data_type))?);
    }
    all.sort_by_key(|stored| (stored.curve_id, stored.first));
    all.dedup_by_key(|stored| (stored.curve_id, stored.first));
    let mut curves: Vec<Curve> = Vec::new();
    for stored in all {
        match curves.last_mut().filter(|curve| curve.id == stored.curve_id) {
            Some(curve) => {
                let gap = stored.first - curve.first - i64::try_from(curve.values.len()).unwrap_or(i64::MAX);
                curve.values.extend(std::iter::repeat_n(f64::NAN, usize::try_from(gap).unwrap_or(0)));
                curve.values.extend(stored.values);
            }
            None => curves.push(Curve {
                id: stored.curve_id,
                name: stored.name,
                first: stored.first,
                values: stored.values,
            }),
        }
    }
    Ok(curves)
}

fn too_large(data_type: DataType) -> Problem {
    Problem::too_large(format!(
        "the {data_type} sheet has more for these accounts than is read at once; ask for fewer accounts"
    ))
}
