//! `/v1/headroom`: the offers, or their means by state, utility or customer class.

use super::parameters::{BY, By, HEADROOM};
use super::rows::{self, Offer, Read, Source, layout};
use crate::analytics::frame;
use crate::analytics::query_context::{AnswerMetadata, QueryContext, file_name};
use crate::catalog::decimal::{Sum, computed, computed_from};
use crate::catalog::headroom::{Method, Part};
use crate::catalog::period::runs;
use crate::catalog::{Calendar, DataType, Detail, Label};
use crate::curves::read::headroom::Figures;
use crate::curves::read::marks::Mark;
use crate::http::{Answer, Cells, Column, Format, Problem, Table, answer};
use crate::parameters::filter::Filter;
use crate::parameters::reader::Reader;
use crate::parameters::selection::Selection;
use axum::http::HeaderMap;
use serde_json::json;
use std::collections::BTreeMap;

/// A parsed query of `/v1/headroom`.
#[derive(Debug)]
pub struct HeadroomQuery {
    asked: Selection,
    filter: Filter,
    by: By,
    method: Method,
}

/// Reads a query string.
///
/// # Errors
/// 400 with everything that cannot be read, 406, or 422 for contradictions.
pub fn parse(headers: &HeaderMap, pairs: &[(String, String)]) -> Result<(HeadroomQuery, Format), Problem> {
    let mut reader = Reader::new(pairs, &HEADROOM);
    let asked = Selection { data_type: DataType::Headroom, ..reader.asked() };
    let filter = reader.filter("", DataType::Headroom);
    let by = reader.read.one_of("by", By::Offer, &BY);
    let method = reader.read.one_of("method", Method::Term, &Method::WORDS);
    let format = reader.read.format(answer::accepted(headers).as_deref())?;
    reader.end((HeadroomQuery { asked, filter, by, method }, format))
}

/// Answers the query.
///
/// # Errors
/// 404 if nothing is visible, 413 if it is too much; a fault.
pub async fn answer(context: &mut QueryContext<'_>, question: &HeadroomQuery) -> Result<Answer, Problem> {
    let HeadroomQuery { asked, filter, by, method } = question;
    let mut metadata = AnswerMetadata::new(DataType::Headroom, Calendar::Nerc, asked.known_at);
    let read = rows::read(context, asked, filter, &mut metadata).await?;
    // A snapshot in which nothing could be compared is an answer too, with its counts.
    if read.marks.is_empty() {
        return Err(context.nothing(&asked.sought(filter)).await);
    }
    let word =
        |words: &[(&'static str, By)]| words.iter().find(|(_, known)| known == by).map(|(word, _)| *word);
    metadata.say("by", json!(word(&BY)));
    metadata
        .say("method", json!(Method::WORDS.iter().find(|(_, known)| known == method).map(|(word, _)| *word)));
    metadata.say("unit", json!("$/kWh"));
    let sources: Vec<Source> = read.sources.iter().map(|source| source.clone().by(*method)).collect();
    metadata.say("computed_from", json!(sources));
    for sentence in read.sources.iter().flat_map(Source::left_out) {
        metadata.note(sentence);
    }
    let day = read.marks.iter().map(|mark| mark.day).max();
    let (columns, missing) = match by {
        By::Offer => offers(&read, *method),
        By::State | By::Utility | By::Class => groups(&read, *by, *method),
    };
    let table = Table::new(columns);
    let (range, more) = asked.page.range(table.rows);
    let next = context.next(asked, &metadata, more.then_some(range.end)).await?;
    Ok(Answer {
        name: file_name("headroom", DataType::Headroom, &asked.markets, day).replacen(
            "headroom_headroom",
            "headroom",
            1,
        ),
        archived: context.archived(&metadata).await?,
        metadata: metadata.end(missing),
        table: table.range(range),
        wide: None,
        immutable: asked.is_pinned(context.now, &context.grants, asked.as_of.is_some()),
        next,
    })
}

/// The outcome of an offer under a method.
fn status(offer: &Offer, method: Method, figures: Option<&Figures>) -> &'static str {
    let months = offer.compared.term(layout()).map_or(0, |term| term as usize);
    match (figures, method) {
        (Some(_), _) => "computed",
        (None, Method::Legacy) => "no_price",
        (None, Method::Term) if offer.compared.missing.is_empty() => "no_price",
        (None, Method::Term) if offer.compared.missing.len() >= months => "unpublished",
        (None, Method::Term) => "months_missing",
    }
}

/// What weighted the months of an offer.
fn weights(offer: &Offer, method: Method) -> &'static str {
    match method {
        Method::Legacy => "month",
        Method::Term if offer.compared.number(Part::Load).is_nan() => "hours",
        Method::Term => "load",
    }
}

