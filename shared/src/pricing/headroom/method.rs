//! How headroom is computed.

/// How headroom is computed. It is written down with each pair, and another one computes all of them anew.
pub const METHOD: &str = "months of the term, load or hours, of units and values that are known";

/// How the numbers of `method=legacy` are, which each pair has beside its own.
pub const LEGACY_METHOD: &str =
    "month of the upload, 0 where none is published, of units and values that are known";
