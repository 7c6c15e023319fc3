//! The lists, held against the documented schemas.

use super::*;
use crate::http::list::Kind;
use serde_json::Value;
use std::collections::BTreeMap;

/// The fields of a schema, with those of its parts.
fn fields(schema: &Value, schemas: &Value, into: &mut BTreeMap<String, Value>) {
    let named = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next());
    let schema = named.map_or(schema, |name| &schemas[name]);
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        into.insert(name.clone(), field.clone());
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        fields(part, schemas, into);
    }
}

fn kind(name: &str, field: &Value) -> Kind {
    let is = |kind: &str| {
        field["type"] == kind || field["type"].as_array().is_some_and(|all| all.contains(&kind.into()))
    };
    match field["format"].as_str() {
        Some("date-time") => Kind::Moment,
        Some("date") => Kind::Day,
        _ if is("integer") => Kind::Integer,
        _ if is("number") => Kind::Number,
        _ if is("boolean") => Kind::Flag,
        _ if name == "stamp" => Kind::Stamp,
        _ => Kind::Text,
    }
}

#[test]
fn every_list_has_the_columns_that_its_entries_have() {
    let document = crate::api::document::bare();
    let schemas = &document["components"]["schemas"];
    for (path, list) in LISTS.iter().chain(&WIDE) {
        let answer =
            &document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let mut of_answer = BTreeMap::new();
        fields(answer, schemas, &mut of_answer);
        let entries = of_answer.get(list.name).unwrap_or_else(|| panic!("{path} has no {}", list.name));
        let mut of_entry = BTreeMap::new();
        fields(&entries["items"], schemas, &mut of_entry);
        let documented: BTreeMap<&str, Kind> =
            of_entry.iter().map(|(name, field)| (name.as_str(), kind(name, field))).collect();
        let columns: BTreeMap<&str, Kind> = list.columns.iter().copied().collect();
        assert_eq!(columns, documented, "{path}: add to the columns what the entries have");
    }
}
