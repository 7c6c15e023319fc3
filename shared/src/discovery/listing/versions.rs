//! The versions of a curve: the snapshots that have it, and whether each differs from the previous one. The answer comes from the
//! comparison that was recorded at publication, which outlives the move of values to the archive, and otherwise from the values.

use crate::access::Grants;
use crate::catalog::Layout;
use crate::curves::curve_name::CurveName;
use crate::curves::read::stored::{SnapshotKey, Stored};
use crate::curves::values::vector::Vector;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::parameters::Then;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use utoipa::ToSchema;

/// A snapshot that has a curve.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Version {
    /// Id of the snapshot, as in `/v1/snapshots/{id}`.
    pub(super) snapshot_id: i32,
    /// Date and time in the sheet's file name, in the market's time zone.
    stamp: NaiveDateTime,
    /// Operating day: the date of the stamp.
    operating_day: NaiveDate,
    /// Whether the sheet is marked close of business.
    cob: bool,
    /// 1 for the first sheet with this stamp, and one more for each correction.
    revision: i32,
    /// When it became known.
    known_from: DateTime<Utc>,
    /// When it was corrected or withdrawn; null if it was neither.
    known_to: Option<DateTime<Utc>>,
    /// Whether its values, as far as you may see them, differ from those of the previous version (the next one in this list); true for
    /// the first version. Null if that is not known, because one of the two is archived and the comparison was not recorded when they
    /// were published.
    changed: Option<bool>,
    /// Whether it is in the archive. A snapshot that an earlier release archived is listed although it may not have the curve. Null for
    /// users who may not see all of the data type and market.
    archived: Option<bool>,
}

#[expect(clippy::struct_excessive_bools, reason = "it is a row of a query, and each is a column")]
struct VersionRow {
    snapshot_id: i32,
    stamp: NaiveDateTime,
    operating_day: NaiveDate,
    cob: bool,
    revision: i32,
    known_from: DateTime<Utc>,
    known_to: Option<DateTime<Utc>>,
    archived: bool,
    whole: bool,
    /// Whether the coverage of the snapshot was recorded.
    covered: bool,
    parts: Option<Vec<i64>>,
    /// The snapshot with which it was compared at publication.
    base: Option<i32>,
    /// Whether the visible part of the curve differed from that snapshot; `None` if that was not recorded.
    differed: Option<bool>,
}

/// The curve whose versions are listed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Of<'c> {
    pub(super) curve: i32,
    pub(super) series: i32,
    pub(super) layout: &'c Layout,
    /// The granted delivery months, as pairs of numbers; all if absent.
    pub(super) granted: Option<&'c [i32]>,
    /// The time for which the versions are requested.
    pub(super) then: Then,
}

/// The versions of a curve that the caller may see, newest stamp first, and within a stamp newest revision first: those after
/// the snapshot `after`, one more than `limit`.
///
/// # Errors
/// A fault if the database does not answer.
pub(super) async fn list(
    tx: &mut Tx,
    of: Of<'_>,
    (after, limit): (Option<i64>, i64),
    grants: &Grants,
) -> Result<Vec<Version>, Fault> {
    let rows = sqlx::query_as!(
        VersionRow,
        r#"with visibility as materialized (
            select n.months, v.whole, trueprice.is_timeless(r.data_type) as timeless
            from trueprice.curve c
            join trueprice.series r on r.id = c.series_id
            cross join lateral trueprice.visible_coverage($8, $9, $10, r.data_type, r.market) v
            cross join lateral trueprice.visible_curve($8, $9, $10, r.data_type, r.market, r.id, c.id, c.normal) n
            where c.id = $1
        )
        select s.id as snapshot_id, s.stamp, s.operating_day as "operating_day!", s.cob, s.revision,
            lower(s.known) as "known_from!",
            case when upper(s.known) <= coalesce($6, 'infinity'::timestamptz) then upper(s.known) end as known_to,
            s.archive_id is not null as "archived!", v.whole as "whole!",
            exists (select from trueprice.snapshot_coverage l where l.snapshot_id = s.id) as "covered!", i.parts,
            b.previous_id as base, d.differed as "differed?"
        from visibility v
        join trueprice.snapshot s on s.series_id = $2
        cross join lateral (
            select array_agg(m.values_id order by m.values_id) as parts
            from trueprice.snapshot_curve m
            where m.snapshot_id = s.id and m.curve_id = $1
        ) i
        left join trueprice.change b on b.snapshot_id = s.id and b.kind <> 'withdrawn'
        left join lateral (
            select p.place is not null and case
                    when w.months[p.place] is null then v.timeless or v.months = '{(,)}'
                    else w.months[p.place] && v.months
                end as differed
            from trueprice.difference w
            cross join lateral (select array_position(w.curves, $1) as place) p
            where w.snapshot_id = s.id
        ) d on true
        where case
            -- What the archive has of an earlier release may not be written down yet: then it may lack the curve.
            when v.whole and not exists (select from trueprice.snapshot_coverage l where l.snapshot_id = s.id)
                then s.archive_id is not null
            else trueprice.covers(s.id, $1, v.months)
          end
          and s.stamp <= coalesce($5::timestamp, 'infinity'::timestamp)
          and lower(s.known) <= coalesce($6::timestamptz, 'infinity'::timestamptz)
          and ($7::boolean is null or s.cob = $7)
          and ($3::bigint is null or (s.stamp, s.revision)
            < (select a.stamp, a.revision from trueprice.snapshot a where a.id = $3 and a.series_id = $2))
        order by s.stamp desc, s.revision desc
        limit $4"#,
        of.curve,
        of.series,
        after,
        limit + 1,
        of.then.as_of,
        of.then.known_at,
        of.then.cob,
        grants.user_id(),
        grants.everything(),
        grants.now()
    );
    let rows = rows.fetch_all(&mut *tx).await.during("listing the versions of a curve")?;
    // Users limited to some months must not learn that others changed.
    let seen = match of.granted {
        Some(granted) => Some(seen(tx, of, granted, &rows).await?),
        // Different values may mean the same: a zero may represent a blank.
        None if of.layout.zero_is_missing => Some(seen(tx, of, &ALL, &rows).await?),
        None => None,
    };
    let changed = |place: usize| {
        let (this, before) = (&rows[place], rows.get(place + 1));
        let Some(before) = before else { return (!this.archived || this.covered).then_some(true) };
        if let Some(changed) = written_down(this, before) {
            return Some(changed);
        }
        if this.archived || before.archived {
            return None;
        }
        Some(match &seen {
            Some(seen) => seen.get(&this.snapshot_id) != seen.get(&before.snapshot_id),
            None => this.parts != before.parts,
        })
    };
    let changed: Vec<Option<bool>> = (0..rows.len()).map(changed).collect();
    let versions = rows.into_iter().zip(changed).map(|(row, changed)| Version {
        snapshot_id: row.snapshot_id,
        stamp: row.stamp,
        operating_day: row.operating_day,
        cob: row.cob,
        revision: row.revision,
        known_from: row.known_from,
        known_to: row.known_to,
        changed,
        archived: row.whole.then_some(row.archived),
    });
    Ok(versions.collect())
}