/// A number for each row; NaN if it has none.
fn numbers<R>(name: &'static str, rows: &[(R, Option<Figures>)], number: impl Fn(&Figures) -> f64) -> Column {
    let cells = rows.iter().map(|(_, figures)| figures.as_ref().map_or(f64::NAN, &number));
    Column::new(
        name,
        Cells::Number(cells.map(|number| if number.is_finite() { number } else { f64::NAN }).collect()),
    )
}

/// A row per offer.
fn offers(read: &Read, method: Method) -> (Vec<Column>, usize) {
    let rows: Vec<(&Offer, Option<Figures>)> =
        read.offers.iter().map(|offer| (offer, offer.compared.figures(method))).collect();
    let text = |name: &'static str, of: &dyn Fn(&Offer) -> String| {
        Column::texts(name, rows.iter().map(|(offer, _)| Some(of(offer))))
    };
    let mut columns = vec![text("market", &|offer| offer.market.code().to_owned())];
    for label in Label::ALL {
        columns.push(text(label.name(), &|offer| offer.compared.name.label(label).to_owned()));
    }
    for detail in layout().details.iter().copied().filter(|detail| *detail != Detail::Term) {
        columns.push(text(detail.name(), &|offer| offer.compared.detail(layout(), detail).to_owned()));
    }
    let terms = rows.iter().map(|(offer, _)| offer.compared.term(layout()).map(i64::from));
    columns.push(Column::new("term", Cells::Integer(terms.collect())));
    columns.push(Column::new(
        "begins",
        Cells::Day(rows.iter().map(|(offer, _)| offer.compared.begins).collect()),
    ));
    let marks: Vec<&Mark> = read.marks.iter().collect();
    let places = rows.iter().map(|(offer, _)| u32::try_from(offer.mark).unwrap_or(0));
    columns.extend(frame::snapshots(&marks, &places.collect()));
    columns.push(numbers("price_to_compare", &rows, |figures| figures.price_to_compare));
    let retail = rows.iter().map(|(offer, _)| offer.compared.number(Part::RetailPrice)).collect();
    columns.push(Column::new("retail_price", Cells::Number(retail)));
    columns.push(numbers("headroom", &rows, |figures| figures.headroom));
    columns.push(numbers("headroom_percent", &rows, |figures| figures.percent));
    columns.push(text("weights", &|offer| weights(offer, method).to_owned()));
    columns.push(Column::new(
        "load",
        Cells::Number(rows.iter().map(|(offer, _)| offer.compared.number(Part::Load)).collect()),
    ));
    columns.push(Column::texts(
        "status",
        rows.iter().map(|(offer, figures)| Some(status(offer, method, figures.as_ref()).to_owned())),
    ));
    let missing =
        rows.iter().map(|(offer, _)| Some(runs(&offer.compared.missing)).filter(|text| !text.is_empty()));
    columns.push(Column::texts("missing", missing));
    let lacking = rows.iter().filter(|(_, figures)| figures.is_none()).count();
    (columns, lacking)
}

/// The offers of a group, summed up.
#[derive(Default)]
struct Group {
    offers: i64,
    figures: Vec<Figures>,
    unpublished: i64,
    months_missing: i64,
    no_price: i64,
}

