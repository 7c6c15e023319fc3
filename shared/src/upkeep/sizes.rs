//! The size of the database.

use crate::ctx::Ctx;
use crate::fault::{During, Fault};
use serde_json::{Map, Value, json};

/// Rows and bytes of the tables, including indexes. Rows are the planner's estimate where counting would read the whole table.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn sizes(ctx: &Ctx) -> Result<Value, Fault> {
    let mut tx = ctx.db().begin_read("measure the tables").await?;
    let rows = sqlx::query!(
        r#"select t.name as "name!", pg_total_relation_size(('trueprice.' || t.name)::regclass) as "bytes!",
            greatest(c.reltuples, 0)::bigint as "rows!"
        from unnest(array['curve', 'curve_values', 'snapshot', 'snapshot_curve', 'upload']) as t (name)
        join pg_class c on c.oid = ('trueprice.' || t.name)::regclass
        order by t.name"#
    );
    let rows = rows.fetch_all(&mut tx).await.during("measuring the tables")?;
    let exact = sqlx::query!(
        r#"select count(*) as "snapshots!", coalesce(sum(cells), 0)::bigint as "cells!",
            count(archive_id) as "archived!", coalesce(sum(cells) filter (where archive_id is null), 0)::bigint as "online!"
        from trueprice.snapshot"#
    );
    let exact = exact.fetch_one(&mut tx).await.during("counting snapshots")?;
    tx.commit().await?;
    let bytes: i64 = rows.iter().map(|row| row.bytes).sum();
    let tables: Map<String, Value> =
        rows.into_iter().map(|row| (row.name, json!({ "rows": row.rows, "bytes": row.bytes }))).collect();
    Ok(json!({
        "bytes": bytes, "snapshots": exact.snapshots, "archived_snapshots": exact.archived,
        "values": exact.cells, "values_online": exact.online, "tables": tables,
    }))
}
