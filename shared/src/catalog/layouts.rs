//! The layouts of sheets: one row per data type. The file-name grammar, the reader, the checks, downloads, the API's
//! enumerations and the table in the README read this table; nothing else knows what is particular to a data type.

use super::{DataType, Market, Unit};

/// What the rows below the header block say, and how a curve's sub component comes from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelRows {
    /// One row, first cell free (`Month`, `Date`); its cells are the sub component, blank meaning the cost component.
    One,
    /// Two rows, the state and the name (`CT` above `Class I Price`); together, normalised, they are the sub component.
    StateAndName,
}

impl LabelRows {
    /// How many rows they are.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::One => 1,
            Self::StateAndName => 2,
        }
    }
}

/// What is particular to a data type.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The data type.
    pub data_type: DataType,
    /// The markets that have it.
    pub markets: &'static [Market],
    /// What stands between the header block and the numbers.
    pub label_rows: LabelRows,
    /// The unit of a sheet that has neither a unit row nor units in its names.
    pub unit: Option<Unit>,
    /// Whether downloads have a column for the close-of-business mark.
    pub shows_cob: bool,
    /// Whether a standardised download converts to $/`MWh` and merges blocks into 7x24; otherwise it is the sheet itself.
    pub converts: bool,
    /// One line for the catalog and the README.
    pub about: &'static str,
}

/// All layouts.
pub const LAYOUTS: [Layout; 3] = [
    Layout {
        data_type: DataType::Energy,
        markets: &Market::ALL,
        label_rows: LabelRows::One,
        unit: Some(Unit::DollarsPerMwh),
        shows_cob: true,
        converts: true,
        about: "Forward energy prices by zone and block",
    },
    Layout {
        data_type: DataType::NonEnergy,
        markets: &Market::ALL,
        label_rows: LabelRows::One,
        unit: None,
        shows_cob: false,
        converts: true,
        about: "Ancillaries, capacity, transmission and other charges",
    },
    Layout {
        data_type: DataType::Rec,
        markets: &[Market::Isone, Market::Pjm, Market::Ercot, Market::Nyiso],
        label_rows: LabelRows::StateAndName,
        unit: None,
        shows_cob: false,
        converts: false,
        about: "Renewable energy certificates and portfolio obligations",
    },
];

impl Layout {
    /// The layout of a data type.
    #[must_use]
    pub fn of(data_type: DataType) -> &'static Self {
        LAYOUTS.iter().find(|layout| layout.data_type == data_type).expect("every data type has a layout")
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
        }
        assert_eq!(LAYOUTS.len(), DataType::ALL.len());
    }
}
