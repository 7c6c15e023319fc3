//! The SQL that looks up visible curves by identity, for the curves of archived snapshots.

use super::name;
use crate::access::Grants;
use crate::catalog::{DataType, Layout, Market};
use crate::curves::curve_name::CurveName;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::parameters::snapshots::Wanted;
use std::collections::HashSet;
use uuid::Uuid;

/// A curve that the caller may see, found by its identity.
#[derive(Debug)]
pub struct Granted {
    /// Key of the curve.
    pub id: i32,
    /// Name of the curve.
    pub name: CurveName,
    /// The delivery months that are granted, as pairs of numbers; all if absent.
    pub months: Option<Vec<i32>>,
}

/// The curves of a series with these identities, among those that are wanted and granted.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn curves(
    tx: &mut Tx,
    wanted: &Wanted,
    identities: &[Uuid],
    grants: &Grants,
) -> Result<Vec<(Uuid, Granted)>, Fault> {
    let Some((places, patterns)) = wanted.filter.places(Layout::of(wanted.data_type)) else {
        return Ok(vec![]);
    };
    let rows = sqlx::query!(
        r#"select c.identity as "identity!", c.id as "id!", c.labels as "labels!", c.sub_cost_component_raw, c.uom, c.details,
            trueprice.month_numbers(c.months) as months
        from trueprice.visible_curves($5, $4, $9, $1, $2, $6, $7, $8) c
        where c.identity = any($3)"#,
        wanted.data_type.word(),
        wanted.market.code(),
        identities,
        grants.everything(),
        grants.user_id(),
        &places,
        &patterns,
        wanted.filter.curves(),
        grants.now()
    );
    let rows = rows.fetch_all(tx).await.during("looking up curves")?.into_iter();
    rows.map(|row| {
        let name = name(row.labels, row.sub_cost_component_raw, row.uom, row.details)?;
        Ok((row.identity, Granted { id: row.id, name, months: row.months }))
    })
    .collect()
}

/// The identities from before version 19 of these names, as far as curves of a series still have them.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn before(
    tx: &mut Tx,
    (data_type, market): (DataType, Market),
    names: impl Iterator<Item = &CurveName>,
) -> Result<HashSet<Uuid>, Fault> {
    let identities: Vec<Uuid> = names.filter_map(CurveName::identity_before).collect();
    // Hardly any label has characters that were compared differently.
    if identities.is_empty() {
        return Ok(HashSet::new());
    }
    let known = sqlx::query_scalar!(
        "select c.identity
        from trueprice.curve c
        join trueprice.series r on r.id = c.series_id
        where r.data_type = $1
          and r.market = $2
          and c.identity = any($3)",
        data_type.word(),
        market.code(),
        &identities
    );
    Ok(known.fetch_all(tx).await.during("looking up identities of before")?.into_iter().collect())
}
