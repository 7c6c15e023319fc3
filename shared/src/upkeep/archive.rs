//! Moves snapshots past the retention policy from the tables to Parquet files. Guarantees: a file is planned before it is written,
//! then read back and compared value by value before anything is removed; its content is removed in the same transaction that
//! records where it is now. If a run is killed anywhere, the next run clears what was planned and starts again.

use crate::catalog::{DataType, Market};
use crate::clock::Budget;
use crate::ctx::Ctx;
use crate::curves::archive::parquet::Kept;
use crate::curves::archive::parquet::read::Reader;
use crate::curves::archive::parquet::write::Writer;
use crate::curves::archive::{self, Candidate, Loaded};
use crate::curves::ids::SeriesId;
use crate::curves::publish::store::lock_series;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::objects::Fetched;
use chrono::{DateTime, Datelike, Utc};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// Approximate number of values per file, with a curve's name counted as 128: about 50 MB in memory.
const MAX_VALUES: i64 = 4_000_000;
/// Maximum size of a file that is read back.
const MAX_BYTES: u64 = 1 << 30;

/// Totals of what was archived.
#[derive(Clone, Copy, Debug, Default)]
pub struct Archived {
    /// Number of snapshots.
    pub snapshots: usize,
    /// Number of manifest rows.
    pub rows: usize,
    /// Number of files.
    pub files: usize,
    /// Size of the files in bytes.
    pub bytes: usize,
}

/// The snapshots of a series that the policy moves to the archive, oldest first: those that are not the mark of their operating day
/// by current knowledge, once that day is long enough past. A snapshot also stays if no other covers some months of some curve,
/// even if another one is the mark: for users limited to those months, it is the mark.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn candidates(
    tx: &mut Tx,
    series: SeriesId,
    data_type: DataType,
    now: DateTime<Utc>,
) -> Result<Vec<Candidate>, Fault> {
    let rows = sqlx::query!(
        r#"with policy as (
            select ($3::timestamptz at time zone 'UTC')::date - intraday_days as before
            from trueprice.retention
            where data_type = $2
        ), marks as (
            select id
            from trueprice.day_marks($1, true, null, null, null, null, null, null, null)
        )
        select s.id, s.stamp, (s.cells + 128 * coalesce(s.curves, 0)) as "cells!"
        from trueprice.snapshot s, policy
        where s.series_id = $1
          and s.archive_id is null
          and s.cells is not null
          and s.operating_day < policy.before
          and not exists (select from marks where marks.id = s.id)
          and not (upper_inf(s.known) and exists (
            select
            from trueprice.snapshot_coverage l
            join trueprice.coverage g on g.id = l.coverage_id
            cross join lateral (
                select coalesce(range_agg(b.curves), '{}') as curves
                from trueprice.snapshot k
                join trueprice.snapshot_coverage m on m.snapshot_id = k.id
                join trueprice.coverage b on b.id = m.coverage_id
                where k.series_id = s.series_id
                  and k.operating_day = s.operating_day
                  and upper_inf(k.known)
                  and trueprice.outranks(k.cob, k.stamp, s.cob, s.stamp)
                  and b.months @> g.months
            ) better
            where l.snapshot_id = s.id
              and not better.curves @> g.curves
          ))
        order by s.stamp, s.revision"#,
        series.0,
        data_type.word(),
        now
    );
    let rows = rows.fetch_all(tx).await.during("looking for snapshots to archive")?.into_iter();
    Ok(rows.map(|row| Candidate { id: row.id, stamp: row.stamp, cells: row.cells }).collect())
}

