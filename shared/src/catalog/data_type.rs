//! The types of curves. Most have sheets; headroom is computed.

use std::fmt;
use std::str::FromStr;

/// A type of curve. Its specifics are in its [`super::Layout`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataType {
    /// Forward energy prices by zone and block.
    Energy,
    /// Ancillaries, capacity, transmission and other charges.
    NonEnergy,
    /// Renewable energy certificates and portfolio obligations.
    Rec,
    /// What utilities charge per rate class: the price to compare.
    Ptc,
    /// Retail offers by utility, profile and term, in components.
    Matrix,
    /// How far offers are below the price to compare. Computed, without a sheet.
    Headroom,
    /// Hourly loads of customer classes.
    LoadProfile,
    /// Hourly factors that give a monthly price its shape.
    Shaping,
    /// Variable load risk by month of the year and hour.
    Vlr,
    /// Loss factors by utility and voltage.
    LineLoss,
}

impl DataType {
    /// All data types, in the order in which responses list them.
    pub const ALL: [Self; 10] = [
        Self::Energy,
        Self::NonEnergy,
        Self::Rec,
        Self::Ptc,
        Self::Matrix,
        Self::Headroom,
        Self::LoadProfile,
        Self::Shaping,
        Self::Vlr,
        Self::LineLoss,
    ];

    /// The spelling in file names.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Energy => "Energy",
            Self::NonEnergy => "NonEnergy",
            Self::Rec => "REC",
            Self::Ptc => "PTC",
            Self::Matrix => "Matrix",
            Self::Headroom => "Headroom",
            Self::LoadProfile => "LoadProfile",
            Self::Shaping => "Shaping",
            Self::Vlr => "VLR",
            Self::LineLoss => "LineLoss",
        }
    }

    /// The spelling in URLs and the database. File names may use any case.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Energy => "energy",
            Self::NonEnergy => "nonenergy",
            Self::Rec => "rec",
            Self::Ptc => "ptc",
            Self::Matrix => "matrix",
            Self::Headroom => "headroom",
            Self::LoadProfile => "loadprofile",
            Self::Shaping => "shaping",
            Self::Vlr => "vlr",
            Self::LineLoss => "lineloss",
        }
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for DataType {
    type Err = UnknownDataType;

    /// Ignores case.
    fn from_str(text: &str) -> Result<Self, UnknownDataType> {
        Self::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(text)).ok_or(UnknownDataType)
    }
}

/// The text is not the name of a data type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected energy, nonenergy, rec, ptc, matrix, headroom, loadprofile, shaping, vlr or lineloss")]
pub struct UnknownDataType;
