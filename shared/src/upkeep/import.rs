//! Imports an export. Guarantees: every file matches the manifest; existing snapshots stay and are not imported twice; each
//! snapshot is imported completely or not at all, so a killed import can be restarted and continues.

use super::export::{self, File, Manifest};
use super::operate;
use crate::catalog::{DataType, Market};
use crate::clock::Budget;
use crate::ctx::Ctx;
use crate::curves::archive::Restored;
use crate::curves::archive::parquet::Kept;
use crate::curves::archive::parquet::read::Reader;
use crate::curves::archive::restore::restore;
use crate::curves::publish::store::lock_series;
use crate::fault::{During, Fault};
use crate::objects::Fetched;
use chrono::NaiveDateTime;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use uuid::Uuid;

/// Maximum size of a file: 1 GiB.
const MAX_BYTES: u64 = 1 << 30;
/// Number of snapshots per transaction.
const BATCH: usize = 20;

/// Totals of what was imported.
#[derive(Debug, Default)]
struct Done {
    added: usize,
    known: usize,
    conflicts: Vec<String>,
}

/// Imports an export, or continues an import.
///
/// # Errors
/// A fault if the database or the archive does not answer. The inner error describes what is wrong with the export.
pub async fn import(ctx: &Ctx, name: &str, budget: Budget) -> Result<Result<Value, String>, Fault> {
    let Some(manifest) = export::read_manifest(ctx, name).await? else {
        return Ok(Err(format!("name: there is no export {name:?} in the archive bucket")));
    };
    if !manifest.complete {
        return Ok(Err(format!(
            "name: the export {name:?} is incomplete; run the command export again until it is complete"
        )));
    }
    let mut done = Done::default();
    let Manifest { files, .. } = manifest;
    for file in &files {
        if !budget.is_left() {
            return Ok(Ok(answer(name, &done, false)));
        }
        match one(ctx, file, budget, &mut done).await? {
            Ok(true) => {}
            Ok(false) => return Ok(Ok(answer(name, &done, false))),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(answer(name, &done, true)))
}

fn answer(name: &str, done: &Done, complete: bool) -> Value {
    tracing::info!(added = done.added, known = done.known, complete, "imported");
    json!({
        "name": name, "complete": complete, "added": done.added, "known": done.known,
        "conflict_count": done.conflicts.len(), "conflicts": done.conflicts.iter().take(20).collect::<Vec<_>>(),
    })
}

/// Imports one file; false if the budget ran out first.
async fn one(ctx: &Ctx, file: &File, budget: Budget, done: &mut Done) -> Result<Result<bool, String>, Fault> {
    let (Ok(data_type), Ok(market)) = (file.data_type.parse::<DataType>(), file.market.parse::<Market>())
    else {
        return Ok(Err(format!(
            "{}: the data type {:?} or the market {:?} is unknown",
            file.key, file.data_type, file.market
        )));
    };
    let known = known(ctx, data_type, market, file.year).await?;
    let bucket = ctx.archive_bucket()?;
    let bytes = match ctx.objects().get(bucket, &file.key, None, MAX_BYTES).await? {
        Fetched::Object(object) => object.bytes,
        Fetched::Gone => {
            return Ok(Err(format!("{}: the file is missing from the archive bucket", file.key)));
        }
        Fetched::TooLarge(size) => {
            return Ok(Err(format!("{}: the file is too large: {size} bytes", file.key)));
        }
    };
    let sha256 = Sha256::digest(&bytes);
    if hex::encode(sha256) != file.sha256 {
        return Ok(Err(format!("{}: the file is not the one that the manifest names", file.key)));
    }
    let reader = Reader::open(bytes, &sha256)?;
    if reader.len() != file.snapshots
        || reader.data_type() != file.data_type
        || reader.market() != file.market
    {
        return Ok(Err(format!("{}: the content is not what the manifest says", file.key)));
    }
    let mut place = 0;
    while place < reader.len() {
        if !budget.is_left() {
            return Ok(Ok(false));
        }
        let mut batch: Vec<Kept> = Vec::new();
        while batch.len() < BATCH && place < reader.len() {
            let kept = reader.snapshot(place)?;
            place += 1;
            match known.get(&(kept.stamp, kept.revision)) {
                // A snapshot that is open here but closed in the export is processed again.
                Some((content, open)) if *content == kept.content && (!open || kept.known_to.is_none()) => {
                    done.known += 1;
                }
                _ => batch.push(kept),
            }
        }
        if batch.is_empty() {
            continue;
        }
        let mut tx = ctx.db().begin("import snapshots").await?;
        let series = lock_series(&mut tx, data_type, market).await?;
        let now = ctx.clock().now();
        let mut results = Vec::new();
        for kept in &batch {
            let from = (bucket, file.key.as_str());
            results.push(restore(&mut tx, series, (data_type, market), kept, from, now).await?);
        }
        let added = results.iter().filter(|result| matches!(result, Restored::Added)).count();
        if added > 0 {
            let detail = json!({ "snapshots": added });
            operate::did(&mut tx, "history.import", &file.key, detail, now).await?;
        }
        tx.commit().await?;
        for (kept, result) in batch.iter().zip(results) {
            match result {
                Restored::Added => done.added += 1,
                Restored::Known => done.known += 1,
                Restored::Conflict => done.conflict(&file.key, kept),
            }
        }
    }
    Ok(Ok(true))
}

impl Done {
    fn conflict(&mut self, key: &str, kept: &Kept) {
        let what = "the database has other content for this stamp and revision";
        self.conflicts.push(format!("{key}: {} revision {}: {what}", kept.stamp, kept.revision));
    }
}

/// The snapshots of a year that already exist.
async fn known(
    ctx: &Ctx,
    data_type: DataType,
    market: Market,
    year: i32,
) -> Result<HashMap<(NaiveDateTime, i32), (Uuid, bool)>, Fault> {
    let mut tx = ctx.db().begin("look for snapshots").await?;
    let rows = sqlx::query!(
        r#"select s.stamp, s.revision, s.content, upper_inf(s.known) as "open!"
        from trueprice.snapshot s
        join trueprice.series r on r.id = s.series_id
        where r.data_type = $1
          and r.market = $2
          and s.operating_day >= make_date($3, 1, 1)
          and s.operating_day < make_date($3 + 1, 1, 1)"#,
        data_type.word(),
        market.code(),
        year
    );
    let rows = rows.fetch_all(&mut tx).await.during("looking for snapshots")?;
    tx.commit().await?;
    Ok(rows.into_iter().map(|row| ((row.stamp, row.revision), (row.content, row.open))).collect())
}
