//! Moves snapshots between the tables and Parquet files: loads them for the archive, reads archived ones, restores them.

pub mod parquet;
pub mod restore;

use self::parquet::read::Reader;
use self::parquet::{Kept, KeptCurve, Provenance, Withdrawn};
use super::curve_name::CurveName;
use super::ids::SnapshotId;
use super::read;
use super::read::granted::{self, Granted};
use super::read::stored::{Archived, Stored};
use super::read::{BESIDE, Found, MAX_VALUES};
use super::values::vector::Vector;
use crate::access::Grants;
use crate::catalog::Layout;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::objects::{Fetched, Objects};
use crate::parameters::snapshots::Wanted;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use futures_util::TryStreamExt as _;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Largest file that is read back: 1 GiB. Files are cut long before.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// A snapshot with its content, and its key.
#[derive(Debug)]
pub struct Loaded {
    /// Key of the snapshot.
    pub id: SnapshotId,
    /// The snapshot as stored in a file.
    pub kept: Kept,
}

/// Loads snapshots whose values are in the tables, in the order of their stamps and revisions.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn load(tx: &mut Tx, ids: &[i32]) -> Result<Vec<Loaded>, Fault> {
    let heads = sqlx::query!(
        r#"select s.id, s.stamp, s.cob, s.revision, lower(s.known) as "known_from!", upper(s.known) as known_to, s.content,
            u.key, u.member, u.received_at, u.uploaded_by, u.sha256,
            w.at as "withdrawn_at?", w.by as "withdrawn_by?", w.reason as "reason?"
        from trueprice.snapshot s
        join trueprice.upload u on u.id = s.upload_id
        left join trueprice.withdrawal w on w.snapshot_id = s.id
        where s.id = any($1)
        order by s.stamp, s.revision"#,
        ids
    );
    let heads = heads.fetch_all(&mut *tx).await.during("loading snapshots")?;
    let mut loaded = Vec::with_capacity(heads.len());
    let mut places = HashMap::new();
    for row in heads {
        places.insert(row.id, loaded.len());
        let withdrawn = match (row.withdrawn_at, row.withdrawn_by, row.reason) {
            (Some(at), Some(by), Some(reason)) => Some(Withdrawn { at, by, reason }),
            _ => None,
        };
        let key = if row.member.is_empty() { row.key } else { format!("{}/{}", row.key, row.member) };
        let upload = Provenance {
            key,
            received_at: row.received_at,
            uploaded_by: row.uploaded_by,
            sha256: row.sha256,
        };
        let kept = Kept {
            stamp: row.stamp,
            cob: row.cob,
            revision: row.revision,
            known_from: row.known_from,
            known_to: row.known_to,
            content: row.content,
            upload,
            withdrawn,
            curves: vec![],
        };
        loaded.push(Loaded { id: SnapshotId(row.id), kept });
    }
    let mut rows = sqlx::query!(
        r#"select i.snapshot_id, array[c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type,
                c.cost_group, c.cost_component, c.sub_cost_component] as "labels!",
            c.sub_cost_component_raw as raw, c.uom, c.details, v.start,
            trueprice.stored_vector(v.packed, v.values) as "values!: Vector"
        from trueprice.snapshot_curve i
        join trueprice.curve_values v on v.id = i.values_id
        join trueprice.curve c on c.id = i.curve_id
        where i.snapshot_id = any($1)
        order by i.snapshot_id, i.curve_id, v.start"#,
        ids
    )
    .fetch(&mut *tx);
    while let Some(row) = rows.try_next().await.during("loading the values of snapshots")? {
        let name = read::name(row.labels, row.raw, row.uom, Some(row.details))?;
        if let Some(place) = places.get(&row.snapshot_id) {
            loaded[*place].kept.curves.push(KeptCurve { name, start: row.start, values: row.values.0 });
        }
    }
    Ok(loaded)
}

/// Loads snapshots from the tables or the archive. When they are known is always read from the database.
///
/// # Errors
/// A fault if the database or the archive does not answer.
pub async fn load_from_anywhere(tx: &mut Tx, objects: &Objects, ids: &[i32]) -> Result<Vec<Loaded>, Fault> {
    let mut loaded = load(tx, ids).await?;
    let rows = sqlx::query!(
        r#"select s.id, s.archive_group as "group!", a.bucket, a.key, a.sha256 as "sha256!"
        from trueprice.snapshot s
        join trueprice.archive_file a on a.id = s.archive_id
        where s.id = any($1)
        order by a.id"#,
        ids
    );
    let rows = rows.fetch_all(&mut *tx).await.during("looking for archived snapshots")?;
    let mut opened: Option<(String, Reader)> = None;
    for row in rows {
        let reader = match opened.take() {
            Some((key, reader)) if key == row.key => reader,
            _ => open(objects, &row.bucket, &row.key, &row.sha256).await?,
        };
        let group = usize::try_from(row.group).unwrap_or(usize::MAX);
        if let Some(snapshot) = loaded.iter_mut().find(|snapshot| snapshot.id.0 == row.id) {
            snapshot.kept.curves = reader.snapshot(group)?.curves;
        }
        opened = Some((row.key, reader));
    }
    Ok(loaded)
}

