//! The schema of a parameter, by its name: a name means the same at every route. A route that documents more about its
//! parameter is left as it is.

use crate::catalog::{Block, DataType, Market};
use crate::http::Format;
use serde_json::{Value, json};

/// Completes the schema of a parameter.
pub(super) fn describe(parameter: &mut Value) {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    let schema = &mut parameter["schema"];
    nothing_is_null(schema);
    // Both curves of a spread have the same parameters.
    let word = name.trim_start_matches("a.").trim_start_matches("b.");
    if let Some((known, example)) = known(word) {
        let list = schema["type"] == "array";
        let target = if schema["type"] == "array" { &mut schema["items"] } else { schema };
        if target["type"] == known["type"] && !says_more(target) {
            *target = known;
        }
        // Not every route can read all snapshots of a day.
        let of_one =
            word == "mark" && !parameter["description"].as_str().is_some_and(|about| about.contains("`all`"));
        let words = parameter.get_mut("schema").and_then(|schema| schema.get_mut("enum"));
        if let Some(words) = words.and_then(Value::as_array_mut).filter(|_| of_one) {
            words.retain(|word| word != "all");
        }
        if parameter["example"].is_null() {
            parameter["example"] = if list { json!([example]) } else { example };
        }
    }
    if parameter["schema"]["type"] == "array"
        && !parameter["example"].is_null()
        && !parameter["example"].is_array()
    {
        parameter["example"] = json!([parameter["example"]]);
    }
    if parameter["in"] == "query" {
        // An empty value counts as absent, because clients of the old system send it.
        parameter["allowEmptyValue"] = true.into();
    }
    // The only interesting example of a flag is that it is set.
    if parameter["example"].is_null() && parameter["schema"]["type"] == "boolean" {
        parameter["example"] = true.into();
    }
    if let Some(parameter) = parameter.as_object_mut() {
        parameter.retain(|_, value| !value.is_null());
    }
}

/// Stamps are wall-clock times of a market without an offset; a `date-time` has one.
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

/// Lets the parts of an `allOf` accept each other's fields: a schema that refuses unknown fields in a request body would also refuse
/// those of a response that contains it.
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

/// A wall-clock time.
const STAMP: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$";

/// Whether a schema says more than its Rust type.
fn says_more(schema: &Value) -> bool {
    let of_the_type = |key: &str| match key {
        "type" | "format" => true,
        "minimum" => schema["minimum"] == 0,
        _ => false,
    };
    let formatted = schema["type"] == "string" && schema.get("format").is_some();
    formatted || schema.as_object().is_some_and(|said| said.keys().any(|key| !of_the_type(key)))
}

/// A parameter is given or not; it is never null.
fn nothing_is_null(schema: &mut Value) {
    if let Some(types) = schema["type"].as_array() {
        let types: Vec<Value> = types.iter().filter(|kind| *kind != "null").cloned().collect();
        schema["type"] = match types.as_slice() {
            [one] => one.clone(),
            _ => types.into(),
        };
    }
    // A nullable reference is one of two alternatives.
    if let Some(choices) = schema["oneOf"].as_array() {
        let choices: Vec<&Value> = choices.iter().filter(|choice| choice["type"] != "null").collect();
        if let [one] = choices.as_slice() {
            *schema = (*one).clone();
        }
    }
    if let Some(schema) = schema.as_object_mut() {
        schema.retain(|_, value| !value.is_null());
    }
}

/// A delivery month, or a day in it.
const MONTH: &str = r"^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$|^[0-9]{8}$";