/// Whether a version differs from the previous one, according to the comparisons recorded at publication: from this one's, if it was
/// with the previous version; or from both, if they were with the same snapshot and at most one of them differed.
fn written_down(this: &VersionRow, before: &VersionRow) -> Option<bool> {
    let differed = this.differed?;
    if this.base == Some(before.snapshot_id) {
        return Some(differed);
    }
    let was_other = before.differed?;
    (this.base == before.base && !(differed && was_other)).then_some(differed || was_other)
}

/// All delivery months, as a pair of numbers.
const ALL: [i32; 2] = [i32::MIN, i32::MAX];

/// The granted values, by snapshot and slot, as bits.
type Seen = HashMap<i32, BTreeMap<i64, u64>>;

async fn seen(tx: &mut Tx, of: Of<'_>, granted: &[i32], rows: &[VersionRow]) -> Result<Seen, Fault> {
    let ids: Vec<i32> = rows.iter().map(|row| row.snapshot_id).collect();
    let parts = sqlx::query!(
        r#"select m.snapshot_id, s.stamp, v.start, trueprice.stored_vector(v.packed, v.values) as "values!: Vector"
        from trueprice.snapshot_curve m
        join trueprice.snapshot s on s.id = m.snapshot_id
        join trueprice.curve_values v on v.id = m.values_id
        where m.curve_id = $1 and m.snapshot_id = any($2)"#,
        of.curve,
        &ids
    );
    let mut seen = Seen::new();
    for part in parts.fetch_all(tx).await.during("reading the versions of a curve")? {
        let slots = seen.entry(part.snapshot_id).or_default();
        slots.extend(kept(of.layout, (part.stamp, part.start), part.values.0, granted));
    }
    Ok(seen)
}

fn kept(
    layout: &Layout,
    (stamp, start): (NaiveDateTime, NaiveDate),
    values: Vec<f64>,
    granted: &[i32],
) -> Vec<(i64, u64)> {
    let snapshot = SnapshotKey { stamp, revision: 1, cob: false };
    let grid = layout.grid;
    let (first, name) = (grid.first_slot(start), Arc::new(nobody()));
    let mut stored = Stored { snapshot, curve_id: 0, name, first, values };
    if !stored.keep(granted, grid) {
        return vec![];
    }
    let slots = (stored.first..)
        .zip(stored.values)
        .filter(|(_, value)| !(value.is_nan() || layout.zero_is_missing && *value == 0.0));
    slots.map(|(slot, value)| (slot, value.to_bits())).collect()
}

fn nobody() -> CurveName {
    CurveName {
        labels: Default::default(),
        sub_component: String::new(),
        sub_component_raw: None,
        uom: None,
        details: vec![],
    }
}
