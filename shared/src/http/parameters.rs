//! Reads the parameters of a query string and reports all errors at once.

use super::format::Format;
use super::parameter::table::query_names;
use super::parameter::{Parameter, Place};
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
/// A problem that lists every error.
pub fn once(pairs: &[(String, String)], table: &[Parameter]) -> Result<(), Problem> {
    let expected = query_names(table);
    let unknown = unknown(pairs.iter().map(|(name, _)| name.as_str()), &expected).into_iter();
    let mut wrong: Vec<Wrong> = unknown.map(|name| Wrong::unknown_parameter(name, &expected)).collect();
    for name in &expected {
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
    table: &'p [Parameter],
    wrong: Vec<Wrong>,
}

impl<'p> Parameters<'p> {
    /// Takes the parameters of a query string; unexpected names are errors.
    #[must_use]
    pub fn new(pairs: &'p [(String, String)], table: &'p [Parameter]) -> Self {
        let expected = query_names(table);
        let wrong = unknown(pairs.iter().map(|(name, _)| name.as_str()), &expected);
        let wrong = wrong.into_iter().map(|name| Wrong::unknown_parameter(name, &expected)).collect();
        Self { pairs, table, wrong }
    }

    /// Returns `made`, what was read from the parameters.
    ///
    /// # Errors
    /// Every error found.
    pub fn end<T>(mut self, made: T) -> Result<T, Vec<Wrong>> {
        for parameter in self.table.iter().filter(|parameter| !parameter.is_repeatable) {
            self.takes_one(&parameter.name);
        }
        if self.wrong.is_empty() { Ok(made) } else { Err(self.wrong) }
    }

    /// The value of a name; of several values the last, and [`end`](Self::end) reports that there are several. An empty value
    /// counts as absent because clients of the old system send such values.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'p str> {
        self.values(name).last()
    }

    /// All values of a name that may have several, empty ones left out.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<&'p str> {
        self.values(name).collect()
    }

    /// The declaration of a name in the query string.
    fn declared(&self, name: &str) -> Option<&'p Parameter> {
        self.table.iter().find(|parameter| parameter.place == Place::Query && parameter.name == name)
    }

    /// Adds an error if a name that takes one value has several.
    fn takes_one(&mut self, name: &str) {
        let values: Vec<&str> = self.values(name).collect();
        if values.len() > 1 {
            self.wrong.push(Wrong::repeated(name, &values));
        }
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &'p str> {
        let pairs = if self.declared(name).is_some() { self.pairs } else { &[] };
        let values = pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim());
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
        let Some((parameter, text)) = self.declared(name).zip(self.text(name)) else { return default };
        let words = parameter.kind.words();
        let found = known.iter().find(|(word, _)| words.contains(word) && word.eq_ignore_ascii_case(text));
        found.map_or_else(
            || {
                self.wrong(name, format!("expected one of {}", words.join(", ")));
                default
            },
            |(_, value)| *value,
        )
    }

    /// `true` or `false`, in any letter case.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let text = self.text(name)?;
        let found =
            [("true", true), ("false", false)].into_iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        if found.is_none() {
            self.wrong(name, "expected one of true, false");
        }
        found.map(|(_, value)| value)
    }

    /// A whole number within the bounds of the table.
    pub fn whole(&mut self, name: &str) -> Option<u32> {
        self.whole_or(name, |bounds| format!("expected {} to {}", bounds.start(), bounds.end()))
    }

    /// A whole number within the bounds of the table, with a custom error sentence.
    pub fn whole_or(
        &mut self,
        name: &str,
        expected: impl FnOnce(RangeInclusive<u32>) -> String,
    ) -> Option<u32> {
        let (bounds, text) = self.declared(name)?.kind.bounds().zip(self.text(name))?;
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        if number.is_none() {
            self.wrong(name, expected(bounds));
        }
        number
    }

    /// A value that parses itself; its error states what is expected.
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
            self.wrong(name, "expected a day in the years 1 to 9999");
        }
        holds
    }

    /// A moment with its UTC offset.
    pub fn moment(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let text = self.text(name)?;
        // An unescaped plus sign arrives as a space.
        let moment = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
        if moment.is_err() {
            self.wrong(name, "expected a moment with its UTC offset, such as 2024-01-05T22:30:00Z");
        }
        let moment = moment.ok()?.with_timezone(&Utc);
        self.holds(name, moment.date_naive()).then_some(moment)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parameter::kind::Kind;
    use super::*;

    fn table() -> Vec<Parameter> {
        vec![
            Parameter::new("mark", Kind::Words(vec!["latest", "cob"]), "Which snapshot.", "cob"),
            Parameter::new("limit", Kind::Whole(1..=200), "How many.", 50),
            Parameter::new("state", Kind::Label, "State.", "TX").repeatable(),
            Parameter::new("days", Kind::Flag, "Whether each day.", true),
            Parameter::in_path("id", Kind::Key, "Id of the curve.", 1),
        ]
    }

    fn pairs(query: &[(&str, &str)]) -> Vec<(String, String)> {
        query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn undeclared_parameters_cannot_be_read() {
        let (pairs, table) = (pairs(&[("market", "PJM"), ("id", "7"), ("mark", " COB ")]), table());
        let mut read = Parameters::new(&pairs, &table);
        assert_eq!((read.text("market"), read.text("id"), read.texts("market").len()), (None, None, 0));
        assert_eq!(read.one_of("mark", 0, &[("latest", 1), ("cob", 2), ("all", 3)]), 2);
        let wrong = read.end(()).unwrap_err();
        let names: Vec<&str> = wrong.iter().map(|wrong| wrong.parameter.as_str()).collect();
        assert_eq!(names, ["market", "id"], "a path parameter is not read from the query");
    }

    #[test]
    fn words_and_bounds_are_those_of_the_table() {
        let query = [("mark", "all"), ("limit", "201"), ("days", "si"), ("state", "TX"), ("state", "NJ")];
        let (pairs, table) = (pairs(&query), table());
        let mut read = Parameters::new(&pairs, &table);
        assert_eq!(read.one_of("mark", 0, &[("latest", 1), ("cob", 2), ("all", 3)]), 0);
        assert_eq!((read.whole("limit"), read.flag("days")), (None, None));
        assert_eq!(read.texts("state"), ["TX", "NJ"]);
        let wrong: Vec<String> = read.end(()).unwrap_err().iter().map(ToString::to_string).collect();
        let expected = [
            "mark: found \"all\", expected one of latest, cob",
            "limit: found \"201\", expected 1 to 200",
            "days: found \"si\", expected one of true, false",
        ];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn a_parameter_that_takes_one_value_is_refused_with_two() {
        let (pairs, table) = (pairs(&[("limit", "1"), ("limit", ""), ("limit", "2")]), table());
        let wrong = Parameters::new(&pairs, &table).end(()).unwrap_err();
        assert_eq!(wrong[0].to_string(), "`limit` is given 2 times (\"1\", \"2\"), expected one value");
    }
}
