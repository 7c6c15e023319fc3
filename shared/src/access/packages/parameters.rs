//! What the routes of packages take.

use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable, page};

/// One package.
pub(super) static PACKAGE: ParameterTable = ParameterTable::new(|| vec![package_key()]);

/// One that is to go.
pub(super) static PACKAGE_TO_REMOVE: ParameterTable = ParameterTable::new(|| {
    let force = Parameter::new("force", Kind::Flag, "`true` to remove it although users have it", false);
    vec![package_key(), force]
});

/// A page of those who have one.
pub(super) static HOLDERS: ParameterTable =
    ParameterTable::new(|| std::iter::once(package_key()).chain(page::paging()).collect());

fn package_key() -> Parameter {
    Parameter::in_path("id", Kind::Key, "Key of the package", 1)
}
