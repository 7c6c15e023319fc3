//! Snapshots as Parquet, for the archive and for export. Guarantees: what is read is what was written, to the last bit
//! of every price, and a file that was truncated, changed or written by another program is a fault and never a panic. Every file is
//! verified by its digest, which the database has for the archive, and the manifest for an export.
//!
//! One row is one vector of one curve in one snapshot, one row group is one snapshot, and the types are those that
//! DuckDB, Athena and pyarrow read without configuration (`schema.rs`). A snapshot without curves is one row without labels
//! and values, so that it appears when snapshots are listed:
//!
//! ```sql
//! select market, stamp, load_zone, start, unnest("values") from 'archive.parquet';
//! ```

mod cell;
mod column;
pub(crate) mod read;
mod schema;
#[cfg(test)]
mod tests;
pub(crate) mod write;

pub use self::read::Reader;
pub use self::write::Writer;

use crate::curves::curve_name::CurveName;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use uuid::Uuid;

/// A snapshot as stored outside the database. Times have the precision of the database, microseconds.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Wall-clock moment in the market's time zone.
    pub stamp: NaiveDateTime,
    /// Whether it is marked close of business.
    pub cob: bool,
    /// Number of the revision among the snapshots of this stamp.
    pub revision: i32,
    /// When it became known.
    pub known_from: DateTime<Utc>,
    /// When it was superseded, if it was.
    pub known_to: Option<DateTime<Utc>>,
    /// Digest of its content.
    pub content: Uuid,
    /// The upload that it was published from.
    pub upload: Provenance,
    /// Its withdrawal, if it was withdrawn.
    pub withdrawn: Option<Withdrawn>,
    /// Its curves, in order; may be empty (see [`crate::curves::sheet::content_of_nothing`]).
    pub curves: Vec<KeptCurve>,
}

/// The upload that a snapshot was published from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Key of the file in the bucket.
    pub key: String,
    /// When the file arrived.
    pub received_at: DateTime<Utc>,
    /// Who sent it, if known.
    pub uploaded_by: Option<String>,
    /// SHA-256 of the file, if known.
    pub sha256: Option<Vec<u8>>,
}

/// The withdrawal of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// When it was withdrawn.
    pub at: DateTime<Utc>,
    /// Who withdrew it.
    pub by: String,
    /// The reason given.
    pub reason: String,
}

impl Kept {
    /// Reverts to what was known at a time: undoes a later correction or withdrawal.
    pub fn as_known_at(&mut self, at: DateTime<Utc>) {
        self.known_to = self.known_to.filter(|to| *to <= at);
        self.withdrawn = self.withdrawn.take().filter(|withdrawn| withdrawn.at <= at);
    }
}

/// One vector of one curve; a curve with several parts has one for each.
#[derive(Clone, Debug)]
pub struct KeptCurve {
    /// Identity of the curve.
    pub name: CurveName,
    /// Delivery date of the first value.
    pub start: NaiveDate,
    /// The values from that day on, at least one; NaN if missing.
    pub values: Vec<f64>,
}
