//! The revisions of a stamp: the last one, and whether an earlier one had certain content.

use crate::curves::ids::SeriesId;
use crate::curves::ids::SnapshotId;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, NaiveDateTime, Utc};
use uuid::Uuid;

/// The last revision under a stamp.
#[derive(Debug)]
pub struct Revision {
    /// Key of its snapshot.
    pub id: SnapshotId,
    /// Number of the revision, from 1.
    pub revision: i32,
    /// Digest of its content.
    pub content: Uuid,
    /// Whether it is a close of business.
    pub cob: bool,
    /// The earliest moment from which the next revision can be known.
    pub next_from: DateTime<Utc>,
    /// Whether it is known now: neither superseded nor withdrawn.
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
        r#"select id, revision, content, cob, coalesce(upper(known), lower(known) + interval '1 microsecond') as "next_from!",
            upper_inf(known) as "open!"
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
        cob: row.cob,
        next_from: row.next_from,
        open: row.open,
    }))
}

/// The last revision of a stamp with one of these contents, if the upload repeats what is in the history already: an object that is
/// ingested again on request; or one whose snapshot was imported, as long as the stamp has only imported revisions. The key and
/// the time identify the object, because its journal was not imported: it was stored before the other system received it.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn said_before(
    tx: &mut Tx,
    series: SeriesId,
    stamp: NaiveDateTime,
    contents: &[Uuid],
    upload: i64,
) -> Result<Option<SnapshotId>, Fault> {
    let id = sqlx::query_scalar!(
        "select s.id
        from trueprice.snapshot s
        join trueprice.upload by on by.id = s.upload_id
        join trueprice.upload u on u.id = $4
        where s.series_id = $1
          and s.stamp = $2
          and s.content = any($3)
          and (
            u.arrival like 'reingest-%'
            or by.arrival like 'import:%'
                and by.key = concat_ws('/', u.key, nullif(u.member, ''))
                and u.last_modified <= by.received_at
                and not exists (
                    select
                    from trueprice.snapshot o
                    join trueprice.upload ou on ou.id = o.upload_id
                    where o.series_id = s.series_id
                      and o.stamp = s.stamp
                      and ou.arrival not like 'import:%'
                )
          )
        order by s.revision desc
        limit 1",
        series.0,
        stamp,
        contents,
        upload
    );
    Ok(id.fetch_optional(tx).await.during("looking for an earlier revision")?.map(SnapshotId))
}
