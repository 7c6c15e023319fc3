//! Quotes as rows: the lines of all accounts, and the hours of an account.

use super::hourly::Hourly;
use super::inputs::Inputs;
use super::legacy;
use super::price::Desk;
use super::priced::{Priced, Quote};
use super::request::{Account, Method, Request};
use crate::catalog::decimal::computed;
use crate::http::{Answer, Cells, Column, Problem, Table};
use serde_json::{Map, Value, json};

/// The most hours of one answer; five accounts of five years have fewer.
const MAX_HOURS: usize = 262_144;

/// The metadata of both tables.
fn metadata(quote: &Quote) -> Map<String, Value> {
    let metadata = json!({
        "id": quote.id, "hash": quote.hash, "market": quote.market, "method": quote.method, "curve_date": quote.curve_date,
        "known_at": quote.known_at, "snapshots": quote.snapshots, "total": quote.total, "notes": quote.notes,
    });
    match metadata {
        Value::Object(metadata) => metadata,
        _ => Map::new(),
    }
}

/// A row for each line of each account, and a row `total` for each account.
#[must_use]
pub fn summary(quote: &Quote) -> Answer {
    let mut texts: [Vec<Option<String>>; 5] = Default::default();
    let mut numbers: [Vec<f64>; 4] = Default::default();
    let (mut start, mut end, mut keys) = (vec![], vec![], [vec![], vec![]]);
    let list = |ids: &[i32]| ids.iter().map(i32::to_string).collect::<Vec<_>>().join(" ");
    let mut row = |account: &Priced, said: [&str; 4], of: [f64; 2], ids: [&[i32]; 2]| {
        for (column, text) in texts.iter_mut().zip([account.name.as_str()].into_iter().chain(said)) {
            column.push(Some(text.to_owned()));
        }
        for (column, number) in numbers.iter_mut().zip([of[0], of[1], account.mwh, account.peak_mw]) {
            column.push(number);
        }
        start.push(Some(account.start));
        end.push(Some(account.end));
        for (column, ids) in keys.iter_mut().zip(ids) {
            column.push(Some(list(ids)));
        }
    };
    for account in &quote.accounts {
        for line in &account.lines {
            let said = [line.component.as_str(), &line.kind, &line.unit, &line.formula];
            row(account, said, [line.price_per_mwh, line.dollars], [&line.snapshots, &line.curves]);
        }
        let said = ["total", "total", "$/MWh", "sum of the lines"];
        row(account, said, [account.price_per_mwh, account.dollars], [&[], &[]]);
    }
    let [name, component, kind, unit, formula] = texts;
    let [price, dollars, mwh, peak] = numbers;
    let [snapshots, curves] = keys;
    let columns = vec![
        Column::texts("account", name),
        Column::new("start", Cells::Day(start)),
        Column::new("end", Cells::Day(end)),
        Column::texts("component", component),
        Column::texts("kind", kind),
        Column::new("price_per_mwh", Cells::Number(price)),
        Column::new("dollars", Cells::Number(dollars)),
        Column::new("mwh", Cells::Number(mwh)),
        Column::new("peak_mw", Cells::Number(peak)),
        Column::texts("unit", unit),
        Column::texts("formula", formula),
        Column::texts("snapshots", snapshots),
        Column::texts("curves", curves),
    ];
    let name = format!("quote_{}", quote.id);
    Answer { name, metadata: metadata(quote), table: Table::new(columns), ..Answer::default() }
}

/// A row for each hour of the selected accounts.
///
/// # Errors
/// 404 if no account has the name; 413 if there are too many hours; 422 if an input is missing now.
pub fn hourly(
    quote: &Quote,
    request: &Request,
    inputs: &Inputs,
    account: Option<&str>,
) -> Result<Answer, Problem> {
    let wanted = |own: &&Account| account.is_none_or(|name| own.name == name);
    let accounts: Vec<&Account> = request.accounts.iter().filter(wanted).collect();
    if accounts.is_empty() {
        return Err(Problem::not_found("the quote has no account of that name", "Not Found"));
    }
    let days: i64 = accounts.iter().map(|account| (account.end - account.start).num_days() + 1).sum();
    if usize::try_from(days).unwrap_or(usize::MAX).saturating_mul(24) > MAX_HOURS {
        let detail = format!("these accounts have more than {MAX_HOURS} hours; say account=<name>");
        return Err(Problem::too_large(detail));
    }
    let mut desk = Desk::new(request, inputs);
    let mut names = Vec::new();
    let (mut days, mut endings, mut blocks) = (vec![], vec![], vec![]);
    let mut columns: Vec<(&'static str, Vec<f64>)> = vec![];
    for account in accounts {
        let hours = of_account(&mut desk, request, inputs, account)?;
        names.extend(std::iter::repeat_n(Some(account.name.clone()), hours.day.len()));
        days.extend(hours.day.into_iter().map(Some));
        endings.extend(hours.ending.into_iter().map(|ending| Some(i64::from(ending))));
        blocks.extend(hours.block.into_iter().map(|block| Some(block.to_owned())));
        if columns.is_empty() {
            columns = hours.columns;
        } else {
            columns.iter_mut().zip(hours.columns).for_each(|((_, all), (_, more))| all.extend(more));
        }
    }
    let mut table = vec![
        Column::texts("account", names),
        Column::new("day", Cells::Day(days)),
        Column::new("hour_ending", Cells::Integer(endings)),
        Column::texts("block_type", blocks),
    ];
    let numbers = |cells: Vec<f64>| Cells::Number(cells.into_iter().map(computed).collect());
    table.extend(columns.into_iter().map(|(name, cells)| Column::new(name, numbers(cells))));
    let name = format!("quote_{}_hourly", quote.id);
    Ok(Answer { name, metadata: metadata(quote), table: Table::new(table), ..Answer::default() })
}

/// The hours of an account.
///
/// # Errors
/// 422 if an input is missing.
pub fn of_account(
    desk: &mut Desk<'_>,
    request: &Request,
    inputs: &Inputs,
    account: &Account,
) -> Result<Hourly, Problem> {
    match request.method {
        // A quote priced earlier may have inputs that are refused now.
        Method::Nerc => desk
            .price(account, "")
            .map(|_| desk.hourly(account))
            .map_err(|missing| super::make::incomplete(&missing)),
        Method::Legacy => legacy::price(inputs, request.market, account, "")
            .map(|(_, hourly)| hourly)
            .map_err(|missing| super::make::incomplete(&missing)),
    }
}
