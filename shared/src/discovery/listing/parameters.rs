//! The parameter tables of the catalog.

use crate::catalog::{Detail, Label};
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable, format, page};
use crate::parameters::common;
use crate::parameters::filter::Field;

/// The parameters of `/v1/curves`.
pub(super) static CURVES: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "q",
            Kind::Text,
            "Words to search for, in any order and letter case. Each must occur in a label, the unit, the data type or the market.",
            "north 5x16",
        ),
        common::data_type("Data type; all if absent."),
        common::market("Market; all if absent."),
        common::label(
            Field::Label(Label::ControlArea),
            "Control area.",
        ),
        common::label(Field::Label(Label::State), "State, `-` for hubs."),
        common::label(Field::Label(Label::LoadZone), "Load zone or hub.").with_example("NORTH*"),
        common::label(Field::Label(Label::CapacityZone), "Capacity zone."),
        common::label(Field::Label(Label::Utility), "Utility."),
        common::label(Field::Label(Label::BlockType), "Block."),
        common::label(Field::Label(Label::CostGroup), "Cost group."),
        common::label(Field::Label(Label::CostComponent), "Cost component."),
        common::label(Field::SubComponent, "Sub cost component."),
        common::label(Field::Detail(Detail::ProfileLoad), "Rate class (`ptc` only)."),
        common::label(Field::Detail(Detail::UtilityName), "Name of the utility (`ptc` only)."),
        common::label(Field::Detail(Detail::LoadProfile), "Load profile (`matrix` only)."),
        common::label(Field::Detail(Detail::Term), "Term in months (`matrix` only)."),
        common::label(
            Field::Detail(Detail::CustomerType),
            "Customer class (`loadprofile` only).",
        ),
        common::label(
            Field::Detail(Detail::MatchingId),
            "Matching id, which joins prices to compare and offers (`ptc` and `matrix` only).",
        ),
        common::label(
            Field::Detail(Detail::LookupId),
            "Lookup id in the analysts' workbook (`ptc` and `matrix` only).",
        ),
        Parameter::new(
            "facets",
            Kind::Text,
            "Fields whose values are counted over all matching curves: any label, `data_type`, `market` or `unit`; repeat it or\n\
            separate several by commas.",
            "load_zone",
        ).repeatable(),
        common::as_of(
            "The catalog as of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, local time of the market): the\n\
            curves in the selected snapshots up to and including it. With `as_of`, `known_at` or `mark`, only curves that existed\n\
            at that time are listed, with their first and last days and their freshness as of then. Without all three, every\n\
            curve in a sheet known now is listed.",
        ),
        common::known_at(
            "Use only what was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent.",
        ),
        common::mark(
            "Which snapshot of each day: `latest` (default: the close of business if there is one, otherwise the latest), `cob`\n\
            (only the close of business) or `intraday` (the latest that is not the close of business).",
        ),
        format::usual_parameter(),
        Parameter::new(
            "limit",
            Kind::Whole(1..=200),
            "Maximum number of curves per page, 1 to 200; 50 if absent.",
            50,
        ),
        page::cursor("Where the page begins: `next` of the previous page. The first page if absent."),
    ]
});

/// The parameters of `/v1/curves/{id}`.
pub(super) static VERSIONS: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::in_path("id", Kind::Key, "Id of the curve.", 1),
        common::as_of(
            "The curve and its versions as of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, local time of\n\
            the market). With `as_of`, `known_at` or `mark`, a curve in none of the snapshots selected by them is not found (404).",
        ),
        common::known_at(
            "Use only what was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent. Versions superseded by\n\
            then are listed as well.",
        ),
        common::mark(
            "Only versions from these snapshots: `latest` (default: any), `cob` (closes of business) or `intraday` (others).",
        ),
        Parameter::new(
            "limit",
            Kind::Whole(1..=200),
            "Maximum number of versions per page, 1 to 200; 50 if absent.",
            50,
        ),
        page::cursor("Where the page begins: `next` of the previous page. The first page if absent."),
    ]
});
