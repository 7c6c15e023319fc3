//! How headroom is computed.

/// How headroom is computed. It is written down with each pair, and another one computes all of them anew.
pub const METHOD: &str = "months of the term, load or hours, of units and values that are known";
