//! Sheets of earlier generations, which analysts still hold: recognised, so that the answer says what to change.

use super::flaw::Flaw;
use super::header::HeaderRow;
use crate::catalog::Layout;

/// The generation of a name, if it is an earlier one.
#[must_use]
pub fn of_name(_name: &str) -> Option<Flaw> {
    None
}

/// The generation of the rows above the numbers, if it is an earlier one.
#[must_use]
pub fn of_layout(_above: &[HeaderRow], _layout: &Layout) -> Option<Flaw> {
    None
}
