//! What the questions have in common: which curves, of which snapshot, over which delivery months, by whose hours.

use super::lines::{Units, View};
use super::period::{Named, NoSuchSeason, Period};
use crate::access::Grants;
use crate::catalog::{Calendar, DataType, Market, Month, Seasons};
use crate::curves::reading::Marks;
use crate::web::answer;
use crate::web::parameters::YEARS;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, Utc};

/// Most rows that a page may be asked for.
pub const MOST_ROWS: usize = 1_000_000;

/// Which delivery months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// From a month on, up to another, which is excluded; all there are, where one is absent.
    Range(Option<Month>, Option<Month>),
    /// By name.
    Named(Named),
}

/// What a question asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Data type.
    pub data_type: DataType,
    /// Markets, each once.
    pub markets: Vec<Market>,
    /// Stamps up to this one, included.
    pub as_of: Option<NaiveDateTime>,
    /// The moment whose knowledge is asked for; now if absent.
    pub known_at: Option<DateTime<Utc>>,
    /// Snapshot of each day.
    pub marks: Marks,
    /// Whose hours.
    pub calendar: Calendar,
    /// Delivery months.
    pub delivery: Delivery,
    /// Blocks, each once.
    pub views: Vec<View>,
    /// Units.
    pub units: Units,
    /// Rows of a page.
    pub page: Page,
    /// Whether rows are to stand side by side.
    pub wide: bool,
}

/// Which rows of an answer: from one on, so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// How many rows were on the pages before.
    pub after: usize,
    /// How many rows; all if absent.
    pub limit: Option<usize>,
}

impl Page {
    /// Where this page ends among so many rows, and whether there are more.
    #[must_use]
    pub fn range(self, rows: usize) -> (std::ops::Range<usize>, bool) {
        let first = self.after.min(rows);
        let end = self.limit.map_or(rows, |limit| first.saturating_add(limit).min(rows));
        (first..end, end < rows)
    }

    /// The cursor of the next page: what was known at a moment, behind so many rows.
    #[must_use]
    pub fn cursor(known_at: DateTime<Utc>, after: usize) -> String {
        let mut bytes = known_at.timestamp_micros().to_be_bytes().to_vec();
        bytes.extend_from_slice(&(after as u64).to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What a cursor says; `None` if it is none.
    #[must_use]
    pub fn read(cursor: &str) -> Option<(DateTime<Utc>, usize)> {
        let bytes = <[u8; 16]>::try_from(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (moment, after) = bytes.split_at(8);
        let moment = DateTime::from_timestamp_micros(i64::from_be_bytes(moment.try_into().ok()?))?;
        let after = usize::try_from(u64::from_be_bytes(after.try_into().ok()?)).ok()?;
        (after < MOST_ROWS * 1000 && YEARS.contains(&moment.year())).then_some((moment, after))
    }
}

impl Asked {
    /// The seasons of a market, by the calendar.
    #[must_use]
    pub const fn seasons(&self, market: Market) -> Seasons {
        Seasons::of(market, self.calendar)
    }

    /// The months that are asked for, seen from an operating day; open ends are taken from `span`, and `None` is nothing.
    ///
    /// # Errors
    /// Says that the market has no such season.
    pub fn range(
        &self,
        day: NaiveDate,
        market: Market,
        span: Option<(Month, Month)>,
    ) -> Result<Option<Period>, NoSuchSeason> {
        match &self.delivery {
            Delivery::Named(named) => named.on(day, self.seasons(market)),
            Delivery::Range(from, to) => {
                let first = from.or(span.map(|(first, _)| first));
                let end = to.or(span.map(|(_, end)| end));
                Ok(first
                    .zip(end)
                    .filter(|(first, end)| first < end)
                    .map(|(first, end)| Period::strip(first, end)))
            }
        }
    }

    /// Whether the same request will be answered alike for ever: what was known is fixed and settled, and so is the operating
    /// day. What is granted is not: only of who sees everything nothing can be taken, or added.
    #[must_use]
    pub fn is_pinned(&self, now: DateTime<Utc>, grants: &Grants, day_is_fixed: bool) -> bool {
        grants.everything && day_is_fixed && answer::is_settled(self.known_at, now)
    }
}
