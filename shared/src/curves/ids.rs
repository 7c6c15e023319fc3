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

/// What tells stored values from others: whose they are, when they start, and what they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartId {
    /// The curve that the values belong to.
    pub curve: CurveId,
    /// Day of the first.
    pub start: NaiveDate,
    /// What they say, as one number.
    pub digest: Uuid,
}