/// Reads a file of the archive, and verifies that its content is what was written.
///
/// # Errors
/// A fault if the file is missing, or its content is different.
pub async fn open(objects: &Objects, bucket: &str, key: &str, sha256: &[u8]) -> Result<Reader, Fault> {
    let bytes = match objects.get(bucket, key, None, MAX_FILE_BYTES).await? {
        Fetched::Object(object) => object.bytes,
        Fetched::Gone => return Err(Fault::new(format!("{key} is gone from {bucket}"))),
        Fetched::TooLarge(size) => return Err(Fault::new(format!("{key} in {bucket} has {size} bytes"))),
    };
    Reader::open(bytes, sha256).during(format!("reading {key} in {bucket}"))
}

/// Adds archived values to those found in the tables; `None` if that is too much. Each file is read once.
///
/// As everywhere, the database decides what the caller may see: curves of the file that are not granted are left out.
///
/// # Errors
/// A fault if the archive or the database does not answer, or a file is not the one that was written.
pub async fn complete(
    tx: &mut Tx,
    objects: &Objects,
    wanted: &Wanted,
    grants: &Grants,
    found: Found,
) -> Result<Option<Vec<Stored>>, Fault> {
    let Found { mut stored, archived, .. } = found;
    let mut files: Vec<Vec<Archived>> = Vec::new();
    for snapshot in archived {
        match files.iter_mut().find(|file| file[0].key == snapshot.key) {
            Some(file) => file.push(snapshot),
            None => files.push(vec![snapshot]),
        }
    }
    let mut count: usize = stored.iter().map(|part| part.values.len() + BESIDE).sum();
    let mut known: HashMap<Uuid, Known> = HashMap::new();
    for file in files {
        let Archived { bucket, key, sha256, .. } = &file[0];
        let reader = open(objects, bucket, key, sha256).await?;
        for snapshot in &file {
            let kept = reader.snapshot(usize::try_from(snapshot.group).unwrap_or(usize::MAX))?;
            if (kept.stamp, kept.revision) != (snapshot.snapshot.stamp, snapshot.snapshot.revision) {
                return Err(Fault::new(format!("row group {} of {key} is another snapshot", snapshot.group)));
            }
            let names = kept.curves.iter().map(|curve| &curve.name);
            let before = granted::before(tx, (wanted.data_type, wanted.market), names).await?;
            let curves = kept.curves.into_iter().map(|curve| (curve.name.identity_among(&before), curve));
            let curves: Vec<(Uuid, KeptCurve)> = curves.collect();
            let mut unknown: Vec<Uuid> =
                curves.iter().map(|(id, _)| *id).filter(|id| !known.contains_key(id)).collect();
            unknown.sort_unstable();
            unknown.dedup();
            if !unknown.is_empty() {
                for (identity, curve) in read::granted::curves(tx, wanted, &unknown, grants).await? {
                    let Granted { id, name, months } = curve;
                    known.insert(identity, Known { id, name: Arc::new(name), months });
                }
            }
            count += add(&mut stored, snapshot, curves, &known, wanted);
            if count > MAX_VALUES {
                return Ok(None);
            }
        }
    }
    stored.sort_by_key(|part| (part.snapshot, part.curve_id, part.first));
    Ok(Some(stored))
}

/// An archived curve that the caller may see.
struct Known {
    id: i32,
    name: Arc<CurveName>,
    months: Option<Vec<i32>>,
}

fn add(
    stored: &mut Vec<Stored>,
    archived: &Archived,
    curves: Vec<(Uuid, KeptCurve)>,
    known: &HashMap<Uuid, Known>,
    wanted: &Wanted,
) -> usize {
    let grid = Layout::of(wanted.data_type).grid;
    let slots = grid.slots(wanted.months);
    let mut count = 0;
    for (identity, curve) in curves {
        let Some(Known { id, name, months }) = known.get(&identity) else { continue };
        let mut part = Stored {
            snapshot: archived.snapshot,
            curve_id: *id,
            name: Arc::clone(name),
            first: grid.first_slot(curve.start),
            values: curve.values,
        };
        if part.cut(slots) && months.as_ref().is_none_or(|months| part.keep(months, grid)) {
            count += part.values.len() + BESIDE;
            stored.push(part);
        }
    }
    count
}

/// A snapshot that is to be archived or exported.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Key of the snapshot.
    pub id: i32,
    /// Stamp of the snapshot.
    pub stamp: NaiveDateTime,
    /// Approximate size in memory, in values; a curve's name counts as 128.
    pub cells: i64,
}

/// The outcome of restoring a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// It was added.
    Added,
    /// It already existed.
    Known,
    /// Different content already exists with its stamp and revision.
    Conflict,
}

/// The values of a snapshot in a comparable form: curve, start, digest.
#[must_use]
pub fn parts(kept: &Kept) -> Vec<(Uuid, NaiveDate, Uuid)> {
    let parts = kept.curves.iter();
    let parts = parts.map(|curve| (curve.name.identity(), curve.start, super::sheet::digest(&curve.values)));
    let mut parts: Vec<_> = parts.collect();
    parts.sort_unstable();
    parts
}

/// The time as part of a key: `20240105T170201Z`.
#[must_use]
pub fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}
