//! What the old paths of rules take.

use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable};

/// A rule, and whose it is to be.
pub(super) static RULE: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new("user", Kind::Email, "E-mail address", "analyst@example.com"),
        Parameter::new("control_table", Kind::Text, "`<iso>_<curve>`", "pjm_energy"),
        Parameter::new("control_area", Kind::Label, "Control area, or `*`", "PJM"),
        Parameter::new("state", Kind::Label, "State, or `*`", "-"),
        Parameter::new("load_zone", Kind::Label, "Load zone, or `*`", "WEST HUB"),
        Parameter::new("capacity_zone", Kind::Label, "Capacity zone, or `*`", "*"),
        Parameter::new("utility", Kind::Label, "Utility, or `*`", "*"),
        Parameter::new("strip", Kind::Label, "Block, or `*`", "5x16"),
        Parameter::new("cost_group", Kind::Label, "Cost group, or `*`", "*"),
        Parameter::new("cost_component", Kind::Label, "Cost component, or `*`", "*"),
        Parameter::new("sub_cost_component", Kind::Label, "Sub component; any if absent", "*"),
        Parameter::new("start", Kind::Day, "First delivery month, `YYYY-MM-DD`", "2026-01-01"),
        Parameter::new("end", Kind::Day, "Last delivery month, included", "2028-12-31"),
        Parameter::new("bal_month", Kind::Text, "Balanced months instead", "0"),
    ]
});

/// A rule that is to go.
pub(super) static RULE_TO_REMOVE: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new("filter_id", Kind::Key, "Key of the rule, here or in the body", 1)]
});

/// A user, by its key.
pub(super) static USER: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new("user_id", Kind::Key, "Key of the user, here or in the body", 1)]
});

/// A user, by its address.
pub(super) static EMAIL: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new("email", Kind::Email, "E-mail address, here or in the body", "analyst@example.com")]
});

/// The same without a body.
pub(super) static EMAIL_BY_QUERY: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new("email", Kind::Email, "E-mail address", "analyst@example.com")]
});

/// A user, by its key, without a body.
pub(super) static USER_BY_QUERY: ParameterTable =
    ParameterTable::new(|| vec![Parameter::new("user_id", Kind::Key, "Key of the user", 1)]);
