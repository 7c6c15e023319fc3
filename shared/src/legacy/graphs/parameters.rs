//! What the old paths of graphs take.

use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable};

/// The key of a graph in the path.
pub(super) static GRAPH: ParameterTable =
    ParameterTable::new(|| vec![Parameter::in_path("graph_id", Kind::Key, "Key of the graph", 1)]);

/// A graph that is to go.
pub(super) static GRAPH_TO_REMOVE: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new("graph_id", Kind::Key, "Key of the graph, here or in the body", 1)]
});

/// A graph, and with whom it is shared.
pub(super) static SHARE: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new("graph_id", Kind::Key, "Key of the graph", 1),
        Parameter::new("email", Kind::Email, "Whom it is shared with", "client@example.com"),
    ]
});
