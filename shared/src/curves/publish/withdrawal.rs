//! Withdraws a snapshot. Guarantees: it stays readable for every moment at which it was known; of two callers who withdraw or
//! correct it at once, the second sees what the first did.

use super::compare;
use super::store;
use crate::clock::Clock;
use crate::curves::ids::SnapshotId;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::TimeDelta;

/// The outcome of withdrawing a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawal {
    /// It was withdrawn.
    Done,
    /// It had already been withdrawn; nothing changed.
    DoneBefore,
    /// Another revision has superseded it.
    Superseded,
    /// There is no such snapshot.
    Unknown,
}

/// Withdraws a snapshot: from now on it is not known, and no other revision replaces it.
///
/// # Errors
/// A fault if the database does not take it.
pub async fn withdraw(
    tx: &mut Tx,
    snapshot: SnapshotId,
    by: &str,
    reason: &str,
    clock: &Clock,
) -> Result<Withdrawal, Fault> {
    let series = sqlx::query!(
        "select r.data_type, r.market
        from trueprice.snapshot s
        join trueprice.series r on r.id = s.series_id
        where s.id = $1",
        snapshot.0
    );
    let Some(series) = series.fetch_optional(&mut *tx).await.during("looking up a snapshot")? else {
        return Ok(Withdrawal::Unknown);
    };
    let data_type = series.data_type.parse().during("reading a data type")?;
    let market = series.market.parse().during("reading a market")?;
    let series = store::lock_series(tx, data_type, market).await?;
    let state = sqlx::query!(
        r#"select s.stamp, lower(s.known) as "known_from!", upper_inf(s.known) as "open!",
            exists (select from trueprice.withdrawal w where w.snapshot_id = s.id) as "withdrawn!"
        from trueprice.snapshot s
        where s.id = $1"#,
        snapshot.0
    );
    let state = state.fetch_one(&mut *tx).await.during("looking up a snapshot")?;
    if !state.open {
        return Ok(if state.withdrawn { Withdrawal::DoneBefore } else { Withdrawal::Superseded });
    }
    // If this clock lags that of the machine that published it, the known range would be empty.
    let at = clock.now().max(state.known_from + TimeDelta::microseconds(1));
    store::close(tx, snapshot, at).await?;
    let added = sqlx::query!(
        "insert into trueprice.withdrawal (snapshot_id, at, by, reason) values ($1, $2, $3, $4)",
        snapshot.0,
        at,
        by,
        reason
    );
    added.execute(&mut *tx).await.during("writing a withdrawal down")?;
    compare::neighbours(tx, series, state.stamp).await?;
    tracing::info!(snapshot = snapshot.0, "withdrew {data_type}/{market} {}", state.stamp);
    Ok(Withdrawal::Done)
}
