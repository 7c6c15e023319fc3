//! The order of arrivals: which of two is newer, according to the object store. Guarantees: a sheet never replaces a newer one,
//! however they arrived, and in whatever order and however often they are read.
//!
//! * **Under one key** the store decides: it lists the versions of a key in the order in which it stored them, also those of the
//!   API, of copies and of uploads in parts. The list is read after taking the lock of the series, so that of two that are read at
//!   once the second sees the first; and only if another version of the key was published. Where a bucket keeps no versions,
//!   or a version was removed for good, the sequencers of notifications decide (S3, event message structure: of one key, the
//!   greater one is the later, the shorter padded with zeros), else the moments of storing.
//! * **Under different keys** (another folder; in a zip and beside it; with `_cob` and without) sheets of one stamp have only
//!   the moments at which they were stored, in whole seconds by the store's own clock. Within one second, the one that is read
//!   last counts as the newer.
//!
//! Only an arrival that was published, or found published, overtakes an older one: a newer object with flaws changes nothing, so it
//! does not block the one before it.

use chrono::{DateTime, Utc};
use std::cmp::Ordering;

/// The position of an arrival among others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The bucket that holds it.
    pub bucket: String,
    /// Its key in the bucket.
    pub key: String,
    /// Its version, if the bucket keeps versions.
    pub version: Option<String>,
    /// Sequencer, which orders the notifications of one key, if one was read.
    pub sequencer: Option<String>,
    /// When it was stored, by the clock of the store; only whole seconds count.
    pub modified: Option<DateTime<Utc>>,
}

impl Place {
    /// Whether both have the same key.
    #[must_use]
    pub fn shares_key(&self, other: &Self) -> bool {
        (&self.bucket, &self.key) == (&other.bucket, &other.key)
    }

    /// Whether it is newer than another one. `versions` are those of the key, the newest first, if they share one.
    #[must_use]
    pub fn is_newer(&self, other: &Self, versions: &[String]) -> bool {
        if self.shares_key(other) {
            if let (Some(this), Some(other)) = (&self.version, &other.version) {
                let place = |version| versions.iter().position(|listed| listed == version);
                match (place(this), place(other)) {
                    _ if this == other => return false,
                    (Some(this), Some(other)) => return this < other,
                    _ => {}
                }
            }
            if let (Some(this), Some(other)) = (&self.sequencer, &other.sequencer)
                && let order @ (Ordering::Less | Ordering::Greater) = compare_sequencers(this, other)
            {
                return order == Ordering::Greater;
            }
        }
        let seconds = |place: &Self| place.modified.map(|at| at.timestamp());
        matches!((seconds(self), seconds(other)), (Some(this), Some(other)) if this > other)
    }
}

/// Sequencers are hexadecimal, and of different lengths.
fn compare_sequencers(one: &str, other: &str) -> Ordering {
    let length = one.len().max(other.len());
    let padded = |text: &str| format!("{:0<length$}", text.to_ascii_lowercase());
    padded(one).cmp(&padded(other))
}

#[cfg(test)]
mod tests;
