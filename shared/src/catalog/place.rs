//! The kinds of places that labels name.

use std::fmt;
use std::str::FromStr;

/// A kind of place. Each place has one key, and sheets spell it in several ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceKind {
    /// Load zone or hub.
    Zone,
    /// Capacity zone that is not a load zone.
    CapacityZone,
    /// Utility, named by its code.
    Utility,
}

impl PlaceKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Zone, Self::CapacityZone, Self::Utility];

    /// The word used in commands, URLs and the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::CapacityZone => "capacity_zone",
            Self::Utility => "utility",
        }
    }
}

impl fmt::Display for PlaceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for PlaceKind {
    type Err = UnknownPlaceKind;

    /// Ignores case.
    fn from_str(text: &str) -> Result<Self, UnknownPlaceKind> {
        Self::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(text)).ok_or(UnknownPlaceKind)
    }
}

/// The text is not a kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected zone, capacity_zone or utility")]
pub struct UnknownPlaceKind;
