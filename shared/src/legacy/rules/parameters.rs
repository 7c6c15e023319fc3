//! The parameter tables of the old paths of rules.

use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable};

/// A rule, and the user to whom it is granted.
pub(super) static RULE: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new("user", Kind::Email, "E-mail address of the user.", "analyst@example.com"),
        Parameter::new(
            "control_table",
            Kind::Text,
            "Market and data type, as `<iso>_<curve>`.",
            "pjm_energy",
        ),
        Parameter::new("control_area", Kind::Label, "Control area; `*` for any.", "PJM"),
        Parameter::new("state", Kind::Label, "State; `*` for any.", "-"),
        Parameter::new("load_zone", Kind::Label, "Load zone or hub; `*` for any.", "WEST HUB"),
        Parameter::new("capacity_zone", Kind::Label, "Capacity zone; `*` for any.", "*"),
        Parameter::new("utility", Kind::Label, "Utility; `*` for any.", "*"),
        Parameter::new("strip", Kind::Label, "Block; `*` for any.", "5x16"),
        Parameter::new("cost_group", Kind::Label, "Cost group; `*` for any.", "*"),
        Parameter::new("cost_component", Kind::Label, "Cost component; `*` for any.", "*"),
        Parameter::new("sub_cost_component", Kind::Label, "Sub cost component; any if absent.", "*"),
        Parameter::new("start", Kind::Day, "First delivery month, `YYYY-MM-DD`.", "2026-01-01"),
        Parameter::new("end", Kind::Day, "Last delivery month, `YYYY-MM-DD`, included.", "2028-12-31"),
        Parameter::new(
            "bal_month",
            Kind::Text,
            "Number of balanced months, instead of `start` and `end`; `0` to use the dates.",
            "0",
        ),
    ]
});

/// The rule to remove.
pub(super) static RULE_TO_REMOVE: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new("filter_id", Kind::Key, "Id of the rule, in the query string or the body.", 1)]
});

/// A user by id.
pub(super) static USER: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new("user_id", Kind::Key, "Id of the user, in the query string or the body.", 1)]
});

/// A user by e-mail address.
pub(super) static EMAIL: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new(
        "email",
        Kind::Email,
        "E-mail address of the user, in the query string or the body.",
        "analyst@example.com",
    )]
});

/// A user by e-mail address, in the query string only.
pub(super) static EMAIL_BY_QUERY: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new("email", Kind::Email, "E-mail address of the user.", "analyst@example.com")]
});

/// A user by id, in the query string only.
pub(super) static USER_BY_QUERY: ParameterTable =
    ParameterTable::new(|| vec![Parameter::new("user_id", Kind::Key, "Id of the user.", 1)]);
