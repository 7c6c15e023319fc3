//! The state of the system at a glance, for an admin.

use super::migrate;
use super::sizes::sizes;
use crate::ctx::Ctx;
use crate::fault::{During, Fault};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// Reports the state of each series, the latest uploads and their outcomes, sizes, the schema, compaction and the archive.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn status(ctx: &Ctx) -> Result<Value, Fault> {
    let now = ctx.clock().now();
    let sizes = sizes(ctx).await?;
    let mut tx = ctx.db().begin_read("read the status").await?;
    let (version, pending) = migrate::standing(&mut tx).await?;
    let series = sqlx::query!(
        r#"select r.data_type, r.market, count(s.id) as "snapshots!", max(s.stamp) as newest_stamp,
            max(s.stamp) filter (where s.cob) as newest_cob, max(lower(s.known)) as last_known,
            count(s.archive_id) as "archived!"
        from trueprice.series r
        left join trueprice.snapshot s on s.series_id = r.id and upper_inf(s.known)
        group by r.id
        order by r.data_type, r.market"#
    );
    let series = series.fetch_all(&mut tx).await.during("looking at the series")?;
    let uploads = sqlx::query!(
        r#"select max(received_at) as last, count(*) filter (where status = 'received') as "waiting!",
            count(*) filter (where status = 'failed') as "failed!",
            count(*) filter (where status = 'abandoned') as "abandoned!",
            count(*) filter (where received_at > $1) as "of_a_day!",
            count(*) filter (where status = 'rejected' and received_at > $1) as "rejected!"
        from trueprice.upload"#,
        now - TimeDelta::days(1)
    );
    let uploads = uploads.fetch_one(&mut tx).await.during("looking at the journal")?;
    let compaction = sqlx::query!(
        "select started_at, finished_at, report from trueprice.compaction order by id desc limit 1"
    );
    let compaction = compaction.fetch_optional(&mut tx).await.during("looking at compaction")?;
    let policy = sqlx::query!("select data_type, intraday_days from trueprice.retention order by data_type");
    let policy = policy.fetch_all(&mut tx).await.during("looking at the retention policy")?;
    let archive = sqlx::query!(
        r#"select count(*) as "files!", coalesce(sum(size), 0)::bigint as "bytes!",
            coalesce(sum(snapshots), 0)::bigint as "snapshots!"
        from trueprice.archive_file
        where verified_at is not null"#
    );
    let archive = archive.fetch_one(&mut tx).await.during("looking at the archive")?;
    tx.commit().await?;
    let series: Vec<Value> = series
        .into_iter()
        .map(|row| {
            json!({
                "data_type": row.data_type, "market": row.market, "snapshots": row.snapshots,
                "newest_stamp": row.newest_stamp, "newest_cob": row.newest_cob, "last_known": row.last_known,
                "archived": row.archived,
            })
        })
        .collect();
    let policy: Vec<Value> = policy
        .into_iter()
        .map(|row| json!({ "data_type": row.data_type, "intraday_days": row.intraday_days }))
        .collect();
    Ok(json!({
        "at": now,
        "series": series,
        "uploads": { "last": uploads.last, "waiting": uploads.waiting, "failed": uploads.failed,
            "abandoned": uploads.abandoned,
            "last_day": uploads.of_a_day, "rejected_last_day": uploads.rejected },
        "sizes": sizes,
        "schema": { "version": version, "pending": pending },
        "compaction": compaction.map(|row| json!({
            "started_at": row.started_at, "finished_at": row.finished_at, "report": row.report,
        })),
        "retention": policy,
        "archive": { "files": archive.files, "bytes": archive.bytes, "snapshots": archive.snapshots },
    }))
}
