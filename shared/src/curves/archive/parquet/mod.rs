//! Snapshots as Parquet, for the archive and for export. Guarantees: what is read is what was written, to the last bit
//! of every price, and a file that was cut, changed or written by someone else is a fault and never a panic. No file is
//! read without its digest, which the database keeps of the archive, and the manifest of an export.
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

/// A snapshot as it is kept outside of the database. Its moments are kept to the microsecond, as the database has them.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Wall-clock moment in the market's time zone.
    pub stamp: NaiveDateTime,
    /// Marked close of business.
    pub cob: bool,
    /// Which of the snapshots of this stamp it is.
    pub revision: i32,
    /// When we began to know it.
    pub known_from: DateTime<Utc>,
    /// When another took its place, if one did.
    pub known_to: Option<DateTime<Utc>>,
    /// Digest of everything that it says.
    pub content: Uuid,
    /// Where it came from.
    pub upload: Provenance,
    /// Its withdrawal, if it was withdrawn.
    pub withdrawn: Option<Withdrawn>,
    /// Its curves, in order; none if that is what it says (see [`crate::curves::sheet::content_of_nothing`]).
    pub curves: Vec<KeptCurve>,
}

/// Where a snapshot came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Key of the file in the bucket.
    pub key: String,
    /// When the file arrived.
    pub received_at: DateTime<Utc>,
    /// Who sent it, where that is known.
    pub uploaded_by: Option<String>,
    /// SHA-256 of the file, where that is known.
    pub sha256: Option<Vec<u8>>,
}

/// That a snapshot was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// When it was withdrawn.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub by: String,
    /// The reason that was given.
    pub reason: String,
}

impl Kept {
    /// As it was known at a moment: what was closed or taken back later was not yet.
    pub fn as_known_at(&mut self, at: DateTime<Utc>) {
        self.known_to = self.known_to.filter(|to| *to <= at);
        self.withdrawn = self.withdrawn.take().filter(|withdrawn| withdrawn.at <= at);
    }
}

/// One vector of one curve; a curve with several parts has one for each.
#[derive(Clone, Debug)]
pub struct KeptCurve {
    /// Who the curve is.
    pub name: CurveName,
    /// Delivery date of the first value.
    pub start: NaiveDate,
    /// The values from that day on, at least one; NaN for missing.
    pub values: Vec<f64>,
}
