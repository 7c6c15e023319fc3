//! Closes rows without an outcome, which are left by readers that were killed and by announced objects that never arrived.

use crate::ctx::Ctx;
use crate::fault::{During, Fault};
use chrono::TimeDelta;

/// Minimum age of the last attempt to read it. A failed message is redelivered after six minutes, five times in all (the queue of
/// the template); so no reader is left after this time, and with a check every five minutes a row is closed within the hour.
const AFTER: TimeDelta = TimeDelta::minutes(30);

/// Maximum number of rows closed at a time.
const MAX_ROWS: i64 = 1000;

const NEVER_STORED: &str =
    "abandoned: the announced object never arrived, so nothing was published; upload it again";
const BROKEN_OFF: &str = "abandoned: its reading broke off and was not resumed, so nothing was published; upload it again, \
    or let an admin reingest its key";

/// Closes the rows without an outcome that no reader has attempted for half an hour; returns how many. A row that is being read is
/// claimed and skipped; a row whose notification arrives later is resumed.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn abandon(ctx: &Ctx) -> Result<u64, Fault> {
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("abandon uploads").await?;
    let rows = sqlx::query!(
        r#"with late as (
            select id
            from trueprice.upload
            where status in ('received', 'failed')
              and coalesce(attempted_at, received_at) < $1
            order by id
            limit $2
            for no key update skip locked
        )
        update trueprice.upload u
        set status = 'abandoned',
            finished_at = $3,
            note = case
                when u.arrival like 'api-%' and num_nonnulls(u.version, u.sequencer, u.last_modified) = 0 then $4
                else $5
            end
        from late
        where u.id = late.id
        returning u.id, u.attempts"#,
        now - AFTER,
        MAX_ROWS,
        now,
        NEVER_STORED,
        BROKEN_OFF
    );
    let rows = rows.fetch_all(&mut tx).await.during("abandoning uploads")?;
    tx.commit().await?;
    for row in &rows {
        tracing::warn!(upload = row.id, attempts = row.attempts, "abandoned an upload without an outcome");
    }
    Ok(rows.len() as u64)
}
