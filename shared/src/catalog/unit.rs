//! Units of measure and the conversions between them.
//!
//! One table contains everything about a unit: its symbol, its dimension, and its size in the dimension's base unit. The parser
//! ([`Unit::parse`]), every conversion and every check read this table, so a unit added here is known everywhere. The unit is data:
//! it is read from the unit row of a sheet or from a name ([`Written`]), and conversion depends only on the unit, never on the name
//! of the component. A unit that is written but not in this table is never mistaken for another.

use super::{Calendar, Month};

mod spelling;
mod written;

pub use written::Written;

/// The period for which a demand price is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span {
    /// Once per calendar day, however many hours it has.
    Day,
    /// Once per calendar month.
    Month,
    /// Once per calendar year.
    ///
    /// It is spread over the 8,760 or 8,784 hours of the calendar year of the delivery month. Sheets do not say which year they
    /// mean, and the calendar year needs no guess: transmission owners' formula rates, which are what is quoted in $/MW-year, are
    /// set from 1 January to 31 December. A planning year (PJM and MISO: June to May) has a different number of hours only if it
    /// contains 29 February, and then differs by 0.27 %. Daylight saving takes and returns one hour within the year, so both
    /// calendars count the same hours.
    Year,
}

/// What a unit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// Money for energy; base: $/`MWh`.
    EnergyPrice,
    /// Money for demand over a period; base: $/MW per period.
    DemandPrice(Span),
    /// Money for the energy of a fuel; base: $/`MMBtu`.
    FuelPrice,
    /// Money for a certificate; base: $/REC. It becomes a price of load only once an obligation defines how many certificates a
    /// `MWh` needs.
    CertificatePrice,
    /// Money; base: $.
    Money,
    /// Money per period, independent of consumption; base: $ per period.
    StandingCharge(Span),
    /// Base: MW. Over one hour it is the same number of `MWh`.
    Power,
    /// Base: `MWh`.
    Energy,
    /// A part of something; base: a fraction, 0.12 for 12 %.
    Share,
    /// A multiplier.
    Factor,
    /// Fuel for energy; base: `MMBtu`/`MWh`.
    HeatRate,
    /// A number of months.
    Months,
}

/// A known unit. Other units are kept as text, shown, and never converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Dollars per megawatt hour.
    DollarsPerMwh,
    /// Dollars per kilowatt hour.
    DollarsPerKwh,
    /// Cents per kilowatt hour.
    CentsPerKwh,
    /// Mills (tenths of a cent) per kilowatt hour.
    MillsPerKwh,
    /// Dollars per kilowatt and month.
    DollarsPerKwMonth,
    /// Dollars per megawatt and month.
    DollarsPerMwMonth,
    /// Dollars per kilowatt and day.
    DollarsPerKwDay,
    /// Dollars per megawatt and day.
    DollarsPerMwDay,
    /// Dollars per kilowatt and year.
    DollarsPerKwYear,
    /// Dollars per megawatt and year.
    DollarsPerMwYear,
    /// Dollars per million British thermal units.
    DollarsPerMmbtu,
    /// Dollars per dekatherm, which is a million British thermal units.
    DollarsPerDth,
    /// Dollars per therm, a tenth of that.
    DollarsPerTherm,
    /// Dollars per renewable energy certificate.
    DollarsPerRec,
    /// Dollars, in total.
    Dollars,
    /// Dollars per day.
    DollarsPerDay,
    /// Dollars per month.
    DollarsPerMonth,
    /// Dollars per year.
    DollarsPerYear,
    /// Megawatts of capacity or load.
    Megawatts,
    /// Kilowatts of capacity or load.
    Kilowatts,
    /// Megawatt hours.
    MegawattHours,
    /// Kilowatt hours.
    KilowattHours,
    /// A share; its values are fractions, 0.12 for 12 %.
    Percent,
    /// Percent points: 12 for 12 %.
    PercentPoints,
    /// A multiplier.
    Factor,
    /// Million British thermal units per megawatt hour.
    MmbtuPerMwh,
    /// British thermal units per kilowatt hour.
    BtuPerKwh,
    /// Months, as a count.
    Months,
}

