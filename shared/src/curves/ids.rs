//! Keys of the tables that store curves.

use chrono::NaiveDate;
use uuid::Uuid;

/// Key of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotId(pub i32);

/// Key of a series.
#[derive(Clone, Copy, Debug)]
pub struct SeriesId(pub(crate) i32);

/// Key of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CurveId(pub(super) i32);

/// Identifies stored values: their curve, their start, and their content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartId {
    /// The curve that the values belong to.
    pub curve: CurveId,
    /// Day of the first value.
    pub start: NaiveDate,
    /// Digest of the values.
    pub digest: Uuid,
}
