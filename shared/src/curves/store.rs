//! The SQL of curves.

use super::publish::SnapshotId;
use super::query::{Days, Marks, Wanted};
use super::sheet::CurveSheet;
use super::vector::{self, Vector};
use crate::access::Grants;
use crate::catalog::{DataType, Label, Market, Month};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use futures_util::TryStreamExt as _;
use std::collections::HashSet;
use uuid::Uuid;

/// Key of a series.
#[derive(Clone, Copy, Debug)]
pub struct SeriesId(i32);

/// Key of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CurveId(pub(super) i32);

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

/// The last revision under a stamp.
#[derive(Debug)]
pub struct Revision {
    /// Its snapshot.
    pub id: SnapshotId,
    /// Its number.
    pub revision: i32,
    /// What it says, as one number.
    pub content: Uuid,
    /// Since when it is known.
    pub known_from: DateTime<Utc>,
    /// Whether it is what we know now.
    pub open: bool,
}

/// The last revision under a stamp, if there is one.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn latest_revision(
    tx: &mut Tx,
    series: SeriesId,
    stamp: NaiveDateTime,
) -> Result<Option<Revision>, Fault> {
    let row = sqlx::query!(
        r#"select id, revision, content, lower(known) as "known_from!", upper_inf(known) as "open!"
        from trueprice.snapshot
        where series_id = $1
          and stamp = $2
        order by revision desc
        limit 1"#,
        series.0,
        stamp
    );
    let row = row.fetch_optional(tx).await.during("looking up the stamp")?;
    Ok(row.map(|row| Revision {
        id: SnapshotId(row.id),
        revision: row.revision,
        content: row.content,
        known_from: row.known_from,
        open: row.open,
    }))
}

/// The ids of the sheet's curves, in its order; new curves are added.
///
/// # Errors
/// A fault if the database does not take them.
pub async fn curve_ids(
    tx: &mut Tx,
    series: SeriesId,
    identities: &[Uuid],
    sheet: &CurveSheet,
) -> Result<Vec<CurveId>, Fault> {
    let names = || sheet.curves.iter().map(|curve| &curve.name);
    let label = |label: Label| names().map(|name| name.label(label).to_owned()).collect::<Vec<_>>();
    let subs: Vec<String> = names().map(|name| name.sub_component.clone()).collect();
    let raws: Vec<Option<String>> = names().map(|name| name.sub_component_raw.clone()).collect();
    let units: Vec<Option<String>> = names().map(|name| name.uom.clone()).collect();
    let found = sqlx::query!(
        r#"with sheet as (
            select *
            from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::text[], $11::text[], $12::text[], $13::text[])
                with ordinality as s (identity, control_area, state, load_zone, capacity_zone, utility, block_type,
                    cost_group, cost_component, sub_cost_component, sub_cost_component_raw, uom, place)
        ), added as (
            insert into trueprice.curve (series_id, identity, control_area, state, load_zone, capacity_zone, utility,
                block_type, cost_group, cost_component, sub_cost_component, sub_cost_component_raw, uom)
            select $1, identity, control_area, state, load_zone, capacity_zone, utility,
                block_type, cost_group, cost_component, sub_cost_component, sub_cost_component_raw, uom
            from sheet
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

/// Those of the curves whose values from this start on are stored already.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn stored_values(
    tx: &mut Tx,
    curves: &[CurveId],
    start: Month,
    digests: &[Uuid],
) -> Result<HashSet<CurveId>, Fault> {
    let ids: Vec<i32> = curves.iter().map(|curve| curve.0).collect();
    let rows = sqlx::query_scalar!(
        "select v.curve_id
        from unnest($1::int[], $2::uuid[]) as s (curve_id, digest)
        join trueprice.curve_values v on v.curve_id = s.curve_id and v.start = $3 and v.digest = s.digest",
        &ids,
        digests,
        start.first_day()
    );
    Ok(rows.fetch_all(tx).await.during("looking up the values")?.into_iter().map(CurveId).collect())
}

/// Stores values by COPY, in chunks, so that a large sheet is not held a second time.
///
/// # Errors
/// A fault if the database does not take them.
pub async fn copy_values<'v>(
    tx: &mut Tx,
    start: Month,
    rows: impl Iterator<Item = (CurveId, Uuid, &'v [f64])> + Send,
) -> Result<u64, Fault> {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return Ok(0);
    }
    let day = start.first_day();
    let rows = rows.map(move |(curve, digest, values)| (curve.0, day, digest, values));
    let statement =
        "copy trueprice.curve_values (curve_id, start, digest, values) from stdin with (format binary)";
    tx.copy_in(statement, vector::copy_chunks(rows)).await.during("storing values")
}

/// Closes what is known of a snapshot.
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

/// A snapshot to be.
#[derive(Debug)]
pub struct NewSnapshot {
    /// Data type and market.
    pub series: SeriesId,
    /// Wall clock of the market.
    pub stamp: NaiveDateTime,
    /// Marked close of business.
    pub cob: bool,
    /// 1, or one more than the one before.
    pub revision: i32,
    /// Since when it is known.
    pub known_from: DateTime<Utc>,
    /// What it says, as one number.
    pub content: Uuid,
    /// The arrival that made it.
    pub upload: i64,
}

