//! When digests are sent: five fields (minute, hour, day of month, month, day of week) in the time zone of the user.
//!
//! As cron does, a day matches if either of its two fields does when both are limited. A time that the clock jumps over in spring
//! counts at the moment of the jump; one that comes twice in autumn counts once, the first time.
//!
//! `croner` (4.0) is not used: the grammar, the cap and the clock changes would stay here as a layer half as long as this code, and
//! it adds eight crates to the build, of which three are a second version of `darling`.

use chrono::{
    DateTime, Datelike as _, Days, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone as _, Utc,
};
use chrono_tz::Tz;
use std::str::FromStr;

/// A schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: Vec<u32>,
    hours: Vec<u32>,
    days: Vec<u32>,
    months: Vec<u32>,
    weekdays: Vec<u32>,
}

/// The text is no schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotACron {
    /// It is not written as one.
    #[error(
        "expected five fields (minute, hour, day of month, month, day of week) such as \"0 8 * * MON-FRI\", four times an hour \
         at most"
    )]
    Form,
    /// Its days are in none of its months.
    #[error("expected a day that its month has: no year has this one, so that it would never be sent")]
    Never,
}

/// The longest that each month is: February in a leap year.
const LONGEST: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// More often is no digest.
const MOST_AN_HOUR: usize = 4;
/// How far back a time is looked for that nobody was there at.
const FURTHEST_BACK: TimeDelta = TimeDelta::days(35);

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl FromStr for Cron {
    type Err = NotACron;

    fn from_str(text: &str) -> Result<Self, NotACron> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return Err(NotACron::Form) };
        let months = field(months, 1, 12, &MONTHS, 1)?;
        // Seven is Sunday, too.
        let mut weekdays = field(weekdays, 0, 7, &WEEKDAYS, 0)?;
        for day in &mut weekdays {
            *day %= 7;
        }
        weekdays.sort_unstable();
        weekdays.dedup();
        let minutes = field(minutes, 0, 59, &[], 0)?;
        if minutes.len() > MOST_AN_HOUR {
            return Err(NotACron::Form);
        }
        let (hours, days) = (field(hours, 0, 23, &[], 0)?, field(days, 1, 31, &[], 0)?);
        // Of both days one is enough, and every month has every weekday.
        let by_week = weekdays.len() < 7 && days.len() < 31;
        let comes = |month: &u32| days.iter().any(|day| *day <= LONGEST[*month as usize - 1]);
        if !by_week && !months.iter().any(comes) {
            return Err(NotACron::Never);
        }
        Ok(Self { minutes, hours, days, months, weekdays })
    }
}

