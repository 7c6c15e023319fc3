//! Digest schedules: five fields (minute, hour, day of month, month, day of week) in the user's time zone.
//!
//! As in cron, if both day fields are restricted, a day matches if either of them does. A time that the clock skips in spring
//! counts at the moment of the jump; one that occurs twice in autumn counts once, the first time.
//!
//! `croner` parses ranges and steps and walks the calendar. It does so in wall-clock time, so this module decides what clock
//! changes mean. `croner` also accepts more than we document (`L`, `#`, `@daily`), which is refused here.

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use croner::parser::{CronParser, Seconds, Year};
use std::str::FromStr;

/// A schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron(croner::Cron);

/// The text is not a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotACron {
    /// Its syntax is wrong.
    #[error(
        "expected five fields (minute, hour, day of month, month, day of week) such as \"0 8 * * MON-FRI\", at most four times an \
         hour"
    )]
    Form,
    /// Its days exist in none of its months.
    #[error("expected a date that exists: this schedule never occurs in any year")]
    Never,
}

/// The most days of each month: February in a leap year.
const LONGEST: [u16; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Anything more frequent is not a digest.
const MAX_AN_HOUR: usize = 4;
/// How far back missed times are searched.
const FURTHEST_BACK: TimeDelta = TimeDelta::days(35);

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl FromStr for Cron {
    type Err = NotACron;

    fn from_str(text: &str) -> Result<Self, NotACron> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let names: [&[&str]; 5] = [&[], &[], &[], &MONTHS, &WEEKDAYS];
        if fields.len() != names.len() {
            return Err(NotACron::Form);
        }
        let plain: Option<Vec<String>> =
            fields.into_iter().zip(names).map(|(field, names)| plain(field, names)).collect();
        let mut fields = plain.ok_or(NotACron::Form)?;
        let all = parse(&fields)?.pattern;
        // Day fields that list every day restrict nothing, however they are written. To croner only a star is unrestricted.
        let (all_dates, all_weekdays) = (all.days.values().len() == 31, all.days_of_week.values().len() == 7);
        for (place, is_all) in [(2, all_dates), (4, all_weekdays)] {
            if is_all {
                "*".clone_into(&mut fields[place]);
            }
        }
        if all.minutes.values().len() > MAX_AN_HOUR {
            return Err(NotACron::Form);
        }
        // If both day fields are restricted, either is enough, and every month has every weekday.
        let by_week = !all_dates && !all_weekdays;
        let days = all.days.values();
        let comes = |month: &u16| days.iter().any(|day| *day <= LONGEST[usize::from(*month) - 1]);
        if !by_week && !all.months.values().iter().any(comes) {
            return Err(NotACron::Never);
        }
        Ok(Self(parse(&fields)?))
    }
}

fn parse(fields: &[String]) -> Result<croner::Cron, NotACron> {
    // 5/20 is 5-59/20.
    let parser =
        CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).sloppy_ranges(true);
    parser.build().parse(&fields.join(" ")).map_err(|_| NotACron::Form)
}

/// A field in numbers and stars, so that croner also accepts it within a list; `None` if it contains anything else.
fn plain(field: &str, names: &[&str]) -> Option<String> {
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let number = |word: &str| {
        let place = names.iter().position(|name| name.eq_ignore_ascii_case(word));
        // January is 1, Sunday is 0.
        let by_name = place.map(|place| (place + names.len() / 12).to_string());
        by_name.or_else(|| is_number(word).then(|| word.to_owned()))
    };
    let part = |part: &str| {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let range = match range.split_once('-') {
            Some((from, to)) => format!("{}-{}", number(from)?, number(to)?),
            None if range == "*" => range.to_owned(),
            None if part.contains('/') => number(range)?,
            None => return number(range),
        };
        is_number(step).then(|| format!("{range}/{step}"))
    };
    let parts: Option<Vec<String>> = field.split(',').map(part).collect();
    Some(parts?.join(","))
}

/// The moment at which a wall clock shows a time: the first if it shows it twice; that of the jump if it skips it.
#[must_use]
pub fn moment(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let mut wall = wall;
    // No clock has ever been advanced by more than a day.
    for _ in 0..=24 * 60 {
        match zone.from_local_datetime(&wall) {
            LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => {
                return moment.with_timezone(&Utc);
            }
            LocalResult::None => wall += TimeDelta::minutes(1),
        }
    }
    wall.and_utc()
}

impl Cron {
    /// The first time after a moment; `None` if it never occurs again.
    #[must_use]
    pub fn next(&self, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let now = after.with_timezone(&zone).naive_local();
        let follow = |wall: &NaiveDateTime| self.0.find_next_occurrence(wall, false).ok();
        let times = std::iter::successors(Some(now), follow).skip(1);
        times.map(|wall| moment(wall, zone)).find(|moment| *moment > after)
    }

