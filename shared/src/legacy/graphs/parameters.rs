//! The parameter tables of the old paths of graphs.

use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable};

/// The id of a graph in the path.
pub(super) static GRAPH: ParameterTable =
    ParameterTable::new(|| vec![Parameter::in_path("graph_id", Kind::Key, "Id of the graph.", 1)]);

/// The graph to remove.
pub(super) static GRAPH_TO_REMOVE: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new("graph_id", Kind::Key, "Id of the graph, in the query string or the body.", 1)]
});

/// A graph, and the user with whom it is shared.
pub(super) static SHARE: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new("graph_id", Kind::Key, "Id of the graph.", 1),
        Parameter::new(
            "email",
            Kind::Email,
            "E-mail address of the user with whom the graph is shared.",
            "client@example.com",
        ),
    ]
});
