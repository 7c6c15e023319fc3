//! How headroom is computed.

/// How headroom is computed. The text is stored with each pair; changing it recomputes all pairs.
pub const METHOD: &str = "months of the term, load or hours, of units and values that are known";

/// How the numbers of `method=legacy` are computed, which each pair has besides its own.
pub const LEGACY_METHOD: &str =
    "month of the upload, 0 where none is published, of units and values that are known";