/// Adds a snapshot.
///
/// # Errors
/// A fault if the database does not take it.
pub async fn insert_snapshot(tx: &mut Tx, new: &NewSnapshot) -> Result<SnapshotId, Fault> {
    let added = sqlx::query_scalar!(
        "insert into trueprice.snapshot (series_id, stamp, cob, revision, known, content, upload_id)
        values ($1, $2, $3, $4, tstzrange($5, null), $6, $7)
        returning id",
        new.series.0,
        new.stamp,
        new.cob,
        new.revision,
        new.known_from,
        new.content,
        new.upload
    );
    added.fetch_one(tx).await.during("adding a snapshot").map(SnapshotId)
}

/// Adds the manifest of a snapshot.
///
/// # Errors
/// A fault if a curve of it has no stored values, or the database does not take it.
pub async fn insert_manifest(
    tx: &mut Tx,
    snapshot: SnapshotId,
    curves: &[CurveId],
    start: Month,
    digests: &[Uuid],
) -> Result<(), Fault> {
    let ids: Vec<i32> = curves.iter().map(|curve| curve.0).collect();
    let added = sqlx::query!(
        "insert into trueprice.snapshot_curve (snapshot_id, curve_id, values_id)
        select $1, v.curve_id, v.id
        from unnest($2::int[], $3::uuid[]) with ordinality as s (curve_id, digest, place)
        join trueprice.curve_values v on v.curve_id = s.curve_id and v.start = $4 and v.digest = s.digest
        order by s.place",
        snapshot.0,
        &ids,
        digests,
        start.first_day()
    );
    let rows = added.execute(tx).await.during("adding a manifest")?.rows_affected();
    if rows == ids.len() as u64 {
        Ok(())
    } else {
        Err(Fault::new(format!("{} curves have {rows} manifest rows", ids.len())))
    }
}

/// One curve in one snapshot.
#[derive(Debug)]
pub struct Stored {
    pub(super) stamp: NaiveDateTime,
    pub(super) cob: bool,
    pub(super) curve_id: i32,
    pub(super) control_area: String,
    pub(super) state: String,
    pub(super) load_zone: String,
    pub(super) capacity_zone: String,
    pub(super) utility: String,
    pub(super) block_type: String,
    pub(super) cost_group: String,
    pub(super) cost_component: String,
    pub(super) sub_cost_component: String,
    pub(super) sub_cost_component_raw: Option<String>,
    pub(super) uom: Option<String>,
    pub(super) start: NaiveDate,
    pub(super) values: Vector,
}

/// Most values that are read for one file, 8 MB of them: as CSV they are more than an answer can carry. Without it a wide
/// range of days would be read whole, only to be refused.
const MOST_VALUES: usize = 1 << 20;

/// Reads what is wanted, of what is known now and granted, by stamp; `None` if that is too much. One statement.
///
/// Of each operating day it is the day's mark: the close of business if there is one, else the latest stamp.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn read(tx: &mut Tx, wanted: &Wanted, grants: &Grants) -> Result<Option<Vec<Stored>>, Fault> {
    let (from, to, newest_only) = match wanted.days {
        Days::Newest => (None, None, true),
        Days::Between(from, to) => (Some(from), Some(to), false),
    };
    let cob = match wanted.marks {
        Marks::Latest => None,
        Marks::CobOnly => Some(true),
        Marks::IntradayOnly => Some(false),
    };
    let rows = sqlx::query_as!(
        Stored,
        r#"with granted as (
            select r.id
            from trueprice.series r
            where r.data_type = $1
              and r.market = $2
              and ($3 or exists (
                select
                from trueprice.access_grant g
                where g.user_id = $4
                  and (g.data_type is null or g.data_type = r.data_type)
                  and (g.market is null or g.market = r.market)
              ))
        ), marks as (
            select distinct on (s.operating_day) s.id, s.stamp, s.cob
            from trueprice.snapshot s
            where s.series_id = (select id from granted)
              and upper_inf(s.known)
              and ($5::date is null or s.operating_day >= $5)
              and ($6::date is null or s.operating_day <= $6)
              and ($7::boolean is null or s.cob = $7)
            order by s.operating_day desc, s.cob desc, s.stamp desc
            limit case when $8 then 1 end
        )
        select m.stamp, m.cob, c.id as curve_id, c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility,
            c.block_type, c.cost_group, c.cost_component, c.sub_cost_component, c.sub_cost_component_raw, c.uom,
            greatest(v.start, $9::date) as "start!",
            v.values[greatest(1, 1 + b.first) : coalesce(1 + b.last, cardinality(v.values))] as "values!: Vector"
        from marks m
        join trueprice.snapshot_curve i on i.snapshot_id = m.id
        join trueprice.curve_values v on v.id = i.values_id
        join trueprice.curve c on c.id = i.curve_id
        -- How many months behind the start the first and the last month asked for are.
        cross join lateral (
            select
                ($10::int - (extract(year from v.start) * 12 + extract(month from v.start))::int) as first,
                ($11::int - (extract(year from v.start) * 12 + extract(month from v.start))::int) as last
        ) b
        order by m.stamp, c.id"#,
        wanted.data_type.word(),
        wanted.market.code(),
        grants.everything,
        grants.user_id,
        from,
        to,
        cob,
        newest_only,
        wanted.months.0.map(Month::first_day),
        wanted.months.0.map(Month::ordinal),
        wanted.months.1.map(Month::ordinal)
    );
    let (mut rows, mut stored, mut values) = (rows.fetch(tx), Vec::new(), 0);
    while let Some(curve) = rows.try_next().await.during("reading curves")? {
        values += curve.values.0.len();
        if curve.values.0.is_empty() {
            continue;
        }
        if values > MOST_VALUES {
            // The rest is not waited for: the caller drops the transaction, and with it the connection.
            return Ok(None);
        }
        stored.push(curve);
    }
    Ok(Some(stored))
}
