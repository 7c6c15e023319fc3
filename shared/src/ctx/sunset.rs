//! The end of the legacy API. Guarantees: a date that is malformed, or earlier than the deprecation of the legacy API, is rejected
//! when a function starts.

use crate::fault::Fault;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// When the legacy API was deprecated, in Unix seconds: 2026-11-21. Since then `/v1` has provided everything that the legacy API
/// did, and the legacy paths have run the same code.
pub const DEPRECATED_SINCE: i64 = 1_795_219_200;

/// The day from which legacy paths may be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sunset(NaiveDate);

impl Sunset {
    /// Parses `YYYY-MM-DD`, the format of `LEGACY_SUNSET`.
    ///
    /// # Errors
    /// A fault that names the variable and what is wrong with its value.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let day = text.parse::<NaiveDate>().ok().filter(|day| day.to_string() == text);
        let day = day.ok_or_else(|| {
            Fault::new(format!(
                "the environment variable LEGACY_SUNSET: {text:?} is not a date such as 2027-06-30"
            ))
        })?;
        let sunset = Self(day);
        // RFC 9745, section 4: the sunset must not be earlier than the deprecation.
        if sunset.moment().timestamp() < DEPRECATED_SINCE {
            return Err(Fault::new(format!(
                "the environment variable LEGACY_SUNSET: {text} is before the old API was deprecated; set a later date"
            )));
        }
        Ok(sunset)
    }

    /// The start of the day, in UTC.
    fn moment(self) -> DateTime<Utc> {
        self.0.and_time(NaiveTime::MIN).and_utc()
    }

    /// The start of the day in HTTP date format (RFC 9110, section 5.6.7).
    #[must_use]
    pub fn http_date(self) -> String {
        self.moment().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sunset_must_be_a_date_not_before_the_deprecation() {
        assert_eq!(Sunset::parse("2027-06-30").unwrap().http_date(), "Wed, 30 Jun 2027 00:00:00 GMT");
        let since = DateTime::from_timestamp(DEPRECATED_SINCE, 0).unwrap();
        assert_eq!(since.to_string(), "2026-11-21 00:00:00 UTC");
        assert!(Sunset::parse("2026-11-21").is_ok());
        for text in [
            "soon",
            "30.06.2027",
            "2027-6-30",
            "2027-02-30",
            "20270630",
            "2027-06-30T00:00:00Z",
            " 2027-06-30",
        ] {
            let said = Sunset::parse(text).unwrap_err().chain();
            assert!(said.contains("LEGACY_SUNSET") && said.contains("is not a date such as"), "{said}");
        }
        let said = Sunset::parse("2026-11-20").unwrap_err().chain();
        assert!(said.contains("2026-11-20 is before the old API was deprecated"), "{said}");
    }
}
