//! The parameter tables of the price queries, one per route. [`super::reads`] reads by them and reports all errors at once.

use super::granularity::Granularity;
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable};
use crate::parameters::MARKS;
use crate::parameters::common::{data_type, data_types, market, markets};
use crate::parameters::questions::{blocks, common, curves, delivery_months, labels};

/// The parameters of `/v1/values`.
pub(super) static VALUES: ParameterTable = ParameterTable::new(|| {
    let how = [&blocks()[..], &[granularity(), fill()]].concat();
    [common(), delivery_months(), curves(), how].concat()
});

/// The parameters of `/v1/evolution`.
pub(super) static EVOLUTION: ParameterTable = ParameterTable::new(|| {
    let how = [blocks(), operating_days()].concat();
    [common(), delivery_months(), curves(), how].concat()
});

/// The parameters of `/v1/diff`.
pub(super) static DIFF: ParameterTable =
    ParameterTable::new(|| [common(), delivery_months(), curves(), two_snapshots()].concat());

/// The parameters of `/v1/stats`.
pub(super) static STATS: ParameterTable =
    ParameterTable::new(|| [common(), curves(), blocks().to_vec()].concat());

/// The parameters of `/v1/spread`.
pub(super) static SPREAD: ParameterTable = ParameterTable::new(|| {
    let how = [&blocks()[..], &[granularity()]].concat();
    [common(), delivery_months(), two_curves(), how].concat()
});

/// `granularity`: how months are aggregated.
fn granularity() -> Parameter {
    Parameter::new(
        "granularity",
        Kind::words_of(&Granularity::WORDS),
        "Period of a row: `month` (default), `quarter`, `season` (as the market defines it), `year` or `strip` (all requested\n\
        months); `native` for data types without delivery months.",
        "month",
    )
}

/// `fill`: how missing months are filled.
fn fill() -> Parameter {
    Parameter::new(
        "fill",
        Kind::Pattern("^(none|forward|interpolate|value:-?[0-9.]+)$"),
        "How missing months are filled: `none` (default), `forward`, `interpolate` or `value:<number>`. The column `filled`\n\
        marks them.",
        "none",
    )
}

fn operating_days() -> [Parameter; 2] {
    [
        Parameter::new("from_day", Kind::Day, "First operating day, `YYYY-MM-DD`.", "2024-01-01").required(),
        Parameter::new(
            "to_day",
            Kind::Day,
            "Last operating day, `YYYY-MM-DD`, included; the newest if absent.",
            "2024-01-31",
        ),
    ]
}

fn two_snapshots() -> Vec<Parameter> {
    vec![
        Parameter::new(
            "snapshot",
            Kind::Key,
            "Id of the new snapshot, instead of `data_type`, `market`, `as_of` and `mark`.",
            1,
        ),
        Parameter::new(
            "against",
            Kind::Key,
            "Id of the old snapshot, instead of `against_as_of` and `against_mark`.",
            1,
        ),
        Parameter::new(
            "against_as_of",
            Kind::DayOrStamp,
            "The old snapshot is the newest up to and including this operating day or stamp; if absent, the one of the last\n\
            earlier operating day that has one.",
            "2024-01-05",
        ),
        Parameter::new(
            "against_mark",
            Kind::words_of(&MARKS[..3]),
            "Which snapshot of that day is the old one: `latest`, `cob` or `intraday`; as `mark` if absent.",
            "latest",
        ),
    ]
}

fn two_curves() -> Vec<Parameter> {
    let both = [
        data_type(
            "Data type of `a` and `b`, unless `a.data_type` or `b.data_type` is given; `energy` if absent.",
        ),
        market("Market of `a` and `b`, unless `a.market` or `b.market` is given."),
        Parameter::new(
            "heat_rate",
            Kind::Number,
            "Heat rate in `MMBtu`/`MWh`, if `a` is power in $/`MWh` and `b` is gas in $/`MMBtu`: the spread is `a` minus the\n\
            heat rate times `b`.",
            7.5,
        ),
    ];
    let side = |name: &str| {
        let own = [
            Parameter::new(
                format!("{name}.data_type"),
                data_types(),
                format!("Data type of `{name}`."),
                "energy",
            ),
            Parameter::new(format!("{name}.market"), markets(), format!("Market of `{name}`."), "ERCOT"),
        ];
        own.into_iter().chain(labels(&format!("{name}."))).collect::<Vec<_>>()
    };
    both.into_iter().chain(side("a")).chain(side("b")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::filter::Field;

    #[test]
    fn every_price_query_filters_by_every_label() {
        let has = |table: &ParameterTable, name: &str| table.iter().any(|parameter| parameter.name == name);
        for field in Field::all() {
            for table in [&VALUES, &EVOLUTION, &DIFF, &STATS] {
                assert!(has(table, field.name()), "{}", field.name());
            }
            for side in ["a", "b"] {
                assert!(has(&SPREAD, &format!("{side}.{}", field.name())), "{}", field.name());
            }
            assert!(!has(&SPREAD, field.name()), "each label filter belongs to a side");
        }
    }
}
