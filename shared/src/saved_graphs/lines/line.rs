//! A line of a graph, parsed from either vocabulary.

use crate::catalog::Market;
use crate::curves::absence::sought::Sought;
use crate::parameters::filter::Filter;
use crate::parameters::selection::Selection;
use crate::parameters::snapshots::Marks;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// The most lines of a graph.
pub const MAX_LINES: usize = 50;

/// A parsed line.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its display name.
    pub name: String,
    /// The market of its curve.
    pub market: Market,
    /// Data type, snapshot, months, blocks and units.
    pub asked: Selection,
    /// Which curve.
    pub filter: Filter,
    /// The operating day, if the line is for a single day.
    pub day: Option<NaiveDate>,
    /// How an old path chose the sheet of that day.
    pub old: Option<Old>,
}

/// How an old path chose the sheet of a day.
#[derive(Clone, Copy, Debug)]
pub struct Old {
    /// The minute of an intraday sheet.
    pub minute: Option<NaiveDateTime>,
    /// Whether close of business was requested.
    pub cob: bool,
}

/// Overrides for all lines of a graph.
#[derive(Clone, Copy, Debug, Default)]
pub struct Instead {
    /// As of this stamp.
    pub as_of: Option<NaiveDateTime>,
    /// As known at this moment.
    pub known_at: Option<DateTime<Utc>>,
    /// With this choice of a day's snapshot.
    pub marks: Option<Marks>,
}

impl Line {
    /// The same line with overrides applied.
    #[must_use]
    pub fn instead(mut self, instead: Instead) -> Self {
        let Instead { as_of, known_at, marks } = instead;
        if as_of.is_some() {
            (self.asked.as_of, self.day) = (as_of, None);
        }
        self.asked.known_at = known_at.or(self.asked.known_at);
        self.asked.marks = marks.unwrap_or(self.asked.marks);
        if as_of.is_some() || known_at.is_some() || marks.is_some() {
            self.old = None;
        }
        self
    }

    /// The description of the line for a "not found" answer.
    #[must_use]
    pub fn sought(&self) -> Sought<'_> {
        let mut sought = Sought { days: (self.day, self.day), ..self.asked.sought(&self.filter) };
        if self.old.is_some() {
            // Either kind of sheet would have been accepted.
            (sought.marks, sought.as_of) = (Marks::Latest, None);
        }
        sought
    }
}
