//! Selects what to read from the database for one file.

use super::filter::Filter;
use crate::catalog::{DataType, Market, Month};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// Which operating days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The newest available.
    Newest,
    /// From the first to the last, both included.
    Between(NaiveDate, NaiveDate),
    /// The newest up to a stamp, included.
    AsOf(NaiveDateTime),
}

impl When {
    /// As of an operating day: up to its end.
    #[must_use]
    pub fn as_of_day(day: NaiveDate) -> Self {
        let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
        Self::AsOf(next.and_time(NaiveTime::MIN) - chrono::TimeDelta::microseconds(1))
    }
}

/// Which snapshot of each operating day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// The mark of the day: the close of business if there is one, otherwise the latest.
    Latest,
    /// Only the close of business.
    CobOnly,
    /// The latest that is not the close of business.
    IntradayOnly,
    /// Every snapshot.
    All,
}

/// What to read from the database for one file.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The data type to read.
    pub data_type: DataType,
    /// The market to read.
    pub market: Market,
    /// The operating days to read.
    pub when: When,
    /// Which snapshot of each day.
    pub marks: Marks,
    /// As known at this moment; `None` means now.
    pub known_at: Option<DateTime<Utc>>,
    /// Whether to read every snapshot of the days in every revision, including those corrected or withdrawn since.
    pub history: bool,
    /// Delivery months, both included.
    pub months: (Option<Month>, Option<Month>),
    /// The filter that selects curves.
    pub filter: Filter,
}
