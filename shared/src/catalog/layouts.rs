//! The layouts of sheets: one row per data type. The file-name grammar, the reader, the checks, downloads, the API's
//! enumerations and the table in the README read this table; nothing else knows what is particular to a data type.

use super::{DataType, Detail, Grid, Market, Unit};

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
    /// Whether other rows may stand in the header block; they are passed over.
    pub free_rows: bool,
    /// The unit of a sheet that has neither a unit row nor units in its names.
    pub unit: Option<Unit>,
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
    /// What `/get_data` divides by, and the unit it then shows, as the old system did.
    pub shown: Option<(f64, Unit)>,
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

/// What most sheets are: months, an own row of labels, five decimals, nothing particular.
const MONTHLY: Layout = Layout {
    data_type: DataType::Energy,
    markets: &Market::ALL,
    has_sheet: true,
    body: Body::Table(LabelRows::One),
    grid: Grid::Month,
    details: &[],
    free_rows: false,
    unit: None,
    percent_points: false,
    never_negative: false,
    zero_is_missing: false,
    shows_cob: false,
    shows_unit: true,
    decimals: Some(5),
    shown: None,
    converts: false,
    by_block: true,
    late_after: None,
    about: "",
};

/// What sheets of hours are.
const HOURLY: Layout = Layout {
    body: Body::Table(LabelRows::Free),
    grid: Grid::DayHour,
    free_rows: true,
    shows_unit: false,
    decimals: None,
    by_block: false,
    ..MONTHLY
};

/// All layouts.
pub const LAYOUTS: [Layout; 10] = [
    Layout {
        data_type: DataType::Energy,
        unit: Some(Unit::DollarsPerMwh),
        never_negative: true,
        shows_cob: true,
        converts: true,
        // A close of business every business day.
        late_after: Some(1),
        about: "Forward energy prices by zone and block",
        ..MONTHLY
    },
    Layout {
        data_type: DataType::NonEnergy,
        converts: true,
        // A set a week.
        late_after: Some(5),
        about: "Ancillaries, capacity, transmission and other charges",
        ..MONTHLY
    },
    Layout {
        data_type: DataType::Rec,
        markets: &[Market::Isone, Market::Pjm, Market::Ercot, Market::Nyiso],
        body: Body::Table(LabelRows::StateAndName),
        never_negative: true,
        about: "Renewable energy certificates and portfolio obligations",
        ..MONTHLY
    },
    Layout {
        data_type: DataType::Ptc,
        body: Body::Table(LabelRows::Free),
        details: &[Detail::ProfileLoad, Detail::UtilityName, Detail::MatchingId, Detail::LookupId],
        free_rows: true,
        unit: Some(Unit::DollarsPerKwh),
        never_negative: true,
        zero_is_missing: true,
        shows_unit: false,
        decimals: None,
        about: "Utilities' prices to compare by rate class",
        ..MONTHLY
    },
    Layout {
        data_type: DataType::Matrix,
        body: Body::Components,
        grid: Grid::Offer,
        details: &[Detail::LoadProfile, Detail::Term, Detail::MatchingId, Detail::LookupId],
        free_rows: true,
        unit: Some(Unit::DollarsPerMwh),
        shows_unit: false,
        decimals: None,
        about: "Retail offers by utility, load profile and term, in components",
        ..MONTHLY
    },
    Layout {
        data_type: DataType::Headroom,
        has_sheet: false,
        body: Body::Comparison,
        grid: Grid::Offer,
        // Those of the offer, then those of the price to compare.
        details: &[
            Detail::LoadProfile,
            Detail::Term,
            Detail::MatchingId,
            Detail::LookupId,
            Detail::ProfileLoad,
            Detail::UtilityName,
        ],
        shows_unit: false,
        decimals: None,
        about: "What retail offers are below the price to compare, computed",
        ..MONTHLY
    },
    Layout {
        data_type: DataType::LoadProfile,
        details: &[Detail::CustomerType],
        unit: Some(Unit::KilowattHours),
        never_negative: true,
        shown: Some((1000.0, Unit::MegawattHours)),
        about: "Hourly loads of customer classes",
        ..HOURLY
    },
    Layout {
        data_type: DataType::Shaping,
        unit: Some(Unit::Factor),
        by_block: true,
        about: "Hourly factors that shape a monthly price",
        ..HOURLY
    },
    Layout {
        data_type: DataType::Vlr,
        grid: Grid::MonthHour,
        unit: Some(Unit::PercentPoints),
        percent_points: true,
        about: "Variable load risk by month of the year and hour",
        ..HOURLY
    },
    Layout {
        data_type: DataType::LineLoss,
        body: Body::Flat { value: "Line Loss Factor" },
        grid: Grid::Always,
        unit: Some(Unit::Factor),
        never_negative: true,
        about: "Loss factors by utility and voltage",
        ..HOURLY
    },
];

impl Layout {
    /// The layout of a data type.
    #[must_use]
    pub fn of(data_type: DataType) -> &'static Self {
        LAYOUTS.iter().find(|layout| layout.data_type == data_type).expect("every data type has a layout")
    }

    /// How many columns of a table stand left of the numbers: the month, or the day (or month) and the hour ending.
    #[must_use]
    pub const fn index_columns(&self) -> usize {
        match self.grid {
            Grid::Month | Grid::Offer | Grid::Always => 1,
            Grid::DayHour | Grid::MonthHour => 2,
        }
    }

    /// The place of a detail among those of a curve.
    #[must_use]
    pub fn place_of(&self, detail: Detail) -> Option<usize> {
        self.details.iter().position(|other| *other == detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_type_has_one_layout() {
        for data_type in DataType::ALL {
            assert_eq!(
                LAYOUTS.iter().filter(|layout| layout.data_type == data_type).count(),
                1,
                "{data_type}"
            );
            assert!(!Layout::of(data_type).markets.is_empty());
            assert!(!Layout::of(data_type).about.is_empty());
        }
        assert_eq!(LAYOUTS.len(), DataType::ALL.len());
    }

    #[test]
    fn only_months_are_converted_and_only_tables_of_them_merged() {
        for layout in &LAYOUTS {
            assert!(
                !layout.converts || (layout.grid == Grid::Month && layout.by_block),
                "{}",
                layout.data_type
            );
        }
    }
}
