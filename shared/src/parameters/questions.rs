//! Parameters that every question takes: [`super::reader::Reader`] reads them. The table of a question is put together from these groups.

use super::common::{as_of, calendar, data_type, example, known_at, mark, markets};
use super::filter::Field;
use super::selection::MAX_PAGE;
use super::views::{LAYOUTS, Units};
use crate::catalog::{Detail, Label};
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, format, page};

/// Which snapshot.
#[must_use]
pub fn snapshot() -> [Parameter; 3] {
    [
        as_of(
            "As of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, wall clock of the market): the newest snapshot\n\
            up to it. The newest if absent.",
        ),
        known_at(
            "What was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent. With `as_of` the answer never changes and says so\n\
            in `Cache-Control`.",
        ),
        mark(
            "Which snapshot of a day: `latest` (its mark: the close of business, else the latest; default), `cob` or \
            `intraday`.",
        ),
    ]
}

/// Whose hours.
#[must_use]
pub fn hours() -> Parameter {
    calendar(
        "Whose hours: `nerc` (default: six holidays, daylight saving) or `legacy` (neither, as the old system counted).",
    )
}

/// In which form, and which page of it.
#[must_use]
pub fn form() -> [Parameter; 4] {
    [
        format::parameter("`csv`, `json`, `ndjson`, `parquet`, `arrow` or `xlsx`; before `Accept`."),
        Parameter::new(
            "layout",
            Kind::words_of(&LAYOUTS),
            "`long` (default: a row per value) or `wide` (csv and xlsx: side by side).",
            "long",
        ),
        rows(),
        page::cursor(
            "Where to go on, from `next` of the page before, with the same parameters. It keeps what was known at the first page.",
        ),
    ]
}

/// How many rows a page is to have.
#[must_use]
pub fn rows() -> Parameter {
    Parameter::new("limit", Kind::Int32(1..=MAX_PAGE), "Rows of a page, 1 to 1000000; all if absent.", 100)
}

/// Which snapshot, whose hours, in which form.
#[must_use]
pub fn common() -> Vec<Parameter> {
    snapshot().into_iter().chain([hours()]).chain(form()).collect()
}

/// Which delivery months.
#[must_use]
pub fn delivery_months() -> Vec<Parameter> {
    vec![
        Parameter::new(
            "from",
            Kind::DeliveryMonth,
            "First delivery month, `YYYY-MM`; all there are if absent. Not with `period`.",
            "2024-02",
        ),
        Parameter::new(
            "to",
            Kind::DeliveryMonth,
            "The delivery month after the last: the range ends before it. Not with `period`.",
            "2025-02",
        ),
        period(),
    ]
}

/// Which delivery months, by name.
#[must_use]
pub fn period() -> Parameter {
    Parameter::new(
        "period",
        Kind::Pattern("^[A-Za-z0-9+.-]+$"),
        "Instead of `from` and `to`, from the operating day of the snapshot on: `M+1`, `Q+1`, `Cal+1`, `prompt`, `BOM`, `next12`,\n\
        `Winter`, `Summer` (`Summer+2` is the one after), `M+1..M+12`; or by name: `2025-03`, `2025-Q1`, `Cal-2025`, `Summer-2025`,\n\
        `2025-03..2025-08` (both included).",
        "next12",
    )
}

/// Which series, and which curves of them.
#[must_use]
pub fn curves() -> Vec<Parameter> {
    series().into_iter().chain(labels("")).collect()
}

/// Which data type, and which markets.
#[must_use]
pub fn series() -> [Parameter; 2] {
    [
        data_type(
            "`energy` (default), `nonenergy`, `rec`, `ptc`, `matrix`, `headroom`, `loadprofile`, `shaping`, `vlr` or `lineloss`.",
        ),
        several_markets(),
    ]
}

/// Which markets.
#[must_use]
pub fn several_markets() -> Parameter {
    Parameter::new(
        "market",
        markets(),
        "`ERCOT`, `ISONE`, `MISO`, `NYISO` or `PJM`; repeat it or separate them by commas; all if absent.",
        "ERCOT",
    )
    .repeatable()
}

/// The label filters, each with a prefix: that of a side of a spread, or none.
#[must_use]
pub fn labels(prefix: &str) -> Vec<Parameter> {
    let label = |field: Field| {
        let name = format!("{prefix}{}", field.name());
        Parameter::new(name, Kind::Label, label_description(field), example(field)).repeatable()
    };
    Field::all().map(label).collect()
}

/// What questions say of a label.
fn label_description(field: Field) -> String {
    let noun = match field {
        Field::Label(Label::ControlArea) => "Control area",
        Field::Label(Label::State) => "State; `-` for hubs",
        Field::Label(Label::LoadZone) => "Load zone or hub",
        Field::Label(Label::CapacityZone) => "Capacity zone",
        Field::Label(Label::Utility) => "Utility",
        Field::Label(Label::BlockType) => "Block of the sheet",
        Field::Label(Label::CostGroup) => "Family of the component",
        Field::Label(Label::CostComponent) => "Component",
        Field::SubComponent => "Sub component",
        Field::Detail(Detail::ProfileLoad) => "Rate class of a price to compare",
        Field::Detail(Detail::UtilityName) => "Name of the utility of a price to compare",
        Field::Detail(Detail::LoadProfile) => "Load profile of an offer",
        Field::Detail(Detail::Term) => "Term of an offer in months",
        Field::Detail(Detail::CustomerType) => "Class of customers of a load profile",
        Field::Detail(Detail::MatchingId) => "Key that joins prices to compare and offers",
        Field::Detail(Detail::LookupId) => "Key in the analysts' workbook",
    };
    match field {
        Field::Detail(_) => format!("{noun}, likewise."),
        Field::Label(_) | Field::SubComponent => format!(
            "{noun}: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives."
        ),
    }
}

/// Which blocks, and in which units.
#[must_use]
pub fn blocks() -> [Parameter; 2] {
    [
        Parameter::new(
            "blocks",
            Kind::Text,
            "`native` (default: the blocks of the sheet), `7x24`, `wrap` (7x8 and 2x16) or `on-peak`, made of complete sets of blocks\n\
            alone; repeat it or separate them by commas.",
            "7x24",
        )
        .repeatable(),
        Parameter::new(
            "units",
            Kind::words_of(&Units::WORDS),
            "`native` (default) or `$/MWh`: prices of capacity are converted by the hours of each month.",
            "native",
        ),
    ]
}
