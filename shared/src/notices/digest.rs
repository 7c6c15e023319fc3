//! Digests: everything found since the last one, reported together at the times of a schedule.

use super::cron::Cron;
use crate::ctx::Ctx;
use crate::fault::{During, Fault};
use chrono_tz::Tz;
use serde_json::json;

/// Makes the digests that are due and returns their number. Each has its own transaction, which also records
/// up to when it was made.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn make(ctx: &Ctx) -> Result<u64, Fault> {
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("look for digests").await?;
    let rows = sqlx::query!(
        r#"select s.id, s.cron as "cron!", s.zone, s.looked_at
        from trueprice.subscription s
        where s.cron is not null
          and s.ended_at is null
          and exists (select from trueprice.notice n where n.subscription_id = s.id and n.state = 'collected')
        order by s.id"#
    );
    let rows = rows.fetch_all(&mut tx).await.during("reading subscriptions with a schedule")?;
    tx.rollback().await?;
    let mut made = 0;
    for row in rows {
        let (Ok(cron), Ok(zone)) = (row.cron.parse::<Cron>(), row.zone.parse::<Tz>()) else { continue };
        let Some(at) = cron.last_between(row.looked_at, now, zone) else { continue };
        let mut tx = ctx.db().begin("make a digest").await?;
        let taken = sqlx::query!(
            "update trueprice.subscription set looked_at = $2 where id = $1 and looked_at = $3",
            row.id,
            at,
            row.looked_at
        );
        let taken = taken.execute(&mut tx).await.during("taking up a digest")?;
        let found = json!({ "about": { "kind": "digest", "at": at }, "moves": [] });
        // Anything found later belongs to the next digest.
        let digest = sqlx::query_scalar!(
            "insert into trueprice.notice (subscription_id, event, found, channel, state, next_at, made_at, ended_at)
            select s.id, $2, $3, s.channel, case when s.channel = 'inbox' then 'delivered' else 'waiting' end, $4, $4,
                case when s.channel = 'inbox' then $4::timestamptz end
            from trueprice.subscription s
            where s.id = $1
              and exists (
                select
                from trueprice.notice n
                where n.subscription_id = s.id and n.state = 'collected' and n.made_at <= $5
              )
            on conflict do nothing
            returning id",
            row.id,
            format!("digest:{}", at.format("%Y-%m-%dT%H:%MZ")),
            found,
            now,
            at
        );
        let digest = digest.fetch_optional(&mut tx).await.during("making a digest")?;
        if let (1, Some(digest)) = (taken.rows_affected(), digest) {
            let parts = sqlx::query!(
                "update trueprice.notice set digest_id = $2, state = 'delivered', ended_at = $3
                where subscription_id = $1 and state = 'collected' and made_at <= $4",
                row.id,
                digest,
                now,
                at
            );
            parts.execute(&mut tx).await.during("putting notices into a digest")?;
            made += 1;
        } else if taken.rows_affected() == 0 {
            // Another process has made it meanwhile.
            tx.rollback().await?;
            continue;
        }
        tx.commit().await?;
    }
    Ok(made)
}
