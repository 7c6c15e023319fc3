//! What was requested and not found.

use crate::catalog::{DataType, Grid, Layout, Market};
use crate::parameters::filter::Filter;
use crate::parameters::selection::{Delivery, Selection};
use crate::parameters::snapshots::Marks;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// What was requested and not found.
#[derive(Clone, Debug)]
pub struct Sought<'s> {
    /// The data types and markets.
    pub series: Vec<(DataType, Market)>,
    /// The filter of the curves.
    pub filter: &'s Filter,
    /// The first and last operating day, both inclusive.
    pub days: (Option<NaiveDate>, Option<NaiveDate>),
    /// The latest stamp.
    pub as_of: Option<NaiveDateTime>,
    /// The time at which it had to be known.
    pub known_at: Option<DateTime<Utc>>,
    /// Which snapshot of a day.
    pub marks: Marks,
    /// Whether that applies only to data types whose downloads show the mark, as `idcob` does.
    pub if_shown: bool,
    /// Whether only part of the curves was requested, such as some months.
    pub is_narrowed: bool,
}

impl<'s> Sought<'s> {
    /// Curves in the newest mark, without a series so far.
    #[must_use]
    pub fn newest(filter: &'s Filter) -> Self {
        let (days, marks) = ((None, None), Marks::Latest);
        Self {
            series: vec![],
            filter,
            days,
            as_of: None,
            known_at: None,
            marks,
            if_shown: false,
            is_narrowed: false,
        }
    }
}

impl Sought<'_> {
    /// Which snapshot of a day, for a data type.
    #[must_use]
    pub fn marks_of(&self, data_type: DataType) -> Marks {
        if self.if_shown && !Layout::of(data_type).shows_cob { Marks::Latest } else { self.marks }
    }
}

impl Selection {
    /// The part of it that was not found.
    #[must_use]
    pub fn sought<'s>(&self, filter: &'s Filter) -> Sought<'s> {
        Sought {
            series: self.markets.iter().map(|market| (self.data_type, *market)).collect(),
            filter,
            days: (None, None),
            as_of: self.as_of,
            known_at: self.known_at,
            marks: self.marks,
            if_shown: false,
            // A monthly curve is found by any of its months.
            is_narrowed: self.delivery != Delivery::Range(None, None)
                && Layout::of(self.data_type).grid != Grid::Month,
        }
    }
}
