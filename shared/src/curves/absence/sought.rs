//! What was asked for and not found.

use crate::catalog::{DataType, Grid, Layout, Market};
use crate::parameters::filter::Filter;
use crate::parameters::selection::{Delivery, Selection};
use crate::parameters::snapshots::Marks;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// What was asked for, and not found.
#[derive(Clone, Debug)]
pub struct Sought<'s> {
    /// Of which data types and markets.
    pub series: Vec<(DataType, Market)>,
    /// Which curves.
    pub filter: &'s Filter,
    /// Of which operating days, first and last, both included.
    pub days: (Option<NaiveDate>, Option<NaiveDate>),
    /// Up to which stamp.
    pub as_of: Option<NaiveDateTime>,
    /// What was known when.
    pub known_at: Option<DateTime<Utc>>,
    /// Which snapshot of a day.
    pub marks: Marks,
    /// Whether that counts only for data types whose downloads show the mark, as `idcob` does.
    pub if_shown: bool,
    /// Whether only a part of what the curves say was asked for, such as some months.
    pub is_narrowed: bool,
}

impl<'s> Sought<'s> {
    /// Curves in the newest mark, of no series yet.
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
    /// Which snapshot of a day, of a data type.
    #[must_use]
    pub fn marks_of(&self, data_type: DataType) -> Marks {
        if self.if_shown && !Layout::of(data_type).shows_cob { Marks::Latest } else { self.marks }
    }
}

impl Selection {
    /// What of it was not found.
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
            // A monthly curve is found whichever of its months are asked for.
            is_narrowed: self.delivery != Delivery::Range(None, None)
                && Layout::of(self.data_type).grid != Grid::Month,
        }
    }
}
