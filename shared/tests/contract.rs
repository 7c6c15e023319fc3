//! The contract: the OpenAPI document is complete and is the agreed one. `make contract` accepts a changed document.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use trueprice::api;

/// The HTTP methods that operations may have.
const VERBS: [&str; 5] = ["get", "post", "put", "delete", "patch"];

/// Operations: "GET /path" and its description.
fn operations() -> Vec<(String, &'static Map<String, Value>)> {
    let paths = api::document()["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap();
        assert!(item.keys().all(|verb| VERBS.contains(&verb.as_str())), "{path} has only operations");
        item.iter().map(move |(verb, operation)| {
            (format!("{} {path}", verb.to_uppercase()), operation.as_object().unwrap())
        })
    });
    all.collect()
}

fn text<'a>(said: &'a Value, key: &str) -> &'a str {
    said[key].as_str().map_or("", str::trim)
}

/// Everything that the document lacks.
#[derive(Default)]
struct Lacks(Vec<String>);

impl Lacks {
    fn unless(&mut self, is_there: bool, place: &str, what: impl AsRef<str>) {
        if !is_there {
            self.0.push(format!("{place}: {}", what.as_ref()));
        }
    }

    fn none(self) {
        assert!(self.0.is_empty(), "the document lacks {} things:\n  {}", self.0.len(), self.0.join("\n  "));
    }
}

#[test]
fn every_operation_is_described_and_has_a_unique_id() {
    let (mut lacks, mut ids) = (Lacks::default(), BTreeMap::new());
    for (place, operation) in operations() {
        let operation = Value::Object(operation.clone());
        lacks.unless(!text(&operation, "summary").is_empty(), &place, "a summary");
        let tags = operation["tags"].as_array().map_or(0, Vec::len);
        lacks.unless(tags == 1, &place, format!("one tag instead of {tags}"));
        let id = text(&operation, "operationId").to_owned();
        lacks.unless(!id.is_empty(), &place, "an operationId");
        if let Some(other) = ids.insert(id.clone(), place.clone()) {
            lacks.unless(false, &place, format!("an operationId of its own: {id} is that of {other}"));
        }
        let about = text(&operation, "summary");
        lacks.unless(about.ends_with('.'), &place, format!("a summary that is a sentence: {about:?}"));
    }
    assert!(ids.len() >= 15, "{} operations", ids.len());
    lacks.none();
}

#[test]
fn every_parameter_is_described_and_its_example_fits_its_schema() {
    let mut lacks = Lacks::default();
    for (place, operation) in operations() {
        let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let mut named: Vec<&str> = Vec::new();
        for parameter in parameters {
            let name = text(parameter, "name");
            let place = format!("{place}, parameter {name}");
            lacks.unless(!named.contains(&name), &place, "a unique name");
            named.push(name);
            lacks.unless(text(parameter, "description").len() > 5, &place, "a description");
            lacks.unless(!parameter["example"].is_null(), &place, "an example");
            let schema = parameter["schema"].to_string();
            lacks.unless(!schema.contains("null"), &place, format!("a schema without null: {schema}"));
            let words = parameter["schema"]["enum"].as_array();
            if let Some(words) = words {
                let example = &parameter["example"];
                lacks.unless(words.contains(example), &place, format!("an example among {words:?}"));
            }
        }
        for part in place.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            lacks.unless(named.contains(&part), &place, format!("its path parameter {part}"));
        }
    }
    lacks.none();
}

#[test]
fn every_answer_is_described_and_every_error_is_a_problem() {
    let mut lacks = Lacks::default();
    for (place, operation) in operations() {
        let operation = Value::Object(operation.clone());
        let answers = operation["responses"].as_object().unwrap();
        // A path that is gone answers 410; one that moved, 3xx.
        let comes_to = |status: &String| status.starts_with(['2', '3']) || status == "410";
        lacks.unless(answers.keys().any(comes_to), &place, "a successful answer");
        lacks.unless(answers.keys().any(|status| status.starts_with('4')), &place, "an error answer");
        lacks.unless(answers.contains_key("500"), &place, "500");
        for status in ["401", "403"] {
            let secured = operation["security"].as_array().is_some_and(|ways| !ways.is_empty());
            lacks.unless(!secured || answers.contains_key(status), &place, status);
        }
        for (status, answer) in answers {
            let place = format!("{place}, {status}");
            lacks.unless(!text(answer, "description").is_empty(), &place, "a description");
            let content = answer["content"].as_object();
            if status.starts_with(['4', '5']) {
                let kinds: Vec<&String> = content.into_iter().flat_map(Map::keys).collect();
                lacks.unless(kinds == ["application/problem+json"], &place, format!("a problem: {kinds:?}"));
            }
            for (kind, body) in content.into_iter().flatten() {
                // The document itself is described by the OpenAPI specification.
                let described = body["schema"].as_object().is_some_and(|schema| !schema.is_empty());
                let free = operation["operationId"] == "openapi";
                lacks.unless(described || free, &format!("{place} {kind}"), "a schema");
            }
        }
        if let Some(body) = operation.get("requestBody") {
            for (kind, body) in body["content"].as_object().into_iter().flatten() {
                let place = format!("{place}, body {kind}");
                lacks.unless(body["schema"].is_object(), &place, "a schema");
            }
        }
    }
    lacks.none();
}

