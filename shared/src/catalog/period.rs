//! Delivery periods: named runs of months, and how a request names them, absolutely or relative to an operating day.

use super::{Month, Season, Seasons};
use chrono::{Days, NaiveDate};

/// The years accepted in requests; a month outside them is taken to be a typing error.
pub const YEARS: std::ops::RangeInclusive<i32> = 1990..=2199;
/// Maximum distance of a relative period, in its own unit.
const FURTHEST: usize = 600;

/// Consecutive delivery months.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// `2025-03`, `2025-Q1`, `Cal-2025`, `Winter-2024`, `2025-03..2025-08`, `BOM-2024-01`.
    pub name: String,
    /// The first month.
    pub first: Month,
    /// The month after the last.
    pub end: Month,
    /// For the balance of a month, the day it starts on; otherwise the first day of the first month.
    pub begins: NaiveDate,
}

impl Period {
    fn named(name: String, first: Month, months: usize) -> Self {
        Self { name, first, end: first.plus(months), begins: first.first_day() }
    }

    /// A month.
    #[must_use]
    pub fn month(month: Month) -> Self {
        Self::named(month.to_string(), month, 1)
    }

    /// The calendar quarter that contains a month.
    #[must_use]
    pub fn quarter(month: Month) -> Self {
        let quarter = (month.number() - 1) / 3;
        let first = month.minus(((month.number() - 1) % 3) as usize);
        Self::named(format!("{:04}-Q{}", month.year(), quarter + 1), first, 3)
    }

    /// The calendar year that contains a month.
    #[must_use]
    pub fn year(month: Month) -> Self {
        let first = month.minus((month.number() - 1) as usize);
        Self::named(format!("Cal-{:04}", month.year()), first, 12)
    }

    /// The season that contains a month, named after the year in which it begins.
    #[must_use]
    pub fn season(month: Month, seasons: Seasons) -> Self {
        let (first, end) = (seasons.begin(month), seasons.end(month));
        let name = format!("{}-{:04}", seasons.at(month), first.year());
        Self { name, first, end, begins: first.first_day() }
    }

    /// The months from `first` up to, but not including, `end`, which must be later.
    #[must_use]
    pub fn strip(first: Month, end: Month) -> Self {
        let last = end.minus(1);
        let name = if first == last { first.to_string() } else { format!("{first}..{last}") };
        Self { name, first, end, begins: first.first_day() }
    }

    /// The balance of the month of an operating day, from the following day on.
    #[must_use]
    pub fn balance(day: NaiveDate) -> Self {
        let month = Month::of(day);
        let begins = day.checked_add_days(Days::new(1)).unwrap_or(day);
        Self { begins, ..Self::named(format!("BOM-{month}"), month, 1) }
    }

    /// The months of the period.
    pub fn months(&self) -> impl Iterator<Item = Month> + use<> {
        let (first, count) = (self.first, usize::try_from(self.end.since(self.first)).unwrap_or(0));
        (0..count).map(move |place| first.plus(place))
    }

    /// Whether part of its first month has already passed.
    #[must_use]
    pub fn is_balance(&self) -> bool {
        self.begins > self.first.first_day()
    }
}

/// A period as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// The same months on every operating day.
    Absolute(Absolute),
    /// Months that roll with the operating day.
    Relative(Relative),
}

/// A period that includes its year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absolute {
    /// Consecutive months, a quarter or a calendar year.
    Fixed(Period),
    /// A season that begins in a given year; its months depend on the market.
    Season(Season, i32),
}

/// A period relative to an operating day: from the first month of one step to the last month of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relative {
    first: Step,
    last: Step,
}

/// One step forward from the operating day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Balance,
    Month(usize),
    Quarter(usize),
    Year(usize),
    Season(Season, usize),
}

/// The text is not a period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected M+1, Q+1, Cal+1, prompt, BOM, next12, Winter, Spring, Summer, Fall (or Summer+2, the next but one), a range of \
     them such as M+1..M+12, or YYYY-MM, YYYY-Q1, Cal-YYYY, Summer-YYYY, YYYY-MM..YYYY-MM"
)]
pub struct UnknownPeriod;

/// The market does not have this season.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{season} is not a season of this market; its seasons are {known}")]
pub struct NoSuchSeason {
    season: Season,
    known: String,
}

fn no_such(season: Season, seasons: Seasons) -> NoSuchSeason {
    let known = seasons.names().map(Season::name).collect::<Vec<_>>().join(", ");
    NoSuchSeason { season, known }
}

impl std::str::FromStr for Named {
    type Err = UnknownPeriod;

