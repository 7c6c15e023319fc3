//! Removes the whole history of some series, including its journal, from systems filled with trial data. Archive files and objects
//! in the source bucket stay.

use super::operate;
use super::scope::Scope;
use crate::catalog::{DataType, Market};
use crate::ctx::Ctx;
use crate::curves::publish::store::lock_series;
use crate::db::Tx;
use crate::fault::{During, Fault};
use serde_json::{Value, json};

/// Counts of what a series has, or of what was removed.
struct Gone {
    snapshots: u64,
    manifest_rows: u64,
    vectors: u64,
    curves: u64,
    uploads: u64,
}

/// Purges series, each in its own transaction. A dry run only counts.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn purge(ctx: &Ctx, scope: &Scope, dry_run: bool) -> Result<Value, Fault> {
    let mut purged = Vec::new();
    for (data_type, market) in scope {
        let mut tx = ctx.db().begin("purge a series").await?;
        let gone = if dry_run {
            count(&mut tx, *data_type, *market).await?
        } else {
            remove(&mut tx, *data_type, *market).await?
        };
        if gone.snapshots + gone.curves + gone.uploads > 0 {
            let detail = json!({
                "data_type": data_type.word(), "market": market.code(), "snapshots": gone.snapshots,
                "manifest_rows": gone.manifest_rows, "vectors": gone.vectors, "curves": gone.curves,
                "uploads": gone.uploads,
            });
            if !dry_run {
                let subject = format!("{data_type} {market}");
                operate::did(&mut tx, "history.purge", &subject, detail.clone(), ctx.clock().now()).await?;
            }
            purged.push(detail);
        }
        tx.commit().await?;
    }
    if !dry_run {
        tracing::warn!(series = purged.len(), "purged");
    }
    Ok(json!({ "dry_run": dry_run, "purged": purged }))
}

async fn count(tx: &mut Tx, data_type: DataType, market: Market) -> Result<Gone, Fault> {
    let row = sqlx::query!(
        r#"with this as (select id from trueprice.series where data_type = $1 and market = $2)
        select
            (select count(*) from trueprice.snapshot s where s.series_id = (select id from this)) as "snapshots!",
            (select count(*) from trueprice.snapshot_curve i join trueprice.snapshot s on s.id = i.snapshot_id
                where s.series_id = (select id from this)) as "manifest_rows!",
            (select count(*) from trueprice.curve_values v join trueprice.curve c on c.id = v.curve_id
                where c.series_id = (select id from this)) as "vectors!",
            (select count(*) from trueprice.curve c where c.series_id = (select id from this)) as "curves!",
            (select count(*) from trueprice.upload u where u.data_type = $1 and u.market = $2) as "uploads!""#,
        data_type.word(),
        market.code()
    );
    let row = row.fetch_one(tx).await.during("counting what a purge would remove")?;
    Ok(Gone {
        snapshots: row.snapshots.unsigned_abs(),
        manifest_rows: row.manifest_rows.unsigned_abs(),
        vectors: row.vectors.unsigned_abs(),
        curves: row.curves.unsigned_abs(),
        uploads: row.uploads.unsigned_abs(),
    })
}

async fn remove(tx: &mut Tx, data_type: DataType, market: Market) -> Result<Gone, Fault> {
    let series = lock_series(tx, data_type, market).await?.0;
    let gone = sqlx::query!(
        "delete from trueprice.snapshot_curve i using trueprice.snapshot s
        where s.id = i.snapshot_id and s.series_id = $1",
        series
    );
    let manifest_rows = gone.execute(&mut *tx).await.during("purging manifests")?.rows_affected();
    let gone = sqlx::query!(
        "delete from trueprice.curve_values v using trueprice.curve c
        where c.id = v.curve_id and c.series_id = $1",
        series
    );
    let vectors = gone.execute(&mut *tx).await.during("purging values")?.rows_affected();
    let gone = sqlx::query!("delete from trueprice.curve where series_id = $1", series);
    let curves = gone.execute(&mut *tx).await.during("purging curves")?.rows_affected();
    sqlx::query!(
        "delete from trueprice.withdrawal w using trueprice.snapshot s where s.id = w.snapshot_id and s.series_id = $1",
        series
    )
    .execute(&mut *tx)
    .await
    .during("purging withdrawals")?;
    sqlx::query!(
        "update trueprice.upload u set snapshot_id = null from trueprice.snapshot s
        where s.id = u.snapshot_id and s.series_id = $1",
        series
    )
    .execute(&mut *tx)
    .await
    .during("purging the journal")?;
    let gone = sqlx::query!("delete from trueprice.snapshot where series_id = $1", series);
    let snapshots = gone.execute(&mut *tx).await.during("purging snapshots")?.rows_affected();
    let gone = sqlx::query!("delete from trueprice.coverage where series_id = $1", series);
    gone.execute(&mut *tx).await.during("purging coverages")?;
    let gone = sqlx::query!(
        "delete from trueprice.upload where data_type = $1 and market = $2",
        data_type.word(),
        market.code()
    );
    let uploads = gone.execute(&mut *tx).await.during("purging the journal")?.rows_affected();
    let gone = sqlx::query!("delete from trueprice.archive_file where series_id = $1", series);
    gone.execute(tx).await.during("purging the records of the archive")?;
    Ok(Gone { snapshots, manifest_rows, vectors, curves, uploads })
}
