//! Known violations of the rules. Both lists may only become shorter.

/// The circles, each as the sorted paths of its files; the list is sorted too.
pub const KNOWN: &[&str] = &[];

/// The top-level modules of the library with too many of its lines, sorted.
pub const KNOWN_LARGE: &[&str] = &[];
