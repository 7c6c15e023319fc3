//! All history of some series goes, with its journal: for systems that are filled with trials. Files of the archive and
//! objects of the source bucket stay.

use super::scope::Scope;
use crate::ctx::Ctx;
use crate::curves::store::lock_series;
use crate::fault::{During, Fault};
use serde_json::{Value, json};

/// Purges series; each in a transaction of its own. In a dry run it is rolled back, so that the numbers are exact.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn purge(ctx: &Ctx, scope: &Scope, dry_run: bool) -> Result<Value, Fault> {
    let mut purged = Vec::new();
    for (data_type, market) in scope {
        let mut tx = ctx.db().begin("purge a series").await?;
        let series = lock_series(&mut tx, *data_type, *market).await?.0;
        let gone = sqlx::query!(
            "delete from trueprice.snapshot_curve i using trueprice.snapshot s
            where s.id = i.snapshot_id and s.series_id = $1",
            series
        );
        let rows = gone.execute(&mut tx).await.during("purging manifests")?.rows_affected();
        let gone = sqlx::query!(
            "delete from trueprice.curve_values v using trueprice.curve c
            where c.id = v.curve_id and c.series_id = $1",
            series
        );
        let vectors = gone.execute(&mut tx).await.during("purging values")?.rows_affected();
        let gone = sqlx::query!("delete from trueprice.curve where series_id = $1", series);
        let curves = gone.execute(&mut tx).await.during("purging curves")?.rows_affected();
        sqlx::query!(
            "delete from trueprice.withdrawal w using trueprice.snapshot s where s.id = w.snapshot_id and s.series_id = $1",
            series
        )
        .execute(&mut tx)
        .await
        .during("purging withdrawals")?;
        sqlx::query!(
            "update trueprice.upload u set snapshot_id = null from trueprice.snapshot s
            where s.id = u.snapshot_id and s.series_id = $1",
            series
        )
        .execute(&mut tx)
        .await
        .during("purging the journal")?;
        let gone = sqlx::query!("delete from trueprice.snapshot where series_id = $1", series);
        let snapshots = gone.execute(&mut tx).await.during("purging snapshots")?.rows_affected();
        let gone = sqlx::query!(
            "delete from trueprice.upload where data_type = $1 and market = $2",
            data_type.word(),
            market.code()
        );
        let uploads = gone.execute(&mut tx).await.during("purging the journal")?.rows_affected();
        let gone = sqlx::query!("delete from trueprice.archive_file where series_id = $1", series);
        gone.execute(&mut tx).await.during("purging what is known of the archive")?;
        if dry_run {
            tx.rollback().await?;
        } else {
            tx.commit().await?;
        }
        if snapshots + curves + uploads > 0 {
            purged.push(json!({
                "data_type": data_type.word(), "market": market.code(), "snapshots": snapshots, "manifest_rows": rows,
                "vectors": vectors, "curves": curves, "uploads": uploads,
            }));
        }
    }
    if !dry_run {
        tracing::warn!(series = purged.len(), "purged");
    }
    Ok(json!({ "dry_run": dry_run, "purged": purged }))
}
