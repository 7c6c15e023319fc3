//! What the schemas of answers lack that are derived from types: which texts are wall clocks, and which parts of a whole are open.

use serde_json::Value;

/// Stamps are wall clocks of a market, without an offset; a `date-time` has one.
pub(super) fn wall_clocks(schema: &mut Value) {
    for (name, part) in schema.as_object_mut().into_iter().flatten() {
        let is_stamp = (name == "stamp" || name.ends_with("_stamp")) && part["format"] == "date-time";
        if is_stamp && let Some(part) = part.as_object_mut() {
            part.remove("format");
            part.insert("pattern".to_owned(), STAMP.into());
            part.entry("example").or_insert_with(|| "2024-01-05T17:02:00".into());
        }
        wall_clocks(part);
    }
    for part in schema.as_array_mut().into_iter().flatten() {
        wall_clocks(part);
    }
}

/// A part of a whole does not refuse what the other parts have: what of a body is refused would be so of an answer that
/// has the body in it.
pub(super) fn open_parts(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    open(document, &schemas);
}

fn open(place: &mut Value, schemas: &Value) {
    for part in place.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = part["$ref"].as_str().and_then(|to| to.rsplit('/').next()).unwrap_or_default();
        if schemas[name]["additionalProperties"] == false {
            *part = schemas[name].clone();
        }
        if let Some(part) = part.as_object_mut() {
            part.retain(|key, value| key != "additionalProperties" || *value != false);
        }
    }
    match place {
        Value::Object(fields) => fields.values_mut().for_each(|part| open(part, schemas)),
        Value::Array(list) => list.iter_mut().for_each(|part| open(part, schemas)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A wall clock.
const STAMP: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$";
