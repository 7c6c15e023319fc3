//! What a download asks for.

use super::reading::{Marks, Wanted, When};
use crate::catalog::{Block, Calendar, DataType, Layout, Market, Month, calendar};
use crate::web::problem::Wrong;
use chrono::{DateTime, Days as DayCount, NaiveDate, NaiveDateTime, Utc};

/// Which blocks, in which units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strips {
    /// One 7x24 curve per series, in $/`MWh`.
    Standardised,
    /// As uploaded.
    Unstandardised,
    /// These blocks as uploaded; 7x24 means the standardised curves.
    Blocks(Vec<Block>),
}

/// The kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Wide, with header block and footer.
    Csv,
    /// Wide, typed cells.
    Xlsx,
    /// A record per value.
    Json,
}

impl Format {
    /// Extension of its files.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Json => "json",
        }
    }

    /// How many bytes so many values take at least while the file is made: in CSV a comma and seven characters, in a
    /// workbook its cells in memory, in JSON the names around each value.
    #[must_use]
    pub const fn least_bytes(self, values: usize) -> usize {
        match self {
            Self::Csv => values * 8,
            Self::Xlsx => values * 64,
            Self::Json => values * 320,
        }
    }

    /// Media type of its files.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Json => "application/json",
        }
    }
}

/// A download, as asked for: parameters and defaults of the old `/get_data`.
#[derive(Clone, Debug)]
pub struct CurveQuery {
    /// Data types and markets, in the order of the answer; those that do not exist are left out.
    pub series: Vec<(DataType, Market)>,
    /// Delivery months, both included.
    pub months: (Option<Month>, Option<Month>),
    /// Blocks and units.
    pub strips: Strips,
    /// Operating days.
    pub when: When,
    /// Snapshot of each day.
    pub marks: Marks,
    /// The moment whose knowledge is asked for; now if absent.
    pub known_at: Option<DateTime<Utc>>,
    /// Every snapshot of the days in every revision.
    pub history: bool,
    /// Whose hours.
    pub calendar: Calendar,
    /// Kind of file.
    pub format: Format,
}

impl CurveQuery {
    /// Reads the parameters of a query string. An empty one counts as absent, as clients of the old system send it.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn parse(pairs: &[(String, String)]) -> Result<Self, Vec<Wrong>> {
        let mut wrong = Vec::new();
        for (name, _) in pairs {
            if !PARAMETERS.contains(&name.as_str()) {
                wrong.push(Wrong {
                    parameter: name.clone(),
                    detail: format!("expected {}", PARAMETERS.join(", ")),
                });
            }
        }
        let text = |name: &str| {
            let value = pairs.iter().rfind(|(key, _)| key == name).map(|(_, value)| value.trim());
            value.filter(|value| !value.is_empty())
        };
        let mut read = Reader { wrong: &mut wrong };
        let query = Self {
            series: read.series(text("curve_type").unwrap_or("all"), text("iso").unwrap_or("all")),
            months: (read.month("start", text("start")), read.month("end", text("end"))),
            strips: read.strips(pairs),
            when: read
                .when(text("as_of"), (text("operating_day"), text("operating_day_end"), text("offset"))),
            marks: match text("mark") {
                Some(mark) => read.one_of("mark", Some(mark), Marks::Latest, &MARKS),
                None => read.one_of("idcob", text("idcob"), Marks::Latest, &LEGACY_MARKS),
            },
            known_at: read.moment("known_at", text("known_at")),
            // Scripts of the old system, which did not look at it, send anything.
            history: text("history").is_some_and(|text| text.eq_ignore_ascii_case("true")),
            calendar: read.one_of("calendar", text("calendar"), Calendar::Legacy, &CALENDARS),
            format: read.one_of("type", text("type"), Format::Csv, &FORMATS),
        };
        if let (Some(start), Some(end)) = query.months
            && start > end
        {
            read.wrong("end", "expected a month that is not before start");
        }
        if wrong.is_empty() { Ok(query) } else { Err(wrong) }
    }

    /// What is read for one file of the answer.
    #[must_use]
    pub fn wanted(&self, data_type: DataType, market: Market) -> Wanted {
        let Self { when, marks, known_at, history, months, .. } = *self;
        Wanted { data_type, market, when, marks, known_at, history, months }
    }

    /// Name of a file of the answer, as the old system named it.
    #[must_use]
    pub fn file_name(&self, data_type: DataType, market: Market, day: NaiveDate) -> String {
        let strips = match &self.strips {
            Strips::Standardised => "standardized".to_owned(),
            Strips::Unstandardised => "unstandardized".to_owned(),
            Strips::Blocks(blocks) => blocks.iter().map(|block| block.name()).collect::<Vec<_>>().join("_"),
        };
        let market = market.code().to_lowercase();
        format!("{data_type}_{market}_{strips}_{day}.{}", self.format.extension())
    }
}

/// The parameters of a download.
pub const PARAMETERS: [&str; 15] = [
    "curve_type",
    "iso",
    "strip",
    "start",
    "end",
    "type",
    "idcob",
    "mark",
    "as_of",
    "known_at",
    "operating_day",
    "operating_day_end",
    "offset",
    "calendar",
    "history",
];
const MARKS: [(&str, Marks); 4] = [
    ("latest", Marks::Latest),
    ("cob", Marks::CobOnly),
    ("intraday", Marks::IntradayOnly),
    ("all", Marks::All),
];
/// As the old system called them; its `all` was the day's mark.
const LEGACY_MARKS: [(&str, Marks); 4] = [
    ("latestall", Marks::Latest),
    ("all", Marks::Latest),
    ("cobonly", Marks::CobOnly),
    ("intradayonly", Marks::IntradayOnly),
];
const CALENDARS: [(&str, Calendar); 2] = [("legacy", Calendar::Legacy), ("nerc", Calendar::Nerc)];
const FORMATS: [(&str, Format); 3] = [("csv", Format::Csv), ("xlsx", Format::Xlsx), ("json", Format::Json)];

