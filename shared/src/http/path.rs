//! Ids in paths.

use super::Problem;
use std::str::FromStr;

/// Parses the id in a path.
///
/// # Errors
/// `none`, the problem for an unknown id: a malformed id belongs to nothing.
pub fn id<T: FromStr>(text: &str, none: impl FnOnce() -> Problem) -> Result<T, Problem> {
    text.parse().map_err(|_| none())
}
