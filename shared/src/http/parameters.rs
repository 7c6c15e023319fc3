//! Reads the parameters of a query string and reports all errors at once.

use super::format::Format;
use super::problem::Problem;
use super::wrong::Wrong;
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The allowed years of days and moments: up to four digits, which every format and the database can hold.
pub const YEARS: RangeInclusive<i32> = 1..=9999;

/// Refuses unexpected and repeated names without echoing their values, because secrets come this way.
///
/// # Errors
/// A problem with every error found.
pub fn once(pairs: &[(String, String)], expected: &[&str]) -> Result<(), Problem> {
    let unknown = unknown(pairs.iter().map(|(name, _)| name.as_str()), expected).into_iter();
    let mut wrong: Vec<Wrong> = unknown.map(|name| Wrong::unknown_parameter(name, expected)).collect();
    for name in expected {
        if pairs.iter().filter(|(key, _)| key == name).count() > 1 {
            wrong.push(Wrong::new(name, format!("`{name}` is given several times, expected one value")));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Problem::bad_request(wrong)) }
}

/// The unexpected names, each once. Only the first few are returned: a megabyte of unknown names must not cause
/// an answer of that size.
pub fn unknown<'n>(names: impl Iterator<Item = &'n str>, expected: &[&str]) -> Vec<&'n str> {
    const MAX_SHOWN: usize = 20;
    let mut unknown: Vec<&str> = Vec::new();
    for name in names.filter(|name| !expected.contains(name)) {
        if unknown.len() < MAX_SHOWN && !unknown.contains(&name) {
            unknown.push(name);
        }
    }
    unknown
}

/// Parameters of a query string and their errors. An unexpected name is an error, and so are several values for a parameter that
/// takes one, because the intended one is unclear.
pub struct Parameters<'p> {
    pairs: &'p [(String, String)],
    /// Names with several values that no reader has accepted as a list.
    repeated: Vec<&'p str>,
    wrong: Vec<Wrong>,
}

impl<'p> Parameters<'p> {
    /// Takes the parameters of a query string; unexpected names are errors.
    #[must_use]
    pub fn new(pairs: &'p [(String, String)], expected: &[&str]) -> Self {
        let wrong = unknown(pairs.iter().map(|(name, _)| name.as_str()), expected);
        let wrong = wrong.into_iter().map(|name| Wrong::unknown_parameter(name, expected)).collect();
        let given =
            |name: &str| pairs.iter().filter(|(key, value)| key == name && !value.trim().is_empty()).count();
        let known = expected.iter().filter(|name| given(name) > 1);
        let repeated =
            known.filter_map(|name| pairs.iter().find(|(key, _)| key == name).map(|(key, _)| key.as_str()));
        Self { pairs, repeated: repeated.collect(), wrong }
    }

    /// Returns `made`, what was read from the parameters.
    ///
    /// # Errors
    /// Every error found.
    pub fn end<T>(mut self, made: T) -> Result<T, Vec<Wrong>> {
        for name in std::mem::take(&mut self.repeated) {
            let values: Vec<&str> = self.values(name).collect();
            self.wrong.push(Wrong::repeated(name, &values));
        }
        if self.wrong.is_empty() { Ok(made) } else { Err(self.wrong) }
    }

    /// The value of a name; of several values the last, and [`end`](Self::end) reports that there are several. An empty value
    /// counts as absent because clients of the old system send such values.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'p str> {
        self.pairs
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.trim())
            .rfind(|value| !value.is_empty())
    }

    /// All values of a name that accepts several, without empty ones.
    pub fn texts(&mut self, name: &str) -> Vec<&'p str> {
        self.repeated.retain(|repeated| *repeated != name);
        self.values(name).collect()
    }

    /// Adds an error if this name has several values where it takes one.
    pub fn takes_one(&mut self, name: &str) {
        let values: Vec<&str> = self.values(name).collect();
        if values.len() > 1 {
            self.wrong.push(Wrong::repeated(name, &values));
        }
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &'p str> {
        let values = self.pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim());
        values.filter(|value| !value.is_empty())
    }

    /// The format of the answer: the word in `format`, or else what the request accepts. An unknown word is recorded
    /// like any other error.
    ///
    /// # Errors
    /// 406 if the request accepts none of the available formats.
    pub fn format(&mut self, accept: Option<&str>) -> Result<Format, Problem> {
        let word = self.text("format");
        match Format::negotiate(accept, word) {
            Err(problem) if word.is_some() => {
                self.wrong.extend(problem.into_errors());
                Ok(Format::Json)
            }
            negotiated => negotiated,
        }
    }

    /// Adds an error: what was expected instead, or another sentence. The value found is echoed.
    pub fn wrong(&mut self, parameter: &str, detail: impl AsRef<str>) {
        self.wrong.push(self.flaw(parameter, detail.as_ref()));
    }

    /// Adds an error about one word of several.
    pub fn wrong_word(&mut self, parameter: &str, word: &str, detail: impl AsRef<str>) {
        self.wrong.push(Wrong::found(parameter, word, detail.as_ref()));
    }

    /// An error about a parameter, worded to echo the value found.
    #[must_use]
    pub fn flaw(&self, parameter: &str, detail: &str) -> Wrong {
        match self.text(parameter) {
            Some(value) => Wrong::found(parameter, value, detail),
            None => Wrong::new(parameter, detail),
        }
    }

    /// One of the given words, in any letter case.
    pub fn one_of<T: Copy>(&mut self, name: &str, default: T, known: &[(&str, T)]) -> T {
        let Some(text) = self.text(name) else { return default };
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

    /// Parses a value with its `FromStr`, whose error says what it expects.
    pub fn parsed<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        match self.text(name)?.parse() {
            Ok(value) => Some(value),
            Err(expected) => {
                self.wrong(name, expected.to_string());
                None
            }
        }
    }

    /// A day as written in the parameter `name`.
    pub fn day(&mut self, name: &str, text: Option<&str>) -> Option<NaiveDate> {
        let text = text?;
        // Reformatting must give the same text: leniently parsed, 2024-1-15 without its dashes is 5 November.
        let exact = |form: &str| {
            let date = NaiveDate::parse_from_str(text, form).ok();
            date.filter(|date| date.format(form).to_string() == text)
        };
        let date = exact("%Y-%m-%d").or_else(|| exact("%Y%m%d"));
        if date.is_none() {
            self.wrong_word(name, text, "expected a date as YYYY-MM-DD");
        }
        date.filter(|date| self.holds(name, *date))
    }

    /// Whether the year of a day is one of [`YEARS`]; if not, adds an error.
    pub fn holds(&mut self, name: &str, day: NaiveDate) -> bool {
        let holds = YEARS.contains(&day.year());
        if !holds {
            self.wrong(name, "expected a day of the years 1 to 9999");
        }
        holds
    }

    /// A moment with its UTC offset.
    pub fn moment(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let text = self.text(name)?;
        // An unescaped plus sign arrives as a space.
        let moment = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
        if moment.is_err() {
            self.wrong(name, "expected a moment with its offset, such as 2024-01-05T22:30:00Z");
        }
        let moment = moment.ok()?.with_timezone(&Utc);
        self.holds(name, moment.date_naive()).then_some(moment)
    }
}
