//! Recomputes the normalised form of all text that is compared: curves, rules, spellings of places. `migrate` runs it after every
//! upward migration, so that rows written by older code in the meantime are caught the next time. Guarantees: it may be killed and
//! run again, works in steps of 1000 rows, and never merges what was separate.

use crate::access::audit::{self, Act};
use crate::access::rules;
use crate::catalog::{DataType, Market};
use crate::ctx::Ctx;
use crate::curves::normal;
use crate::curves::publish::store::lock_series;
use crate::discovery::place_aliases;
use crate::fault::{During as _, Fault};
use serde_json::{Value, json};

/// The schema version from which the program writes these forms.
pub const SINCE: i64 = 19;

/// Recomputes all forms. Returns how many rows of each kind changed, and how many curves have the same labels as another; `None` if
/// all rows were up to date.
///
/// # Errors
/// A fault if the database does not answer; finished steps are kept.
pub async fn recompute(ctx: &Ctx) -> Result<Option<Value>, Fault> {
    let (mut curves, mut same, mut rules) = (0, 0, 0);
    for (data_type, market) in series(ctx).await? {
        let mut after = 0;
        loop {
            let mut tx = ctx.db().begin("recompute the normalised labels of curves").await?;
            let series = lock_series(&mut tx, data_type, market).await?;
            let Some(done) = normal::recompute(&mut tx, series, after).await? else {
                tx.rollback().await?;
                break;
            };
            for (curve, labels, other) in &done.same {
                tell(ctx, &mut tx, (*curve, *other), labels).await?;
            }
            tx.commit().await?;
            (curves, same, after) = (curves + done.changed, same + done.same.len(), done.last);
        }
    }
    let mut after = 0;
    loop {
        let mut tx = ctx.db().begin("recompute the normalised labels of rules").await?;
        let Some((last, changed)) = rules::normal::recompute(&mut tx, after).await? else {
            tx.rollback().await?;
            break;
        };
        tx.commit().await?;
        (rules, after) = (rules + changed, last);
    }
    let mut tx = ctx.db().begin("recompute the normalised forms of spellings").await?;
    let spellings = place_aliases::recompute(&mut tx).await?;
    tx.commit().await?;
    if curves + rules + spellings == 0 {
        return Ok(None);
    }
    tracing::info!(curves, rules, spellings, same, "recomputed normalised texts");
    Ok(Some(json!({ "curves": curves, "rules": rules, "spellings": spellings, "same_labels": same })))
}

async fn series(ctx: &Ctx) -> Result<Vec<(DataType, Market)>, Fault> {
    let mut tx = ctx.db().begin("list series").await?;
    let rows = sqlx::query!("select data_type, market from trueprice.series order by id");
    let rows = rows.fetch_all(&mut tx).await.during("listing series")?;
    tx.commit().await?;
    let series = rows.into_iter().map(|row| {
        let data_type = row.data_type.parse().during("reading a data type")?;
        Ok((data_type, row.market.parse().during("reading a market")?))
    });
    series.collect()
}

/// Logs and audits two curves with the same labels.
async fn tell(
    ctx: &Ctx,
    tx: &mut crate::db::Tx,
    (curve, other): (i32, i32),
    labels: &str,
) -> Result<(), Fault> {
    tracing::warn!(
        curve,
        other,
        "two curves look the same; unusual characters in the labels of the first are now spelled out"
    );
    let act = Act {
        by: "function migrate",
        came_from: None,
        action: "curve.same_labels",
        subject: labels,
        detail: json!({ "curve": curve, "other": other }),
    };
    audit::record(tx, &act, ctx.clock().now()).await
}
