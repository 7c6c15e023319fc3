//! The small steps of a compaction: packing numbers of earlier releases, dropping unreferenced values, deleting expired account
//! data and request counts, refreshing statistics. Each batch is its own transaction.

use crate::access::gate::limits;
use crate::access::sessions::{self, lockout};
use crate::catalog::{DataType, Market};
use crate::clock::Budget;
use crate::ctx::Ctx;
use crate::curves::ids::SeriesId;
use crate::curves::publish::store::lock_series;
use crate::curves::values::pack;
use crate::curves::values::vector::Vector;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::notices;

/// Number of vectors that are packed or dropped per transaction.
const BATCH: i64 = 2000;

/// Packs values that an earlier release stored as floats; false if the budget ran out first. Values that cannot be packed stay and
/// are skipped.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn pack_old(ctx: &Ctx, series: SeriesId, budget: Budget, packed: &mut u64) -> Result<bool, Fault> {
    let mut after = 0_i64;
    while budget.is_left() {
        let mut tx = ctx.db().begin("pack values").await?;
        let rows = sqlx::query!(
            r#"select v.id, trueprice.stored_vector(v.packed, v.values) as "values!: Vector"
            from trueprice.curve_values v
            join trueprice.curve c on c.id = v.curve_id
            where c.series_id = $1 and v.id > $2 and v.values is not null
            order by v.id
            limit $3"#,
            series.0,
            after,
            BATCH
        );
        let rows = rows.fetch_all(&mut tx).await.during("reading values to pack")?;
        let Some(last) = rows.last() else {
            tx.commit().await?;
            return Ok(true);
        };
        after = last.id;
        let small = rows.iter().filter_map(|row| Some((row.id, pack::pack(&row.values.0)?)));
        let (ids, bytes): (Vec<i64>, Vec<Vec<u8>>) = small.unzip();
        let done = sqlx::query!(
            "update trueprice.curve_values v set packed = n.packed, values = null
            from unnest($1::bigint[], $2::bytea[]) as n (id, packed)
            where v.id = n.id and v.values is not null",
            &ids,
            &bytes
        );
        *packed += done.execute(&mut tx).await.during("packing values")?.rows_affected();
        tx.commit().await?;
    }
    Ok(false)
}

/// Drops values that no snapshot refers to, under the lock that orders the writers of the series: a writer may have just found such
/// a value and be about to refer to it. False if the budget ran out first.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn drop_unreferenced(
    ctx: &Ctx,
    (data_type, market): (DataType, Market),
    budget: Budget,
    dropped: &mut u64,
) -> Result<bool, Fault> {
    let mut after = 0_i64;
    while budget.is_left() {
        // Searched without the lock, which would block publishing to the series.
        let mut tx = ctx.db().begin("look for unreferenced values").await?;
        let found = unreferenced(&mut tx, (data_type, market), after).await?;
        tx.commit().await?;
        let Some(last) = found.last() else { return Ok(true) };
        after = *last;
        let mut tx = ctx.db().begin("drop unreferenced values").await?;
        lock_series(&mut tx, data_type, market).await?;
        let gone = sqlx::query!(
            "delete from trueprice.curve_values v
            where v.id = any($1)
              and not exists (select from trueprice.snapshot_curve i where i.values_id = v.id)",
            &found
        );
        *dropped += gone.execute(&mut tx).await.during("dropping values")?.rows_affected();
        tx.commit().await?;
    }
    Ok(false)
}

/// The ids of the next unreferenced values, in order.
async fn unreferenced(
    tx: &mut Tx,
    (data_type, market): (DataType, Market),
    after: i64,
) -> Result<Vec<i64>, Fault> {
    let ids = sqlx::query_scalar!(
        "select v.id
        from trueprice.curve_values v
        join trueprice.curve c on c.id = v.curve_id
        join trueprice.series r on r.id = c.series_id
        where r.data_type = $1
          and r.market = $2
          and v.id > $3
          and not exists (select from trueprice.snapshot_curve i where i.values_id = v.id)
        order by v.id
        limit $4",
        data_type.word(),
        market.code(),
        after,
        BATCH
    );
    ids.fetch_all(tx).await.during("looking for unreferenced values")
}

/// Deletes account data that is no longer needed: counts of wrong passwords, unused links, sessions that ended and notices that
/// were sent long ago.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn accounts(ctx: &Ctx) -> Result<u64, Fault> {
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("tidy accounts").await?;
    let gone = lockout::forget(&mut tx, now).await?
        + crate::access::users::reset_link::forget(&mut tx, now).await?
        + sessions::forget(&mut tx, now).await?
        + notices::forget(&mut tx, now).await?;
    tx.commit().await?;
    Ok(gone)
}

/// Deletes the request counts of minutes that are over.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn forget_requests(ctx: &Ctx) -> Result<(), Fault> {
    let mut tx = ctx.db().begin("remove old request counts").await?;
    limits::forget(&mut tx, ctx.clock().now()).await?;
    tx.commit().await
}

/// Refreshes the planner's statistics.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn analyze(ctx: &Ctx) -> Result<(), Fault> {
    let mut tx = ctx.db().begin("refresh statistics").await?;
    sqlx::query!(
        "analyze trueprice.curve, trueprice.curve_values, trueprice.snapshot, trueprice.snapshot_curve, trueprice.coverage,
            trueprice.snapshot_coverage, trueprice.upload"
    )
    .execute(&mut tx)
    .await
    .during("refreshing statistics")?;
    tx.commit().await
}
