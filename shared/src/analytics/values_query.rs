//! What is asked of prices by delivery period.

use super::fill::Fill;
use super::granularity::Granularity;
use crate::parameters::filter::Filter;
use crate::parameters::selection::Selection;

/// What is asked.
#[derive(Clone, Debug)]
pub struct ValuesQuery {
    /// What all questions ask.
    pub asked: Selection,
    /// Which curves.
    pub filter: Filter,
    /// How months are put together.
    pub granularity: Granularity,
    /// How gaps are filled.
    pub fill: Fill,
}

/// The place of a row's word.
#[must_use]
pub fn place(count: usize) -> u32 {
    u32::try_from(count).expect("an answer has fewer than 2^32 of anything")
}
