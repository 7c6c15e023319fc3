//! The common part of price queries: which curves, from which snapshot, over which delivery months, by which calendar.

use super::snapshots::Marks;
use super::views::{Units, View};
use crate::access::Grants;
use crate::catalog::period::{Named, NoSuchSeason, Period};
use crate::catalog::{Calendar, DataType, Market, Month, Seasons};
use crate::http::answer;
use crate::http::parameters::YEARS;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, Utc};

/// The maximum of `limit`.
pub const MAX_PAGE: u32 = 1_000_000;
/// The maximum number of rows of an answer.
pub const MAX_ROWS: usize = MAX_PAGE as usize;

/// The delivery months of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// From one month up to, but excluding, another; `None` is an open end.
    Range(Option<Month>, Option<Month>),
    /// A named period, such as the prompt month.
    Named(Named),
}

/// What a query selects.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The data type of the curves.
    pub data_type: DataType,
    /// The markets, each once.
    pub markets: Vec<Market>,
    /// Stamps up to this one, included.
    pub as_of: Option<NaiveDateTime>,
    /// As known at this moment; `None` means now.
    pub known_at: Option<DateTime<Utc>>,
    /// Which snapshot of each day.
    pub marks: Marks,
    /// The block calendar.
    pub calendar: Calendar,
    /// The delivery months.
    pub delivery: Delivery,
    /// The block views, each once.
    pub views: Vec<View>,
    /// The units of the answer.
    pub units: Units,
    /// The requested page.
    pub page: Page,
    /// Whether rows go side by side (`layout=wide`).
    pub wide: bool,
}

/// A page of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The number of rows on the previous pages.
    pub after: usize,
    /// The maximum number of rows; `None` means all.
    pub limit: Option<usize>,
    /// The [`fingerprint`] of the query.
    pub query: u64,
    /// The fingerprint of the snapshots from which the previous pages were read.
    pub read: Option<u64>,
}

/// A hash of texts (FNV-1a), very likely different for different texts.
#[must_use]
pub fn fingerprint<'t>(texts: impl Iterator<Item = &'t str>) -> u64 {
    let bytes = texts.flat_map(|text| text.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Page {
    /// The range of this page among `rows` rows, and whether there are more.
    #[must_use]
    pub fn range(self, rows: usize) -> (std::ops::Range<usize>, bool) {
        let first = self.after.min(rows);
        let end = self.limit.map_or(rows, |limit| first.saturating_add(limit).min(rows));
        (first..end, end < rows)
    }

    /// The cursor of a page, for what was known at a moment.
    #[must_use]
    pub fn cursor(self, known_at: DateTime<Utc>) -> String {
        let mut bytes = known_at.timestamp_micros().to_be_bytes().to_vec();
        for number in [self.after as u64, self.query, self.read.unwrap_or(0)] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Decodes a cursor, if it belongs to a page of this query.
    #[must_use]
    pub fn read(cursor: &str, query: u64) -> Option<(DateTime<Utc>, Self)> {
        let bytes = <[u8; 32]>::try_from(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let number = |at: usize| bytes[8 * at..8 * (at + 1)].try_into().ok().map(u64::from_be_bytes);
        let moment = DateTime::from_timestamp_micros(number(0)?.cast_signed())?;
        let after = usize::try_from(number(1)?).ok()?;
        let page = Self { after, limit: None, query: number(2)?, read: Some(number(3)?) };
        let is_good = after < MAX_ROWS * 1000 && YEARS.contains(&moment.year()) && page.query == query;
        is_good.then_some((moment, page))
    }
}

impl Selection {
    /// The seasons of a market under the calendar.
    #[must_use]
    pub const fn seasons(&self, market: Market) -> Seasons {
        Seasons::of(market, self.calendar)
    }

    /// The requested months, seen from an operating day; open ends come from `span`, and `None` means no months.
    ///
    /// # Errors
    /// The market has no such season.
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

    /// Whether the same request will always get the same answer: what was known is fixed and settled, and so is the operating day.
    /// Grants can change, so this holds only for callers who see everything.
    #[must_use]
    pub fn is_pinned(&self, now: DateTime<Utc>, grants: &Grants, day_is_fixed: bool) -> bool {
        grants.everything() && day_is_fixed && answer::is_settled(self.known_at, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_valid_only_for_its_own_query() {
        let moment = "2024-01-05T23:02:01.000001Z".parse().unwrap();
        let query = fingerprint(["market", "ERCOT"].into_iter());
        let page = Page { after: 5, limit: None, query, read: Some(u64::MAX) };
        let cursor = page.cursor(moment);
        assert_eq!(Page::read(&cursor, query), Some((moment, page)));
        for other in [["marketE", "RCOT"], ["market", "PJM"], ["ERCOT", "market"]] {
            assert_eq!(Page::read(&cursor, fingerprint(other.into_iter())), None, "{other:?}");
        }
        assert_eq!(Page::read("AAAA", query), None);
    }
}
