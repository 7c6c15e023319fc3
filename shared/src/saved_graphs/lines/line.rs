//! A line of a graph, as it was read from either words.

use crate::catalog::Market;
use crate::curves::absence::sought::Sought;
use crate::parameters::filter::Filter;
use crate::parameters::selection::Selection;
use crate::parameters::snapshots::Marks;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// Most lines of a graph.
pub const MAX_LINES: usize = 50;

/// A line, as it was read.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is called.
    pub name: String,
    /// The market of its curve.
    pub market: Market,
    /// Data type, snapshot, months, blocks and units.
    pub asked: Selection,
    /// Which curve.
    pub filter: Filter,
    /// The operating day, if it is of one day only.
    pub day: Option<NaiveDate>,
    /// How an old path chose the sheet of that day.
    pub old: Option<Old>,
}

/// How an old path chose the sheet of a day.
#[derive(Clone, Copy, Debug)]
pub struct Old {
    /// The minute of an intraday sheet.
    pub minute: Option<NaiveDateTime>,
    /// Whether the close of business was meant.
    pub cob: bool,
}

/// What is asked of all lines of a graph, in place of what each says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Instead {
    /// As of this stamp.
    pub as_of: Option<NaiveDateTime>,
    /// As known then.
    pub known_at: Option<DateTime<Utc>>,
    /// Of this snapshot of a day.
    pub marks: Option<Marks>,
}

impl Line {
    /// The same line, asked for otherwise.
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

    /// What of it was not found.
    #[must_use]
    pub fn sought(&self) -> Sought<'_> {
        let mut sought = Sought { days: (self.day, self.day), ..self.asked.sought(&self.filter) };
        if self.old.is_some() {
            // Either kind would have done.
            (sought.marks, sought.as_of) = (Marks::Latest, None);
        }
        sought
    }
}
