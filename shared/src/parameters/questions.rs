//! Parameters that price queries share. [`super::reader::Reader`] reads them; the table of each query is built from these groups.

use super::common::{LABEL_MATCHING, as_of, calendar, data_type, example, known_at, mark, markets};
use super::filter::Field;
use super::selection::MAX_PAGE;
use super::views::{LAYOUTS, Units};
use crate::catalog::{Detail, Label};
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, format, page};

/// The parameters that select the snapshot.
#[must_use]
pub fn snapshot() -> [Parameter; 3] {
    [
        as_of(
            "As of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, local time of the market): the newest\n\
            snapshot up to and including it. The newest of all if absent.",
        ),
        known_at(
            "Use only what was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent. Together with `as_of`, the response\n\
            never changes, and its `Cache-Control` allows caching it.",
        ),
        mark(
            "Which snapshot of each day: `latest` (default: the close of business if there is one, otherwise the latest), `cob`\n\
            (only the close of business) or `intraday` (the latest that is not the close of business).",
        ),
    ]
}

/// `calendar`: which calendar defines the hours of each block.
#[must_use]
pub fn hours() -> Parameter {
    calendar(
        "Calendar that defines the hours of each block: `nerc` (default: six holidays, daylight saving time) or `legacy`\n\
        (neither, as in the old system).",
    )
}

/// The parameters that select the format and the page.
#[must_use]
pub fn form() -> [Parameter; 4] {
    [
        format::parameter(
            "`json` (default), `csv`, `ndjson`, `parquet`, `arrow` or `xlsx`; overrides `Accept`.",
        ),
        Parameter::new(
            "layout",
            Kind::words_of(&LAYOUTS),
            "`long` (default: one row per value) or `wide` (values side by side; only for csv and xlsx).",
            "long",
        ),
        rows(),
        page::cursor(
            "Where the page begins: `next` of the previous page, with all other parameters unchanged. The first page if absent.\n\
            Every page uses what was known when the first was read.",
        ),
    ]
}

/// `limit`: the maximum number of rows per page.
#[must_use]
pub fn rows() -> Parameter {
    Parameter::new(
        "limit",
        Kind::Int32(1..=MAX_PAGE),
        "Maximum number of rows per page, 1 to 1000000; all rows if absent.",
        100,
    )
}

/// The parameters of every price query: snapshot, calendar, format and page.
#[must_use]
pub fn common() -> Vec<Parameter> {
    snapshot().into_iter().chain([hours()]).chain(form()).collect()
}

/// The parameters that select delivery months.
#[must_use]
pub fn delivery_months() -> Vec<Parameter> {
    vec![
        Parameter::new(
            "from",
            Kind::DeliveryMonth,
            "First delivery month, `YYYY-MM`; the first available if absent. Not with `period`.",
            "2024-02",
        ),
        Parameter::new(
            "to",
            Kind::DeliveryMonth,
            "The month after the last delivery month (the end is excluded), `YYYY-MM`; the end of the data if absent.\n\
            Not with `period`.",
            "2025-02",
        ),
        period(),
    ]
}

/// `period`: delivery months by name.
#[must_use]
pub fn period() -> Parameter {
    Parameter::new(
        "period",
        Kind::Pattern("^[A-Za-z0-9+.-]+$"),
        "Delivery months by name, instead of `from` and `to`. Relative to the operating day of the snapshot: `M+1`, `Q+1`,\n\
        `Cal+1`, `prompt`, `BOM`, `next12`, `Winter`, `Summer` (the next; `Summer+2` is the one after it), `M+1..M+12`. Absolute:\n\
        `2025-03`, `2025-Q1`, `Cal-2025`, `Summer-2025`, `2025-03..2025-08` (both included).",
        "next12",
    )
}

/// The parameters that select series, and curves within them.
#[must_use]
pub fn curves() -> Vec<Parameter> {
    series().into_iter().chain(labels("")).collect()
}

/// `data_type` and `market`.
#[must_use]
pub fn series() -> [Parameter; 2] {
    [
        data_type(
            "`energy` (default), `nonenergy`, `rec`, `ptc`, `matrix`, `headroom`, `loadprofile`, `shaping`, `vlr` or `lineloss`.",
        ),
        several_markets(),
    ]
}

/// `market`, which may have several values.
#[must_use]
pub fn several_markets() -> Parameter {
    Parameter::new(
        "market",
        markets(),
        "`ERCOT`, `ISONE`, `MISO`, `NYISO` or `PJM`; repeat it or separate several by commas; all if absent.",
        "ERCOT",
    )
    .repeatable()
}

/// The label filters. The sides of a spread prefix their names (`a.`, `b.`); elsewhere `prefix` is empty.
#[must_use]
pub fn labels(prefix: &str) -> Vec<Parameter> {
    let label = |field: Field| {
        let name = format!("{prefix}{}", field.name());
        Parameter::new(name, Kind::Label, label_description(field), example(field)).repeatable()
    };
    Field::all().map(label).collect()
}

/// The description of a label filter.
fn label_description(field: Field) -> String {
    let noun = match field {
        Field::Label(Label::ControlArea) => "Control area",
        Field::Label(Label::State) => "State, `-` for hubs",
        Field::Label(Label::LoadZone) => "Load zone or hub",
        Field::Label(Label::CapacityZone) => "Capacity zone",
        Field::Label(Label::Utility) => "Utility",
        Field::Label(Label::BlockType) => "Block",
        Field::Label(Label::CostGroup) => "Cost group",
        Field::Label(Label::CostComponent) => "Cost component",
        Field::SubComponent => "Sub cost component",
        Field::Detail(Detail::ProfileLoad) => "Rate class (`ptc` only)",
        Field::Detail(Detail::UtilityName) => "Name of the utility (`ptc` only)",
        Field::Detail(Detail::LoadProfile) => "Load profile (`matrix` only)",
        Field::Detail(Detail::Term) => "Term in months (`matrix` only)",
        Field::Detail(Detail::CustomerType) => "Customer class (`loadprofile` only)",
        Field::Detail(Detail::MatchingId) => {
            "Matching id, which joins prices to compare and offers (`ptc` and `matrix` only)"
        }
        Field::Detail(Detail::LookupId) => "Lookup id in the analysts' workbook (`ptc` and `matrix` only)",
    };
    format!("{noun}. {LABEL_MATCHING}")
}

/// `blocks` and `units`.
#[must_use]
pub fn blocks() -> [Parameter; 2] {
    [
        Parameter::new(
            "blocks",
            Kind::Text,
            "`native` (default: the blocks of the sheet), or `7x24`, `wrap` (7x8 and 2x16) or `on-peak`, calculated only where\n\
            all blocks needed are present; repeat it or separate several by commas.",
            "7x24",
        )
        .repeatable(),
        Parameter::new(
            "units",
            Kind::words_of(&Units::WORDS),
            "`native` (default) or `$/MWh`, which converts capacity prices by the hours of each month.",
            "native",
        ),
    ]
}
