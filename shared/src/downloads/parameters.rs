//! The parameters of downloads by the old `/get_data`. [`super::query::CurveQuery::parse`] reads them.

use super::format::Format;
use crate::catalog::headroom::Method;
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable};
use crate::parameters::common;
use crate::parameters::snapshots::Marks;

/// The old system's words for the snapshot of a day; its `all` meant the mark of the day.
pub(super) const LEGACY_MARKS: [(&str, Marks); 4] = [
    ("latestall", Marks::Latest),
    ("cobonly", Marks::CobOnly),
    ("intradayonly", Marks::IntradayOnly),
    ("all", Marks::Latest),
];

/// The file formats, by extension.
pub(super) const FORMATS: [(&str, Format); 3] =
    [("csv", Format::Csv), ("xlsx", Format::Xlsx), ("json", Format::Json)];

/// The parameters of `/get_data`.
pub static DOWNLOAD: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "curve_type",
            common::data_types_or_all(),
            "`energy`, `nonenergy`, `rec`, `ptc`, `matrix`, `headroom`, `loadprofile`, `shaping`, `vlr`, `lineloss` or `all`;\n\
            `all` if absent. Several files are returned as a zip archive.",
            "energy",
        ),
        Parameter::new(
            "iso",
            common::markets_or_all(),
            "`ERCOT`, `ISONE`, `MISO`, `NYISO`, `PJM` or `all`; `all` if absent.",
            "ERCOT",
        ),
        Parameter::new(
            "strip",
            Kind::Text,
            "`standardized` (7x24 in $/`MWh`), `unstandardized` (as uploaded, the default), `all`, or blocks: `5x16`, `2x16`,\n\
            `7x8`, `7x24`, `wd`, `we`, `on-peak`, `off-peak`, `wrap`; repeat it or separate several by commas.",
            "standardized",
        ).repeatable(),
        Parameter::new(
            "start",
            Kind::DeliveryMonth,
            "First delivery month, as `YYYY-MM-DD` or `YYYYMMDD`; all if absent.",
            "2024-02",
        ),
        Parameter::new(
            "end",
            Kind::DeliveryMonth,
            "Last delivery month, included; all if absent.",
            "2024-12",
        ),
        Parameter::new(
            "type",
            Kind::words_of(&FORMATS),
            "`csv` (default), `xlsx` or `json`.",
            "json",
        ),
        Parameter::new(
            "idcob",
            Kind::words_of(&LEGACY_MARKS),
            "`latestall` (default: the mark of the day), `cobonly` or `intradayonly`; `all` means `latestall`. Applies\n\
            to energy only.",
            "latestall",
        ),
        common::mark_or_all(
            "Which snapshot of each day: `latest` (default: the close of business if there is one, otherwise the latest), `cob`\n\
            (only the close of business), `intraday` (the latest that is not the close of business) or `all`. Overrides `idcob`,\n\
            and applies to every data type.",
        ),
        common::as_of(
            "As of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, local time of the market): the newest\n\
            snapshot up to and including it. Not with `operating_day`, `operating_day_end` or `offset`.",
        ),
        common::known_at("Use only what was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent."),
        Parameter::new(
            "operating_day",
            Kind::Day,
            "First operating day, `YYYY-MM-DD`; the newest if absent.",
            "2024-01-05",
        ),
        Parameter::new(
            "operating_day_end",
            Kind::Day,
            "Last operating day, `YYYY-MM-DD`, included; the first if absent.",
            "2024-01-05",
        ),
        Parameter::new(
            "offset",
            Kind::Whole(0..=36_500),
            "Number of days to go back from the first operating day, and then to the NERC business day on or before.",
            1,
        ),
        common::calendar(
            "Calendar that defines the hours of each block: `legacy` (default: no holidays, 24-hour days, as published) or `nerc`.",
        ),
        Parameter::new(
            "method",
            Kind::word_pattern_of(&Method::WORDS),
            "For headroom: `term` (default: the price to compare over the months of the offer; offers without one are left out)\n\
            or `legacy` (the price to compare of the month of publication, 0 if missing), to reconcile with old files.",
            "term",
        ),
        Parameter::new(
            "history",
            Kind::Pattern(r"^([Tt]rue|[Ff]alse|TRUE|FALSE)$"),
            "`true` adds every revision of every snapshot of the days, including superseded, corrected and withdrawn ones, and a\n\
            column `Revision`; `false` (default) returns current snapshots only.",
            "false",
        ),
    ]
});
