//! The blocks of a download.

use crate::catalog::Block;

/// Which blocks, in which units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strips {
    /// One 7x24 curve per series, in $/`MWh`.
    Standardised,
    /// Curves as uploaded.
    Unstandardised,
    /// These blocks as uploaded; 7x24 means the standardised curves.
    Blocks(Vec<Block>),
}
