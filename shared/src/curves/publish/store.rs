//! The SQL that writes curves.

use crate::catalog::text::normalised;
use crate::catalog::{DataType, Label, Market};
use crate::curves::curve_name::CurveName;
use crate::curves::ids::SnapshotId;
use crate::curves::ids::{CurveId, PartId, SeriesId};
use crate::curves::values::vector::{self, NewValues};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use std::collections::HashSet;
use uuid::Uuid;

/// Takes the row lock that orders the writers of a series. An advisory lock would pin a proxied connection.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn lock_series(tx: &mut Tx, data_type: DataType, market: Market) -> Result<SeriesId, Fault> {
    let (data_type, market) = (data_type.word(), market.code());
    loop {
        let locked = sqlx::query_scalar!(
            "select id from trueprice.series where data_type = $1 and market = $2 for update",
            data_type,
            market
        );
        if let Some(id) = locked.fetch_optional(&mut *tx).await.during("locking a series")? {
            return Ok(SeriesId(id));
        }
        sqlx::query!(
            "insert into trueprice.series (data_type, market) values ($1, $2) on conflict do nothing",
            data_type,
            market
        )
        .execute(&mut *tx)
        .await
        .during("adding a series")?;
    }
}

/// The ids of the sheet's curves, in its order; new curves are added.
///
/// # Errors
/// A fault if the database does not take them.
pub async fn curve_ids(
    tx: &mut Tx,
    series: SeriesId,
    identities: &[Uuid],
    names: &[&CurveName],
) -> Result<Vec<CurveId>, Fault> {
    let names = || names.iter();
    let label = |label: Label| names().map(|name| name.label(label).to_owned()).collect::<Vec<_>>();
    let subs: Vec<String> = names().map(|name| name.sub_component.clone()).collect();
    let raws: Vec<Option<String>> = names().map(|name| name.sub_component_raw.clone()).collect();
    let units: Vec<Option<String>> = names().map(|name| name.uom.clone()).collect();
    // Arrays of arrays must be of one width, and that of a sheet's details is its layout's.
    let width = names().map(|name| name.details.len()).max().unwrap_or(0);
    let details: Vec<String> = names().flat_map(|name| name.details.iter().cloned()).collect();
    let normals: Vec<String> = names().flat_map(|name| name.normal()).collect();
    let normal_units: Vec<Option<String>> =
        units.iter().map(|unit| unit.as_deref().map(normalised)).collect();
    let found = sqlx::query!(
        r#"with sheet as (
            select *
            from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::text[], $11::text[], $12::text[], $13::text[], $17::text[])
                with ordinality as s (identity, control_area, state, load_zone, capacity_zone, utility, block_type,
                    cost_group, cost_component, sub_cost_component, sub_cost_component_raw, uom, uom_normal, place)
        ), detailed as (
            select sheet.*, ($14::text[])[((place - 1) * $15 + 1)::int : (place * $15)::int] as details,
                ($16::text[])[((place - 1) * ($15 + 9) + 1)::int : (place * ($15 + 9))::int] as normal
            from sheet
        ), added as (
            insert into trueprice.curve (series_id, identity, control_area, state, load_zone, capacity_zone, utility, block_type,
                cost_group, cost_component, sub_cost_component, sub_cost_component_raw, uom, details, normal, uom_normal)
            select $1, identity, control_area, state, load_zone, capacity_zone, utility, block_type,
                cost_group, cost_component, sub_cost_component, sub_cost_component_raw, uom, details, normal, uom_normal
            from detailed
            order by place
            on conflict on constraint one_curve_per_identity do nothing
            returning id, identity
        ), known as (
            select id, identity from added
            union all
            select c.id, c.identity from trueprice.curve c join sheet using (identity) where c.series_id = $1
        )
        select known.id as "id!" from sheet join known using (identity) order by sheet.place"#,
        series.0,
        identities,
        &label(Label::ControlArea),
        &label(Label::State),
        &label(Label::LoadZone),
        &label(Label::CapacityZone),
        &label(Label::Utility),
        &label(Label::BlockType),
        &label(Label::CostGroup),
        &label(Label::CostComponent),
        &subs,
        &raws as &[Option<String>],
        &units as &[Option<String>],
        &details,
        i64::try_from(width).unwrap_or(0),
        &normals,
        &normal_units as &[Option<String>]
    );
    let ids: Vec<CurveId> = found
        .fetch_all(tx)
        .await
        .during("looking up the curves")?
        .into_iter()
        .map(|row| CurveId(row.id))
        .collect();
    if ids.len() != identities.len() {
        return Err(Fault::new(format!("{} curves of a sheet have {} ids", identities.len(), ids.len())));
    }
    Ok(ids)
}

