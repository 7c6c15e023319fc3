//! The parameters that select curves: data types, days, months, blocks and labels in a query string.

pub mod common;
pub mod filter;
pub mod questions;
pub mod reader;
pub mod selection;
pub mod snapshots;
pub mod strips;
pub mod views;

use self::filter::{Field, Filter};
use self::snapshots::{Marks, When};
use crate::catalog::block::UnknownBlock;
use crate::catalog::pattern::NotAPattern;
use crate::catalog::{Block, Calendar, DataType, Layout, Market, Month, calendar};
use crate::http::Parameters;
use crate::http::parameters::YEARS;
use crate::parameters::strips::Strips;
use chrono::{DateTime, Datelike as _, Days, NaiveDateTime, Utc};

/// The `/v1` words for the snapshot of a day.
pub(super) const MARKS: [(&str, Marks); 4] = [
    ("latest", Marks::Latest),
    ("cob", Marks::CobOnly),
    ("intraday", Marks::IntradayOnly),
    ("all", Marks::All),
];

/// The `/v1` words for the calendars.
pub(super) const CALENDARS: [(&str, Calendar); 2] = [("nerc", Calendar::Nerc), ("legacy", Calendar::Legacy)];

/// The point in time at which a list is requested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Then {
    /// Stamps up to this one, included; `None` means all.
    pub(super) as_of: Option<NaiveDateTime>,
    /// As known at this moment; `None` means now.
    pub(super) known_at: Option<DateTime<Utc>>,
    /// Only closes of business, or only others, count as marks of their days; `None` means either.
    pub(super) cob: Option<bool>,
    /// Whether any of these parameters was given.
    pub(super) given: bool,
}