/// A row of the table.
struct UnitRow {
    unit: Unit,
    /// The spelling in responses, downloads and the database.
    symbol: &'static str,
    dimension: Dimension,
    /// Its size in base units: the first number divided by the second. Both are whole, so no digit is lost.
    size: (f64, f64),
    /// Other names for the whole unit, in lower case without blanks. Ratios (`$/MW-day`) are composed from the words in
    /// [`spelling`].
    words: &'static [&'static str],
}

/// A row without other names.
const fn row(unit: Unit, symbol: &'static str, dimension: Dimension, size: (f64, f64)) -> UnitRow {
    UnitRow { unit, symbol, dimension, size, words: &[] }
}

const TABLE: [UnitRow; 28] = {
    use Dimension::{
        CertificatePrice, DemandPrice, Energy, EnergyPrice, Factor, FuelPrice, HeatRate, Money, Months,
        Power, Share, StandingCharge,
    };
    use Span::{Day, Month, Year};
    const ONE: (f64, f64) = (1.0, 1.0);
    const THOUSAND: (f64, f64) = (1000.0, 1.0);
    const THOUSANDTH: (f64, f64) = (1.0, 1000.0);
    [
        row(Unit::DollarsPerMwh, "$/MWh", EnergyPrice, ONE),
        row(Unit::DollarsPerKwh, "$/kWh", EnergyPrice, THOUSAND),
        row(Unit::CentsPerKwh, "cents/kWh", EnergyPrice, (10.0, 1.0)),
        row(Unit::MillsPerKwh, "mills/kWh", EnergyPrice, ONE),
        row(Unit::DollarsPerKwMonth, "$/kW-mo", DemandPrice(Month), THOUSAND),
        row(Unit::DollarsPerMwMonth, "$/MW-mo", DemandPrice(Month), ONE),
        row(Unit::DollarsPerKwDay, "$/kW-day", DemandPrice(Day), THOUSAND),
        row(Unit::DollarsPerMwDay, "$/MW-day", DemandPrice(Day), ONE),
        row(Unit::DollarsPerKwYear, "$/kW-yr", DemandPrice(Year), THOUSAND),
        row(Unit::DollarsPerMwYear, "$/MW-yr", DemandPrice(Year), ONE),
        row(Unit::DollarsPerMmbtu, "$/MMBtu", FuelPrice, ONE),
        row(Unit::DollarsPerDth, "$/Dth", FuelPrice, ONE),
        row(Unit::DollarsPerTherm, "$/therm", FuelPrice, (10.0, 1.0)),
        row(Unit::DollarsPerRec, "$/REC", CertificatePrice, ONE),
        UnitRow { words: &["usd", "us$", "dollar", "dollars"], ..row(Unit::Dollars, "$", Money, ONE) },
        row(Unit::DollarsPerDay, "$/day", StandingCharge(Day), ONE),
        row(Unit::DollarsPerMonth, "$/mo", StandingCharge(Month), ONE),
        row(Unit::DollarsPerYear, "$/yr", StandingCharge(Year), ONE),
        row(Unit::Megawatts, "MW", Power, ONE),
        row(Unit::Kilowatts, "kW", Power, THOUSANDTH),
        row(Unit::MegawattHours, "MWh", Energy, ONE),
        row(Unit::KilowattHours, "kWh", Energy, THOUSANDTH),
        row(Unit::Percent, "%", Share, ONE),
        UnitRow {
            words: &["pct", "percentage", "percents", "percentpoints", "percentagepoints"],
            ..row(Unit::PercentPoints, "percent", Share, (1.0, 100.0))
        },
        UnitRow {
            words: &["factors", "multiplier", "ratio", "p.u.", "pu", "perunit", "unitless", "dimensionless"],
            ..row(Unit::Factor, "factor", Factor, ONE)
        },
        row(Unit::MmbtuPerMwh, "MMBtu/MWh", HeatRate, ONE),
        row(Unit::BtuPerKwh, "Btu/kWh", HeatRate, THOUSANDTH),
        row(Unit::Months, "months", Months, ONE),
    ]
};