#[test]
fn every_part_of_every_schema_is_described() {
    let mut lacks = Lacks::default();
    let schemas = api::document()["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas {
        lacks.unless(!text(schema, "description").is_empty(), name, "a description");
        for (property, said) in properties(schema) {
            // An optional part is either null or the schema behind the reference.
            let choices = said["oneOf"].as_array().into_iter().flatten().chain([said]);
            let mut references = choices.filter_map(|choice| choice["$ref"].as_str());
            let target = references.next().and_then(|to| to.rsplit('/').next());
            let by_itself = target.is_some_and(|target| !text(&schemas[target], "description").is_empty());
            let described = by_itself || !text(said, "description").is_empty();
            lacks.unless(described, &format!("{name}.{property}"), "a description");
        }
    }
    let whole = api::document().to_string();
    for name in whole.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        lacks.unless(schemas.contains_key(name), "components", format!("the schema {name}"));
    }
    for name in schemas.keys() {
        let used = whole.contains(&format!("#/components/schemas/{name}\""));
        lacks.unless(used, name, "a use");
    }
    lacks.none();
}

/// Properties of a schema, including those of its parts.
fn properties(schema: &Value) -> Vec<(&String, &Value)> {
    let own = schema["properties"].as_object().into_iter().flatten();
    let parts = ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten();
    own.chain(parts.flat_map(properties)).collect()
}

#[test]
fn every_json_answer_and_every_body_has_a_recorded_example() {
    let mut lacks = Lacks::default();
    for (place, operation) in operations() {
        let operation = Value::Object(operation.clone());
        for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
            let success = status.starts_with('2') && operation["operationId"] != "openapi";
            let json = answer["content"].get("application/json").filter(|_| success);
            let recorded = json.is_none_or(|body| !body["example"].is_null());
            lacks.unless(recorded, &place, "a recorded example; `make contract` records it");
        }
        let body = operation["requestBody"]["content"].get("application/json");
        let recorded = body.is_none_or(|body| !body["example"].is_null());
        lacks.unless(recorded, &place, "an example of its body; `make contract` records it");
    }
    lacks.none();
}

#[test]
fn the_document_is_the_agreed_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi.json");
    let now = api::document();
    if trueprice::env::optional("TRUEPRICE_ACCEPT").is_some() {
        fs::write(&file, format!("{now:#}\n")).unwrap();
    }
    let agreed: Value =
        serde_json::from_str(&fs::read_to_string(&file).unwrap_or_default()).unwrap_or_default();
    let mut changed = Vec::new();
    differences(&agreed, now, "", &mut changed);
    assert!(
        changed.is_empty(),
        "the OpenAPI document changed in {} places; review them, then run `make contract` to accept them:\n  {}",
        changed.len(),
        changed.iter().take(40).cloned().collect::<Vec<_>>().join("\n  ")
    );
}

/// The places where two documents differ.
fn differences(before: &Value, after: &Value, place: &str, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for key in keys {
                let place = format!("{place} > {key}");
                match (before.get(key), after.get(key)) {
                    (Some(before), Some(after)) => differences(before, after, &place, found),
                    (None, _) => found.push(format!("new: {place}")),
                    (_, None) => found.push(format!("gone: {place}")),
                }
            }
        }
        (before, after) if before != after => {
            let (before, after) = (before.to_string(), after.to_string());
            let short = |text: &str| text.chars().take(120).collect::<String>();
            found.push(format!("{place}: {} is now {}", short(&before), short(&after)));
        }
        _ => {}
    }
}
