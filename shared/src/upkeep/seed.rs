//! Puts generated sheets into the source bucket for trials, from where they are ingested like any other.

use super::generate::{DATA_TYPES, Years};
use super::scope::Scope;
use crate::catalog::{DataType, Market};
use crate::clock::Budget;
use crate::ctx::Ctx;
use crate::fault::Fault;
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// Maximum number of days per run: five years.
const MAX_DAYS: u32 = 1827;

/// Puts the sheets of `days` days into the bucket unless they already exist. The inner error names what is wrong with the request.
///
/// # Errors
/// A fault if the store does not answer.
pub async fn seed(
    ctx: &Ctx,
    (first_day, days, seed): (NaiveDate, u32, u64),
    scope: &Scope,
    budget: Budget,
) -> Result<Result<Value, String>, Fault> {
    let types: BTreeSet<DataType> = scope.iter().map(|series| series.0).collect();
    let markets: BTreeSet<Market> = scope.iter().map(|series| series.1).collect();
    let types: Vec<DataType> = types.into_iter().filter(|known| DATA_TYPES.contains(known)).collect();
    if types.is_empty() {
        let known = DATA_TYPES.map(DataType::word).join(", ");
        return Ok(Err(format!("data_type: sheets can be generated only for {known}")));
    }
    if !(1..=MAX_DAYS).contains(&days) {
        return Ok(Err(format!("days: found {days}, expected 1 to {MAX_DAYS}")));
    }
    let last_day = first_day.checked_add_days(chrono::Days::new(u64::from(days) - 1));
    if last_day.is_none_or(|last| last > ctx.clock().now().date_naive()) {
        return Ok(Err(format!("first_day, days: {days} days from {first_day} on end in the future")));
    }
    let bucket = ctx.source_bucket()?;
    let folder = format!("seed/{seed}/");
    let there = keys(ctx, bucket, &folder).await?;
    let (mut put, mut skipped) = (0, 0);
    let markets: Vec<Market> = markets.into_iter().collect();
    for arrival in Years::of(seed, first_day, days, &types, &markets) {
        let key = format!("{folder}{}", arrival.file_name());
        if there.contains(&key) {
            skipped += 1;
            continue;
        }
        if !budget.is_left() {
            return Ok(Ok(json!({ "complete": false, "put": put, "were_there": skipped })));
        }
        ctx.objects().put(bucket, &key, arrival.bytes, "text/csv", HashMap::new()).await?;
        put += 1;
    }
    Ok(Ok(json!({ "complete": true, "put": put, "were_there": skipped })))
}

async fn keys(ctx: &Ctx, bucket: &str, folder: &str) -> Result<BTreeSet<String>, Fault> {
    let mut keys = BTreeSet::new();
    loop {
        let page = ctx.objects().list(bucket, folder, keys.last().map(String::as_str)).await?;
        if page.is_empty() {
            return Ok(keys);
        }
        keys.extend(page.into_iter().map(|object| object.key));
    }
}
