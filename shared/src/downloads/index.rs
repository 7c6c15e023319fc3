//! The index columns left of the numbers: the same in CSV, workbooks and JSON.

use super::table::RowKey;
use crate::catalog::{Grid, Layout};
use chrono::{NaiveDate, NaiveDateTime};

/// An index column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// Stamp of the snapshot.
    Stamp,
    /// First day of the delivery month; for hours, the day.
    Day,
    /// Month of the year.
    MonthOfYear,
    /// Hour ending, 25 for the repeated hour in autumn.
    HourEnding,
    /// Whether the snapshot is close of business.
    Cob,
    /// Revision of the snapshot, where several share a stamp.
    Revision,
}

/// The content of such a column in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A wall-clock moment of the market.
    Stamp(NaiveDateTime),
    /// A day without a time.
    Day(NaiveDate),
    /// A count, hour or revision.
    Number(i64),
    /// A yes-or-no value.
    Flag(bool),
}

impl Index {
    /// The index columns of a download; `history` adds the revision.
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

    /// The column title.
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

    /// Its content for a row of a grid.
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