/// Reads parameters and collects what is wrong with them.
struct Reader<'w> {
    wrong: &'w mut Vec<Wrong>,
}

impl Reader<'_> {
    fn wrong(&mut self, parameter: &str, detail: impl Into<String>) {
        self.wrong.push(Wrong { parameter: parameter.to_owned(), detail: detail.into() });
    }

    fn one_of<T: Copy>(&mut self, name: &str, text: Option<&str>, default: T, known: &[(&str, T)]) -> T {
        let Some(text) = text else { return default };
        let found = known.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        found.map_or_else(
            || {
                let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
                self.wrong(name, format!("expected one of {}", words.join(", ")));
                default
            },
            |(_, value)| *value,
        )
    }

    fn series(&mut self, data_type: &str, market: &str) -> Vec<(DataType, Market)> {
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
            self.wrong("iso", format!("no such curve: {} has no {data_type}", market.to_uppercase()));
        }
        series
    }

    fn day(&mut self, name: &str, text: Option<&str>) -> Option<NaiveDate> {
        let text = text?;
        // What is read must be what was written: leniently, 2024-1-15 without its dashes is the 5th of November.
        let exact = |form: &str| {
            let date = NaiveDate::parse_from_str(text, form).ok();
            date.filter(|date| date.format(form).to_string() == text)
        };
        let date = exact("%Y-%m-%d").or_else(|| exact("%Y%m%d"));
        if date.is_none() {
            self.wrong(name, "expected a date as YYYY-MM-DD");
        }
        date
    }

    fn month(&mut self, name: &str, text: Option<&str>) -> Option<Month> {
        let day = match text {
            Some(text) if text.len() == 7 && text.as_bytes()[4] == b'-' => {
                self.day(name, Some(&format!("{text}-01")))
            }
            text => self.day(name, text),
        }?;
        let month = Month::of(day);
        // A start behind the first of a month leaves that month out, as it did.
        Some(if name == "start" && day > month.first_day() { month.plus(1) } else { month })
    }

    /// `as_of`, or operating days; not both.
    fn when(&mut self, as_of: Option<&str>, days: (Option<&str>, Option<&str>, Option<&str>)) -> When {
        let Some(text) = as_of else { return self.days(days) };
        if days.0.is_some() || days.1.is_some() {
            self.wrong("as_of", "expected without operating_day and operating_day_end");
        }
        if text.len() <= 10 {
            return self.day("as_of", Some(text)).map_or(When::Newest, When::as_of_day);
        }
        let forms = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y%m%d_%H%M%S"];
        let stamp = forms.into_iter().find_map(|form| {
            let stamp = NaiveDateTime::parse_from_str(text, form).ok();
            stamp.filter(|stamp| stamp.format(form).to_string() == text)
        });
        if stamp.is_none() {
            self.wrong("as_of", "expected an operating day as YYYY-MM-DD or a stamp as YYYY-MM-DDTHH:MM:SS");
        }
        stamp.map_or(When::Newest, When::AsOf)
    }

    fn moment(&mut self, name: &str, text: Option<&str>) -> Option<DateTime<Utc>> {
        let text = text?;
        // A plus that was not escaped comes as a blank.
        let moment = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
        if moment.is_err() {
            self.wrong(name, "expected a moment with its offset, such as 2024-01-05T22:30:00Z");
        }
        moment.ok().map(|moment| moment.with_timezone(&Utc))
    }

    fn days(&mut self, (day, end, offset): (Option<&str>, Option<&str>, Option<&str>)) -> When {
        let offset = offset.map_or(Some(0), |text| text.parse::<u64>().ok().filter(|days| *days <= 36_500));
        let offset = offset.unwrap_or_else(|| {
            self.wrong("offset", "expected a number of days from 0 to 36500");
            0
        });
        let (first, last) = (self.day("operating_day", day), self.day("operating_day_end", end));
        let (Some(first), last) = (first, last.or(first)) else {
            if last.is_some() {
                self.wrong("operating_day_end", "expected operating_day with it");
            }
            return When::Newest;
        };
        let last = last.unwrap_or(first);
        if first > last {
            self.wrong("operating_day_end", "expected a day that is not before operating_day");
        }
        // Going back lands on a business day; the old system moved a Sunday to the Saturday and a Saturday nowhere.
        let back = first.checked_sub_days(DayCount::new(offset)).unwrap_or(first);
        When::Between(if offset == 0 { first } else { calendar::business_day_on_or_before(back) }, last)
    }

    /// `standardized`, `unstandardized`, `all`, or blocks: repeated or separated by commas, with or without `strip_`.
    fn strips(&mut self, pairs: &[(String, String)]) -> Strips {
        let words = pairs.iter().filter(|(name, _)| name == "strip").flat_map(|(_, value)| value.split(','));
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
                Err(expected) => {
                    self.wrong("strip", format!("standardized or unstandardized alone, all, or {expected}"));
                }
            }
        }
        Strips::Blocks(blocks)
    }
}

/// What the old system meant by all strips.
const SIX_BLOCKS: [Block; 6] =
    [Block::Flat7x24, Block::Peak5x16, Block::Night7x8, Block::Peak2x16, Block::Weekday, Block::Weekend];

#[cfg(test)]
mod tests;
