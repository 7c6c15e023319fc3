//! Known violations of the rules. Both lists may only become shorter.

/// The circles, each as the sorted paths of its files; the list is sorted too.
pub const KNOWN: &[&str] = &[
    "local/machine/src/mails/eml.rs local/machine/src/mails/mod.rs",
    "local/machine/src/postgres/binaries.rs \
     local/machine/src/postgres/cluster.rs \
     local/machine/src/postgres/mod.rs \
     local/machine/src/postgres/process.rs",
    "local/machine/src/secrets/mod.rs local/machine/src/secrets/vault.rs",
    "local/machine/src/store/listing.rs \
     local/machine/src/store/objects.rs \
     local/machine/src/store/reading.rs \
     local/machine/src/store/shelf.rs \
     local/machine/src/store/staging.rs \
     local/machine/src/store/uploads.rs",
    "local/src/invoke.rs local/src/system.rs",
    "shared/src/access/rules/old/mod.rs shared/src/access/rules/old/views.rs",
    "shared/src/access/sessions/lockout.rs shared/src/access/users/mod.rs shared/src/access/users/reset.rs",
    "shared/src/access/users/old/mod.rs shared/src/access/users/old/passwords.rs",
    "shared/src/api.rs shared/src/api/document.rs shared/src/api/pages.rs",
    "shared/src/catalog/layouts.rs shared/src/catalog/layouts/ranges.rs shared/src/catalog/layouts/table.rs",
    "shared/src/curves/ask/native.rs shared/src/curves/ask/values.rs",
    "shared/src/curves/compare.rs \
     shared/src/curves/feed/difference.rs \
     shared/src/curves/publish.rs \
     shared/src/curves/revisions.rs \
     shared/src/curves/store.rs",
    "shared/src/curves/comparison.rs \
     shared/src/curves/csv.rs \
     shared/src/curves/index.rs \
     shared/src/curves/lines.rs \
     shared/src/curves/parameters.rs \
     shared/src/curves/query.rs \
     shared/src/curves/standard.rs \
     shared/src/curves/table.rs",
    "shared/src/curves/facts/calendars.rs shared/src/curves/facts/markets.rs shared/src/curves/facts/mod.rs",
    "shared/src/curves/graphs/drawing.rs \
     shared/src/curves/graphs/mod.rs \
     shared/src/curves/graphs/old.rs \
     shared/src/curves/graphs/routes.rs \
     shared/src/curves/graphs/shares.rs \
     shared/src/curves/graphs/store.rs",
    "shared/src/curves/listing/query.rs shared/src/curves/listing/store.rs",
    "shared/src/curves/old/download.rs shared/src/curves/old/mod.rs shared/src/curves/routes.rs",
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
    "shared/src/intake/old.rs shared/src/intake/routes.rs",
    "shared/src/intake/quality/alone.rs \
     shared/src/intake/quality/mod.rs \
     shared/src/intake/quality/moves.rs \
     shared/src/intake/quality/peaks.rs \
     shared/src/intake/quality/ranges.rs \
     shared/src/intake/quality/roster.rs",
    "shared/src/intake/slots.rs shared/src/intake/slots/gaps.rs",
    "shared/src/objects.rs shared/src/objects/versions.rs",
    "shared/src/pricing/desk.rs shared/src/pricing/routes.rs",
    "shared/src/pricing/headroom/inputs.rs \
     shared/src/pricing/headroom/mod.rs \
     shared/src/pricing/headroom/work.rs",
    "shared/src/pricing/quote/charges.rs \
     shared/src/pricing/quote/request.rs \
     shared/src/pricing/quote/select.rs",
    "shared/src/pricing/quote/legacy.rs shared/src/pricing/quote/legacy/lacking.rs",
    "shared/src/web/writers/arrow.rs shared/src/web/writers/mod.rs shared/src/web/writers/parquet.rs",
    "tests/bench/years.rs tests/bench/years/answers.rs tests/bench/years/size.rs tests/bench/years/speed.rs",
    "tests/e2e/access/worlds.rs tests/e2e/access/worlds/hidden.rs tests/e2e/access/worlds/seen.rs",
    "tests/e2e/access/worlds/asked.rs tests/e2e/access/worlds/bodies.rs",
    "tests/e2e/functions/ingest.rs tests/e2e/functions/killed.rs",
];

/// The top-level modules of the library with too many of its lines, sorted.
pub const KNOWN_LARGE: &[&str] = &["curves", "intake"];