impl Unit {
    /// All units, in the order of the table.
    pub const ALL: [Self; TABLE.len()] = {
        let mut all = [Self::DollarsPerMwh; TABLE.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = TABLE[at].unit;
            at += 1;
        }
        all
    };

    const fn row(self) -> &'static UnitRow {
        &TABLE[self as usize]
    }

    /// The spelling in responses and downloads.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        self.row().symbol
    }

    /// The dimension that it measures.
    #[must_use]
    pub const fn dimension(self) -> Dimension {
        self.row().dimension
    }

    /// Converts a value to another unit; `None` if the dimensions differ.
    #[must_use]
    pub fn convert(self, value: f64, to: Self) -> Option<f64> {
        (self.dimension() == to.dimension()).then(|| self.resized(value, to))
    }

    /// Both units are decimal multiples of one base unit, so the conversion multiplies or divides by one whole number and does
    /// nothing else.
    fn resized(self, value: f64, to: Self) -> f64 {
        let ((times, over), (to_times, to_over)) = (self.row().size, to.row().size);
        scaled(value, times * to_over, over * to_times)
    }

    /// Converts a value to base units of its dimension.
    #[must_use]
    pub fn in_base(self, value: f64) -> f64 {
        let (times, over) = self.row().size;
        scaled(value, times, over)
    }

    /// Converts a value for a curve of hours: an hour of power counts as energy, and a share as a factor. `None` if the dimensions
    /// do not match.
    #[must_use]
    pub fn read_as(self, value: f64, to: Self) -> Option<f64> {
        match (self.dimension(), to.dimension()) {
            (Dimension::Power, Dimension::Energy) | (Dimension::Share, Dimension::Factor) => {
                Some(self.resized(value, to))
            }
            _ => self.convert(value, to),
        }
    }

    /// Whether the unit is a price per energy, whose mean is weighted by hours.
    #[must_use]
    pub const fn is_per_energy(self) -> bool {
        matches!(self.dimension(), Dimension::EnergyPrice | Dimension::FuelPrice)
    }

    /// Whether the unit can be converted to $/`MWh`: energy prices can, and demand prices with the hours that they are paid for.
    #[must_use]
    pub const fn becomes_per_mwh(self) -> bool {
        matches!(self.dimension(), Dimension::EnergyPrice | Dimension::DemandPrice(_))
    }

    /// Converts a value to $/`MWh` over all hours of a month; `None` if it is not a price of energy or demand. `hours` is the
    /// number of hours of the month in the calendar.
    ///
    /// With the NERC calendar, a daily price is paid for each day of the month, however many hours it has; the old system assumed
    /// 24 hours a day even in months with a clock change. For a yearly price, see [`Span::Year`].
    #[must_use]
    pub fn per_mwh(self, value: f64, month: Month, hours: f64, calendar: Calendar) -> Option<f64> {
        let value = self.in_base(value);
        match (self.dimension(), calendar) {
            (Dimension::EnergyPrice, _) => Some(value),
            (Dimension::DemandPrice(Span::Month), _) => Some(value / hours),
            (Dimension::DemandPrice(Span::Day), Calendar::Nerc) => {
                Some(value * f64::from(month.days()) / hours)
            }
            (Dimension::DemandPrice(Span::Day), Calendar::Legacy) => Some(value / 24.0),
            (Dimension::DemandPrice(Span::Year), _) => Some(value / hours_of_year(month)),
            _ => None,
        }
    }
}

/// The hours of the calendar year that contains a month: 8,760 or 8,784. Daylight saving cancels out within it.
#[must_use]
pub fn hours_of_year(month: Month) -> f64 {
    let leap = Month::new(month.year(), 2).is_some_and(|february| february.days() == 29);
    if leap { 8784.0 } else { 8760.0 }
}

/// Uses a single operation, because one number is a multiple of the other.
fn scaled(value: f64, times: f64, over: f64) -> f64 {
    if times >= over { value * (times / over) } else { value / (over / times) }
}

#[cfg(test)]
mod tests;
