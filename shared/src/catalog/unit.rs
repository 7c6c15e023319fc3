//! Units of measure, and what one of them is in another.
//!
//! One table says all there is to know of a unit: its symbol, its dimension, and its size in the base unit of the dimension. The
//! parser ([`Unit::parse`]), every conversion and every check read this table; a unit that is added here is known everywhere.
//! The unit is data: it is read from the unit row of a sheet or from a name ([`Written`]), and conversion asks the unit alone,
//! never the name of the component. A unit that is written and not in this table is never taken for another one.

use super::{Calendar, Month};

mod spelling;
mod written;

pub use written::Written;

/// Over which time a price of demand is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span {
    /// Once for every calendar day, whatever hours it has.
    Day,
    /// Once for every calendar month.
    Month,
    /// Once for every calendar year.
    ///
    /// It is spread over the 8,760 or 8,784 hours of the calendar year that the delivery month is in. Sheets do not say which
    /// year they mean, and the calendar year is the one that needs no guess: formula rates of transmission owners, which are
    /// what is quoted in $/MW-year, are set from 1 January to 31 December. A planning year (PJM and MISO: June to May) has other
    /// hours only if it holds 29 February, and is 0.27 % away then. Daylight saving takes and gives one hour within the year, so
    /// that both calendars count the same hours.
    Year,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// Money for energy; base: $/`MWh`.
    EnergyPrice,
    /// Money for demand over a time; base: $/MW and that time.
    DemandPrice(Span),
    /// Money for the energy of a fuel; base: $/`MMBtu`.
    FuelPrice,
    /// Money for a certificate; base: $/REC. It is no price of load until an obligation says how many a `MWh` needs.
    CertificatePrice,
    /// Money; base: $.
    Money,
    /// Money over a time, whatever is taken; base: $ and that time.
    StandingCharge(Span),
    /// Base: MW. Of one hour it is as many `MWh`.
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

/// A unit that we know. Others are kept as text, named, and never converted.
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
    /// Dollars.
    Dollars,
    /// Dollars per day.
    DollarsPerDay,
    /// Dollars per month.
    DollarsPerMonth,
    /// Dollars per year.
    DollarsPerYear,
    /// Megawatts.
    Megawatts,
    /// Kilowatts.
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
    /// As it is written in answers and downloads, and as it is stored.
    symbol: &'static str,
    dimension: Dimension,
    /// How many base units it is: the first number by the second. Both are whole, so that no digit is lost.
    size: (f64, f64),
    /// What else it is called as a whole, in lower case without blanks. Ratios (`$/MW-day`) are put together from the words of
    /// [`spelling`].
    words: &'static [&'static str],
}

/// A row without other words.
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

    /// As it is written in downloads.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        self.row().symbol
    }

    /// What it measures.
    #[must_use]
    pub const fn dimension(self) -> Dimension {
        self.row().dimension
    }

    /// So many of this unit in another; `None` if the two do not measure the same.
    #[must_use]
    pub fn convert(self, value: f64, to: Self) -> Option<f64> {
        (self.dimension() == to.dimension()).then(|| self.resized(value, to))
    }

    /// Both are decimal multiples of one base unit, so that one whole number is multiplied or divided by, and nothing else.
    fn resized(self, value: f64, to: Self) -> f64 {
        let ((times, over), (to_times, to_over)) = (self.row().size, to.row().size);
        scaled(value, times * to_over, over * to_times)
    }

    /// So many of this unit in base units of its dimension.
    #[must_use]
    pub fn in_base(self, value: f64) -> f64 {
        let (times, over) = self.row().size;
        scaled(value, times, over)
    }

    /// So many of this unit, as a curve of hours reads them in another: an hour's power is as much energy, and a share is a factor.
    /// `None` if the two do not measure the same.
    #[must_use]
    pub fn read_as(self, value: f64, to: Self) -> Option<f64> {
        match (self.dimension(), to.dimension()) {
            (Dimension::Power, Dimension::Energy) | (Dimension::Share, Dimension::Factor) => {
                Some(self.resized(value, to))
            }
            _ => self.convert(value, to),
        }
    }

    /// Whether hours weigh it: what is paid for energy has a mean over hours.
    #[must_use]
    pub const fn is_per_energy(self) -> bool {
        matches!(self.dimension(), Dimension::EnergyPrice | Dimension::FuelPrice)
    }

    /// Whether it becomes $/`MWh`: a price of energy does, and one of demand by the hours that it is paid for.
    #[must_use]
    pub const fn becomes_per_mwh(self) -> bool {
        matches!(self.dimension(), Dimension::EnergyPrice | Dimension::DemandPrice(_))
    }

    /// So many of this unit in $/`MWh`, over all hours of a month; `None` where that is no price of energy or demand. `hours` is
    /// how many hours the month has by the calendar.
    ///
    /// A price of a day is paid for each day of the month, whatever hours it has by NERC; the old system took 24 hours for a day
    /// in the months too that clocks are changed in. A price of a year: see [`Span::Year`].
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

/// The hours of the calendar year of a month: 8,760 or 8,784. Daylight saving evens out within it.
#[must_use]
pub fn hours_of_year(month: Month) -> f64 {
    let leap = Month::new(month.year(), 2).is_some_and(|february| february.days() == 29);
    if leap { 8784.0 } else { 8760.0 }
}

/// By one operation, where one number is a multiple of the other.
fn scaled(value: f64, times: f64, over: f64) -> f64 {
    if times >= over { value * (times / over) } else { value / (over / times) }
}

#[cfg(test)]
mod tests;
