//! The table of a route's parameters. Guarantees: each name occurs once.

use super::{Parameter, Place};
use serde_json::Value;
use std::ops::Deref;
use std::sync::LazyLock;

/// The table of a route that takes no parameters.
pub static NO_PARAMETERS: ParameterTable = ParameterTable::new(Vec::new);

/// The parameters of a route, in the order in which they are documented. Built on first use.
#[derive(Debug)]
pub struct ParameterTable(LazyLock<Vec<Parameter>>);

impl ParameterTable {
    /// The table that `make` builds.
    #[must_use]
    pub const fn new(make: fn() -> Vec<Parameter>) -> Self {
        Self(LazyLock::new(make))
    }

    /// The parameters at the wanted places, as they appear in the OpenAPI document.
    #[must_use]
    pub fn document(&self, is_wanted: impl Fn(Place) -> bool) -> Vec<Value> {
        let wanted = self.iter().filter(|parameter| is_wanted(parameter.place));
        wanted.map(Parameter::document).collect()
    }
}

impl Deref for ParameterTable {
    type Target = [Parameter];

    fn deref(&self) -> &[Parameter] {
        &self.0
    }
}

/// The names of the parameters in the query string.
#[must_use]
pub fn query_names(parameters: &[Parameter]) -> Vec<&str> {
    let in_query = parameters.iter().filter(|parameter| parameter.place == Place::Query);
    in_query.map(|parameter| parameter.name.as_ref()).collect()
}
