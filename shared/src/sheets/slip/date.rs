//! Why a cell is not a date.

use super::is_error;
use chrono::{Datelike as _, Days, NaiveDate};

/// The cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DateSlip {
    /// A formula failed, or the column was too narrow.
    Error,
    /// The number that a spreadsheet keeps for a day.
    Serial,
    /// The day is before the month.
    DayFirst,
    /// The month is named.
    MonthName,
    /// A date in another order or with other separators that can be only one day.
    OtherForm,
    /// A date without a day.
    MonthOnly,
    /// A time of day follows it.
    TimeOfDay,
    /// A row that sums up the others.
    Total,
    /// Anything else.
    Text,
}

impl DateSlip {
    /// Why a cell is not a date.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        if is_error(text) {
            Self::Error
        } else if serial(text).is_some() {
            Self::Serial
        } else if day_first(text).is_some() {
            Self::DayFirst
        } else if named(text).is_some() {
            Self::MonthName
        } else if other_form(text).is_some() {
            Self::OtherForm
        } else if month_only(text).is_some() {
            Self::MonthOnly
        } else if text
            .split_once([' ', 'T'])
            .is_some_and(|(date, time)| crate::sheets::date::day(date).is_some() && time.contains(':'))
        {
            Self::TimeOfDay
        } else if is_total(text) {
            Self::Total
        } else {
            Self::Text
        }
    }

    /// What a cell shares with others: the cause, or the text if it has no other cause.
    #[must_use]
    pub fn alike(self, found: &str) -> String {
        if self == Self::Text { found.trim().to_owned() } else { format!("{self:?}") }
    }

    /// What is wrong with the cell, and what to do.
    #[must_use]
    pub fn sentence(self, found: &str) -> String {
        let text = found.trim();
        let write = |day: Option<NaiveDate>| day.map(written).unwrap_or_default();
        match self {
            Self::Error if text.starts_with("##") => {
                format!(
                    "{found:?} is what Excel saves when a column is too narrow. Widen the column and save the sheet again."
                )
            }
            Self::Error => format!("{found:?} is an Excel error. Enter a date as m/d/yyyy or yyyy-mm-dd."),
            Self::Serial => {
                let day = serial(text).map(|day| day.to_string()).unwrap_or_default();
                format!(
                    "{found:?} is Excel's number for {day}. Format the column as dates and save the sheet again."
                )
            }
            Self::DayFirst => {
                format!("{found:?} has the day before the month. Write {}.", write(day_first(text)))
            }
            Self::MonthName => format!("{found:?} names the month. Write {}.", write(named(text))),
            Self::OtherForm => {
                format!("{found:?} is a date in another form. Write {}.", write(other_form(text)))
            }
            Self::MonthOnly => {
                format!("{found:?} has no day. Write {}.", write(month_only(text)))
            }
            Self::TimeOfDay => {
                format!("{found:?} has a time of day. Write the date without it.")
            }
            Self::Total => {
                format!(
                    "{found:?} is not a date. Delete rows that sum up others, such as totals and averages."
                )
            }
            Self::Text => format!("{found:?} is not a date. Enter a date as m/d/yyyy or yyyy-mm-dd."),
        }
    }
}

/// A day in both forms that sheets use.
fn written(day: NaiveDate) -> String {
    format!("{}/{}/{} or {day}", day.month(), day.day(), day.year())
}

fn numbers(text: &str, sign: char) -> Option<[u32; 3]> {
    let parts: Vec<&str> = text.split(sign).map(str::trim).collect();
    let number = |text: &&str| {
        let digits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    parts.iter().map(number).collect::<Option<Vec<u32>>>()?.try_into().ok()
}

/// A day of the years of curves.
fn day(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    let year = if year < 69 { year + 2000 } else { year };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
        .filter(|day| (2000..=2100).contains(&day.year()))
}

/// Days since 30 December 1899, which is how Excel counts from March 1900 on.
fn serial(text: &str) -> Option<NaiveDate> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let number = text.parse::<f64>().ok().filter(|number| (36_526.0..=73_415.0).contains(number))?;
    let days: u64 = whole.parse().ok()?;
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30)?;
    number.is_finite().then(|| epoch.checked_add_days(Days::new(days))).flatten()
}

/// `13/5/2023`: it can be no month, so it is a day; `13.5.2023` and `01.05.2023` are always written so.
fn day_first(text: &str) -> Option<NaiveDate> {
    if let Some([first, month, year]) = numbers(text, '.') {
        return day(year, month, first);
    }
    ['/', '-'].iter().find_map(|sign| {
        let [first, month, year] = numbers(text, *sign)?;
        (first > 12).then(|| day(year, month, first)).flatten()
    })
}

