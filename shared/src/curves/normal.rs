//! Recomputes the normal form in which the labels of stored curves are compared. Guarantees: no two curves become one. Of two
//! that look the same, the one that new sheets refer to keeps its labels; in the labels of the other, invisible characters are
//! written out (`HUB<U+200B>`); it keeps its identity and history, and is reported.

use super::curve_name::CurveName;
use super::ids::SeriesId;
use super::read;
use crate::catalog::Label;
use crate::catalog::label::normalised;
use crate::db::Tx;
use crate::fault::{During, Fault};
use uuid::Uuid;

/// The result for a batch of curves.
#[derive(Debug, Default)]
pub struct Recomputed {
    /// The greatest of their keys.
    pub last: i32,
    /// Number of curves whose form changed.
    pub changed: u64,
    /// Those that look like another curve: their keys, their labels as they were, and the keys of the others.
    pub same: Vec<(i32, String, i32)>,
}

/// Recomputes up to 1000 curves after the key `after`, of a series that is locked; `None` if there are no more.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn recompute(tx: &mut Tx, series: SeriesId, after: i32) -> Result<Option<Recomputed>, Fault> {
    let rows = sqlx::query!(
        r#"select id, identity, array[control_area, state, load_zone, capacity_zone, utility, block_type, cost_group,
                cost_component, sub_cost_component] as "labels!",
            sub_cost_component_raw, uom, details, normal, uom_normal
        from trueprice.curve
        where series_id = $1
          and id > $2
        order by id
        limit 1000"#,
        series.0,
        after
    );
    let rows = rows.fetch_all(&mut *tx).await.during("reading curves")?;
    let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
    let mut done = Recomputed { last, ..Recomputed::default() };
    for row in rows {
        let name = read::name(row.labels, row.sub_cost_component_raw, row.uom, Some(row.details))?;
        let (mut identity, mut shown) = (row.identity, None);
        // An identity that is neither of the two was kept by an earlier run.
        if name.identity_before() == Some(row.identity) {
            match holder(tx, series, name.identity(), row.id).await? {
                None => identity = name.identity(),
                Some(other) => {
                    done.same.push((row.id, name.labels.join(" "), other));
                    shown = Some(name.spelled_out());
                }
            }
        }
        let name = shown.as_ref().unwrap_or(&name);
        let (normal, unit): (Vec<String>, _) = (name.normal().collect(), name.uom.as_deref().map(normalised));
        if (identity, &normal, &unit) != (row.identity, &row.normal, &row.uom_normal) {
            write(tx, row.id, identity, name).await?;
            done.changed += 1;
        }
    }
    Ok(Some(done))
}

/// The other curve that has an identity.
async fn holder(tx: &mut Tx, series: SeriesId, identity: Uuid, but: i32) -> Result<Option<i32>, Fault> {
    let other = sqlx::query_scalar!(
        "select id from trueprice.curve where series_id = $1 and identity = $2 and id <> $3",
        series.0,
        identity,
        but
    );
    other.fetch_optional(tx).await.during("looking for a curve of the same labels")
}

async fn write(tx: &mut Tx, id: i32, identity: Uuid, name: &CurveName) -> Result<(), Fault> {
    sqlx::query!(
        "update trueprice.curve
        set identity = $2, control_area = $3, state = $4, load_zone = $5, capacity_zone = $6, utility = $7, block_type = $8,
            cost_group = $9, cost_component = $10, sub_cost_component = $11, sub_cost_component_raw = $12, uom = $13,
            details = $14, normal = $15, uom_normal = $16
        where id = $1",
        id,
        identity,
        name.label(Label::ControlArea),
        name.label(Label::State),
        name.label(Label::LoadZone),
        name.label(Label::CapacityZone),
        name.label(Label::Utility),
        name.label(Label::BlockType),
        name.label(Label::CostGroup),
        name.label(Label::CostComponent),
        name.sub_component,
        name.sub_component_raw.as_deref(),
        name.uom.as_deref(),
        &name.details,
        &name.normal().collect::<Vec<_>>(),
        name.uom.as_deref().map(normalised)
    )
    .execute(tx)
    .await
    .during("writing the form of a curve")?;
    Ok(())
}
