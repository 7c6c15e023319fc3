//! The parameters of `/v1/headroom`; [`super::question::parse`] reads it.

use crate::catalog::headroom::Method;
use crate::catalog::{Detail, Label};
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable, format, page};
use crate::parameters::filter::Field;
use crate::parameters::{common, questions};

/// The unit of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// An offer.
    Offer,
    /// The offers of a state.
    State,
    /// The offers of a utility in a state.
    Utility,
    /// The offers of a customer class (the cost component) in a state.
    Class,
}

/// The words used in requests.
pub(super) const BY: [(&str, By); 4] =
    [("offer", By::Offer), ("state", By::State), ("utility", By::Utility), ("class", By::Class)];

/// The parameters of `/v1/headroom`.
pub(super) static HEADROOM: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "market",
            common::markets(),
            "`ERCOT`, `ISONE`, `MISO`, `NYISO` or `PJM`; repeat it or separate several by commas; all if absent.",
            "PJM",
        ).repeatable(),
        Parameter::new(
            "by",
            Kind::word_pattern_of(&BY),
            "One row per `offer` (default), or the unweighted mean of the offers of each `state`, `utility` or customer `class`\n\
            (the cost component).",
            "state",
        ),
        Parameter::new(
            "method",
            Kind::word_pattern_of(&Method::WORDS),
            "`term` (default: the price to compare over the months of the offer) or `legacy` (the price to compare of the month\n\
            of publication, 0 if missing), to reconcile with the old system.",
            "term",
        ),
        common::as_of(
            "As of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, local time of the market): the newest\n\
            snapshot up to and including it. The newest of all if absent.",
        ),
        common::known_at("Use only what was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent."),
        common::mark(
            "Which snapshot of each day: `latest` (default: the close of business if there is one, otherwise the latest), `cob`\n\
            (only the close of business) or `intraday` (the latest that is not the close of business).",
        ),
        common::label(
            Field::Label(Label::ControlArea),
            "Control area.",
        ),
        common::label(Field::Label(Label::State), "State, `-` for hubs."),
        common::label(Field::Label(Label::LoadZone), "Load zone or hub."),
        common::label(Field::Label(Label::CapacityZone), "Capacity zone."),
        common::label(Field::Label(Label::Utility), "Utility."),
        common::label(Field::Label(Label::BlockType), "Block."),
        common::label(Field::Label(Label::CostGroup), "Cost group."),
        common::label(Field::Label(Label::CostComponent), "Cost component: the customer class of the offer."),
        common::label(
            Field::SubComponent,
            "Sub cost component: the figure of the offer, such as `Retail Price`. Rows lack the figures that are left out.",
        ),
        common::label(Field::Detail(Detail::LoadProfile), "Load profile of the offer."),
        common::label(Field::Detail(Detail::Term), "Term of the offer in months."),
        common::label(Field::Detail(Detail::MatchingId), "Matching id of the offer, which joins it to its price to compare."),
        common::label(Field::Detail(Detail::LookupId), "Lookup id of the offer in the analysts' workbook."),
        common::label(
            Field::Detail(Detail::ProfileLoad),
            "Rate class of the price to compare.",
        ),
        common::label(
            Field::Detail(Detail::UtilityName),
            "Name of the utility of the price to compare.",
        ),
        common::label(
            Field::Detail(Detail::CustomerType),
            "Customer class. Offers have none, so this filter is always refused (422).",
        ),
        format::parameter("`json` (default), `csv`, `ndjson`, `parquet`, `arrow` or `xlsx`; overrides `Accept`."),
        questions::rows(),
        page::cursor("Where the page begins: `next` of the previous page, with all other parameters unchanged. The first page if\n\
            absent."),
    ]
});
