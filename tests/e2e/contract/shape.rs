//! The shape of an answer: its fields and their types; secrets are not recorded.

use serde_json::{Map, Value};

/// A placeholder for ids that differ in every run.
const ID: &str = "0b8e3c52-6f0d-4a55-9c1e-2f7a7d1c9b10";

/// List elements that are recorded.
const ELEMENTS: usize = 3;

/// A document with only the first elements of its lists.
pub fn short(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().take(ELEMENTS).map(short).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), short(value))).collect(),
        other => other.clone(),
    }
}

/// The first lines of a file.
pub fn first_lines(text: &str) -> String {
    text.split_inclusive('\n').take(16).collect()
}

/// A document without its secrets: tokens, keys and passwords, which differ in every run.
pub fn masked(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(masked).collect(),
        Value::Object(map) => {
            // The placeholder of a password is as long as passwords must be.
            let mask = |key: &str| match key {
                key if key.ends_with("_at") => None,
                key if key.contains("password") => Some("correct horse battery staple"),
                key if key == "token" || key.contains("_token") || key.contains("secret") => Some("…"),
                _ => None,
            };
            map.iter()
                .map(|(key, value)| match (value, mask(key)) {
                    (Value::String(text), Some(mask)) if !text.is_empty() => (key.clone(), mask.into()),
                    (value, _) => (key.clone(), masked(value)),
                })
                .collect()
        }
        Value::String(text) => masked_text(text).into(),
        other => other.clone(),
    }
}

/// A text without anything that looks like a token or a key.
pub fn masked_text(text: &str) -> String {
    let secret = |word: &str| {
        word.starts_with("eyJ") && word.len() > 40
            || ["tp_", "uns_"].iter().any(|sign| word.starts_with(sign)) && word.len() > 20
    };
    let separators = |c: char| !(c.is_ascii_alphanumeric() || "_-.~".contains(c));
    let words: Vec<&str> = text.split(separators).filter(|word| secret(word)).collect();
    let text = words.iter().fold(text.to_owned(), |text, word| text.replace(word, "…"));
    let is_id = |word: &&str| word.len() == 36 && word.matches('-').count() == 4;
    let ids: Vec<&str> = text.split(|c: char| !(c.is_ascii_hexdigit() || c == '-')).filter(is_id).collect();
    let text = ids.iter().fold(text.clone(), |text, id| text.replace(id, ID));
    if let Some((page, _)) = text.split_once("/set-password#") {
        return format!("{page}/set-password#…");
    }
    match text.split_once("password=") {
        Some((before, rest)) => {
            let after = rest.split_once('&').map_or(String::new(), |(_, after)| format!("&{after}"));
            format!("{before}password=…{after}")
        }
        None => text,
    }
}

/// Where a recorded example and a current answer differ, if they do.
pub fn difference(recorded: &Value, now: &Value) -> Option<String> {
    if recorded.is_null() {
        return Some("there is no recorded example".to_owned());
    }
    for key in ["status", "media_type"] {
        if recorded[key] != now[key] {
            return Some(format!("{key} was {} and is {}", recorded[key], now[key]));
        }
    }
    if let (Some(before), Some(after)) = (recorded["answer"].as_str(), now["answer"].as_str()) {
        let first = |text: &str| text.lines().next().map(str::to_owned);
        return (first(before) != first(after)).then(|| format!("the first line is {:?}", first(after)));
    }
    differs(&shape(&recorded["answer"]), &shape(&now["answer"]), "answer")
}

/// Types instead of values; for a list, what its elements have in common.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(_) => "true or false".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "text".into(),
        Value::Array(list) => Value::Array(vec![list.iter().map(shape).fold(Value::Null, merged)]),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
    }
}

fn merged(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Null, other) => other,
        (Value::Object(mut one), Value::Object(other)) => {
            for (key, value) in other {
                let known = one.remove(&key).unwrap_or_default();
                one.insert(key, merged(known, value));
            }
            Value::Object(one)
        }
        (Value::Array(mut one), Value::Array(mut other)) => {
            Value::Array(vec![merged(one.pop().unwrap_or_default(), other.pop().unwrap_or_default())])
        }
        (one, _) => one,
    }
}

fn differs(before: &Value, after: &Value, place: &str) -> Option<String> {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let lost = |one: &Map<String, Value>, other: &Map<String, Value>| {
                one.keys().find(|key| !other.contains_key(*key)).cloned()
            };
            if let Some(key) = lost(before, after) {
                return Some(format!("{place} has no {key:?} any more"));
            }
            if let Some(key) = lost(after, before) {
                return Some(format!("{place} has a new {key:?}"));
            }
            before.iter().find_map(|(key, value)| differs(value, &after[key], &format!("{place}.{key}")))
        }
        (Value::Array(before), Value::Array(after)) => differs(&before[0], &after[0], &format!("{place}[]")),
        // A value that is missing now may exist another time.
        (Value::Null, _) | (_, Value::Null) => None,
        (before, after) => (before != after).then(|| format!("{place} was {before} and is {after}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(before: &Value, after: &Value) -> Option<String> {
        let whole =
            |answer: &Value| json!({ "status": "200", "media_type": "application/json", "answer": answer });
        difference(&whole(before), &whole(after))
    }

    #[test]
    fn other_numbers_have_the_same_shape_and_other_fields_do_not() {
        let before = json!({ "rows": [{ "a": 1, "b": null }, { "a": 2, "c": "x" }], "next": null });
        for same in [
            json!({ "rows": [{ "a": 3, "b": "y", "c": "z" }], "next": "more" }),
            json!({ "rows": [{ "a": null, "c": "z" }, { "b": 1, "a": 0 }], "next": null }),
        ] {
            assert_eq!(found(&before, &same), None, "{same}");
        }
        for other in [
            json!({ "rows": [{ "a": 1, "b": null }], "next": null }),
            json!({ "rows": [{ "a": "1", "b": null, "c": "x" }], "next": null }),
            json!({ "rows": [{ "a": 1, "b": null, "c": "x", "d": 1 }], "next": null }),
            json!({ "rows": {}, "next": null }),
            json!([]),
        ] {
            assert!(found(&before, &other).is_some(), "{other}");
        }
    }

    #[test]
    fn secrets_are_not_recorded() {
        let token = format!("eyJ{}.b.c", "a".repeat(60));
        let told = json!({ "access_token": "x", "address": format!("/reset?token={token}"), "token_type": "Bearer" });
        let masked_whole = masked(&told);
        assert_eq!(masked_whole["access_token"], "…");
        assert!(!masked_whole.to_string().contains(&token));
        assert_eq!(
            masked(&json!({ "token": "a", "path": "/set-password#a" })),
            json!({ "token": "…", "path": "/set-password#…" })
        );
        assert_eq!(masked_text("/login?email=a&password=b&c=d"), "/login?email=a&password=…&c=d");
    }
}
