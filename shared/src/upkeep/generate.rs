//! Generates realistic sheets for any number of years, with realistic changes from day to day: for benchmarks, tests and trials.
//!
//! Guarantees: the same seed, days and markets produce the same bytes on every machine (no clock, no file and no platform-dependent
//! maths functions); the content of one series does not depend on which others are requested.

mod charges;
mod energy;
pub mod random;
mod sheet;

use crate::catalog::{DataType, Layout, Market, Month, calendar};
use crate::curves::sheet::SnapshotName;
use crate::sheets::filename;
use charges::Charges;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use energy::Energy;
use random::Random;
use std::collections::VecDeque;

/// The data types that can be generated.
pub const DATA_TYPES: [DataType; 3] = [DataType::Energy, DataType::NonEnergy, DataType::Rec];

/// A sheet as it arrives.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The snapshot that the sheet describes.
    pub name: SnapshotName,
    /// Arrival time: three minutes after the stamp, unless it is late or corrects an earlier sheet.
    pub at: DateTime<Utc>,
    /// Content of the sheet.
    pub bytes: Vec<u8>,
}

impl Arrival {
    /// The file name of the sheet.
    #[must_use]
    pub fn file_name(&self) -> String {
        filename::file_name(&self.name)
    }
}

/// Sheets in order of arrival. Energy arrives every business day, intraday at 10:30 and close of business at 17:02; the others
/// arrive on the last business day of each week.
#[derive(Debug)]
pub struct Years {
    day: NaiveDate,
    end: NaiveDate,
    series: Vec<Series>,
    due: VecDeque<Arrival>,
    late: Vec<Arrival>,
    with_mishaps: bool,
}

impl Years {
    /// All markets and the three data types, for `days` calendar days.
    #[must_use]
    pub fn new(seed: u64, first_day: NaiveDate, days: u32) -> Self {
        Self::of(seed, first_day, days, &DATA_TYPES, &Market::ALL)
    }

    /// Selected data types and markets, for `days` calendar days. Data types not in [`DATA_TYPES`], and markets without the data
    /// type, are ignored.
    #[must_use]
    pub fn of(
        seed: u64,
        first_day: NaiveDate,
        days: u32,
        data_types: &[DataType],
        markets: &[Market],
    ) -> Self {
        let data_types = DATA_TYPES.iter().filter(|data_type| data_types.contains(data_type));
        let pairs = data_types.flat_map(|data_type| markets.iter().map(|market| (*data_type, *market)));
        let exists =
            |(data_type, market): &(DataType, Market)| Layout::of(*data_type).markets.contains(market);
        let series = pairs.filter(exists).filter_map(|pair| Series::new(seed, pair, first_day)).collect();
        let end = first_day.checked_add_days(Days::new(days.into())).unwrap_or(first_day);
        Self { day: first_day, end, series, due: VecDeque::new(), late: vec![], with_mishaps: false }
    }

    /// Adds realistic mishaps: one sheet in a hundred contains an error and is corrected two hours later, and one in two hundred
    /// arrives days late.
    #[must_use]
    pub fn with_mishaps(mut self) -> Self {
        self.with_mishaps = true;
        self
    }

    /// Generates the arrivals of the next day.
    fn begin_day(&mut self) {
        let day = self.day;
        self.day = day.succ_opt().unwrap_or(self.end);
        let mut today = self.take_late(Some(self.day));
        if calendar::is_business_day(day) {
            for series in &mut self.series {
                for (time, cob) in series.times(day) {
                    let (first, second) = series.sheet(day.and_time(time), cob, self.with_mishaps);
                    today.push(first);
                    today.extend(second);
                }
            }
        }
        today.sort_by_key(|arrival| arrival.at);
        let tomorrow = self.day.and_time(chrono::NaiveTime::MIN).and_utc() + TO_UTC;
        let later = today.iter().position(|arrival| arrival.at >= tomorrow).unwrap_or(today.len());
        self.late.extend(today.drain(later..));
        self.due.extend(today);
    }

    /// Takes the delayed sheets that arrive before a day, or all of them.
    fn take_late(&mut self, before: Option<NaiveDate>) -> Vec<Arrival> {
        let moment = before.map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc() + TO_UTC);
        let (mut due, rest) = std::mem::take(&mut self.late)
            .into_iter()
            .partition::<Vec<_>, _>(|arrival| moment.is_none_or(|moment| arrival.at < moment));
        self.late = rest;
        due.sort_by_key(|arrival| arrival.at);
        due
    }
}

