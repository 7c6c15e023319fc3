//! The query of `/v1/values`.

use super::fill::Fill;
use super::granularity::Granularity;
use crate::parameters::filter::Filter;
use crate::parameters::selection::Selection;

/// A query of `/v1/values`.
#[derive(Clone, Debug)]
pub struct ValuesQuery {
    /// The common part of all queries.
    pub asked: Selection,
    /// The filter that selects curves.
    pub filter: Filter,
    /// How months are aggregated.
    pub granularity: Granularity,
    /// How gaps are filled.
    pub fill: Fill,
}

/// The index of a row's entry.
#[must_use]
pub fn place(count: usize) -> u32 {
    u32::try_from(count).expect("an answer has fewer than 2^32 of anything")
}