/// Removes what a killed run left behind: files that were planned but never verified.
///
/// # Errors
/// A fault if the database or the archive does not answer.
pub async fn clear_unfinished(ctx: &Ctx) -> Result<(), Fault> {
    let mut tx = ctx.db().begin("look for unfinished files").await?;
    let rows = sqlx::query!("select id, bucket, key from trueprice.archive_file where verified_at is null");
    let rows = rows.fetch_all(&mut tx).await.during("looking for unfinished files")?;
    tx.commit().await?;
    for row in rows {
        let mut tx = ctx.db().begin("clear an unfinished file").await?;
        let gone =
            sqlx::query!("delete from trueprice.archive_file where id = $1 and verified_at is null", row.id);
        let gone = gone.execute(&mut tx).await.during("clearing an unfinished file")?.rows_affected();
        // The object is deleted second, while the row is locked. If the run is slow and not dead, either it has already handed over
        // to this file, which then stays, or it finds that it cannot.
        if gone == 1 {
            ctx.objects().remove(&row.bucket, &row.key).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Archives the snapshots of a series that the policy selects, file by file; false if the budget ran out first.
///
/// # Errors
/// A fault if the database or the archive does not answer, or if a file does not read back correctly; in that case nothing of it
/// was removed.
pub async fn series(
    ctx: &Ctx,
    series: SeriesId,
    name: (DataType, Market),
    budget: Budget,
    done: &mut Archived,
) -> Result<bool, Fault> {
    let mut tx = ctx.db().begin("look for snapshots to archive").await?;
    let leaving = candidates(&mut tx, series, name.0, ctx.clock().now()).await?;
    tx.commit().await?;
    let mut rest = leaving.as_slice();
    while let Some(first) = rest.first() {
        if !budget.is_left() {
            return Ok(false);
        }
        let (mut count, mut cells) = (0, 0);
        for candidate in rest {
            if candidate.stamp.year() != first.stamp.year()
                || (count > 0 && cells + candidate.cells > MAX_VALUES)
            {
                break;
            }
            count += 1;
            cells += candidate.cells;
        }
        let (now, later) = rest.split_at(count);
        file(ctx, series, name, now, done).await?;
        rest = later;
    }
    Ok(true)
}

/// Handles one file: plans, writes, reads back and compares it, then removes its content from the tables.
async fn file(
    ctx: &Ctx,
    series: SeriesId,
    (data_type, market): (DataType, Market),
    candidates: &[Candidate],
    done: &mut Archived,
) -> Result<(), Fault> {
    let ids: Vec<i32> = candidates.iter().map(|candidate| candidate.id).collect();
    let mut tx = ctx.db().begin_read("load snapshots to archive").await?;
    let loaded = archive::load(&mut tx, &ids).await?;
    tx.commit().await?;
    let mut writer = Writer::new(data_type.word(), market.code())?;
    for snapshot in &loaded {
        writer.add(&snapshot.kept)?;
    }
    let bytes = writer.finish()?;
    let rows: usize = loaded.iter().map(|snapshot| snapshot.kept.curves.len()).sum();
    let (bucket, size, sha256) = (ctx.archive_bucket()?, bytes.len(), Sha256::digest(&bytes));
    let year = candidates.first().map_or(0, |first| first.stamp.year());
    // Partition names that Athena and DuckDB recognise. The id of the first snapshot makes file names within one run unique.
    let moment = archive::moment(ctx.clock().now());
    let first = ids.first().copied().unwrap_or(0);
    let key = format!("archive/data_type={data_type}/market={market}/year={year}/{moment}-{first}.parquet");
    let file = plan(ctx, series, year, bucket, &key).await?;
    ctx.objects().put(bucket, &key, bytes, "application/vnd.apache.parquet", HashMap::new()).await?;
    verify(ctx, bucket, &key, &sha256, &loaded).await?;

    let mut tx = ctx.db().begin("hand snapshots over to the archive").await?;
    lock_series(&mut tx, data_type, market).await?;
    // In the meantime, one of them may have become the mark of its day, or the policy may have changed. The next run handles that.
    let still: HashSet<i32> = self::candidates(&mut tx, series, data_type, ctx.clock().now())
        .await?
        .iter()
        .map(|left| left.id)
        .collect();
    if !loaded.iter().all(|snapshot| still.contains(&snapshot.id.0)) {
        return tx.rollback().await;
    }
    let verified = sqlx::query!(
        "update trueprice.archive_file set verified_at = $2, sha256 = $3, size = $4, snapshots = $5, rows = $6
        where id = $1 and verified_at is null",
        file,
        ctx.clock().now(),
        &sha256[..],
        i64::try_from(size).unwrap_or(i64::MAX),
        i32::try_from(loaded.len()).unwrap_or(i32::MAX),
        i64::try_from(rows).unwrap_or(i64::MAX)
    );
    let verified = verified.execute(&mut tx).await.during("recording a file of the archive")?.rows_affected();
    let ids: Vec<i32> = loaded.iter().map(|snapshot| snapshot.id.0).collect();
    let groups: Vec<i32> = (0..).take(ids.len()).collect();
    let moved = sqlx::query!(
        "update trueprice.snapshot s
        set archive_id = $1, archive_group = n.place, archived_curves = (
            select range_agg(int4range(i.curve_id, i.curve_id, '[]'))
            from trueprice.snapshot_curve i
            where i.snapshot_id = s.id
        )
        from unnest($2::int[], $3::int[]) as n (id, place)
        where s.id = n.id and s.archive_id is null",
        file,
        &ids,
        &groups
    );
    let moved = moved.execute(&mut tx).await.during("moving snapshots to the archive")?.rows_affected();
    let gone = sqlx::query!("delete from trueprice.snapshot_curve where snapshot_id = any($1)", &ids);
    let gone = gone.execute(&mut tx).await.during("removing archived snapshots")?.rows_affected();
    if verified != 1 || moved != ids.len() as u64 || gone != rows as u64 {
        tx.rollback().await?;
        return Err(Fault::new(format!(
            "archiving {} snapshots with {rows} rows changed {moved} and removed {gone}",
            ids.len()
        )));
    }
    tx.commit().await?;
    done.snapshots += ids.len();
    done.rows += rows;
    done.files += 1;
    done.bytes += size;
    Ok(())
}

async fn plan(ctx: &Ctx, series: SeriesId, year: i32, bucket: &str, key: &str) -> Result<i32, Fault> {
    let mut tx = ctx.db().begin("plan a file of the archive").await?;
    let id = sqlx::query_scalar!(
        "insert into trueprice.archive_file (series_id, year, bucket, key, planned_at) values ($1, $2, $3, $4, $5)
        returning id",
        series.0,
        year,
        bucket,
        key,
        ctx.clock().now()
    );
    let id = id.fetch_one(&mut tx).await.during("planning a file of the archive")?;
    tx.commit().await?;
    Ok(id)
}

/// Reads a file back from the archive and compares it with what was written: its bytes, its rows and the digest of every vector.
async fn verify(ctx: &Ctx, bucket: &str, key: &str, sha256: &[u8], loaded: &[Loaded]) -> Result<(), Fault> {
    let wrong = |what: &str| Err(Fault::new(format!("the archive file {key} could not be verified: {what}")));
    let bytes = match ctx.objects().get(bucket, key, None, MAX_BYTES).await? {
        Fetched::Object(object) => object.bytes,
        Fetched::Gone => return wrong("it is missing"),
        Fetched::TooLarge(size) => return wrong(&format!("it has {size} bytes, which is too large")),
    };
    let reader = Reader::open(bytes, sha256).during(format!("reading {key} back"))?;
    if reader.len() != loaded.len() {
        return wrong("it has another number of snapshots");
    }
    for (place, snapshot) in loaded.iter().enumerate() {
        let back = reader.snapshot(place)?;
        let head =
            |kept: &Kept| (kept.stamp, kept.cob, kept.revision, kept.known_from, kept.known_to, kept.content);
        let names = |kept: &Kept| kept.curves.iter().map(|curve| curve.name.clone()).collect::<Vec<_>>();
        if head(&back) != head(&snapshot.kept)
            || archive::parts(&back) != archive::parts(&snapshot.kept)
            || names(&back) != names(&snapshot.kept)
        {
            return wrong(&format!("snapshot {}", snapshot.id.0));
        }
    }
    Ok(())
}
