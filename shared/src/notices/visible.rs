//! What of a notice may still be seen: asked again whenever it is sent or shown.

use super::judge::{Found, Seen};
use crate::access::Grants;
use crate::catalog::Month;
use crate::db::Tx;
use crate::fault::{During, Fault};

/// Leaves out what may not be seen: prices of which a curve or a month is not granted, and news of series of which nothing is.
///
/// # Errors
/// A fault if the database does not answer.
pub(super) async fn only(tx: &mut Tx, found: Vec<Found>, grants: &Grants) -> Result<Vec<Found>, Fault> {
    if grants.everything {
        return Ok(found);
    }
    let mut curves: Vec<i32> =
        found.iter().flat_map(|found| &found.moves).flat_map(|one| one.curves.iter().copied()).collect();
    curves.sort_unstable();
    curves.dedup();
    let rows = sqlx::query!(
        r#"select c.id, trueprice.month_numbers(s.months) as "months?"
        from trueprice.curve c
        join trueprice.series r on r.id = c.series_id
        cross join lateral trueprice.seen($2, false, $3, r.data_type, r.market, c.normal) s
        where c.id = any($1)"#,
        &curves,
        grants.user_id,
        grants.now
    );
    let rows = rows.fetch_all(&mut *tx).await.during("looking up what may be seen of a notice")?;
    let months: Seen = rows.into_iter().map(|row| (row.id, row.months)).collect();
    let mut left = Vec::new();
    for mut one in found {
        if one.moves.is_empty() {
            let data_type = one.about["data_type"].as_str().and_then(|word| word.parse().ok());
            let market = one.about["market"].as_str().and_then(|word| word.parse().ok());
            let (Some(data_type), Some(market)) = (data_type, market) else { continue };
            let sees = grants.see_some(tx, data_type, market).await?;
            left.extend(sees.then_some(one));
            continue;
        }
        one.moves.retain(|moved| {
            let asked = (Month::of(moved.from).ordinal() - 1)..(Month::of(moved.to).ordinal() - 1);
            moved.curves.iter().all(|curve| match months.get(curve) {
                None => false,
                Some(None) => true,
                Some(Some(months)) => asked
                    .clone()
                    .all(|month| months.chunks_exact(2).any(|range| (range[0]..range[1]).contains(&month))),
            })
        });
        left.extend((!one.moves.is_empty()).then_some(one));
    }
    Ok(left)
}