    /// The last time after one moment and up to another.
    #[must_use]
    pub fn last_between(&self, after: DateTime<Utc>, upto: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let mut last = None;
        let mut from = after.max(upto - FURTHEST_BACK);
        // After a long outage a run reports once, not for every time it missed.
        while let Some(next) = self.next(from, zone).filter(|next| *next <= upto) {
            (last, from) = (Some(next), next);
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(cron: &str, after: &str, zone: Tz) -> String {
        let next = cron.parse::<Cron>().unwrap().next(after.parse().unwrap(), zone).unwrap();
        next.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    #[test]
    fn a_schedule_means_what_it_means_to_cron() {
        const CHICAGO: Tz = Tz::America__Chicago;
        for (cron, after, expected) in [
            ("0 8 * * MON", "2024-01-05T00:00:00Z", "2024-01-08T14:00:00Z"),
            ("0 8 * * MON-FRI", "2024-01-05T13:59:59Z", "2024-01-05T14:00:00Z"),
            ("0 8 * * 1-5", "2024-01-05T14:00:00Z", "2024-01-08T14:00:00Z"),
            ("*/15 * * * *", "2024-01-05T14:00:00Z", "2024-01-05T14:15:00Z"),
            ("0 6,18 1 * *", "2024-01-05T14:00:00Z", "2024-02-01T12:00:00Z"),
            // If both day fields are restricted, either matches.
            ("0 0 13 * FRI", "2024-01-05T14:00:00Z", "2024-01-12T06:00:00Z"),
            ("0 0 29 2 *", "2024-03-01T00:00:00Z", "2028-02-29T06:00:00Z"),
            ("5/20 7 * JAN,dec 7", "2024-01-05T14:00:00Z", "2024-01-07T13:05:00Z"),
        ] {
            assert_eq!(next(cron, after, CHICAGO), expected, "{cron} after {after}");
        }
        for wrong in [
            "",
            "* * * *",
            "* * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "*/0 * * * *",
            "5-1 * * * *",
            "a * * * *",
            "* * * * * *",
            "+1 * * * *",
        ] {
            assert!(wrong.parse::<Cron>().is_err(), "{wrong:?}");
        }
        for never in ["0 0 30 2 *", "0 8 31 2 *", "0 8 31 4,6,9,11 *", "0 8 30-31 FEB 0-7", "0 8 31 2-2 */1"]
        {
            assert_eq!(never.parse::<Cron>(), Err(NotACron::Never), "{never}");
        }
        for (cron, expected) in [
            ("0 0 29 2 *", "2104-02-29T00:00:00Z"),
            ("0 0 31 2,3 *", "2097-03-31T00:00:00Z"),
            ("0 0 31 2 MON", "2097-02-04T00:00:00Z"),
        ] {
            assert_eq!(
                next(cron, "2096-12-01T00:00:00Z", Tz::UTC),
                expected,
                "{cron} occurs: 2100 is not a leap year"
            );
        }
    }

    #[test]
    fn clock_changes_are_handled_both_ways() {
        const NEW_YORK: Tz = Tz::America__New_York;
        // 2024-03-10: 02:30 does not exist; 03:00 does.
        assert_eq!(next("30 2 * * *", "2024-03-10T05:00:00Z", NEW_YORK), "2024-03-10T07:00:00Z");
        assert_eq!(next("30 2 * * *", "2024-03-10T07:00:00Z", NEW_YORK), "2024-03-11T06:30:00Z");
        // 2024-11-03: 01:30 occurs twice and counts once.
        assert_eq!(next("30 1 * * *", "2024-11-03T04:00:00Z", NEW_YORK), "2024-11-03T05:30:00Z");
        assert_eq!(next("30 1 * * *", "2024-11-03T05:30:00Z", NEW_YORK), "2024-11-04T06:30:00Z");
        // 08:00 stays 08:00.
        assert_eq!(next("0 8 * * *", "2024-03-09T13:00:00Z", NEW_YORK), "2024-03-10T12:00:00Z");
        assert_eq!(next("0 8 * * *", "2024-11-02T12:00:00Z", NEW_YORK), "2024-11-03T13:00:00Z");
    }

    #[test]
    fn a_run_after_an_outage_reports_once() {
        let cron: Cron = "0 8 * * *".parse().unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let last = cron.last_between(at("2024-01-01T09:00:00Z"), at("2024-01-05T09:00:00Z"), Tz::UTC);
        assert_eq!(last, Some(at("2024-01-05T08:00:00Z")));
        assert_eq!(cron.last_between(at("2024-01-05T08:00:00Z"), at("2024-01-06T07:59:59Z"), Tz::UTC), None);
    }
}