impl Parameters<'_> {
    /// `as_of`, `known_at` and `mark` of a list.
    pub(super) fn then(&mut self) -> Then {
        let as_of = match self.stamp_or_day("as_of") {
            Some(When::AsOf(stamp)) => Some(stamp),
            Some(When::Newest | When::Between(..)) | None => None,
        };
        let cob = match self.one_of("mark", Marks::Latest, &MARKS[..3]) {
            Marks::Latest | Marks::All => None,
            Marks::CobOnly => Some(true),
            Marks::IntradayOnly => Some(false),
        };
        let given = ["as_of", "known_at", "mark"].iter().any(|name| self.text(name).is_some());
        Then { as_of, known_at: self.moment("known_at"), cob, given }
    }

    /// Data types and markets: one of each, or all.
    pub(super) fn series(&mut self) -> Vec<(DataType, Market)> {
        let (data_type, market) =
            (self.text("curve_type").unwrap_or("all"), self.text("iso").unwrap_or("all"));
        let all = |text: &str| text.eq_ignore_ascii_case("all");
        let data_types = match data_type.parse() {
            _ if all(data_type) => DataType::ALL.to_vec(),
            Ok(data_type) => vec![data_type],
            Err(expected) => {
                self.wrong("curve_type", format!("{expected}, or all"));
                vec![]
            }
        };
        let markets = match market.parse() {
            _ if all(market) => Market::ALL.to_vec(),
            Ok(market) => vec![market],
            Err(expected) => {
                self.wrong("iso", format!("{expected}, or all"));
                vec![]
            }
        };
        let pairs =
            data_types.iter().flat_map(|data_type| markets.iter().map(|market| (*data_type, *market)));
        let series: Vec<_> =
            pairs.filter(|(data_type, market)| Layout::of(*data_type).markets.contains(market)).collect();
        if series.is_empty() && !data_types.is_empty() && !markets.is_empty() {
            self.wrong(
                "iso",
                format!("there is no such curve: {} has no {data_type}", market.to_uppercase()),
            );
        }
        series
    }

    /// Reads a delivery month.
    pub(super) fn month(&mut self, name: &str) -> Option<Month> {
        let day = match self.text(name) {
            Some(text) if text.len() == 7 && text.as_bytes()[4] == b'-' => {
                self.day(name, Some(&format!("{text}-01")))
            }
            text => self.day(name, text),
        }?;
        let month = Month::of(day);
        // A start after the first of a month excludes that month, as in the old system.
        Some(if name == "start" && day > month.first_day() { month.plus(1) } else { month })
    }

    /// `as_of` or operating days, but not both.
    pub(super) fn when(&mut self) -> When {
        let Some(as_of) = self.stamp_or_day("as_of") else { return self.days() };
        if ["operating_day", "operating_day_end", "offset"].iter().any(|name| self.text(name).is_some()) {
            let detail =
                "expected without operating_day, operating_day_end and offset, which also select days";
            self.wrong("as_of", detail);
        }
        as_of
    }

    /// An operating day, up to its end, or a stamp; `None` if the parameter is absent, and the newest if it is invalid.
    pub(super) fn stamp_or_day(&mut self, name: &str) -> Option<When> {
        let text = self.text(name)?;
        if text.len() <= 10 {
            return Some(self.day(name, Some(text)).map_or(When::Newest, When::as_of_day));
        }
        let forms = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y%m%d_%H%M%S"];
        let stamp = forms.into_iter().find_map(|form| {
            let stamp = NaiveDateTime::parse_from_str(text, form).ok();
            stamp.filter(|stamp| stamp.format(form).to_string() == text)
        });
        if stamp.is_none() {
            self.wrong(name, "expected an operating day as YYYY-MM-DD or a stamp as YYYY-MM-DDTHH:MM:SS");
        }
        let stamp = stamp.filter(|stamp| self.holds(name, stamp.date()));
        Some(stamp.map_or(When::Newest, When::AsOf))
    }

    /// How many days to go back.
    fn days_back(&mut self) -> u32 {
        self.whole_or("offset", |bounds| {
            format!("expected a number of days from {} to {}", bounds.start(), bounds.end())
        })
        .unwrap_or(0)
    }

    fn days(&mut self) -> When {
        let offset = u64::from(self.days_back());
        let (first, last) = (self.text("operating_day"), self.text("operating_day_end"));
        let (first, last) = (self.day("operating_day", first), self.day("operating_day_end", last));
        let Some(first) = first else {
            let given = [("operating_day_end", last.is_some()), ("offset", offset > 0)];
            for (name, _) in given.into_iter().filter(|(_, given)| *given) {
                self.wrong(name, "expected together with operating_day");
            }
            return When::Newest;
        };
        let last = last.unwrap_or(first);
        if first > last {
            self.wrong("operating_day_end", "expected a day on or after operating_day");
        }
        // Going back ends on a business day; the old system moved a Sunday to the Saturday and did not move a Saturday.
        let back = first.checked_sub_days(Days::new(offset)).filter(|day| YEARS.contains(&day.year()));
        let back = back.unwrap_or(first);
        When::Between(if offset == 0 { first } else { calendar::business_day_on_or_before(back) }, last)
    }

    /// Label filters: parameters named like the fields, each prefixed with `prefix`.
    pub(super) fn filter(&mut self, prefix: &str) -> Filter {
        let mut filter = Filter::default();
        for field in Field::all() {
            let name = format!("{prefix}{}", field.name());
            for text in self.texts(&name) {
                match text.parse() {
                    Ok(pattern) => filter.add(field, pattern),
                    Err(NotAPattern) => self.wrong_word(&name, text, NotAPattern.to_string()),
                }
            }
        }
        filter
    }

    /// `standardized`, `unstandardized`, `all`, or blocks: repeated or separated by commas, with or without `strip_`.
    pub(super) fn strips(&mut self) -> Strips {
        let words = self.texts("strip").into_iter().flat_map(|value| value.split(','));
        let words = words.map(|word| word.trim().to_ascii_lowercase()).filter(|word| !word.is_empty());
        let words: Vec<String> = words.map(|word| word.trim_start_matches("strip_").to_owned()).collect();
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] | ["unstandardized" | "unstandardised"] => return Strips::Unstandardised,
            ["standardized" | "standardised"] => return Strips::Standardised,
            ["all"] => return Strips::Blocks(SIX_BLOCKS.to_vec()),
            _ => {}
        }
        let mut blocks = Vec::new();
        for word in &words {
            match word.parse::<Block>() {
                Ok(block) if blocks.contains(&block) => {}
                Ok(block) => blocks.push(block),
                Err(UnknownBlock) => {
                    let blocks = Block::ALL.map(Block::name).join(", ");
                    let expected = format!(
                        "expected {blocks}, all, standardized or unstandardized; the last three only on their own"
                    );
                    self.wrong_word("strip", word, expected);
                }
            }
        }
        Strips::Blocks(blocks)
    }
}

/// The blocks that the old system meant by all strips.
const SIX_BLOCKS: [Block; 6] =
    [Block::Flat7x24, Block::Peak5x16, Block::Night7x8, Block::Peak2x16, Block::Weekday, Block::Weekend];
