//! Reads requests for the catalog.

use super::parameters::CURVES;
use crate::catalog::label::normalised;
use crate::catalog::{DataType, Layout, Market};
use crate::http::{Format, Parameters, Problem, page};
use crate::parameters::Then;
use crate::parameters::filter::{Field, Filter};

/// The requested curves.
#[derive(Debug)]
pub(super) struct CatalogQuery {
    data_type: Option<DataType>,
    pub(super) market: Option<Market>,
    filter: Filter,
    /// Patterns for LIKE; each must match the labels of a curve.
    pub(super) words: Vec<String>,
    /// The time of the marks.
    pub(super) then: Then,
}

impl CatalogQuery {
    /// All curves known at that time.
    pub(super) fn all(then: Then) -> Self {
        Self { data_type: None, market: None, filter: Filter::default(), words: vec![], then }
    }

    /// The data types whose curves have all requested fields, and the patterns for each of them.
    pub(super) fn places(&self) -> (Vec<String>, Places) {
        let (mut types, mut filters) = (Vec::new(), Places::default());
        for data_type in DataType::ALL {
            if self.data_type.is_some_and(|only| only != data_type) {
                continue;
            }
            if let Some((places, patterns)) = self.filter.places(Layout::of(data_type)) {
                types.push(data_type.word().to_owned());
                for (place, pattern) in places.into_iter().zip(patterns) {
                    filters.add(data_type, place, pattern);
                }
            }
        }
        (types, filters)
    }
}

/// The requested page of the catalog.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) asked: CatalogQuery,
    pub(super) facets: Vec<&'static str>,
    pub(super) after: Option<i64>,
    pub(super) limit: i64,
    pub(super) format: Format,
}

/// Fields other than labels that can be counted.
const BESIDE: [&str; 3] = ["data_type", "market", "unit"];
/// Maximum length of a search text, and its maximum number of words.
const LONGEST: (usize, usize) = (200, 16);

/// Reads a query string.
pub(super) fn parse(pairs: &[(String, String)], accept: Option<&str>) -> Result<Page, Problem> {
    let mut read = Parameters::new(pairs, &CURVES);
    let (after, limit) = page::read(&mut read);
    let facets = facets(&mut read);
    let asked = CatalogQuery {
        data_type: read.parsed("data_type"),
        market: read.parsed("market"),
        filter: read.filter(""),
        words: words(&mut read),
        then: read.then(),
    };
    let format = read.format(accept)?;
    read.end(Page { asked, facets, after, limit, format }).map_err(Problem::bad_request)
}

fn facets(read: &mut Parameters) -> Vec<&'static str> {
    let known: Vec<&'static str> = BESIDE.into_iter().chain(Field::all().map(Field::name)).collect();
    let mut facets = Vec::new();
    let words: Vec<&str> =
        read.texts("facets").into_iter().flat_map(|text| text.split(',')).map(str::trim).collect();
    for word in words.into_iter().filter(|word| !word.is_empty()) {
        match known.iter().find(|name| name.eq_ignore_ascii_case(word)) {
            Some(name) if facets.contains(name) => {}
            Some(name) => facets.push(*name),
            None => {
                read.wrong_word("facets", word, format!("expected some of {}", known.join(", ")));
            }
        }
    }
    facets
}

/// The words of a search, for LIKE.
fn words(read: &mut Parameters) -> Vec<String> {
    let text = read.text("q").unwrap_or("");
    let normal = normalised(text);
    let words: Vec<&str> = normal.split(' ').filter(|word| !word.is_empty()).collect();
    if text.chars().count() > LONGEST.0 || words.len() > LONGEST.1 || text.chars().any(char::is_control) {
        read.wrong("q", format!("expected at most {} words, {} printable characters", LONGEST.1, LONGEST.0));
        return vec![];
    }
    let escaped = words.iter().map(|word| word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    escaped.map(|word| format!("%{word}%")).collect()
}

/// Positions and patterns, by data type, as parallel arrays for SQL.
#[derive(Debug, Default)]
#[expect(clippy::struct_field_names, reason = "three columns side by side")]
pub(super) struct Places {
    pub(super) types: Vec<String>,
    pub(super) places: Vec<i32>,
    pub(super) patterns: Vec<String>,
}

impl Places {
    pub(super) fn add(&mut self, data_type: DataType, place: i32, pattern: String) {
        self.types.push(data_type.word().to_owned());
        self.places.push(place);
        self.patterns.push(pattern);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &[(&str, &str)]) -> Result<Page, Problem> {
        let pairs: Vec<_> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        parse(&pairs, None)
    }

    #[test]
    fn words_are_patterns_that_mean_themselves() {
        let page = page(&[("q", "  North_ZONE 5% \\ ")]).unwrap();
        assert_eq!(page.asked.words, ["%north%", "%zone%", "%5\\%%", "%\\\\%"]);
        assert_eq!(page.limit, 50);
    }

    #[test]
    fn a_detail_leaves_the_data_types_that_have_it() {
        let page = page(&[("term", "12"), ("load_zone", "A*"), ("load_zone", "B")]).unwrap();
        let (types, filters) = page.asked.places();
        assert_eq!(types, ["matrix", "headroom"]);
        assert_eq!((filters.places, filters.patterns.len()), (vec![3, 3, 11, 3, 3, 11], 6));
        let (types, _) = CatalogQuery::all(Then::default()).places();
        assert_eq!(types.len(), DataType::ALL.len());
    }

    #[test]
    fn all_errors_are_reported_at_once() {
        let long = "x".repeat(201);
        for (query, count) in [
            (vec![("q", long.as_str()), ("limit", "0"), ("cursor", "x"), ("facets", "colour")], 4),
            (vec![("color", "red"), ("market", "CAISO"), ("load_zone", "a*b")], 3),
            (vec![("q", "a\u{0}b")], 1),
        ] {
            let problem = serde_json::to_value(page(&query).unwrap_err()).unwrap();
            assert_eq!(problem["errors"].as_array().unwrap().len(), count, "{problem}");
        }
        assert!(page(&[("format", "pdf")]).is_err());
        assert_eq!(page(&[("facets", "unit, LOAD_ZONE,unit")]).unwrap().facets, ["unit", "load_zone"]);
    }
}