/// The values that are already stored.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn stored_values(tx: &mut Tx, parts: &[PartId]) -> Result<HashSet<PartId>, Fault> {
    let (ids, starts, digests) = columns(parts);
    let rows = sqlx::query!(
        r#"select s.curve_id as "curve_id!", s.start as "start!", s.digest as "digest!"
        from unnest($1::int[], $2::date[], $3::uuid[]) as s (curve_id, start, digest)
        join trueprice.curve_values v using (curve_id, start, digest)"#,
        &ids,
        &starts,
        &digests
    );
    let rows = rows.fetch_all(tx).await.during("looking up the values")?.into_iter();
    Ok(rows
        .map(|row| PartId { curve: CurveId(row.curve_id), start: row.start, digest: row.digest })
        .collect())
}

fn columns(parts: &[PartId]) -> (Vec<i32>, Vec<NaiveDate>, Vec<Uuid>) {
    let ids = parts.iter().map(|part| part.curve.0).collect();
    (ids, parts.iter().map(|part| part.start).collect(), parts.iter().map(|part| part.digest).collect())
}

/// Stores values by COPY, in chunks, so that a large sheet is not held a second time.
///
/// # Errors
/// A fault if the database does not take them.
pub async fn copy_values<'v>(
    tx: &mut Tx,
    rows: impl Iterator<Item = (PartId, &'v [f64])> + Send,
) -> Result<u64, Fault> {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return Ok(0);
    }
    let rows = rows.map(|(part, values)| NewValues {
        curve: part.curve.0,
        start: part.start,
        digest: part.digest,
        values,
    });
    let statement = "copy trueprice.curve_values (curve_id, start, digest, values, packed, length) from stdin with (format binary)";
    tx.copy_in(statement, vector::copy_chunks(rows)).await.during("storing values")
}

/// Closes the time range in which a snapshot is known.
///
/// # Errors
/// A fault if it was not open, or the database does not answer.
pub async fn close(tx: &mut Tx, snapshot: SnapshotId, at: DateTime<Utc>) -> Result<(), Fault> {
    let closed = sqlx::query!(
        "update trueprice.snapshot set known = tstzrange(lower(known), $2) where id = $1 and upper_inf(known)",
        snapshot.0,
        at
    );
    match closed.execute(tx).await.during("closing a snapshot")?.rows_affected() {
        1 => Ok(()),
        rows => Err(Fault::new(format!("closing a snapshot changed {rows} rows"))),
    }
}

/// A snapshot to be inserted.
#[derive(Debug)]
pub struct NewSnapshot {
    /// Data type and market.
    pub series: SeriesId,
    /// Wall clock of the market.
    pub stamp: NaiveDateTime,
    /// Whether it is marked close of business.
    pub cob: bool,
    /// 1, or one more than the previous revision.
    pub revision: i32,
    /// Since when it is known.
    pub known_from: DateTime<Utc>,
    /// Digest of its content.
    pub content: Uuid,
    /// The upload that it was published from.
    pub upload: i64,
    /// Number of curves.
    pub curves: usize,
    /// Number of values, including missing ones.
    pub cells: usize,
    /// Number of missing values.
    pub missing: usize,
}

/// Adds a snapshot.
///
/// # Errors
/// A fault if the database does not take it.
pub async fn insert_snapshot(tx: &mut Tx, new: &NewSnapshot) -> Result<SnapshotId, Fault> {
    let added = sqlx::query_scalar!(
        "insert into trueprice.snapshot (series_id, stamp, cob, revision, known, content, upload_id, curves, cells, missing)
        values ($1, $2, $3, $4, tstzrange($5, null), $6, $7, $8, $9, $10)
        returning id",
        new.series.0,
        new.stamp,
        new.cob,
        new.revision,
        new.known_from,
        new.content,
        new.upload,
        i32::try_from(new.curves).unwrap_or(i32::MAX),
        i64::try_from(new.cells).unwrap_or(i64::MAX),
        i64::try_from(new.missing).unwrap_or(i64::MAX)
    );
    added.fetch_one(tx).await.during("adding a snapshot").map(SnapshotId)
}

/// Adds the manifest of a snapshot.
///
/// # Errors
/// A fault if a curve of it has no stored values, or the database does not take it.
pub async fn insert_manifest(tx: &mut Tx, snapshot: SnapshotId, parts: &[PartId]) -> Result<(), Fault> {
    let (ids, starts, digests) = columns(parts);
    let added = sqlx::query!(
        "insert into trueprice.snapshot_curve (snapshot_id, curve_id, values_id)
        select $1, v.curve_id, v.id
        from unnest($2::int[], $3::date[], $4::uuid[]) with ordinality as s (curve_id, start, digest, place)
        join trueprice.curve_values v using (curve_id, start, digest)
        order by s.place",
        snapshot.0,
        &ids,
        &starts,
        &digests
    );
    let rows = added.execute(tx).await.during("adding a manifest")?.rows_affected();
    if rows == ids.len() as u64 {
        Ok(())
    } else {
        Err(Fault::new(format!("{} vectors have {rows} manifest rows", ids.len())))
    }
}