    /// Ignores case. A plus sign that was not URL-encoded arrives as a blank.
    fn from_str(text: &str) -> Result<Self, UnknownPeriod> {
        let text = text.trim().to_ascii_lowercase().replace(' ', "+");
        if let Some((first, last)) = text.split_once("..") {
            if let (Some(first), Some(last)) = (Step::parse(first), Step::parse(last)) {
                return Ok(Self::Relative(Relative { first, last }));
            }
            let (first, last) = (parse_month(first), parse_month(last));
            let (first, last) = first.zip(last).filter(|(first, last)| first <= last).ok_or(UnknownPeriod)?;
            return Ok(Self::Absolute(Absolute::Fixed(Period::strip(first, last.plus(1)))));
        }
        if let Some(count) = text.strip_prefix("next").and_then(number).filter(|count| *count > 0) {
            let (first, last) = (Step::Month(1), Step::Month(count));
            return Ok(Self::Relative(Relative { first, last }));
        }
        if let Some(step) = Step::parse(&text) {
            return Ok(Self::Relative(Relative { first: step, last: step }));
        }
        Absolute::parse(&text).map(Self::Absolute).ok_or(UnknownPeriod)
    }
}

impl Named {
    /// The months of the period as seen from an operating day; `None` if it ends before it begins, as `M+3..M+1` does.
    ///
    /// # Errors
    /// The market does not have the season.
    pub fn on(&self, day: NaiveDate, seasons: Seasons) -> Result<Option<Period>, NoSuchSeason> {
        match self {
            Self::Absolute(Absolute::Fixed(period)) => Ok(Some(period.clone())),
            Self::Absolute(Absolute::Season(season, year)) => {
                let first = seasons.of_year(*season, *year).ok_or_else(|| no_such(*season, seasons))?;
                Ok(Some(Period::season(first, seasons)))
            }
            Self::Relative(relative) => {
                let (first, last) = (relative.first.on(day, seasons)?, relative.last.on(day, seasons)?);
                if relative.first == relative.last {
                    return Ok(Some(first));
                }
                let strip = (first.begins < last.end.first_day() && first.first < last.end).then(|| {
                    let strip = Period::strip(first.first, last.end);
                    let name = if first.is_balance() {
                        format!("{}..{}", first.name, last.end.minus(1))
                    } else {
                        strip.name
                    };
                    Period { name, begins: first.begins, ..strip }
                });
                Ok(strip)
            }
        }
    }

    /// Whether the period rolls with the operating day.
    #[must_use]
    pub const fn is_relative(&self) -> bool {
        matches!(self, Self::Relative(_))
    }
}

impl Step {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "bom" => return Some(Self::Balance),
            "prompt" => return Some(Self::Month(1)),
            _ => {}
        }
        let Some((word, count)) = text.split_once('+') else {
            return text.parse().ok().map(|season| Self::Season(season, 1));
        };
        let count = number(count)?;
        match word {
            "m" => Some(Self::Month(count)),
            "q" => Some(Self::Quarter(count)),
            "cal" => Some(Self::Year(count)),
            _ if count == 0 => None,
            _ => word.parse().ok().map(|season| Self::Season(season, count)),
        }
    }

    fn on(self, day: NaiveDate, seasons: Seasons) -> Result<Period, NoSuchSeason> {
        let month = Month::of(day);
        Ok(match self {
            Self::Balance => Period::balance(day),
            Self::Month(count) => Period::month(month.plus(count)),
            Self::Quarter(count) => Period::quarter(month.plus(3 * count)),
            Self::Year(count) => Period::year(month.plus(12 * count)),
            Self::Season(season, nth) => {
                let first = seasons.next(season, month, nth).ok_or_else(|| no_such(season, seasons))?;
                Period::season(first, seasons)
            }
        })
    }
}

impl Absolute {
    fn parse(text: &str) -> Option<Self> {
        if let Some(month) = parse_month(text) {
            return Some(Self::Fixed(Period::month(month)));
        }
        let (left, right) = text.split_once('-').unwrap_or(("cal", text));
        if let Some(quarter) =
            right.strip_prefix('q').and_then(number).filter(|quarter| (1..=4).contains(quarter))
        {
            let month = Month::new(year(left)?, 1)?.plus(3 * (quarter - 1));
            return Some(Self::Fixed(Period::quarter(month)));
        }
        let year = year(right)?;
        if left == "cal" {
            return Some(Self::Fixed(Period::year(Month::new(year, 1)?)));
        }
        left.parse().ok().map(|season| Self::Season(season, year))
    }
}

/// Parses a month as `YYYY-MM`, within the accepted years.
#[must_use]
pub fn parse_month(text: &str) -> Option<Month> {
    text.parse().ok().filter(|month: &Month| YEARS.contains(&month.year()))
}

fn year(text: &str) -> Option<i32> {
    let year = i32::try_from(digits(text).filter(|_| text.len() == 4)?).ok()?;
    YEARS.contains(&year).then_some(year)
}

fn number(text: &str) -> Option<usize> {
    digits(text).filter(|number| *number <= FURTHEST)
}

/// Digits only: no sign, no blank.
fn digits(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Ordered months in short form: `2024-03, 2025-01..2025-04`.
#[must_use]
pub fn runs(months: &[Month]) -> String {
    let mut runs: Vec<(Month, Month)> = Vec::new();
    for month in months {
        match runs.last_mut() {
            Some((_, last)) if month.since(*last) == 1 => *last = *month,
            _ => runs.push((*month, *month)),
        }
    }
    let runs = runs
        .into_iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}..{last}") });
    runs.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