/// Schema and example of a name.
fn known(name: &str) -> Option<(Value, Value)> {
    let words = |words: Vec<String>, example: &str| {
        Some((json!({ "type": "string", "enum": words }), example.into()))
    };
    let number = |least: i64, most: i64, example: i64| {
        Some((json!({ "type": "integer", "minimum": least, "maximum": most }), example.into()))
    };
    let formatted =
        |format: &str, example: &str| Some((json!({ "type": "string", "format": format }), example.into()));
    let matching = |pattern: &str, example: &str| {
        Some((json!({ "type": "string", "pattern": pattern }), example.into()))
    };
    let data_types = || DataType::ALL.map(|data_type| data_type.word().to_owned()).to_vec();
    let markets = || Market::ALL.map(|market| market.code().to_owned()).to_vec();
    let all = |mut words: Vec<String>| {
        words.push("all".to_owned());
        words
    };
    let some = |known: &[&str]| known.iter().map(|word| (*word).to_owned()).collect();
    match name {
        "data_type" => words(data_types(), "energy"),
        "curve_type" => words(all(data_types()), "energy"),
        "market" => words(markets(), "ERCOT"),
        "iso" => words(all(markets()), "ERCOT"),
        "mark" => words(some(&["latest", "cob", "intraday", "all"]), "latest"),
        "calendar" => words(some(&["nerc", "legacy"]), "nerc"),
        "operating_day" | "operating_day_end" => formatted("date", "2024-01-05"),
        "known_at" => formatted("date-time", "2024-02-01T00:00:00Z"),
        "as_of" => matching(
            r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2})?$|^[0-9]{8}(_[0-9]{6})?$",
            "2024-01-05",
        ),
        "start" | "from" => matching(MONTH, "2024-02"),
        "end" => matching(MONTH, "2024-12"),
        "type" => words(some(&["csv", "xlsx", "json"]), "json"),
        "idcob" => words(some(&["latestall", "cobonly", "intradayonly", "all"]), "latestall"),
        "offset" => number(0, 36_500, 1),
        // Anything but `true` means no, as in the old system.
        "history" => Some((json!({ "type": "string" }), "true".into())),
        "limit" => number(1, 200, 2),
        "id" | "against" | "snapshot" => number(1, i64::from(i32::MAX), 1),
        "email" => Some((json!({ "type": "string" }), "analyst@example.com".into())),
        "password" => Some((json!({ "type": "string", "format": "password" }), "a long sentence".into())),
        "block" => words(Block::ALL.map(|block| block.name().to_owned()).to_vec(), "5x16"),
        "cursor" => matching(r"^[A-Za-z0-9_-]+$", "AAAAAAAAAAU"),
        "to" => matching(MONTH, "2025-02"),
        "from_day" => formatted("date", "2024-01-01"),
        "to_day" => formatted("date", "2024-01-31"),
        "period" => matching(r"^[A-Za-z0-9+.-]+$", "next12"),
        "granularity" => words(some(&["native", "month", "quarter", "season", "year", "strip"]), "month"),
        "units" => words(some(&["native", "$/MWh"]), "native"),
        "format" => words(Format::WORDS.map(|(word, _)| word.to_owned()).to_vec(), "json"),
        "layout" => words(some(&["long", "wide"]), "long"),
        "fill" => matching(r"^(none|forward|interpolate|value:-?[0-9.]+)$", "none"),
        "against_as_of" => known("as_of"),
        "against_mark" => known("mark"),
        "heat_rate" => Some((json!({ "type": "number" }), json!(7.5))),
        _ => label(name).map(|example| (json!({ "type": "string" }), example.into())),
    }
}

/// A label from the sample sheets.
fn label(name: &str) -> Option<&'static str> {
    let labels = [
        ("control_area", "ERCOT"),
        ("state", "TX"),
        ("load_zone", "NORTH ZONE"),
        ("capacity_zone", "NORTH*"),
        ("utility", "ONCOR"),
        ("block_type", "5x16"),
        ("cost_group", "ENERGY"),
        ("cost_component", "ENERGY*"),
        ("sub_cost_component", "ENERGY*"),
        ("profile_load", "RESIDENTIAL"),
        ("utility_name", "EVERSOURCE*"),
        ("load_profile", "BUSHILF*"),
        ("term", "12"),
        ("customer_type", "RESIDENTIAL"),
        ("matching_id", "M00001"),
        ("lookup_id", "LK00001"),
    ];
    labels.iter().find(|(known, _)| *known == name).map(|(_, example)| *example)
}
