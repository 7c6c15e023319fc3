//! Parses the parameters that price queries share and reports all errors at once.

use super::filter::{Field, Filter};
use super::selection::{Delivery, Page, Selection, fingerprint};
use super::snapshots::{Marks, When};
use super::views::{LAYOUTS, Units, View};
use super::{CALENDARS, MARKS};
use crate::catalog::period::{Named, YEARS, parse_month};
use crate::catalog::{Calendar, DataType, Layout, Market, Month};
use crate::http::parameter::table::query_names;
use crate::http::wrong::Wrong;
use crate::http::{Parameter, Parameters, Problem};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// Reads a query. Values that cannot be read give 400; values that contradict each other give 422.
pub struct Reader<'p> {
    /// The parameters and their errors.
    pub read: Parameters<'p>,
    contradictions: Vec<Wrong>,
    query: u64,
}

impl<'p> Reader<'p> {
    /// Reads a query string by a table of parameters.
    #[must_use]
    pub fn new(pairs: &'p [(String, String)], table: &'p [Parameter]) -> Self {
        // The fingerprint covers all parameters except those of page and format, sorted by name. The names in the table
        // distinguish the routes.
        let beside = ["cursor", "limit", "format", "layout"];
        let mut asked: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.trim())).collect();
        asked.retain(|(name, _)| !beside.contains(name));
        asked.sort_by_key(|(name, _)| *name);
        let asked = asked.into_iter().flat_map(|(name, value)| [name, value]);
        let query = fingerprint(query_names(table).into_iter().chain(asked));
        Self { read: Parameters::new(pairs, table), contradictions: vec![], query }
    }

    /// Adds a contradiction.
    pub fn contradicts(&mut self, parameter: &str, detail: impl AsRef<str>) {
        self.contradictions.push(self.read.flaw(parameter, detail.as_ref()));
    }

    /// Returns `made`, what was read from the parameters.
    ///
    /// # Errors
    /// 400 with everything that cannot be read; otherwise 422 with every contradiction.
    pub fn end<T>(self, made: T) -> Result<T, Problem> {
        let made = self.read.end(made).map_err(Problem::bad_request)?;
        if self.contradictions.is_empty() {
            Ok(made)
        } else {
            Err(Problem::contradictory(self.contradictions))
        }
    }

    /// The common part of all queries.
    pub fn asked(&mut self) -> Selection {
        let data_type = self.read.parsed("data_type").unwrap_or(DataType::Energy);
        let cursor = self.cursor();
        let known_at = self.read.moment("known_at").or(cursor.map(|(moment, _)| moment));
        let limit = self.read.whole("limit").and_then(|rows| usize::try_from(rows).ok());
        Selection {
            data_type,
            markets: self.markets(data_type),
            as_of: self.as_of("as_of"),
            known_at,
            marks: self.marks("mark"),
            calendar: self.calendar(),
            delivery: self.delivery(),
            views: self.views(),
            units: self.read.one_of("units", Units::Native, &Units::WORDS),
            page: Page { limit, query: self.query, ..cursor.map_or(Page::default(), |(_, page)| page) },
            wide: self.read.one_of("layout", false, &LAYOUTS),
        }
    }

    /// The block calendar: `nerc` or `legacy`.
    pub fn calendar(&mut self) -> Calendar {
        self.read.one_of("calendar", Calendar::Nerc, &CALENDARS)
    }

    /// Reads the label filters with a prefix.
    pub fn filter(&mut self, prefix: &str, data_type: DataType) -> Filter {
        let layout = Layout::of(data_type);
        for field in Field::all() {
            let name = format!("{prefix}{}", field.name());
            if let Field::Detail(detail) = field
                && self.read.text(&name).is_some()
                && layout.place_of(detail).is_none()
            {
                self.contradicts(&name, format!("{data_type} has no {}", field.name()));
            }
        }
        self.read.filter(prefix)
    }

    /// The key of a snapshot.
    pub fn key(&mut self, name: &str) -> Option<i32> {
        self.read.whole(name).and_then(|key| i32::try_from(key).ok())
    }

    /// Reads one operating day.
    pub fn day(&mut self, name: &str) -> Option<NaiveDate> {
        let text = self.read.text(name);
        self.read.day(name, text)
    }

    /// Which snapshot of each day: exactly one.
    pub fn marks(&mut self, name: &str) -> Marks {
        self.read.one_of(name, Marks::Latest, &MARKS)
    }

    /// An operating day or a stamp up to which snapshots count.
    pub fn as_of(&mut self, name: &str) -> Option<NaiveDateTime> {
        match self.read.stamp_or_day(name) {
            Some(When::AsOf(stamp)) => Some(stamp),
            Some(When::Newest | When::Between(..)) | None => None,
        }
    }

    fn cursor(&mut self) -> Option<(DateTime<Utc>, Page)> {
        let cursor = Page::read(self.read.text("cursor")?, self.query);
        if cursor.is_none() {
            self.read
                .wrong("cursor", "expected `next` of a previous page, with all other parameters unchanged");
        }
        cursor
    }

    /// Markets: repeated or separated by commas; by default all that have the data type.
    pub fn markets(&mut self, data_type: DataType) -> Vec<Market> {
        let words: Vec<&str> =
            self.read.texts("market").into_iter().flat_map(|text| text.split(',')).map(str::trim).collect();
        let known = Layout::of(data_type).markets;
        let (mut markets, mut all) = (Vec::new(), words.is_empty());
        for word in words {
            match word.parse::<Market>() {
                _ if word.eq_ignore_ascii_case("all") => all = true,
                Ok(market) if !known.contains(&market) => {
                    self.read.wrong_word("market", word, format!("{market} has no {data_type}"));
                }
                Ok(market) if markets.contains(&market) => {}
                Ok(market) => markets.push(market),
                Err(expected) => self.read.wrong_word("market", word, format!("{expected}, or all")),
            }
        }
        if all { known.to_vec() } else { markets }
    }

    /// `from` and `to`, or `period`.
    pub fn delivery(&mut self) -> Delivery {
        let (from, to) = (self.month("from"), self.month("to"));
        let range = self.read.text("from").or(self.read.text("to")).is_some();
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            self.read.wrong("to", "expected a month after `from`, because the range ends before `to`");
        }
        match self.read.parsed::<Named>("period") {
            Some(_) if range => {
                self.contradicts(
                    "period",
                    "expected without from and to, because period already selects the months",
                );
                Delivery::Range(from, to)
            }
            Some(named) => Delivery::Named(named),
            None => Delivery::Range(from, to),
        }
    }

    fn month(&mut self, name: &str) -> Option<Month> {
        let month = parse_month(self.read.text(name)?);
        if month.is_none() {
            let (first, last) = (YEARS.start(), YEARS.end());
            self.read.wrong(name, format!("expected a month as YYYY-MM, in the years {first} to {last}"));
        }
        month
    }

    fn views(&mut self) -> Vec<View> {
        let words: Vec<&str> =
            self.read.texts("blocks").into_iter().flat_map(|text| text.split(',')).map(str::trim).collect();
        let mut views = Vec::new();
        for word in words {
            let found = View::WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word));
            match found {
                Some((_, view)) if views.contains(view) => {}
                Some((_, view)) => views.push(*view),
                None => {
                    let known = View::WORDS.map(|(word, _)| word).join(", ");
                    self.read.wrong_word("blocks", word, format!("expected one or more of {known}"));
                }
            }
        }
        if views.is_empty() { vec![View::Native] } else { views }
    }
}

#[cfg(test)]
mod tests;
