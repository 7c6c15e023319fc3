//! What the routes of the catalog take.

use crate::catalog::{Detail, Label};
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable, format, page};
use crate::parameters::common;
use crate::parameters::filter::Field;

/// What `/v1/curves` takes.
pub(super) static CURVES: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "q",
            Kind::Text,
            "Words; each must occur in some label, the unit, the data type or the market. In any order and letter case.",
            "north 5x16",
        ),
        common::data_type("Data type; all if absent."),
        common::market("Market; all if absent."),
        common::label(
            Field::Label(Label::ControlArea),
            "Control area, or its beginning and `*`. This and the other labels may be repeated: any of them. Blanks and underscores \
            in a row\n\
            count as one blank, letter case does not count.",
        ),
        common::label(Field::Label(Label::State), "State."),
        common::label(Field::Label(Label::LoadZone), "Load zone or hub.").with_example("NORTH*"),
        common::label(Field::Label(Label::CapacityZone), "Capacity zone."),
        common::label(Field::Label(Label::Utility), "Utility."),
        common::label(Field::Label(Label::BlockType), "Block."),
        common::label(Field::Label(Label::CostGroup), "Family of the component."),
        common::label(Field::Label(Label::CostComponent), "Name of the curve, without its unit."),
        common::label(Field::SubComponent, "Label row of the sheet."),
        common::label(Field::Detail(Detail::ProfileLoad), "Rate class; of `ptc` alone."),
        common::label(Field::Detail(Detail::UtilityName), "Utility by its name; of `ptc` alone."),
        common::label(Field::Detail(Detail::LoadProfile), "Load profile; of `matrix` alone."),
        common::label(Field::Detail(Detail::Term), "Term in months; of `matrix` alone."),
        common::label(
            Field::Detail(Detail::CustomerType),
            "Class of customers; of `loadprofile` alone.",
        ),
        common::label(
            Field::Detail(Detail::MatchingId),
            "Key that joins a price to compare to offers; of `ptc` and `matrix`.",
        ),
        common::label(
            Field::Detail(Detail::LookupId),
            "Key in the analysts' workbook; of `ptc` and `matrix`.",
        ),
        Parameter::new(
            "facets",
            Kind::Text,
            "Fields whose values are counted over the whole match: labels, details, `data_type`, `market`, `unit`; repeat it or \
            separate\n\
            them by commas.",
            "load_zone",
        ).repeatable(),
        common::as_of(
            "The catalog as of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, wall clock of the market): the\n\
            curves that a mark up to it has. This, `known_at` and `mark` leave out what was not there, and say of the others where\n\
            they appeared by then, and whether they were fresh. Without the three, every curve that a sheet has which is known now.",
        ),
        common::known_at(
            "The catalog as it was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent.",
        ),
        common::mark("Which snapshot of a day: `latest` (its mark, default), `cob` or `intraday`."),
        format::usual_parameter(),
        Parameter::new(
            "limit",
            Kind::Whole(1..=200),
            "How many curves, 1 to 200; 50 if absent.",
            50,
        ),
        page::cursor("Where to go on, from `next` of the page before."),
    ]
});

/// What `/v1/curves/{id}` takes.
pub(super) static VERSIONS: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::in_path("id", Kind::Key, "Key of the curve", 1),
        common::as_of(
            "The curve and its versions as of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, wall clock of the\n\
            market). With this, `known_at` or `mark` a curve that no mark of then has is not found.",
        ),
        common::known_at(
            "As it was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent. Versions that had ended by then are listed, too.",
        ),
        common::mark("Only versions of such snapshots: `latest` (any, default), `cob` or `intraday`."),
        Parameter::new("limit", Kind::Whole(1..=200), "How many versions, 1 to 200; 50 if absent.", 50),
        page::cursor("Where to go on, from `next` of the page before."),
    ]
});
