//! Blocks: the groups of hours that a price applies to.

use std::fmt;
use std::str::FromStr;

/// A block of hours in a month. On-peak days are Monday to Friday except the calendar's holidays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Block {
    /// The 16 peak hours of on-peak days.
    Peak5x16,
    /// The 16 peak hours of weekends and holidays.
    Peak2x16,
    /// The 8 night hours of every day.
    Night7x8,
    /// All hours.
    Flat7x24,
    /// All hours of on-peak days.
    Weekday,
    /// All hours of weekends and holidays.
    Weekend,
    /// On-peak hours as a charge defines them; the calendar decides how many there are.
    OnPeak,
    /// All other hours.
    OffPeak,
    /// 7x8 and 2x16 together.
    Wrap,
}

impl Block {
    /// All blocks.
    pub const ALL: [Self; 9] = [
        Self::Peak5x16,
        Self::Peak2x16,
        Self::Night7x8,
        Self::Flat7x24,
        Self::Weekday,
        Self::Weekend,
        Self::OnPeak,
        Self::OffPeak,
        Self::Wrap,
    ];

    /// The partitions of all hours that sheets use, finest first.
    pub const PARTITIONS: [&'static [Self]; 4] = [
        &[Self::Peak5x16, Self::Peak2x16, Self::Night7x8],
        &[Self::Peak5x16, Self::Wrap],
        &[Self::OnPeak, Self::OffPeak],
        &[Self::Weekday, Self::Weekend],
    ];

    /// All block names as a list ending in "or".
    #[must_use]
    pub fn in_words() -> String {
        let names = Self::ALL.map(Self::name);
        format!("{} or {}", names[..8].join(", "), names[8])
    }

    /// The block's name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Peak5x16 => "5x16",
            Self::Peak2x16 => "2x16",
            Self::Night7x8 => "7x8",
            Self::Flat7x24 => "7x24",
            Self::Weekday => "wd",
            Self::Weekend => "we",
            Self::OnPeak => "on-peak",
            Self::OffPeak => "off-peak",
            Self::Wrap => "wrap",
        }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Block {
    type Err = UnknownBlock;

    /// Ignores case and surrounding blanks.
    fn from_str(text: &str) -> Result<Self, UnknownBlock> {
        let text = text.trim();
        Self::ALL.into_iter().find(|block| block.name().eq_ignore_ascii_case(text)).ok_or(UnknownBlock)
    }
}

/// The text is not the name of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 5x16, 2x16, 7x8, 7x24, wd, we, on-peak, off-peak or wrap")]
pub struct UnknownBlock;
