//! Whether a correction changed anything visible to its reader. A correction that changed nothing visible triggers no notice,
//! because a notice would reveal that something else exists. Guarantees: the answer matches the feed,
//! which counts the same changes.

use super::change_context::{self, Change, Kind, Wanted};
use super::rule::series_word;
use crate::access::Grants;
use crate::ctx::Ctx;
use crate::curves::read::marks;
use crate::curves::read::snapshot_diff;
use crate::curves::read::snapshot_diff::{Moved, Pair};
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::parameters::filter::Filter;

/// Whether each of these corrections changed anything visible; `None` if that is not recorded, or if the revision
/// before is not visible.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn written_down(
    tx: &mut Tx,
    snapshots: &[i32],
    grants: &Grants,
) -> Result<Vec<Option<bool>>, Fault> {
    let rows = sqlx::query_scalar!(
        "select trueprice.can_see_correction($1, $2, $3, s.id)
        from unnest($4::int[]) with ordinality as s (id, place)
        order by s.place",
        grants.user_id(),
        grants.everything(),
        grants.now(),
        snapshots
    );
    rows.fetch_all(tx).await.during("looking up what corrections changed")
}

/// A change as seen with these grants: it replaces the snapshot before it among those visible.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn as_seen(tx: &mut Tx, change: &Change, grants: &Grants) -> Result<Option<Change>, Fault> {
    let series = [series_word(change.series())];
    let wanted = Wanted { after: change.id - 1, most: 1, series: &series, ..Wanted::default() };
    let own = change_context::changes(tx, &wanted, grants).await?.pop();
    Ok(own.filter(|own| own.id == change.id))
}

/// Whether a change is reported to subscribers of corrections. A withdrawal removes everything visible of a
/// snapshot, so it always is.
///
/// # Errors
/// A fault if the database, or the archive where it is needed, does not respond.
pub(super) async fn is_told(ctx: &Ctx, tx: &mut Tx, change: &Change, grants: &Grants) -> Result<bool, Fault> {
    if change.kind != Kind::Corrected {
        return Ok(true);
    }
    if let Some(told) = written_down(tx, &[change.mark.id], grants).await?.pop().flatten() {
        return Ok(told);
    }
    // Compared again, with the previous visible revision; without one, everything visible is new.
    let Some(own) = as_seen(tx, change, grants).await? else { return Ok(false) };
    let Some(before) = own.previous else { return Ok(true) };
    let Some(old) = marks::of_id(tx, before, grants).await? else { return Ok(true) };
    let filter = Filter::default();
    let pair = Pair { old: &old, new: &own.mark, filter: &filter, slots: (i64::MIN / 2, i64::MAX / 2) };
    let found = snapshot_diff::compare(tx, ctx.objects(), &pair, grants).await?;
    Ok(found.is_none_or(|found| found.moved.iter().any(Moved::differs)))
}
