//! Ids in paths.

use super::Problem;
use std::str::FromStr;

/// The id in a path.
///
/// # Errors
/// `none`, that nothing of this id is there: what is no id at all belongs to nothing.
pub fn id<T: FromStr>(text: &str, none: impl FnOnce() -> Problem) -> Result<T, Problem> {
    text.parse().map_err(|_| none())
}
