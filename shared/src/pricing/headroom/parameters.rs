//! What `/v1/headroom` takes; [`super::question::parse`] reads it.

use crate::catalog::headroom::Method;
use crate::catalog::{Detail, Label};
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable, format, page};
use crate::parameters::filter::Field;
use crate::parameters::{common, questions};

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// An offer.
    Offer,
    /// The offers of a state.
    State,
    /// Those of a utility in a state.
    Utility,
    /// Those of a class of customers, which is the cost component, in a state.
    Class,
}

/// As a request writes them.
pub(super) const BY: [(&str, By); 4] =
    [("offer", By::Offer), ("state", By::State), ("utility", By::Utility), ("class", By::Class)];

/// What `/v1/headroom` takes.
pub(super) static HEADROOM: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "market",
            common::markets(),
            "`ERCOT`, `ISONE`, `MISO`, `NYISO` or `PJM`; repeat it or separate them by commas; all if absent.",
            "PJM",
        ).repeatable(),
        Parameter::new(
            "by",
            Kind::word_pattern_of(&BY),
            "What a row is: `offer` (default), or the plain mean of the offers of a `state`, of a `utility` or of a `class` of\n\
            customers (the cost component).",
            "state",
        ),
        Parameter::new(
            "method",
            Kind::word_pattern_of(&Method::WORDS),
            "`term` (default: the price to compare of the months of the offer) or `legacy` (that of the month in which it was\n\
            published, 0 where there is none, as the old system had it), to reconcile.",
            "term",
        ),
        common::as_of(
            "As of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, wall clock of the market): the newest snapshot\n\
            up to it. The newest if absent.",
        ),
        common::known_at("What was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent."),
        common::mark("Which snapshot of a day: `latest` (its mark, default), `cob` or `intraday`."),
        common::label(
            Field::Label(Label::ControlArea),
            "Control area: letter case does not count, `*` at the end for any that begin so; repeat it for alternatives.",
        ),
        common::label(Field::Label(Label::State), "State, likewise."),
        common::label(Field::Label(Label::LoadZone), "Load zone, likewise."),
        common::label(Field::Label(Label::CapacityZone), "Capacity zone, likewise."),
        common::label(Field::Label(Label::Utility), "Utility, likewise."),
        common::label(Field::Label(Label::BlockType), "Block, likewise."),
        common::label(Field::Label(Label::CostGroup), "Family of the component, likewise."),
        common::label(Field::Label(Label::CostComponent), "Class of the offer, likewise."),
        common::label(
            Field::SubComponent,
            "Number of the offer, likewise; without all of them a row has gaps.",
        ),
        common::label(Field::Detail(Detail::LoadProfile), "Load profile of the offer, likewise."),
        common::label(Field::Detail(Detail::Term), "Term of the offer in months, likewise."),
        common::label(Field::Detail(Detail::MatchingId), "Matching id of the offer, likewise."),
        common::label(Field::Detail(Detail::LookupId), "Lookup id of the offer, likewise."),
        common::label(
            Field::Detail(Detail::ProfileLoad),
            "Rate class that the offer is compared with, likewise.",
        ),
        common::label(
            Field::Detail(Detail::UtilityName),
            "Name of the utility of that rate class, likewise.",
        ),
        common::label(
            Field::Detail(Detail::CustomerType),
            "Class of customers; no offer has one, so that it is refused (422).",
        ),
        format::parameter("`csv`, `json`, `ndjson`, `parquet`, `arrow` or `xlsx`; before `Accept`."),
        questions::rows(),
        page::cursor("Where to go on, from `next` of the page before, with the same parameters."),
    ]
});
