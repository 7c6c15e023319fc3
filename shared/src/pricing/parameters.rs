//! What the routes of quotes and jobs take.

use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable, format};
use crate::parameters::common;

/// A quote, and how it is shown.
pub(super) static QUOTE: ParameterTable = ParameterTable::new(|| {
    vec![
        quote_id(),
        Parameter::new(
            "view",
            Kind::word_pattern_of(&VIEWS),
            "`summary` (lines; in JSON the quote as it was made) or `hourly` (hours).",
            "summary",
        ),
        Parameter::new(
            "account",
            Kind::Text,
            "With `view=hourly`: only the account of this name.",
            "Main Street 1",
        ),
        format::parameter("Format of the answer; else `Accept` says it."),
    ]
});

/// How a quote is shown, as a request writes it; whether hour by hour.
pub(super) const VIEWS: [(&str, bool); 2] = [("summary", false), ("hourly", true)];

/// A quote, and against what it is explained.
pub(super) static EXPLANATION: ParameterTable = ParameterTable::new(|| {
    vec![
        quote_id(),
        Parameter::new(
            "against",
            Kind::Day,
            "Operating day whose inputs the price is compared with.",
            "2024-01-05",
        )
        .required(),
        common::known_at("The moment whose knowledge of that day counts; now if absent."),
    ]
});

/// One job.
pub(super) static JOB: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::in_path("id", Kind::Text, "Id of the job", "0f8fad5b-d9cb-469f-a165-70867728950e")]
});

fn quote_id() -> Parameter {
    Parameter::in_path("id", Kind::Text, "Id of the quote", "0f8fad5b-d9cb-469f-a165-70867728950e")
}
