//! Exports the complete curve history as Parquet files with a manifest: a backup that any tool can read, and a way to move to
//! another system. Guarantees: the manifest lists a file only after it has been written completely; a killed export continues after
//! the last one.

use super::operate;
use super::scope::Scope;
use crate::clock::Budget;
use crate::ctx::Ctx;
use crate::curves::archive::parquet::write::Writer;
use crate::curves::archive::{self, Candidate};
use crate::fault::{During, Fault};
use crate::objects::Fetched;
use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Approximate number of values per file, with a curve's name counted as 128: about 50 MB in memory.
const MAX_VALUES: i64 = 4_000_000;
/// Maximum size of a manifest: about 100,000 files.
const MAX_MANIFEST: u64 = 64 << 20;

/// The manifest of an export.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Format version of the files.
    pub format: u32,
    /// The exported series, such as `energy/ERCOT`.
    pub series: Vec<String>,
    /// Whether the export is complete.
    pub complete: bool,
    /// When the export started.
    pub begun_at: DateTime<Utc>,
    /// Id of the last snapshot that the export may contain; later ones are not part of it.
    pub last_snapshot: i32,
    /// The files, in the order in which to read them.
    pub files: Vec<File>,
}

/// One file of an export.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct File {
    /// Key of the file.
    pub key: String,
    /// Data type of the snapshots in the file.
    pub data_type: String,
    /// Market of the snapshots in the file.
    pub market: String,
    /// Year of the operating days in the file.
    pub year: i32,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Size in bytes.
    pub size: usize,
    /// Number of snapshots.
    pub snapshots: usize,
    /// Number of rows.
    pub rows: usize,
}

/// Writes an export, or continues one.
///
/// # Errors
/// A fault if the database or the archive does not answer. The inner error describes what is wrong with the request.
pub async fn export(
    ctx: &Ctx,
    name: &str,
    scope: &Scope,
    budget: Budget,
) -> Result<Result<Value, String>, Fault> {
    let series: Vec<String> =
        scope.iter().map(|(data_type, market)| format!("{data_type}/{market}")).collect();
    let mut manifest = match read_manifest(ctx, name).await? {
        // Continuing would report the export as complete, although it lacks the series that it was not started with.
        Some(manifest) if manifest.series != series => {
            return Ok(Err(format!(
                "name: the export {name:?} was started with other series; choose another name"
            )));
        }
        Some(manifest) => manifest,
        None => begin(ctx, name, series).await?,
    };
    let mut written = 0;
    if !manifest.complete {
        for (data_type, market) in scope {
            let mut candidates =
                snapshots(ctx, data_type.word(), market.code(), manifest.last_snapshot).await?;
            let mut part = 0;
            while !candidates.is_empty() {
                let rest = candidates.split_off(first_file(&candidates));
                let year = candidates[0].stamp.year();
                let key = format!(
                    "exports/{name}/data_type={data_type}/market={market}/year={year}/part-{part:04}.parquet"
                );
                part += 1;
                if !manifest.files.iter().any(|file| file.key == key) {
                    if !budget.is_left() {
                        return Ok(Ok(answer(name, &manifest, written)));
                    }
                    let series = (data_type.word(), market.code());
                    let file = write(ctx, series, year, key, &candidates, manifest.begun_at).await?;
                    manifest.files.push(file);
                    written += 1;
                    write_manifest(ctx, name, &manifest).await?;
                }
                candidates = rest;
            }
        }
        manifest.complete = true;
        write_manifest(ctx, name, &manifest).await?;
    }
    Ok(Ok(answer(name, &manifest, written)))
}

fn answer(name: &str, manifest: &Manifest, written: usize) -> Value {
    let total = |of: fn(&File) -> usize| manifest.files.iter().map(of).sum::<usize>();
    json!({
        "name": name, "complete": manifest.complete, "manifest": manifest_key(name), "written": written,
        "files": manifest.files.len(), "snapshots": total(|file| file.snapshots), "rows": total(|file| file.rows),
        "bytes": total(|file| file.size),
    })
}

fn manifest_key(name: &str) -> String {
    format!("exports/{name}/manifest.json")
}