/// The numbers of a field, in order.
fn field(text: &str, least: u32, most: u32, names: &[&str], first: u32) -> Result<Vec<u32>, NotACron> {
    let number = |word: &str| {
        let place = names.iter().position(|name| name.eq_ignore_ascii_case(word));
        let place = place.and_then(|place| u32::try_from(place).ok()).map(|place| place + first);
        place.or_else(|| word.parse().ok().filter(|_| word.bytes().all(|byte| byte.is_ascii_digit())))
    };
    let mut all = Vec::new();
    for part in text.split(',') {
        let (range, step) =
            part.split_once('/').map_or((part, Some(1)), |(range, step)| (range, step.parse().ok()));
        let step: usize = step.filter(|step| *step > 0).ok_or(NotACron::Form)?;
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, to)) => (number(from).ok_or(NotACron::Form)?, number(to).ok_or(NotACron::Form)?),
            None => {
                let one = number(range).ok_or(NotACron::Form)?;
                (one, if part.contains('/') { most } else { one })
            }
        };
        if from < least || to > most || from > to {
            return Err(NotACron::Form);
        }
        all.extend((from..=to).step_by(step));
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// The moment at which a wall clock shows a time: the first, if it shows it twice; that of the jump, if it jumps over it.
#[must_use]
pub fn moment(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let mut wall = wall;
    // No clock was ever put forward by more than a day.
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
    /// Whether it is meant on a day.
    fn is_on(&self, day: NaiveDate) -> bool {
        let (by_date, by_week) = (self.days.len() < 31, self.weekdays.len() < 7);
        let date = self.days.contains(&day.day());
        let week = self.weekdays.contains(&day.weekday().num_days_from_sunday());
        self.months.contains(&day.month())
            && match (by_date, by_week) {
                (true, true) => date || week,
                _ => date && week,
            }
    }

    /// The first time after a moment; `None` if there is none in eight years, within which every day comes that there is.
    #[must_use]
    pub fn next(&self, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let first = after.with_timezone(&zone).date_naive().checked_sub_days(Days::new(1))?;
        let days = first.iter_days().take(8 * 366).filter(|day| self.is_on(*day));
        let times = days.flat_map(|day| {
            let times =
                self.hours.iter().flat_map(|hour| self.minutes.iter().map(move |minute| (*hour, *minute)));
            times.filter_map(move |(hour, minute)| day.and_hms_opt(hour, minute, 0))
        });
        times.map(|wall| moment(wall, zone)).find(|moment| *moment > after)
    }

    /// The last time up to a moment and after another.
    #[must_use]
    pub fn last_between(&self, after: DateTime<Utc>, upto: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let mut last = None;
        let mut from = after.max(upto - FURTHEST_BACK);
        // A run that was away for long tells once, and not for every time that it missed.
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
    fn a_schedule_is_read_as_cron_reads_it() {
        const CHICAGO: Tz = Tz::America__Chicago;
        for (cron, after, expected) in [
            ("0 8 * * MON", "2024-01-05T00:00:00Z", "2024-01-08T14:00:00Z"),
            ("0 8 * * MON-FRI", "2024-01-05T13:59:59Z", "2024-01-05T14:00:00Z"),
            ("0 8 * * 1-5", "2024-01-05T14:00:00Z", "2024-01-08T14:00:00Z"),
            ("*/15 * * * *", "2024-01-05T14:00:00Z", "2024-01-05T14:15:00Z"),
            ("0 6,18 1 * *", "2024-01-05T14:00:00Z", "2024-02-01T12:00:00Z"),
            // Either day, if both are limited.
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
                "{cron} comes: 2100 is no leap year"
            );
        }
    }

    #[test]
    fn the_clock_goes_forward_and_back() {
        const NEW_YORK: Tz = Tz::America__New_York;
        // 2024-03-10: half past two is not on the clock; three o'clock is.
        assert_eq!(next("30 2 * * *", "2024-03-10T05:00:00Z", NEW_YORK), "2024-03-10T07:00:00Z");
        assert_eq!(next("30 2 * * *", "2024-03-10T07:00:00Z", NEW_YORK), "2024-03-11T06:30:00Z");
        // 2024-11-03: half past one comes twice, and counts once.
        assert_eq!(next("30 1 * * *", "2024-11-03T04:00:00Z", NEW_YORK), "2024-11-03T05:30:00Z");
        assert_eq!(next("30 1 * * *", "2024-11-03T05:30:00Z", NEW_YORK), "2024-11-04T06:30:00Z");
        // Eight in the morning stays eight in the morning.
        assert_eq!(next("0 8 * * *", "2024-03-09T13:00:00Z", NEW_YORK), "2024-03-10T12:00:00Z");
        assert_eq!(next("0 8 * * *", "2024-11-02T12:00:00Z", NEW_YORK), "2024-11-03T13:00:00Z");
    }

    #[test]
    fn a_run_that_was_away_tells_once() {
        let cron: Cron = "0 8 * * *".parse().unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let last = cron.last_between(at("2024-01-01T09:00:00Z"), at("2024-01-05T09:00:00Z"), Tz::UTC);
        assert_eq!(last, Some(at("2024-01-05T08:00:00Z")));
        assert_eq!(cron.last_between(at("2024-01-05T08:00:00Z"), at("2024-01-06T07:59:59Z"), Tz::UTC), None);
    }
}
