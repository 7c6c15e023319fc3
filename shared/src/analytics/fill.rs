//! Fills gaps on request. The answer reports every filled month.

use crate::catalog::Month;
use crate::catalog::decimal::computed_from;
use crate::curves::values::series::Series;

/// How missing months are filled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fill {
    /// Gaps stay gaps.
    None,
    /// With the number before.
    Forward,
    /// With a fixed number.
    Value(f64),
    /// Linearly between the number before and the number after.
    Interpolate,
}

/// The largest fill value, so that everything computed with it is finite.
const MAX_VALUE: f64 = 1e12;

/// The text is not a known fill method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected none, forward, interpolate or value:<number>, such as value:0")]
pub struct UnknownFill;

impl std::str::FromStr for Fill {
    type Err = UnknownFill;

    fn from_str(text: &str) -> Result<Self, UnknownFill> {
        let text = text.to_ascii_lowercase();
        match text.as_str() {
            "none" => return Ok(Self::None),
            "forward" => return Ok(Self::Forward),
            "interpolate" => return Ok(Self::Interpolate),
            _ => {}
        }
        let number = text.strip_prefix("value:").and_then(|text| text.trim().parse::<f64>().ok());
        number.filter(|number| number.abs() <= MAX_VALUE).map(Self::Value).ok_or(UnknownFill)
    }
}

impl Fill {
    /// Fills the months from `first` up to, but excluding, `end`. Returns the filled months.
    ///
    /// Months before the curve's first number are filled only with a fixed number; months after its last are not interpolated.
    pub fn apply(self, series: &mut Series, first: Month, end: Month) -> Vec<Month> {
        let months = (first.ordinal()..end.ordinal()).map(Month::from_ordinal);
        let gaps: Vec<Month> = months.filter(|month| series.at(*month).is_nan()).collect();
        let filled = gaps.iter().map(|month| match self {
            Self::None => f64::NAN,
            Self::Value(number) => number,
            Self::Forward => before(series, *month).map_or(f64::NAN, |(_, number)| number),
            Self::Interpolate => match (before(series, *month), behind(series, *month)) {
                (Some((from, low)), Some((to, high))) => {
                    let share = f64::from(month.ordinal() - from) / f64::from(to - from);
                    computed_from(low + (high - low) * share, low.abs().max(high.abs()))
                }
                _ => f64::NAN,
            },
        });
        let filled: Vec<(Month, f64)> =
            gaps.iter().copied().zip(filled).filter(|(_, number)| !number.is_nan()).collect();
        for (month, number) in &filled {
            series.set(*month, *number);
        }
        filled.into_iter().map(|(month, _)| month).collect()
    }
}

/// The last number before a month.
fn before(series: &Series, month: Month) -> Option<(i32, f64)> {
    numbers(series).rfind(|(place, _)| *place < month.ordinal())
}

/// The first number after a month.
fn behind(series: &Series, month: Month) -> Option<(i32, f64)> {
    numbers(series).find(|(place, _)| *place > month.ordinal())
}

fn numbers(series: &Series) -> impl DoubleEndedIterator<Item = (i32, f64)> {
    let last = series.first.saturating_add(i32::try_from(series.values.len()).unwrap_or(i32::MAX));
    (series.first..last).zip(series.values.iter().copied()).filter(|(_, number)| !number.is_nan())
}

impl Series {
    /// Sets the number of a month, extending the series if necessary.
    fn set(&mut self, month: Month, number: f64) {
        if self.values.is_empty() {
            self.first = month.ordinal();
        }
        let ahead = usize::try_from(self.first - month.ordinal()).unwrap_or(0);
        if ahead > 0 {
            self.values.insert_many(0, std::iter::repeat_n(f64::NAN, ahead));
            self.first = month.ordinal();
        }
        let place = usize::try_from(month.ordinal() - self.first).unwrap_or(0);
        if place >= self.values.len() {
            self.values.resize(place + 1, f64::NAN);
        }
        self.values[place] = number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::period::{parse_month, runs};

    fn filled(fill: &str, first: &str, end: &str) -> (String, Vec<String>) {
        let month = |text| parse_month(text).unwrap();
        let mut series = Series {
            first: month("2024-02").ordinal(),
            values: [10.0, f64::NAN, f64::NAN, 40.0, f64::NAN].as_slice().into(),
        };
        let fill: Fill = fill.parse().unwrap();
        let which = fill.apply(&mut series, month(first), month(end));
        let numbers = (month(first).ordinal()..month(end).ordinal()).map(Month::from_ordinal);
        (runs(&which), numbers.map(|month| series.at(month).to_string()).collect())
    }

    #[test]
    fn each_method_fills_what_it_can_and_reports_it() {
        let told = |which: &str, numbers: &[&str]| {
            (which.to_owned(), numbers.iter().map(|text| (*text).to_owned()).collect())
        };
        assert_eq!(filled("none", "2024-01", "2024-04"), told("", &["NaN", "10", "NaN"]));
        assert_eq!(
            filled("forward", "2024-01", "2024-08"),
            told("2024-03..2024-04, 2024-06..2024-07", &["NaN", "10", "10", "10", "40", "40", "40"])
        );
        assert_eq!(
            filled("interpolate", "2024-01", "2024-08"),
            told("2024-03..2024-04", &["NaN", "10", "20", "30", "40", "NaN", "NaN"])
        );
        assert_eq!(
            filled("value:0", "2024-01", "2024-08"),
            told("2024-01, 2024-03..2024-04, 2024-06..2024-07", &["0", "10", "0", "0", "40", "0", "0"])
        );
        assert_eq!(filled("value:-1.5", "2023-12", "2024-01"), told("2023-12", &["-1.5"]));
    }

    #[test]
    fn nothing_is_filled_unless_requested() {
        for text in ["", "zero", "value", "value:", "value:nan", "value:inf", "value:1e13", "backward"] {
            assert_eq!(text.parse::<Fill>(), Err(UnknownFill), "{text}");
        }
        let mut empty = Series::default();
        assert!(
            Fill::Forward
                .apply(
                    &mut empty,
                    Month::of("2024-01-01".parse().unwrap()),
                    Month::of("2024-03-01".parse().unwrap())
                )
                .is_empty()
        );
    }
}
