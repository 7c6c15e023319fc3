//! What is read from the database for one file.

use super::filter::Filter;
use crate::catalog::{DataType, Market, Month};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// Which operating days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The newest there is.
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
    /// The day's mark: the close of business if there is one, else the latest.
    Latest,
    /// The close of business alone.
    CobOnly,
    /// The latest that is not the close of business.
    IntradayOnly,
    /// Each.
    All,
}

/// What is read from the database for one file.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Data type.
    pub data_type: DataType,
    /// Market.
    pub market: Market,
    /// Operating days.
    pub when: When,
    /// Snapshot of each day.
    pub marks: Marks,
    /// The moment whose knowledge is asked for; now if absent.
    pub known_at: Option<DateTime<Utc>>,
    /// Every snapshot of the days in every revision, what was corrected or withdrawn since too.
    pub history: bool,
    /// Delivery months, both included.
    pub months: (Option<Month>, Option<Month>),
    /// Which curves.
    pub filter: Filter,
}
