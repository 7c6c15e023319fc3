//! What a layout says.

use crate::catalog::range::Range;
use crate::catalog::{Bounds, DataType, Detail, Dimension, Grid, Market, Unit};

/// What the rows below the header block say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Label rows, then a row of numbers per month (or hour of a day or month), a column per curve.
    Table(LabelRows),
    /// A row of numbers per component of an offer, a column per offer. No label row.
    Components,
    /// No header block: titles in the first row, then a row per curve with its labels and its one number.
    Flat {
        /// Title of the column with the number.
        value: &'static str,
    },
    /// What an offer is compared with and what comes of it, a row per offer. Of what is computed: there is no sheet of it.
    Comparison,
}

/// What stands between the header block and the numbers, and how a curve's sub component comes from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelRows {
    /// One row, first cell free (`Month`, `Date`); its cells are the sub component, blank meaning the cost component.
    One,
    /// One row whose cells say nothing: the sub component is the cost component.
    Free,
    /// Two rows, the state and the name (`CT` above `Class I Price`); together, normalised, they are the sub component.
    StateAndName,
}

impl LabelRows {
    /// How many rows they are.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::One | Self::Free => 1,
            Self::StateAndName => 2,
        }
    }
}

/// What is particular to a data type.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a table of what is and what is not; none of them excludes another"
)]
pub struct Layout {
    /// The data type.
    pub data_type: DataType,
    /// The markets that have it.
    pub markets: &'static [Market],
    /// Whether there are sheets of it; otherwise it is computed from others, and nothing of its name is taken.
    pub has_sheet: bool,
    /// What the rows below the header block say.
    pub body: Body,
    /// What the values of a curve run over.
    pub grid: Grid,
    /// Rows of the header block beside the eight labels and the unit.
    pub details: &'static [Detail],
    /// Whether the header block may contain other rows; they are skipped.
    pub free_rows: bool,
    /// The unit of a sheet that has neither a unit row nor units in its names.
    pub unit: Option<Unit>,
    /// What its curves may measure; anything if empty.
    pub dimensions: &'static [Dimension],
    /// Whether what is computed from its curves needs their units: a sheet with a unit that we do not know is refused. The others
    /// are stored as they are, told, and left to the calculators to refuse.
    pub needs_units: bool,
    /// Which values its curves can have.
    pub ranges: &'static [Range],
    /// Whether a percent sign says only what the unit says already: 3.5% is 3.5 percent, not 0.035.
    pub percent_points: bool,
    /// Whether a value below zero is worth a warning.
    pub never_negative: bool,
    /// Whether a zero says that nothing was published: questions answer it as missing, downloads as it is.
    pub zero_is_missing: bool,
    /// Whether downloads have a column for the close-of-business mark.
    pub shows_cob: bool,
    /// Whether downloads have a row of units.
    pub shows_unit: bool,
    /// Decimals of a number in a download; `None` for as many as it has.
    pub decimals: Option<usize>,
    /// The unit that `/get_data` shows, where its files have no row of units: what a sheet says in another is converted.
    pub shown: Option<Unit>,
    /// Whether a standardised download converts to $/`MWh` and merges blocks into 7x24; otherwise it is the sheet itself.
    pub converts: bool,
    /// Whether a download can be asked for by block.
    pub by_block: bool,
    /// After how many business days (NERC) without a newer sheet a market's is late; `None` for those that come when there
    /// is something new, and are never late.
    pub late_after: Option<u32>,
    /// One line for the catalog and the README.
    pub about: &'static str,
}

impl Layout {
    /// How many columns of a table stand left of the numbers: the month, or the day (or month) and the hour ending.
    #[must_use]
    pub const fn index_columns(&self) -> usize {
        match self.grid {
            Grid::Month | Grid::Offer | Grid::Always => 1,
            Grid::DayHour | Grid::MonthHour => 2,
        }
    }

    /// Whether its curves may be in a unit.
    #[must_use]
    pub fn takes(&self, unit: Unit) -> bool {
        self.dimensions.is_empty() || self.dimensions.contains(&unit.dimension())
    }

    /// The bounds of a curve of a component in a unit; `None` if it has none.
    #[must_use]
    pub fn bounds(&self, unit: Unit, component: &str) -> Option<Bounds> {
        Bounds::of(self.ranges, unit, component, self.zero_is_missing)
    }

    /// The units that it takes, as a flaw names them: its own if it has one, with all of its dimensions.
    #[must_use]
    pub fn units_in_words(&self) -> String {
        let taken = Unit::ALL.into_iter().filter(|unit| self.takes(*unit));
        taken.map(Unit::symbol).collect::<Vec<_>>().join(", ")
    }

    /// The place of a detail among those of a curve.
    #[must_use]
    pub fn place_of(&self, detail: Detail) -> Option<usize> {
        self.details.iter().position(|other| *other == detail)
    }
}
