//! The parameters of a route, in one table. Promises: each name stands in it once.

use super::{Parameter, Place};
use serde_json::Value;
use std::ops::Deref;
use std::sync::LazyLock;

/// The table of a route that takes no parameters.
pub static NO_PARAMETERS: ParameterTable = ParameterTable::new(Vec::new);

/// The parameters of a route, in the order in which they are documented. Made when it is used first.
#[derive(Debug)]
pub struct ParameterTable(LazyLock<Vec<Parameter>>);

impl ParameterTable {
    /// The table that a function makes.
    #[must_use]
    pub const fn new(make: fn() -> Vec<Parameter>) -> Self {
        Self(LazyLock::new(make))
    }

    /// As the OpenAPI document has them, those at some places.
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

/// The names that stand in a query string.
#[must_use]
pub fn query_names(parameters: &[Parameter]) -> Vec<&str> {
    let in_query = parameters.iter().filter(|parameter| parameter.place == Place::Query);
    in_query.map(|parameter| parameter.name.as_ref()).collect()
}
