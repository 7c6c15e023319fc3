//! Parses query strings into queries.

use super::fill::Fill;
use super::granularity::Granularity;
use super::queries::{DIFF, EVOLUTION, SPREAD, STATS, VALUES};
use super::spread::Side;
use super::{diff, evolution, spread, stats};
use crate::catalog::{DataType, Layout, Market};
use crate::http::{Format, Problem, answer};
use crate::parameters::reader::Reader;
use crate::parameters::selection::Selection;
use axum::http::HeaderMap;

/// How an answer should look: its format and layout.
#[derive(Clone, Copy, Debug)]
pub struct Representation {
    /// The format of the answer.
    pub format: Format,
    /// Whether the rows go side by side (`layout=wide`).
    pub wide: bool,
}

impl Representation {
    fn of(headers: &HeaderMap, reader: &mut Reader<'_>, asked: &Selection) -> Result<Self, Problem> {
        let format = reader.read.format(answer::accepted(headers).as_deref())?;
        Ok(Self { format, wide: asked.wide })
    }
}

/// The largest plausible heat rate: the least efficient plants need about 30.
const MAX_HEAT: f64 = 1000.0;

type Read<T> = Result<(T, Representation), Problem>;
type Pairs = [(String, String)];

/// Parses the query of `/v1/values`.
///
/// # Errors
/// 400 with everything that cannot be read, 406, or 422 for contradictions.
pub fn values(headers: &HeaderMap, pairs: &Pairs) -> Read<crate::analytics::values_query::ValuesQuery> {
    let mut reader = Reader::new(pairs, &VALUES);
    let asked = reader.asked();
    let filter = reader.filter("", asked.data_type);
    let granularity = granularity(&mut reader);
    let fill = reader.read.parsed("fill").unwrap_or(Fill::None);
    let representation = Representation::of(headers, &mut reader, &asked)?;
    reader.end((
        crate::analytics::values_query::ValuesQuery { asked, filter, granularity, fill },
        representation,
    ))
}

/// Parses the query of `/v1/evolution`.
///
/// # Errors
/// As [`values()`].
pub fn evolution(headers: &HeaderMap, pairs: &Pairs) -> Read<evolution::EvolutionQuery> {
    let mut reader = Reader::new(pairs, &EVOLUTION);
    let asked = reader.asked();
    let filter = reader.filter("", asked.data_type);
    let (from_day, to_day) = (reader.day("from_day"), reader.day("to_day"));
    if reader.read.text("from_day").is_none() {
        reader.read.wrong("from_day", "expected the first operating day as YYYY-MM-DD");
    }
    if from_day.zip(to_day).is_some_and(|(from, to)| from > to) {
        reader.read.wrong("to_day", "expected a day that is not before from_day");
    }
    let representation = Representation::of(headers, &mut reader, &asked)?;
    let from_day = from_day.unwrap_or_default();
    reader.end((evolution::EvolutionQuery { asked, filter, from_day, to_day }, representation))
}

/// Parses the query of `/v1/stats`.
///
/// # Errors
/// As [`values()`].
pub fn stats(headers: &HeaderMap, pairs: &Pairs) -> Read<stats::StatsQuery> {
    let mut reader = Reader::new(pairs, &STATS);
    let asked = reader.asked();
    let filter = reader.filter("", asked.data_type);
    let representation = Representation::of(headers, &mut reader, &asked)?;
    reader.end((stats::StatsQuery { asked, filter }, representation))
}

/// Parses the query of `/v1/diff`.
///
/// # Errors
/// As [`values()`].
pub fn diff(headers: &HeaderMap, pairs: &Pairs) -> Read<diff::DiffQuery> {
    let mut reader = Reader::new(pairs, &DIFF);
    let asked = reader.asked();
    // With `snapshot`, the data type is not yet known: a detail that it lacks matches nothing.
    let snapshot = reader.key("snapshot");
    let filter = match snapshot {
        Some(_) => reader.read.filter(""),
        None => reader.filter("", asked.data_type),
    };
    let against = reader.key("against");
    let against_as_of = reader.as_of("against_as_of");
    let against_marks = reader.read.text("against_mark").map(|_| reader.marks("against_mark"));
    for (by_key, others) in [
        ("snapshot", &["data_type", "market", "as_of", "mark"][..]),
        ("against", &["against_as_of", "against_mark"]),
    ] {
        for other in others {
            if reader.read.text(by_key).is_some() && reader.read.text(other).is_some() {
                reader.contradicts(other, format!("expected without {by_key}, which already selects it"));
            }
        }
    }
    if snapshot.is_none() && asked.markets.len() != 1 {
        reader.read.wrong("market", "expected one market, or snapshot");
    }
    let representation = Representation::of(headers, &mut reader, &asked)?;
    reader.end((
        diff::DiffQuery { asked, filter, snapshot, against, against_as_of, against_marks },
        representation,
    ))
}

/// Parses the query of `/v1/spread`.
///
/// # Errors
/// As [`values()`].
pub fn spread(headers: &HeaderMap, pairs: &Pairs) -> Read<spread::SpreadQuery> {
    let mut reader = Reader::new(pairs, &SPREAD);
    let asked = reader.asked();
    let sides = ["a.", "b."].map(|prefix| side(&mut reader, &asked, prefix));
    let granularity = granularity(&mut reader);
    let given = reader.read.text("heat_rate");
    let heat_rate =
        given.and_then(|text| text.parse::<f64>().ok()).filter(|rate| *rate > 0.0 && *rate <= MAX_HEAT);
    if given.is_some() && heat_rate.is_none() {
        reader
            .read
            .wrong("heat_rate", format!("expected a number above 0, {MAX_HEAT} at most, in MMBtu/MWh"));
    }
    let representation = Representation::of(headers, &mut reader, &asked)?;
    reader.end((spread::SpreadQuery { asked, sides, heat_rate, granularity }, representation))
}

fn side(reader: &mut Reader<'_>, asked: &Selection, prefix: &'static str) -> Side {
    let (type_name, market_name) = (format!("{prefix}data_type"), format!("{prefix}market"));
    let data_type: DataType = reader.read.parsed(&type_name).unwrap_or(asked.data_type);
    let own: Option<Market> = reader.read.parsed(&market_name);
    let market = own.or(match asked.markets.as_slice() {
        [market] => Some(*market),
        _ => None,
    });
    if market.is_none() && reader.read.text(&market_name).is_none() {
        reader.read.wrong(&market_name, "expected one market, here or as market");
    }
    let market = market.unwrap_or(Market::Ercot);
    if !Layout::of(data_type).markets.contains(&market) {
        reader.read.wrong(&market_name, format!("{market} has no {data_type}"));
    }
    let filter = reader.filter(prefix, data_type);
    Side { prefix, data_type, market, filter }
}

fn granularity(reader: &mut Reader<'_>) -> Granularity {
    reader.read.one_of("granularity", Granularity::Native, &Granularity::WORDS)
}
