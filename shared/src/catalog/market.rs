//! The five markets.

use std::fmt;
use std::str::FromStr;

/// A market (ISO or RTO) with forward curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Market {
    /// Electric Reliability Council of Texas; Central prevailing time, peak hours ending 7 to 22.
    Ercot,
    /// ISO New England; Eastern prevailing time, peak hours ending 8 to 23.
    Isone,
    /// Midcontinent ISO; its forwards trade in Eastern prevailing time (ICE, NYMEX), hours ending 8 to 23.
    Miso,
    /// New York ISO; Eastern prevailing time, hours ending 8 to 23.
    Nyiso,
    /// PJM Interconnection; Eastern prevailing time, hours ending 8 to 23.
    Pjm,
}

impl Market {
    /// All markets, in the order in which responses list them.
    pub const ALL: [Self; 5] = [Self::Isone, Self::Pjm, Self::Ercot, Self::Nyiso, Self::Miso];

    /// The market's code in capitals, as in file names, the control area of sheets, and the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ercot => "ERCOT",
            Self::Isone => "ISONE",
            Self::Miso => "MISO",
            Self::Nyiso => "NYISO",
            Self::Pjm => "PJM",
        }
    }

    /// The IANA time zone of the market's stamps and delivery hours. MISO settles in Eastern standard time, but its forwards trade
    /// in Eastern prevailing time.
    #[must_use]
    pub const fn time_zone(self) -> &'static str {
        match self {
            Self::Ercot => "America/Chicago",
            Self::Isone | Self::Miso | Self::Nyiso | Self::Pjm => "America/New_York",
        }
    }
}

impl fmt::Display for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Market {
    type Err = UnknownMarket;

    /// Ignores case.
    fn from_str(text: &str) -> Result<Self, UnknownMarket> {
        Self::ALL.into_iter().find(|market| market.code().eq_ignore_ascii_case(text)).ok_or(UnknownMarket)
    }
}

/// The text is not the name of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected ERCOT, ISONE, MISO, NYISO or PJM")]
pub struct UnknownMarket;