impl Group {
    /// The plain mean over its offers; the percentage is computed from the means.
    fn mean(&self) -> Option<Figures> {
        let first = self.figures.first()?;
        #[expect(clippy::cast_precision_loss, reason = "a count of offers")]
        let count = self.figures.len() as f64;
        let mean = |number: &dyn Fn(&Figures) -> f64| {
            let (mut sum, mut greatest) = (Sum::default(), 0.0_f64);
            for number in self.figures.iter().map(number) {
                sum.add(number);
                greatest = greatest.max(number.abs());
            }
            computed_from(sum.value() / count, greatest)
        };
        let (price_to_compare, retail_price) =
            (mean(&|figures| figures.price_to_compare), mean(&|figures| figures.retail_price));
        let headroom = mean(&|figures| figures.headroom);
        let percent = computed(100.0 * headroom / price_to_compare);
        Some(Figures { effective: first.effective, price_to_compare, retail_price, headroom, percent })
    }

    fn extreme(&self, of: impl Fn(f64, f64) -> f64) -> f64 {
        self.figures.iter().map(|figures| figures.headroom).reduce(of).unwrap_or(f64::NAN)
    }
}

/// A row per group.
fn groups(read: &Read, by: By, method: Method) -> (Vec<Column>, usize) {
    let mut groups: BTreeMap<(&str, &str, &str), Group> = BTreeMap::new();
    for offer in &read.offers {
        let label = |label: Label| offer.compared.name.label(label);
        let within = match by {
            By::Offer | By::State => "",
            By::Utility => label(Label::Utility),
            By::Class => label(Label::CostComponent),
        };
        let group = groups.entry((offer.market.code(), label(Label::State), within)).or_default();
        group.offers += 1;
        let figures = offer.compared.figures(method);
        match status(offer, method, figures.as_ref()) {
            "unpublished" => group.unpublished += 1,
            "months_missing" => group.months_missing += 1,
            "no_price" => group.no_price += 1,
            _ => {}
        }
        group.figures.extend(figures);
    }
    let rows: Vec<_> = groups
        .into_iter()
        .map(|(key, group)| {
            let mean = group.mean();
            ((key, group), mean)
        })
        .collect();
    let text = |name: &'static str, of: &dyn Fn((&str, &str, &str)) -> String| {
        Column::texts(name, rows.iter().map(|((key, _), _)| Some(of(*key))))
    };
    let count = |name: &'static str, of: &dyn Fn(&Group) -> i64| {
        Column::new(name, Cells::Integer(rows.iter().map(|((_, group), _)| Some(of(group))).collect()))
    };
    let extreme = |name: &'static str, of: fn(f64, f64) -> f64| {
        Column::new(name, Cells::Number(rows.iter().map(|((_, group), _)| group.extreme(of)).collect()))
    };
    let mut columns = vec![text("market", &|key| key.0.to_owned()), text("state", &|key| key.1.to_owned())];
    match by {
        By::Offer | By::State => {}
        By::Utility => columns.push(text("utility", &|key| key.2.to_owned())),
        By::Class => columns.push(text("class", &|key| key.2.to_owned())),
    }
    columns.push(numbers("price_to_compare", &rows, |figures| figures.price_to_compare));
    columns.push(numbers("retail_price", &rows, |figures| figures.retail_price));
    columns.push(numbers("headroom", &rows, |figures| figures.headroom));
    columns.push(numbers("headroom_percent", &rows, |figures| figures.percent));
    columns.push(extreme("least_headroom", f64::min));
    columns.push(extreme("most_headroom", f64::max));
    columns.push(text("weights", &|_| "offers".to_owned()));
    columns.push(count("offers", &|group| group.offers));
    columns.push(count("computed", &|group| i64::try_from(group.figures.len()).unwrap_or(i64::MAX)));
    columns.push(count("unpublished", &|group| group.unpublished));
    columns.push(count("months_missing", &|group| group.months_missing));
    columns.push(count("no_price", &|group| group.no_price));
    let lacking = rows.iter().filter(|(_, mean)| mean.is_none()).count();
    (columns, lacking)
}