/// The manifest of an export; `None` if it was never started.
///
/// # Errors
/// A fault if the archive does not answer or the manifest is not in our format.
pub async fn read_manifest(ctx: &Ctx, name: &str) -> Result<Option<Manifest>, Fault> {
    let bucket = ctx.archive_bucket()?;
    match ctx.objects().get(bucket, &manifest_key(name), None, MAX_MANIFEST).await? {
        Fetched::Object(object) => {
            let manifest: Manifest =
                serde_json::from_slice(&object.bytes).during("reading the manifest of an export")?;
            if manifest.format == 1 {
                Ok(Some(manifest))
            } else {
                Err(Fault::new(format!(
                    "the manifest of the export has the unknown format {}",
                    manifest.format
                )))
            }
        }
        Fetched::Gone => Ok(None),
        Fetched::TooLarge(size) => {
            Err(Fault::new(format!("the manifest of the export is too large: {size} bytes")))
        }
    }
}

async fn write_manifest(ctx: &Ctx, name: &str, manifest: &Manifest) -> Result<(), Fault> {
    let bytes = serde_json::to_vec_pretty(manifest).during("writing the manifest of an export")?;
    let (bucket, key) = (ctx.archive_bucket()?, manifest_key(name));
    ctx.objects().put(bucket, &key, bytes, "application/json", HashMap::new()).await.map(drop)
}

async fn begin(ctx: &Ctx, name: &str, series: Vec<String>) -> Result<Manifest, Fault> {
    let mut tx = ctx.db().begin("begin an export").await?;
    // Taken after all writers, so that no snapshot with a lower id appears later.
    sqlx::query!("select id from trueprice.series order by id for update")
        .fetch_all(&mut tx)
        .await
        .during("starting an export")?;
    let last = sqlx::query_scalar!(r#"select coalesce(max(id), 0) as "last!" from trueprice.snapshot"#);
    let last_snapshot = last.fetch_one(&mut tx).await.during("starting an export")?;
    let (now, detail) = (ctx.clock().now(), json!({ "series": series, "last_snapshot": last_snapshot }));
    operate::did(&mut tx, "history.export", name, detail, now).await?;
    tx.commit().await?;
    Ok(Manifest { format: 1, series, complete: false, begun_at: now, last_snapshot, files: vec![] })
}

/// The snapshots of a series, ordered by stamp.
async fn snapshots(ctx: &Ctx, data_type: &str, market: &str, last: i32) -> Result<Vec<Candidate>, Fault> {
    let mut tx = ctx.db().begin_read("list snapshots to export").await?;
    let rows = sqlx::query!(
        r#"select s.id, s.stamp, (coalesce(s.cells, 0) + 128 * coalesce(s.curves, 0)) as "cells!"
        from trueprice.snapshot s
        join trueprice.series r on r.id = s.series_id
        where r.data_type = $1 and r.market = $2 and s.id <= $3
        order by s.stamp, s.revision"#,
        data_type,
        market,
        last
    );
    let rows = rows.fetch_all(&mut tx).await.during("listing snapshots to export")?.into_iter();
    let found = rows.map(|row| Candidate { id: row.id, stamp: row.stamp, cells: row.cells }).collect();
    tx.commit().await?;
    Ok(found)
}

/// How many snapshots go into the first file: those of one year, within the limit on values.
fn first_file(candidates: &[Candidate]) -> usize {
    let (mut count, mut cells) = (0, 0);
    for candidate in candidates {
        if candidate.stamp.year() != candidates[0].stamp.year()
            || (count > 0 && cells + candidate.cells > MAX_VALUES)
        {
            break;
        }
        count += 1;
        cells += candidate.cells;
    }
    count
}

async fn write(
    ctx: &Ctx,
    (data_type, market): (&str, &str),
    year: i32,
    key: String,
    candidates: &[Candidate],
    begun_at: DateTime<Utc>,
) -> Result<File, Fault> {
    let ids: Vec<i32> = candidates.iter().map(|candidate| candidate.id).collect();
    let mut tx = ctx.db().begin_read("load snapshots to export").await?;
    let mut loaded = archive::load_from_anywhere(&mut tx, ctx.objects(), &ids).await?;
    tx.commit().await?;
    let mut writer = Writer::new(data_type, market)?;
    for snapshot in &mut loaded {
        snapshot.kept.as_known_at(begun_at);
        writer.add(&snapshot.kept)?;
    }
    let bytes = writer.finish()?;
    let file = File {
        data_type: data_type.to_owned(),
        market: market.to_owned(),
        year,
        sha256: hex::encode(Sha256::digest(&bytes)),
        size: bytes.len(),
        snapshots: loaded.len(),
        rows: loaded.iter().map(|snapshot| snapshot.kept.curves.len()).sum(),
        key,
    };
    let bucket = ctx.archive_bucket()?;
    ctx.objects().put(bucket, &file.key, bytes, "application/vnd.apache.parquet", HashMap::new()).await?;
    Ok(file)
}
