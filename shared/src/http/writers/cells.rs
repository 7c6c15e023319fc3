//! Cells as text: digits go straight into the bytes. `format!` would dominate the time of large answers.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, Timelike as _, Utc};
use std::io::Write as _;

/// Writes a number with the fewest digits that round-trip (`5.0`, `0.1`, `1e21`); nothing if it is missing or infinite.
#[inline]
pub fn number(bytes: &mut Vec<u8>, value: f64) {
    if value.is_finite() {
        bytes.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    }
}

/// Writes a whole number.
pub fn integer(bytes: &mut Vec<u8>, value: i64) {
    bytes.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes a day as YYYY-MM-DD (ISO 8601).
#[inline]
pub fn day(bytes: &mut Vec<u8>, day: NaiveDate) {
    match u32::try_from(day.year()) {
        Ok(year @ 0..=9999) => {
            pair(bytes, year / 100);
            pair(bytes, year % 100);
            bytes.push(b'-');
            pair(bytes, day.month());
            bytes.push(b'-');
            pair(bytes, day.day());
        }
        _ => write!(bytes, "{day}").expect("a vector takes what is written to it"),
    }
}

/// Writes a stamp as YYYY-MM-DDTHH:MM:SS, with a fraction if it has one.
#[inline]
pub fn stamp(bytes: &mut Vec<u8>, stamp: NaiveDateTime) {
    day(bytes, stamp.date());
    for (mark, part) in [(b'T', stamp.hour()), (b':', stamp.minute()), (b':', stamp.second())] {
        bytes.push(mark);
        pair(bytes, part);
    }
    let micros = stamp.nanosecond() % 1_000_000_000 / 1000;
    if micros > 0 {
        bytes.push(b'.');
        for part in [micros / 10_000, micros / 100 % 100, micros % 100] {
            pair(bytes, part);
        }
    }
}

/// Writes a moment in UTC, marked with `Z`.
#[inline]
pub fn moment(bytes: &mut Vec<u8>, moment: DateTime<Utc>) {
    stamp(bytes, moment.naive_utc());
    bytes.push(b'Z');
}

#[inline]
fn pair(bytes: &mut Vec<u8>, number: u32) {
    let digit = |value: u32| b'0' + u8::try_from(value % 10).expect("a digit is below 10");
    bytes.extend_from_slice(&[digit(number / 10), digit(number)]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written<T>(write: impl Fn(&mut Vec<u8>, T), value: T) -> String {
        let mut bytes = Vec::new();
        write(&mut bytes, value);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (5.0, "5.0"),
            (-0.1, "-0.1"),
            (33.125, "33.125"),
            (0.0, "0.0"),
            (f64::NAN, ""),
            (f64::INFINITY, ""),
        ] {
            assert_eq!(written(number, value), text);
        }
        assert_eq!(written(integer, -12), "-12");
    }

    #[test]
    fn stamps_and_moments_are_iso() {
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        assert_eq!(written(stamp, at("2024-01-05T17:02:01")), "2024-01-05T17:02:01");
        assert_eq!(written(stamp, at("2024-01-05T17:02:01.012345")), "2024-01-05T17:02:01.012345");
        assert_eq!(written(moment, at("0999-12-31T00:00:00").and_utc()), "0999-12-31T00:00:00Z");
        assert_eq!(written(day, NaiveDate::MAX), NaiveDate::MAX.to_string());
    }

    proptest! {
        #[test]
        fn a_number_round_trips_to_the_last_bit(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(written(number, value).parse::<f64>().unwrap().to_bits(), bits);
        }

        #[test]
        fn a_day_is_written_as_chrono_writes_it(days in -800_000..3_000_000) {
            let value = NaiveDate::from_epoch_days(days).unwrap();
            prop_assert_eq!(written(day, value), value.to_string());
        }
    }
}
