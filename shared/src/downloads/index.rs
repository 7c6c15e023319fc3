//! What stands left of the numbers in a row: the same columns in CSV, workbooks and JSON.

use super::table::RowKey;
use crate::catalog::{Grid, Layout};
use chrono::{NaiveDate, NaiveDateTime};

/// A column left of the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// Stamp of the snapshot.
    Stamp,
    /// First day of the delivery month; of hours the day.
    Day,
    /// Month of the year.
    MonthOfYear,
    /// Hour ending, 25 for the repeated hour in autumn.
    HourEnding,
    /// The mark.
    Cob,
    /// Revision of the snapshot, where several may have one stamp.
    Revision,
}

/// What a row has in such a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A wall-clock moment of the market.
    Stamp(NaiveDateTime),
    /// A day.
    Day(NaiveDate),
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
}

impl Index {
    /// The columns of a download; `history` tells revisions apart.
    #[must_use]
    pub fn of(layout: &Layout, history: bool) -> Vec<Self> {
        let mut columns = vec![Self::Stamp];
        columns.extend(match layout.grid {
            Grid::Month => &[Self::Day][..],
            Grid::DayHour => &[Self::Day, Self::HourEnding],
            Grid::MonthHour => &[Self::MonthOfYear, Self::HourEnding],
            Grid::Offer | Grid::Always => &[],
        });
        if layout.shows_cob {
            columns.push(Self::Cob);
        }
        if history {
            columns.push(Self::Revision);
        }
        columns
    }

    /// Its title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Stamp => "Curve Update Date",
            Self::Day => "Curve Start Month",
            Self::MonthOfYear => "Month",
            Self::HourEnding => "HE",
            Self::Cob => "COB",
            Self::Revision => "Revision",
        }
    }

    /// What a row of a grid has in it.
    #[must_use]
    pub fn cell(self, grid: Grid, row: &RowKey) -> Cell {
        match self {
            Self::Stamp => Cell::Stamp(row.snapshot.stamp),
            Self::Day => Cell::Day(grid.day(row.slot)),
            Self::MonthOfYear => Cell::Number(grid.month_of_year(row.slot)),
            Self::HourEnding => Cell::Number(grid.hour_ending(row.slot).unwrap_or_default()),
            Self::Cob => Cell::Flag(row.snapshot.cob),
            Self::Revision => Cell::Number(i64::from(row.snapshot.revision)),
        }
    }
}
