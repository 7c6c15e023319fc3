//! Reads the parameters of a query string, and says everything that is wrong with them at once.

use super::problem::Wrong;
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Years of days and moments: four digits, which every format and the database can hold.
pub const YEARS: RangeInclusive<i32> = 1..=9999;

/// Parameters of a query string, and what is wrong with them.
pub struct Parameters<'p> {
    pairs: &'p [(String, String)],
    wrong: Vec<Wrong>,
}

impl<'p> Parameters<'p> {
    /// Those of a query string; what is not among the expected ones is wrong.
    #[must_use]
    pub fn new(pairs: &'p [(String, String)], expected: &[&str]) -> Self {
        let unknown = pairs.iter().filter(|(name, _)| !expected.contains(&name.as_str()));
        let detail = format!("expected {}", expected.join(", "));
        let wrong = unknown.map(|(name, _)| Wrong { parameter: name.clone(), detail: detail.clone() });
        Self { pairs, wrong: wrong.collect() }
    }

    /// What was made of them.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn end<T>(self, made: T) -> Result<T, Vec<Wrong>> {
        if self.wrong.is_empty() { Ok(made) } else { Err(self.wrong) }
    }

    /// The last of a name. An empty one counts as absent, as clients of the old system send it.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'p str> {
        let value = self.pairs.iter().rfind(|(key, _)| key == name).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// All of a name, empty ones left out.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &'p str> {
        let values = self.pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim());
        values.filter(|value| !value.is_empty())
    }

    /// Adds to what is wrong.
    pub fn wrong(&mut self, parameter: &str, detail: impl Into<String>) {
        self.wrong.push(Wrong { parameter: parameter.to_owned(), detail: detail.into() });
    }

    /// One of these words, in any letter case.
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

    /// What reads itself from a word, and says what it expects.
    pub fn parsed<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        match self.text(name)?.parse() {
            Ok(value) => Some(value),
            Err(expected) => {
                self.wrong(name, expected.to_string());
                None
            }
        }
    }

    /// A day, as it was written in the parameter `name`.
    pub fn day(&mut self, name: &str, text: Option<&str>) -> Option<NaiveDate> {
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
        date.filter(|date| self.holds(name, *date))
    }

    /// Whether a day is one of [`YEARS`]; if not, it is wrong.
    pub fn holds(&mut self, name: &str, day: NaiveDate) -> bool {
        let holds = YEARS.contains(&day.year());
        if !holds {
            self.wrong(name, "expected a day of the years 1 to 9999");
        }
        holds
    }

    /// A moment with its offset.
    pub fn moment(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let text = self.text(name)?;
        // A plus that was not escaped comes as a blank.
        let moment = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
        if moment.is_err() {
            self.wrong(name, "expected a moment with its offset, such as 2024-01-05T22:30:00Z");
        }
        let moment = moment.ok()?.with_timezone(&Utc);
        self.holds(name, moment.date_naive()).then_some(moment)
    }
}
