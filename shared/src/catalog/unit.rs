//! Units of measure, and what one of them is in $/`MWh`.
//!
//! The unit is data: it is read from the unit row of a sheet or from the brackets of a component name, and conversion
//! asks the unit alone, never the name of the component.

use super::{Calendar, Month};

/// A unit that we know how to read. Others are kept as text and never converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Dollars per megawatt hour.
    DollarsPerMwh,
    /// Dollars per kilowatt and month.
    DollarsPerKwMonth,
    /// Dollars per megawatt and month.
    DollarsPerMwMonth,
    /// Dollars per kilowatt and day.
    DollarsPerKwDay,
    /// Dollars per million British thermal units.
    DollarsPerMmbtu,
    /// Dollars.
    Dollars,
    /// Megawatts.
    Megawatts,
    /// A share; its values are fractions, 0.12 for 12 %.
    Percent,
    /// Percent points: 12 for 12 %.
    PercentPoints,
    /// Dollars per kilowatt hour.
    DollarsPerKwh,
    /// Cents per kilowatt hour.
    CentsPerKwh,
    /// Kilowatt hours.
    KilowattHours,
    /// Megawatt hours.
    MegawattHours,
    /// A multiplier.
    Factor,
}

impl Unit {
    /// All units.
    pub const ALL: [Self; 14] = [
        Self::DollarsPerMwh,
        Self::DollarsPerKwMonth,
        Self::DollarsPerMwMonth,
        Self::DollarsPerKwDay,
        Self::DollarsPerMmbtu,
        Self::Dollars,
        Self::Megawatts,
        Self::Percent,
        Self::PercentPoints,
        Self::DollarsPerKwh,
        Self::CentsPerKwh,
        Self::KilowattHours,
        Self::MegawattHours,
        Self::Factor,
    ];

    /// As it is written in downloads.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::DollarsPerMwh => "$/MWh",
            Self::DollarsPerKwMonth => "$/kW-mo",
            Self::DollarsPerMwMonth => "$/MW-mo",
            Self::DollarsPerKwDay => "$/kW-day",
            Self::DollarsPerMmbtu => "$/MMBtu",
            Self::Dollars => "$",
            Self::Megawatts => "MW",
            Self::Percent => "%",
            Self::PercentPoints => "percent",
            Self::DollarsPerKwh => "$/kWh",
            Self::CentsPerKwh => "cents/kWh",
            Self::KilowattHours => "kWh",
            Self::MegawattHours => "MWh",
            Self::Factor => "factor",
        }
    }

    /// Reads the spellings that sheets use: `$/kw-mo`, `$/kW-Month`, `$/MWh` and so on, in any letter case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let compact: String =
            text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
        let compact = compact.replace("month", "mo");
        Self::ALL.into_iter().find(|unit| unit.symbol().eq_ignore_ascii_case(&compact))
    }

    /// Splits a component name from the unit at its end: `Regulation ($/MWh)`, `TEAC $/kw-mo`.
    ///
    /// Brackets that hold no unit, such as `(vs Utility)`, stay part of the name.
    #[must_use]
    pub fn split_from(name: &str) -> (&str, Option<Self>) {
        let trimmed = name.trim_end();
        let bracketed = trimmed.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
        let bare = trimmed.rfind("$/").map(|at| trimmed.split_at(at));
        for (head, tail) in [bracketed, bare].into_iter().flatten() {
            if let Some(unit) = Self::parse(tail)
                && !head.trim().is_empty()
            {
                return (head.trim_end(), Some(unit));
            }
        }
        (name, None)
    }

    /// One of this unit over all hours of a month in $/`MWh`, or `None` where that is no price of energy.
    ///
    /// `hours` is how many hours the month has by the calendar in use.
    #[must_use]
    pub fn per_mwh(self, value: f64, hours: f64) -> Option<f64> {
        match self {
            Self::DollarsPerMwh => Some(value),
            Self::DollarsPerKwMonth => Some(value * 1000.0 / hours),
            Self::DollarsPerMwMonth => Some(value / hours),
            Self::DollarsPerKwDay => Some(value * 1000.0 / 24.0),
            Self::DollarsPerKwh => Some(value * 1000.0),
            Self::CentsPerKwh => Some(value * 10.0),
            Self::DollarsPerMmbtu
            | Self::Dollars
            | Self::Megawatts
            | Self::Percent
            | Self::PercentPoints
            | Self::KilowattHours
            | Self::MegawattHours
            | Self::Factor => None,
        }
    }

    /// The same in a month by a calendar. A price of a day is paid for each day of the month, whatever hours it has by NERC; the
    /// old system took 24 hours for a day in the months too that clocks are changed in.
    #[must_use]
    pub fn per_mwh_in(self, value: f64, month: Month, hours: f64, calendar: Calendar) -> Option<f64> {
        match (self, calendar) {
            (Self::DollarsPerKwDay, Calendar::Nerc) => Some(value * 1000.0 * f64::from(month.days()) / hours),
            _ => self.per_mwh(value, hours),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_found_at_the_end_of_a_name_in_every_spelling_seen() {
        for (name, expected) in [
            ("Inadvertent Energy ($/MWh)", ("Inadvertent Energy", Some(Unit::DollarsPerMwh))),
            ("NITS Rate  ($/kW-Month)", ("NITS Rate", Some(Unit::DollarsPerKwMonth))),
            ("Reactive Supply Value ($/kw-mo)", ("Reactive Supply Value", Some(Unit::DollarsPerKwMonth))),
            ("Black Start Charge ($/MW-month)", ("Black Start Charge", Some(Unit::DollarsPerMwMonth))),
            ("Capacity Price ($/kW-day)", ("Capacity Price", Some(Unit::DollarsPerKwDay))),
            ("TEAC $/kw-mo", ("TEAC", Some(Unit::DollarsPerKwMonth))),
            ("Share (vs Utility)", ("Share (vs Utility)", None)),
            ("Network Upgrade Charge ", ("Network Upgrade Charge ", None)),
            ("$/MWh", ("$/MWh", None)),
        ] {
            assert_eq!(Unit::split_from(name), expected, "{name}");
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the same operations in the same order")]
    fn a_day_is_paid_whole_when_clocks_are_changed() {
        let march = Month::new(2024, 3).unwrap();
        let per_mwh = |calendar| Unit::DollarsPerKwDay.per_mwh_in(0.01, march, 743.0, calendar).unwrap();
        assert_eq!(per_mwh(Calendar::Nerc), 310.0 / 743.0);
        assert_eq!(per_mwh(Calendar::Legacy), 10.0 / 24.0);
    }

    #[test]
    fn every_symbol_reads_as_its_unit() {
        for unit in Unit::ALL {
            assert_eq!(Unit::parse(unit.symbol()), Some(unit));
        }
        assert_eq!(Unit::parse("EUR"), None);
    }
}
