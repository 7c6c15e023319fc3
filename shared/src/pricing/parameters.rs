//! The parameter tables of quotes and jobs.

use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable, format};
use crate::parameters::common;

/// A quote and its view.
pub(super) static QUOTE: ParameterTable = ParameterTable::new(|| {
    vec![
        quote_id(),
        Parameter::new(
            "view",
            Kind::word_pattern_of(&VIEWS),
            "`summary` (default: one row per line; in JSON, the quote as made) or `hourly` (one row per hour).",
            "summary",
        ),
        Parameter::new(
            "account",
            Kind::Text,
            "With `view=hourly`, only the account with this name; all accounts if absent.",
            "Main Street 1",
        ),
        format::parameter(
            "`json` (default), `csv`, `ndjson`, `parquet`, `arrow` or `xlsx`; overrides `Accept`.",
        ),
    ]
});

/// The words for views in requests, and whether the view is hourly.
pub(super) const VIEWS: [(&str, bool); 2] = [("summary", false), ("hourly", true)];

/// A quote, and the day with which its explanation compares it.
pub(super) static EXPLANATION: ParameterTable = ParameterTable::new(|| {
    vec![
        quote_id(),
        Parameter::new(
            "against",
            Kind::Day,
            "Operating day, `YYYY-MM-DD`, whose inputs the price is compared with.",
            "2024-01-05",
        )
        .required(),
        common::known_at(
            "Use only what was known of that day at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent.",
        ),
    ]
});

/// One job.
pub(super) static JOB: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::in_path("id", Kind::Text, "Id of the job.", "0f8fad5b-d9cb-469f-a165-70867728950e")]
});

fn quote_id() -> Parameter {
    Parameter::in_path("id", Kind::Text, "Id of the quote.", "0f8fad5b-d9cb-469f-a165-70867728950e")
}