/// `May-23`, `1-May-2023`, `May 2023`, `May 1, 2023`, `1 May 23`. Two numbers are day and year, one is the year.
fn named(text: &str) -> Option<NaiveDate> {
    let words = text.split(['-', ' ', '/', ',', '.', '\'']).filter(|word| !word.is_empty());
    let (mut month, mut others) = (None, Vec::new());
    for word in words {
        match (word.parse::<u32>(), &month) {
            (Ok(number), _) => others.push(number),
            (Err(_), None) => month = Some(month_of(word)?),
            (Err(_), Some(_)) => return None,
        }
    }
    match (month?, others.as_slice()) {
        (month, [year]) => day(*year, month, 1),
        (month, [first, year]) => day(*year, month, *first),
        _ => None,
    }
}

fn month_of(word: &str) -> Option<u32> {
    let word = word.to_ascii_lowercase();
    let known = |name: &str| word == name[..3] || word == name || (word == "sept" && name == "september");
    let place = MONTHS.iter().position(|name| known(name))?;
    u32::try_from(place + 1).ok()
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// `2023/05/01`, `20230501`, `5-1-2023`.
fn other_form(text: &str) -> Option<NaiveDate> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return NaiveDate::parse_from_str(text, "%Y%m%d")
            .ok()
            .filter(|day| (2000..=2100).contains(&day.year()));
    }
    let [first, second, third] = numbers(text, '/').or_else(|| numbers(text, '-'))?;
    if first > 999 { day(first, second, third) } else { day(third, first, second) }
}

/// `2023-05`, `5/2023`, `202305`.
fn month_only(text: &str) -> Option<NaiveDate> {
    if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return day(text[..4].parse().ok()?, text[4..].parse().ok()?, 1);
    }
    let (first, second) = text.split_once(['-', '/'])?;
    match (first.len(), second.len()) {
        (4, 1..=2) => day(first.parse().ok()?, second.parse().ok()?, 1),
        (1..=2, 4) => day(second.parse().ok()?, first.parse().ok()?, 1),
        _ => None,
    }
}

fn is_total(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["total", "average", "avg", "sum", "mean", "min", "max", "grand total", "subtotal"].iter().any(|word| {
        text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    })
}

#[cfg(test)]
mod tests {
    use super::DateSlip::{DayFirst, Error, MonthName, MonthOnly, OtherForm, Serial, Text, TimeOfDay, Total};
    use super::*;

    #[test]
    fn each_spelling_has_its_cause_and_its_remedy() {
        for (cell, slip, remedy) in [
            ("13/5/2023", DayFirst, "Write 5/13/2023 or 2023-05-13."),
            ("31/12/23", DayFirst, "Write 12/31/2023 or 2023-12-31."),
            ("01.05.2023", DayFirst, "Write 5/1/2023 or 2023-05-01."),
            ("45292", Serial, "is Excel's number for 2024-01-01. Format the column as dates"),
            ("45292.0", Serial, "2024-01-01"),
            ("May-23", MonthName, "Write 5/1/2023 or 2023-05-01."),
            ("1-May-23", MonthName, "Write 5/1/2023"),
            ("Sept 2024", MonthName, "Write 9/1/2024"),
            ("May 1, 2023", MonthName, "Write 5/1/2023"),
            ("2023/05/01", OtherForm, "Write 5/1/2023 or 2023-05-01."),
            ("20230501", OtherForm, "Write 5/1/2023"),
            ("5-1-2023", OtherForm, "Write 5/1/2023"),
            ("2023-05", MonthOnly, "Write 5/1/2023"),
            ("5/2023", MonthOnly, "Write 5/1/2023"),
            ("202305", MonthOnly, "Write 5/1/2023"),
            ("5/1/2023 8:00", TimeOfDay, "without it"),
            ("########", Error, "Widen the column"),
            ("#REF!", Error, "is an Excel error"),
            ("Total", Total, "Delete rows that sum up others"),
            ("Average 2024", Total, "Delete rows"),
            ("soon", Text, "Enter a date as m/d/yyyy or yyyy-mm-dd."),
            ("2/30/2023", Text, "is not a date"),
            ("5/1/203", Text, "is not a date"),
            ("Summer", Text, "is not a date"),
            ("", Text, "is not a date"),
        ] {
            assert_eq!(DateSlip::of(cell), slip, "{cell}");
            let sentence = slip.sentence(cell);
            assert!(sentence.contains(remedy), "{cell}: {sentence}");
        }
    }
}
