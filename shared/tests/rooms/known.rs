//! Known violations of the rules. Both lists may only become shorter.

/// The circles, each as the sorted paths of its files; the list is sorted too.
pub const KNOWN: &[&str] = &[
    "shared/src/catalog/layouts.rs \
     shared/src/catalog/layouts/ranges.rs \
     shared/src/catalog/layouts/table.rs",
    "shared/src/intake/archive.rs \
     shared/src/intake/check.rs \
     shared/src/intake/judge.rs \
     shared/src/intake/mod.rs \
     shared/src/intake/receive.rs \
     shared/src/intake/unpack.rs",
    "shared/src/intake/components.rs \
     shared/src/intake/flat.rs \
     shared/src/intake/read.rs \
     shared/src/intake/rows.rs",
    "shared/src/intake/flaw.rs shared/src/intake/flaw/sentence.rs",
    "shared/src/intake/header.rs shared/src/intake/header/column.rs shared/src/intake/header/unit.rs",
    "shared/src/intake/quality/alone.rs \
     shared/src/intake/quality/mod.rs \
     shared/src/intake/quality/moves.rs \
     shared/src/intake/quality/peaks.rs \
     shared/src/intake/quality/ranges.rs \
     shared/src/intake/quality/roster.rs",
    "shared/src/intake/slots.rs shared/src/intake/slots/gaps.rs",
];

/// The top-level modules of the library with too many of its lines, sorted.
pub const KNOWN_LARGE: &[&str] = &[];