impl Iterator for Years {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        while self.due.is_empty() && self.day < self.end {
            self.begin_day();
        }
        if self.due.is_empty() {
            let rest = self.take_late(None);
            self.due.extend(rest);
        }
        self.due.pop_front()
    }
}

/// Offset from local time to UTC; Eastern standard time is used for all markets.
const TO_UTC: TimeDelta = TimeDelta::hours(5);
/// Delay between stamp and arrival.
const ON_THE_WAY: TimeDelta = TimeDelta::minutes(3);

/// One data type of one market.
#[derive(Debug)]
struct Series {
    data_type: DataType,
    market: Market,
    /// The header rows.
    head: Vec<u8>,
    model: Model,
    mishaps: Random,
}

/// The model behind its numbers.
#[derive(Debug)]
enum Model {
    Energy(Energy),
    Charges(Charges),
}

impl Series {
    fn new(seed: u64, (data_type, market): (DataType, Market), first_day: NaiveDate) -> Option<Self> {
        let random =
            |what: &str| Random::new(seed, &format!("{what} of {} {}", data_type.word(), market.code()));
        let (columns, model) = match data_type {
            DataType::Energy => {
                let (columns, energy) = Energy::new(market, random("prices"), Month::of(first_day));
                (columns, Model::Energy(energy))
            }
            DataType::NonEnergy | DataType::Rec => {
                let now = Month::of(first_day);
                let (columns, charges) = Charges::new(data_type, market, random("charges"), now);
                (columns, Model::Charges(charges))
            }
            DataType::Ptc
            | DataType::Matrix
            | DataType::Headroom
            | DataType::LoadProfile
            | DataType::Shaping
            | DataType::Vlr
            | DataType::LineLoss => return None,
        };
        let head = sheet::head(data_type, market, &columns);
        Some(Self { data_type, market, head, model, mishaps: random("mishaps") })
    }

    /// The times of a business day at which a sheet is stamped, each with whether it is the close of business.
    fn times(&self, day: NaiveDate) -> Vec<(chrono::NaiveTime, bool)> {
        let at = |hour, minute, second| {
            chrono::NaiveTime::from_hms_opt(hour, minute, second).expect("the times below are times")
        };
        let weekly = |time| if ends_week(day) { vec![(time, false)] } else { vec![] };
        match &self.model {
            Model::Energy(_) => vec![(at(10, 30, 0), false), (at(17, 2, 0), true)],
            Model::Charges(_) if self.data_type == DataType::Rec => weekly(at(14, 23, 0)),
            Model::Charges(_) => weekly(at(10, 10, 10)),
        }
    }

    /// Advances the model and writes a sheet; if it contains an error, the corrected sheet is the second value.
    fn sheet(&mut self, stamp: NaiveDateTime, cob: bool, with_mishaps: bool) -> (Arrival, Option<Arrival>) {
        let now = Month::of(stamp.date());
        let rows = match &mut self.model {
            Model::Energy(energy) => energy.next(now, cob),
            Model::Charges(charges) => charges.next(now),
        };
        let name = SnapshotName { data_type: self.data_type, market: self.market, stamp, cob };
        let at = stamp.and_utc() + TO_UTC + ON_THE_WAY;
        let luck = if with_mishaps { self.mishaps.below(200) } else { u32::MAX };
        let arrival = |at, slip| Arrival { name, at, bytes: sheet::write(&self.head, &rows, now, slip) };
        match luck {
            0 | 1 => (arrival(at, true), Some(arrival(at + TimeDelta::hours(2), false))),
            2 => (arrival(at + TimeDelta::days(i64::from(2 + self.mishaps.below(5))), false), None),
            _ => (arrival(at, false), None),
        }
    }
}

/// Whether a business day is the last of its week.
fn ends_week(day: NaiveDate) -> bool {
    let rest = day.iter_days().skip(1).take_while(|later| later.iso_week() == day.iso_week());
    rest.filter(|later| calendar::is_business_day(*later)).count() == 0
}

#[cfg(test)]
mod tests;
