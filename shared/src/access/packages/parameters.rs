//! The parameter tables of packages.

use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable, page};

/// One package.
pub(super) static PACKAGE: ParameterTable = ParameterTable::new(|| vec![package_key()]);

/// The package to remove.
pub(super) static PACKAGE_TO_REMOVE: ParameterTable = ParameterTable::new(|| {
    let force = Parameter::new(
        "force",
        Kind::Flag,
        "`true` to remove the package even if users have it; `false` if absent.",
        false,
    );
    vec![package_key(), force]
});

/// A page of the users who have a package.
pub(super) static HOLDERS: ParameterTable =
    ParameterTable::new(|| std::iter::once(package_key()).chain(page::paging()).collect());

fn package_key() -> Parameter {
    Parameter::in_path("id", Kind::Key, "Id of the package.", 1)
}
