//! What a download takes: the parameters of the old `/get_data`. [`super::query::CurveQuery::parse`] reads them.

use super::format::Format;
use crate::catalog::headroom::Method;
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable};
use crate::parameters::common;
use crate::parameters::snapshots::Marks;

/// Which snapshot of a day, as the old system called it; its `all` was the day's mark.
pub(super) const LEGACY_MARKS: [(&str, Marks); 4] = [
    ("latestall", Marks::Latest),
    ("cobonly", Marks::CobOnly),
    ("intradayonly", Marks::IntradayOnly),
    ("all", Marks::Latest),
];

/// The kinds of file, by their extensions.
pub(super) const FORMATS: [(&str, Format); 3] =
    [("csv", Format::Csv), ("xlsx", Format::Xlsx), ("json", Format::Json)];

/// What `/get_data` takes.
pub static DOWNLOAD: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "curve_type",
            common::data_types_or_all(),
            "`energy`, `nonenergy`, `rec`, `ptc`, `matrix`, `headroom`, `loadprofile`, `shaping`, `vlr`, `lineloss` or `all`; `all` \
            if absent.\n\
            Several files come as a zip.",
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
            `7x8`, `7x24`, `wd`, `we`, `on-peak`, `off-peak`, `wrap`; repeat it or separate them by commas.",
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
            "`latestall` (the day's mark, default), `cobonly`, `intradayonly`; `all` is `latestall`. Only energy looks at it.",
            "latestall",
        ),
        common::mark_or_all(
            "Which snapshot of a day, in words of our own: `latest` (the day's mark, default), `cob`, `intraday` (the latest that\n\
            is not the close of business), `all`. Counts before `idcob`, and for every data type.",
        ),
        common::as_of(
            "As of this operating day (`YYYY-MM-DD`) or stamp (`YYYY-MM-DDTHH:MM:SS`, wall clock of the market): the newest\n\
            snapshot up to it. Not together with `operating_day` and `offset`.",
        ),
        common::known_at("What was known at this moment, `YYYY-MM-DDTHH:MM:SSZ`; now if absent."),
        Parameter::new(
            "operating_day",
            Kind::Day,
            "First operating day, `YYYY-MM-DD`; the newest if absent.",
            "2024-01-05",
        ),
        Parameter::new(
            "operating_day_end",
            Kind::Day,
            "Last operating day; the first if absent.",
            "2024-01-05",
        ),
        Parameter::new(
            "offset",
            Kind::Whole(0..=36_500),
            "Days to go back from the first operating day, then to the business day (by NERC's calendar) on or before.",
            1,
        ),
        common::calendar("`legacy` (default: no holidays, 24-hour days, as published) or `nerc`."),
        Parameter::new(
            "method",
            Kind::word_pattern_of(&Method::WORDS),
            "Of headroom: `term` (default: the price to compare of the months of the offer; an offer without it is left out) or\n\
            `legacy` (that of the month in which it was published, 0 where there is none), to reconcile with old files.",
            "term",
        ),
        Parameter::new(
            "history",
            Kind::Pattern(r"^([Tt]rue|[Ff]alse|TRUE|FALSE)$"),
            "`true` for every snapshot of the days in every revision, superseded, corrected and withdrawn ones too, with a column\n\
            `Revision`; `false` (default) for none of these.",
            "false",
        ),
    ]
});
