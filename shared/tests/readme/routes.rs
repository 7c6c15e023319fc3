//! Tables of requests, from the list of routes and the committed OpenAPI document.

use crate::pages::{cells, everything, prose, read};
use crate::tables::{Cell, Table, line, made};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use trueprice::http::route::Audience;

/// The committed OpenAPI document.
pub fn contract() -> &'static Value {
    static CONTRACT: OnceLock<Value> = OnceLock::new();
    CONTRACT.get_or_init(|| serde_json::from_str(&read("shared/tests/openapi.json")).unwrap())
}

/// A documented request, such as `GET /v1/values`.
pub fn operation<'d>(document: &'d Value, request: &str) -> &'d Value {
    let (method, path) = request.split_once(' ').expect("a method and a path");
    let operation = &document["paths"][path][method.to_lowercase()];
    assert!(operation.is_object(), "the OpenAPI document has no {request}");
    operation
}

/// All documented requests: method, path and operation.
fn operations() -> impl Iterator<Item = (String, &'static str, &'static Value)> {
    contract()["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap().iter();
        item.map(move |(method, operation)| (method.to_uppercase(), path.as_str(), operation))
    })
}

/// Who may send a request.
fn audiences() -> BTreeMap<String, &'static str> {
    let routes = trueprice::api::routes().into_iter();
    let words = |audience| match audience {
        Audience::Public => "anyone",
        Audience::Reader => "any user",
        Audience::Uploader => "uploaders, admins",
        Audience::Admin => "admins",
    };
    routes.map(|route| (route.handlers.path, words(route.audience))).collect()
}

/// The requests of some tags of the document.
pub fn table(tags: &[&str]) -> Table {
    let audiences = audiences();
    let mut rows = Vec::new();
    for tag in tags {
        let count = rows.len();
        for (method, path, operation) in operations().filter(|(.., operation)| operation["tags"][0] == *tag) {
            let summary = operation["summary"].as_str().unwrap_or_default();
            let request = made(format!("`{method} {path}`"));
            rows.push(vec![request, made(audiences[path]), Cell::ByHand(line(summary))]);
        }
        assert!(rows.len() > count, "no request has the tag {tag:?}");
    }
    Table { head: vec!["Request", "For", "What it does"], rows }
}

/// Every path of the old API with what replaces it.
pub fn old_paths() -> Table {
    let mut old: Vec<_> = trueprice::api::routes()
        .into_iter()
        .filter_map(|route| Some((route.handlers.path.clone(), route.successor?)))
        .collect();
    old.sort();
    let rows = old.into_iter().map(|(path, successor)| {
        let methods: Vec<_> =
            operations().filter(|(_, one, _)| *one == path).map(|(method, ..)| method).collect();
        let differs = Cell::ByHand(String::new());
        vec![made(format!("`{path}`")), made(methods.join(", ")), made(format!("`{successor}`")), differs]
    });
    Table { head: vec!["Old path", "Methods", "Use now", "What differs"], rows: rows.collect() }
}

/// The requests that the first cells of the tables name, as `GET /path`.
fn named(text: &str) -> BTreeSet<String> {
    const VERBS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let mut named = BTreeSet::new();
    for row in prose(text).filter(|line| line.starts_with("| `")).map(cells) {
        let words = row[0].trim_matches('`').split_once(' ');
        match words.filter(|(verb, path)| VERBS.contains(verb) && path.starts_with('/')) {
            Some((verb, path)) => {
                named.insert(format!("{verb} {path}"));
            }
            // A row of the table of old paths has the methods in its second cell.
            None if row[0].starts_with("`/") && row.len() > 1 => {
                let path = row[0].trim_matches('`');
                let verbs = row[1].split(", ").filter(|verb| VERBS.contains(verb));
                named.extend(verbs.map(|verb| format!("{verb} {path}")));
            }
            None => {}
        }
    }
    named
}

#[test]
fn a_table_names_requests_in_either_form() {
    let text = "text `GET /a`\n| `PUT /b` | any user |\n| `/c` | GET, POST | `/d` |\n| `start` | text |\n";
    assert_eq!(named(text).into_iter().collect::<Vec<_>>(), ["GET /c", "POST /c", "PUT /b"]);
}

#[test]
fn every_request_is_in_a_table_and_no_other() {
    let named = named(&everything());
    let documented: BTreeSet<String> =
        operations().map(|(method, path, _)| format!("{method} {path}")).collect();
    let missing: Vec<_> = documented.difference(&named).collect();
    let unknown: Vec<_> = named.difference(&documented).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "no table has {missing:#?}; unknown are {unknown:#?}");
}

/// The paths and parameters of the addresses in a text that are the API's.
fn addresses(text: &str) -> Vec<(String, Vec<String>)> {
    let ends = |c: char| c.is_whitespace() || "\"'`)<>".contains(c);
    let starts = text.match_indices("/v1/").chain(text.match_indices("/get_data?"));
    let mut found = Vec::new();
    for (at, _) in starts {
        let address = text[at..].split(ends).next().unwrap();
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let names = query.split('&').filter_map(|pair| Some(pair.split_once('=')?.0.to_owned()));
        found.push((path.trim_end_matches(['.', ',', ';', ':']).to_owned(), names.collect()));
    }
    found
}

/// Whether a path of an example is documented. A variable, a number or a name may fill in for a parameter.
fn matches(path: &str, documented: &str) -> bool {
    let (given, parts): (Vec<_>, Vec<_>) = (path.split('/').collect(), documented.split('/').collect());
    given.len() == parts.len()
        && given.iter().zip(&parts).all(|(one, part)| part.starts_with('{') || one == part)
}

#[test]
fn every_address_in_an_example_is_documented_with_its_parameters() {
    let mut looked_at = 0;
    for page in crate::pages::all() {
        for block in page.text.split("\n```").skip(1).step_by(2) {
            for (path, names) in addresses(block) {
                let fitting: Vec<_> = operations().filter(|(_, one, _)| matches(&path, one)).collect();
                assert!(!fitting.is_empty(), "{}: there is no {path}", page.path);
                for name in names {
                    let known = fitting.iter().any(|(_, _, operation)| {
                        let parameters = operation["parameters"].as_array();
                        parameters.into_iter().flatten().any(|parameter| parameter["name"] == *name)
                    });
                    assert!(known, "{}: {path} has no parameter {name}", page.path);
                }
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 50, "{looked_at} addresses");
}
