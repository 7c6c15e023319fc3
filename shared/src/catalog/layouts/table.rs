//! The table with one row per data type.

use super::layout::{Body, LabelRows, Layout};
use super::ranges;
use crate::catalog::{DataType, Detail, Dimension, Grid, Market, Unit};

/// The defaults of most sheets: months, one row of labels, five decimals, nothing special.
const MONTHLY: Layout = Layout {
    data_type: DataType::Energy,
    markets: &Market::ALL,
    has_sheet: true,
    body: Body::Table(LabelRows::One),
    grid: Grid::Month,
    details: &[],
    free_rows: false,
    unit: None,
    dimensions: &[],
    needs_units: false,
    ranges: &[],
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

/// The defaults of hourly sheets.
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
        dimensions: &[Dimension::EnergyPrice],
        needs_units: true,
        ranges: ranges::ENERGY,
        never_negative: true,
        shows_cob: true,
        converts: true,
        // One close of business every business day.
        late_after: Some(1),
        about: "Forward energy prices by zone and block",
        ..MONTHLY
    },
    Layout {
        data_type: DataType::NonEnergy,
        ranges: ranges::NONENERGY,
        converts: true,
        // One set a week.
        late_after: Some(5),
        about: "Ancillaries, capacity, transmission and other charges",
        ..MONTHLY
    },
    Layout {
        data_type: DataType::Rec,
        markets: &[Market::Isone, Market::Pjm, Market::Ercot, Market::Nyiso],
        body: Body::Table(LabelRows::StateAndName),
        dimensions: &[
            Dimension::EnergyPrice,
            Dimension::CertificatePrice,
            Dimension::Share,
            Dimension::Factor,
            Dimension::Energy,
            Dimension::Money,
        ],
        ranges: ranges::REC,
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
        dimensions: &[Dimension::EnergyPrice],
        needs_units: true,
        ranges: ranges::PTC,
        never_negative: true,
        zero_is_missing: true,
        shows_unit: false,
        shown: Some(Unit::DollarsPerKwh),
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
        // For components whose name contains no unit.
        dimensions: &[Dimension::EnergyPrice],
        needs_units: true,
        ranges: ranges::MATRIX,
        shows_unit: false,
        decimals: None,
        shown: Some(Unit::DollarsPerMwh),
        about: "Retail offers by utility, load profile and term, in components",
        ..MONTHLY
    },
    Layout {
        data_type: DataType::Headroom,
        has_sheet: false,
        body: Body::Comparison,
        grid: Grid::Offer,
        // The details of the offer, then those of the price to compare.
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
        about: "How far retail offers are below the price to compare; computed, not uploaded",
        ..MONTHLY
    },
    Layout {
        data_type: DataType::LoadProfile,
        details: &[Detail::CustomerType],
        unit: Some(Unit::KilowattHours),
        dimensions: &[Dimension::Energy, Dimension::Power],
        needs_units: true,
        ranges: ranges::LOADPROFILE,
        never_negative: true,
        shown: Some(Unit::MegawattHours),
        about: "Hourly loads of customer classes",
        ..HOURLY
    },
    Layout {
        data_type: DataType::Shaping,
        unit: Some(Unit::Factor),
        dimensions: &[Dimension::Factor, Dimension::Share],
        needs_units: true,
        ranges: ranges::SHAPING,
        shown: Some(Unit::Factor),
        by_block: true,
        about: "Hourly factors that shape a monthly price",
        ..HOURLY
    },
    Layout {
        data_type: DataType::Vlr,
        grid: Grid::MonthHour,
        unit: Some(Unit::PercentPoints),
        dimensions: &[Dimension::Share],
        needs_units: true,
        ranges: ranges::VLR,
        percent_points: true,
        shown: Some(Unit::PercentPoints),
        about: "Variable load risk by month of the year and hour",
        ..HOURLY
    },
    Layout {
        data_type: DataType::LineLoss,
        body: Body::Flat { value: "Line Loss Factor" },
        grid: Grid::Always,
        unit: Some(Unit::Factor),
        dimensions: &[Dimension::Factor],
        needs_units: true,
        ranges: ranges::LINELOSS,
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
}
