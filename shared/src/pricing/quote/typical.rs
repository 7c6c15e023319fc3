//! Estimates hours that a sheet does not have. If the sheet has the hour itself, that value counts; otherwise the mean of the same
//! hour over days of the same kind (business days, or weekends and holidays) in the same month of the year, from the latest year in
//! which the sheet has that month.

use super::hours::{Hours, among_24, slot};
use super::inputs::Curve;
use crate::catalog::calendar::is_business_day;
use crate::catalog::{Grid, grid};
use chrono::{Datelike as _, NaiveDate};

/// Hours of a day that have their own index.
const PLACES: usize = 25;

/// Means by month of the year, kind of day and hour.
#[derive(Clone, Debug)]
pub struct Typical(Vec<f64>);

fn place(day: NaiveDate, ending: u8) -> usize {
    let month = day.month0() as usize;
    (month * 2 + usize::from(!is_business_day(day))) * PLACES + usize::from(ending) - 1
}

impl Typical {
    /// The means of an hourly curve.
    #[must_use]
    pub fn of(curve: &Curve) -> Self {
        let (mut sums, mut counts) = (vec![0.0; 12 * 2 * PLACES], vec![0.0; 12 * 2 * PLACES]);
        let mut years: [Option<i32>; 12] = [None; 12];
        let chunks: Vec<(usize, &[f64])> = curve.values.chunks(PLACES).enumerate().collect();
        // From the latest day backwards, so that the latest year of each month comes first.
        for (at, values) in chunks.into_iter().rev() {
            let first = curve.first + i64::try_from(at * PLACES).unwrap_or(0);
            let day = Grid::DayHour.day(first);
            let offset = usize::try_from(first - Grid::DayHour.first_slot(day)).unwrap_or(0);
            if values.iter().all(|value| value.is_nan()) {
                continue;
            }
            let year = years[day.month0() as usize].get_or_insert(day.year());
            if *year != day.year() {
                continue;
            }
            for (hour, value) in (offset..).zip(values).filter(|(_, value)| !value.is_nan()) {
                let ending = u8::try_from(hour % PLACES + 1).unwrap_or(1);
                let place = place(day, ending);
                sums[place] += value;
                counts[place] += 1.0;
            }
        }
        Self(sums.iter().zip(&counts).map(|(sum, count): (&f64, &f64)| sum / count).collect())
    }

    /// The typical value of an hour; NaN if the sheet has nothing comparable.
    #[must_use]
    pub fn at(&self, day: NaiveDate, ending: u8) -> f64 {
        let own = self.0[place(day, ending)];
        if own.is_nan() && ending == 25 {
            return self.0[place(day, u8::try_from(grid::REPEATED_HOUR).unwrap_or(2))];
        }
        own
    }
}

/// The value of a curve in each hour: the hour itself, or its typical value.
#[must_use]
pub fn laid_out(curve: &Curve, hours: &Hours) -> Vec<f64> {
    let typical = Typical::of(curve);
    let mut values = vec![f64::NAN; hours.len()];
    for (day, range) in hours.by_day() {
        for hour in range {
            let ending = hours.ending[hour];
            let said = curve.at(slot(day, ending));
            values[hour] = if said.is_nan() { typical.at(day, ending) } else { said };
        }
    }
    values
}

/// The value for an hour of a month of the year ([`Grid::MonthHour`]).
#[must_use]
pub fn in_month_hour(curve: &Curve, month_of_year0: usize, ending: u8) -> f64 {
    curve.at(i64::try_from(month_of_year0 * 24 + among_24(ending)).unwrap_or(-1))
}
