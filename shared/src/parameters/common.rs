//! Parameters that several routes take. A route puts its table together from these and its own; what it says of them is its own, too.

use super::filter::Field;
use super::{CALENDARS, MARKS};
use crate::catalog::{DataType, Detail, Label, Market};
use crate::http::Parameter;
use crate::http::parameter::kind::Kind;

/// The data types, as words.
#[must_use]
pub fn data_types() -> Kind {
    Kind::Words(DataType::ALL.map(DataType::word).to_vec())
}

/// The same, or all of them.
#[must_use]
pub fn data_types_or_all() -> Kind {
    Kind::Words(DataType::ALL.map(DataType::word).into_iter().chain(["all"]).collect())
}

/// The markets, as words.
#[must_use]
pub fn markets() -> Kind {
    Kind::Words(Market::ALL.map(Market::code).to_vec())
}

/// The same, or all of them.
#[must_use]
pub fn markets_or_all() -> Kind {
    Kind::Words(Market::ALL.map(Market::code).into_iter().chain(["all"]).collect())
}

/// A data type.
#[must_use]
pub fn data_type(description: &'static str) -> Parameter {
    Parameter::new("data_type", data_types(), description, "energy")
}

/// A market.
#[must_use]
pub fn market(description: &'static str) -> Parameter {
    Parameter::new("market", markets(), description, "ERCOT")
}

/// Up to which operating day or stamp.
#[must_use]
pub fn as_of(description: &'static str) -> Parameter {
    Parameter::new("as_of", Kind::DayOrStamp, description, "2024-01-05")
}

/// The moment whose knowledge counts.
#[must_use]
pub fn known_at(description: &'static str) -> Parameter {
    Parameter::new("known_at", Kind::Moment, description, "2024-02-01T00:00:00Z")
}

/// Which snapshot of a day: one.
#[must_use]
pub fn mark(description: &'static str) -> Parameter {
    Parameter::new("mark", Kind::words_of(&MARKS[..3]), description, "latest")
}

/// The same, or all of them.
#[must_use]
pub fn mark_or_all(description: &'static str) -> Parameter {
    Parameter::new("mark", Kind::words_of(&MARKS), description, "latest")
}

/// Whose hours.
#[must_use]
pub fn calendar(description: &'static str) -> Parameter {
    Parameter::new("calendar", Kind::words_of(&CALENDARS), description, "nerc")
}

/// A label filter.
#[must_use]
pub fn label(field: Field, description: &'static str) -> Parameter {
    Parameter::new(field.name(), Kind::Label, description, example(field)).repeatable()
}

/// A label as the samples have it, or the beginning of some.
#[must_use]
pub const fn example(field: Field) -> &'static str {
    match field {
        Field::Label(Label::ControlArea) => "ERCOT",
        Field::Label(Label::State) => "TX",
        Field::Label(Label::LoadZone) => "NORTH ZONE",
        Field::Label(Label::CapacityZone) => "NORTH*",
        Field::Label(Label::Utility) => "ONCOR",
        Field::Label(Label::BlockType) => "5x16",
        Field::Label(Label::CostGroup) => "ENERGY",
        Field::Label(Label::CostComponent) | Field::SubComponent => "ENERGY*",
        Field::Detail(Detail::ProfileLoad | Detail::CustomerType) => "RESIDENTIAL",
        Field::Detail(Detail::UtilityName) => "EVERSOURCE*",
        Field::Detail(Detail::LoadProfile) => "BUSHILF*",
        Field::Detail(Detail::Term) => "12",
        Field::Detail(Detail::MatchingId) => "M00001",
        Field::Detail(Detail::LookupId) => "LK00001",
    }
}
