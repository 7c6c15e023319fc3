//! Parameters that several routes share. A route builds its table from these and its own, and describes each in its own words.

use super::filter::Field;
use super::{CALENDARS, MARKS};
use crate::catalog::{DataType, Detail, Label, Market};
use crate::http::Parameter;
use crate::http::parameter::kind::Kind;

/// The codes of the data types.
#[must_use]
pub fn data_types() -> Kind {
    Kind::Words(DataType::ALL.map(DataType::word).to_vec())
}

/// The codes of the data types, and `all`.
#[must_use]
pub fn data_types_or_all() -> Kind {
    Kind::Words(DataType::ALL.map(DataType::word).into_iter().chain(["all"]).collect())
}

/// The codes of the markets.
#[must_use]
pub fn markets() -> Kind {
    Kind::Words(Market::ALL.map(Market::code).to_vec())
}

/// The codes of the markets, and `all`.
#[must_use]
pub fn markets_or_all() -> Kind {
    Kind::Words(Market::ALL.map(Market::code).into_iter().chain(["all"]).collect())
}

/// `data_type`: one data type.
#[must_use]
pub fn data_type(description: &'static str) -> Parameter {
    Parameter::new("data_type", data_types(), description, "energy")
}

/// `market`: one market.
#[must_use]
pub fn market(description: &'static str) -> Parameter {
    Parameter::new("market", markets(), description, "ERCOT")
}

/// `as_of`: the last operating day or stamp to consider.
#[must_use]
pub fn as_of(description: &'static str) -> Parameter {
    Parameter::new("as_of", Kind::DayOrStamp, description, "2024-01-05")
}

/// `known_at`: the answer uses only what was known at this moment.
#[must_use]
pub fn known_at(description: &'static str) -> Parameter {
    Parameter::new("known_at", Kind::Moment, description, "2024-02-01T00:00:00Z")
}

/// `mark`: which snapshot of each day, exactly one.
#[must_use]
pub fn mark(description: &'static str) -> Parameter {
    Parameter::new("mark", Kind::words_of(&MARKS[..3]), description, "latest")
}

/// `mark`, which may also be `all`.
#[must_use]
pub fn mark_or_all(description: &'static str) -> Parameter {
    Parameter::new("mark", Kind::words_of(&MARKS), description, "latest")
}

/// `calendar`: which calendar defines the hours of each block.
#[must_use]
pub fn calendar(description: &'static str) -> Parameter {
    Parameter::new("calendar", Kind::words_of(&CALENDARS), description, "nerc")
}

/// How a label filter matches, after the description of the label.
pub(super) const LABEL_MATCHING: &str =
    "Letter case does not matter; a trailing `*` matches any ending; repeat the parameter for alternatives.";

/// A label filter. Its description continues with how it matches.
#[must_use]
pub fn label(field: Field, description: &'static str) -> Parameter {
    let description = format!("{description} {LABEL_MATCHING}");
    Parameter::new(field.name(), Kind::Label, description, example(field)).repeatable()
}

/// An example of a label, taken from the sample sheets, or of a pattern with `*`.
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
