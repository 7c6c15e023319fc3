//! The fields of a layout.

use crate::catalog::range::Range;
use crate::catalog::{Bounds, DataType, Detail, Dimension, Grid, Market, Unit};

/// The structure of the rows below the header block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Label rows, then one row of numbers per month (or per hour of a day or month), one column per curve.
    Table(LabelRows),
    /// One row of numbers per component of an offer, one column per offer. No label row.
    Components,
    /// No header block: titles in the first row, then one row per curve with its labels and its one number.
    Flat {
        /// Title of the column that holds the number.
        value: &'static str,
    },
    /// One row per offer, with what it is compared with and the result. Only for computed data, which has no sheet.
    Comparison,
}

/// The rows between the header block and the numbers, and how they determine a curve's sub component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelRows {
    /// One row with a free first cell (`Month`, `Date`). Its cells are the sub component; a blank means the cost component.
    One,
    /// One row whose cells are ignored: the sub component is the cost component.
    Free,
    /// Two rows, the state and the name (`CT` above `Class I Price`). Joined and normalised, they are the sub component.
    StateAndName,
}

impl LabelRows {
    /// The number of rows.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::One | Self::Free => 1,
            Self::StateAndName => 2,
        }
    }
}

/// The specifics of a data type.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "a table of independent yes-or-no properties")]
pub struct Layout {
    /// The data type.
    pub data_type: DataType,
    /// The markets that have this data type.
    pub markets: &'static [Market],
    /// Whether sheets exist for it. If not, it is computed from other data types, and files with its name are rejected.
    pub has_sheet: bool,
    /// The structure of the rows below the header block.
    pub body: Body,
    /// What the values of a curve run over.
    pub grid: Grid,
    /// Rows of the header block besides the eight labels and the unit.
    pub details: &'static [Detail],
    /// Whether the header block may contain other rows, which are skipped.
    pub free_rows: bool,
    /// The unit of a sheet that has neither a unit row nor units in its names.
    pub unit: Option<Unit>,
    /// The dimensions that its curves may have; any if empty.
    pub dimensions: &'static [Dimension],
    /// Whether calculations need the units of its curves. If so, a sheet with an unknown unit is rejected. Otherwise its values are
    /// stored as they are, the unit is reported, and calculators refuse them.
    pub needs_units: bool,
    /// The possible and plausible values of its curves.
    pub ranges: &'static [Range],
    /// Whether a percent sign only repeats the unit: 3.5% is 3.5 percent, not 0.035.
    pub percent_points: bool,
    /// Whether a value below zero causes a warning.
    pub never_negative: bool,
    /// Whether a zero means that nothing was published: queries return it as missing, downloads as zero.
    pub zero_is_missing: bool,
    /// Whether downloads have a column for the close-of-business flag.
    pub shows_cob: bool,
    /// Whether downloads have a row of units.
    pub shows_unit: bool,
    /// Number of decimals in a download; `None` for as many as the number has.
    pub decimals: Option<usize>,
    /// The unit that `/get_data` shows where its files have no row of units; values in another unit are converted to it.
    pub shown: Option<Unit>,
    /// Whether a standardised download converts to $/`MWh` and merges blocks into 7x24. If not, it is the sheet itself.
    pub converts: bool,
    /// Whether a download can be requested by block.
    pub by_block: bool,
    /// Number of business days (NERC) without a newer sheet after which a market counts as late; `None` for data published only
    /// when something changes, which is never late.
    pub late_after: Option<u32>,
    /// One-line description for the catalog and `docs/uploading.md`.
    pub about: &'static str,
}

impl Layout {
    /// Number of columns to the left of the numbers in a table: the month, or the day (or month) and the hour ending.
    #[must_use]
    pub const fn index_columns(&self) -> usize {
        match self.grid {
            Grid::Month | Grid::Offer | Grid::Always => 1,
            Grid::DayHour | Grid::MonthHour => 2,
        }
    }

    /// Whether its curves may have this unit.
    #[must_use]
    pub fn takes(&self, unit: Unit) -> bool {
        self.dimensions.is_empty() || self.dimensions.contains(&unit.dimension())
    }

    /// The bounds for a curve of a component in a unit; `None` if it has no bounds.
    #[must_use]
    pub fn bounds(&self, unit: Unit, component: &str) -> Option<Bounds> {
        Bounds::of(self.ranges, unit, component, self.zero_is_missing)
    }

    /// The accepted units, as a flaw lists them: its default unit, if it has one, and all units of its dimensions.
    #[must_use]
    pub fn units_in_words(&self) -> String {
        let taken = Unit::ALL.into_iter().filter(|unit| self.takes(*unit));
        taken.map(Unit::symbol).collect::<Vec<_>>().join(", ")
    }

    /// The position of a detail among those of a curve.
    #[must_use]
    pub fn place_of(&self, detail: Detail) -> Option<usize> {
        self.details.iter().position(|other| *other == detail)
    }
}
