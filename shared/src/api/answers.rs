//! What stands in the document about answers: the statuses that every route has, problems as what they are, headers, and
//! recorded examples.

use crate::http::{Format, format};
use serde_json::{Map, Value, json};

/// What a status means where a route says nothing of its own about it.
const MEANINGS: [(&str, &str); 17] = [
    ("200", "What was asked for"),
    ("201", "It was made"),
    ("202", "It will be done"),
    ("204", "Done; there is nothing to say about it"),
    ("303", "The answer is at the address in `Location`, which needs no token and is good for a while"),
    ("304", "It is what you have: the `ETag` is the one in `If-None-Match`"),
    ("400", "The request cannot be understood; `errors` lists every wrong part"),
    ("401", "No token, or one that has ended"),
    ("403", "Your role may not do this, or you are disabled"),
    ("404", "There is none, or none that you may see"),
    ("405", "This path does not answer to this method"),
    ("406", "It cannot be had in any of the formats that you accept; `available` lists those that there are"),
    ("409", "What is there stands against it"),
    ("412", "It is not what `If-Match` says: somebody has changed it"),
    ("413", "The request or its answer is too large to be carried"),
    ("415", "The body is of a kind that is not read here"),
    ("422", "It was understood, and what it brought is wrong"),
];

/// Likewise, where the fault is ours or will pass.
const LATER: [(&str, &str); 3] = [
    ("429", "Too many requests; `Retry-After` says when to come back"),
    (
        "500",
        "Our fault; it is in our log. `Not confirmed`: a change may have been made, look before you send it again",
    ),
    (
        "503",
        "Nothing was done: the system is busy, does not answer or is switched off; `Retry-After` says when to try again",
    ),
];

/// Headers of a page that is not the last, for formats without a place for them inside.
const PAGED: [(&str, &str); 2] = [
    ("Trueprice-Next", "Where the next page begins; absent on the last"),
    ("Link", "The next page itself, with `rel=\"next\"`; absent on the last"),
];

/// Adds the answers that every route of this kind has, and says what each answer is.
pub(super) fn describe(
    operation: &mut Value,
    method: &str,
    behind_the_gate: bool,
    limited: bool,
    versioned: bool,
) {
    let mut everywhere = vec!["400", "500", "503"];
    if versioned && method == "get" {
        everywhere.push("406");
    }
    if behind_the_gate {
        everywhere.extend(["401", "403"]);
    }
    if limited {
        everywhere.push("429");
    }
    if operation["tags"][0] == "Session" {
        // Who is not let in hears it here.
        everywhere.extend(["401", "403"]);
    }
    if method == "post" && operation["requestBody"].is_null() && operation["responses"]["415"].is_object() {
        operation["requestBody"] = body_of_parameters(&operation["parameters"]);
    }
    let form = operation["requestBody"]["content"].get("application/x-www-form-urlencoded").is_some();
    if method == "post" && form {
        only_in_the_body(operation);
    }
    if operation["requestBody"].is_object() {
        everywhere.push("413");
        everywhere.push("415");
    }
    for status in everywhere {
        let answer = &mut operation["responses"][status];
        if answer.is_null() {
            *answer = json!({ "content": problem() });
        }
    }
    if method == "get" && operation["responses"]["200"].is_object() && operation["responses"]["304"].is_null()
    {
        operation["responses"]["304"] = json!({});
    }
    let large = method == "get" && operation["responses"]["200"]["content"].get("text/csv").is_some();
    let paged = operation["parameters"].as_array().into_iter().flatten();
    if large && paged.into_iter().any(|one| one["name"] == "cursor" || one["name"] == "since") {
        for (name, about) in PAGED {
            operation["responses"]["200"]["headers"][name] =
                json!({ "description": about, "schema": { "type": "string" } });
        }
    }
    if large && operation["responses"]["303"].is_null() {
        let elsewhere = json!({ "schema": { "$ref": "#/components/schemas/Elsewhere" } });
        operation["responses"]["303"] = json!({ "content": { "application/json": elsewhere } });
    }
    for (status, answer) in operation["responses"].as_object_mut().into_iter().flatten() {
        if answer["description"].as_str().unwrap_or_default().is_empty() {
            let meaning = MEANINGS.iter().chain(&LATER).find(|(known, _)| known == status);
            answer["description"] = meaning.map_or("", |(_, meaning)| meaning).into();
        }
        // Whatever a route says, a problem has one media type.
        if answer["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/Problem" {
            answer["content"] = problem();
        }
        for (kind, body) in answer["content"].as_object_mut().into_iter().flatten() {
            if is_binary(kind) {
                body["schema"] = json!({ "type": "string", "format": "binary" });
            }
        }
        for (name, about) in headers(status) {
            let header = &mut answer["headers"][name];
            if header.is_null() {
                *header = json!({ "description": about, "schema": { "type": "string" } });
            }
        }
        // Indexing has left nulls where nothing stands.
        if let Some(answer) = answer.as_object_mut() {
            answer.retain(|_, value| !value.is_null());
        }
    }
}

/// Headers that every answer of an old path has.
const OLD: [(&str, &str); 3] = [
    ("Deprecation", "Since when the path is deprecated, as `@` and Unix seconds (RFC 9745)"),
    ("Sunset", "From when on the path may be gone (RFC 8594); absent where no date is set"),
    ("Link", "The path that replaces it, with `rel=\"successor-version\"` (RFC 5829); braces are escaped"),
];

/// The headers of old paths, for the components of the document.
pub(super) fn of_old_paths() -> Value {
    let header = |about: &str| json!({ "description": about, "schema": { "type": "string" } });
    OLD.iter().map(|(name, about)| (format!("Old{name}"), header(about))).collect::<Map<_, _>>().into()
}

/// Marks an operation as deprecated, says what replaces it, and adds the headers that say so: to what is no problem, because the
/// document would be a fifth larger with them at every problem. That problems have them, too, stands at its beginning.
pub(super) fn deprecate(operation: &mut Value, successor: &str) {
    operation["deprecated"] = true.into();
    let about = operation["description"].as_str().unwrap_or_default();
    operation["description"] = format!("{about}\n\nDeprecated: use `{successor}`.").trim().into();
    let answers = operation["responses"].as_object_mut().into_iter().flatten();
    for (_, answer) in answers.filter(|(status, _)| status.starts_with(['2', '3'])) {
        for (name, _) in OLD {
            let header = &mut answer["headers"][name];
            if header.is_null() {
                *header = json!({ "$ref": format!("#/components/headers/Old{name}") });
            }
        }
    }
}

/// Adds the formats that a list can be had in.
pub(super) fn in_every_format(operation: &mut Value) {
    const BESIDE: &str = "In other formats than JSON the entries are rows: what else the answer says is left out, and the cursor \
        of the next page is in the header `Trueprice-Next`.";
    let format = format::usual_parameter().document();
    let Some(said) = operation.as_object_mut() else { return };
    let parameters = said.entry("parameters").or_insert_with(|| json!([]));
    parameters.as_array_mut().into_iter().for_each(|parameters| parameters.push(format.clone()));
    let about = said.get("description").and_then(Value::as_str).unwrap_or_default();
    let about = format!("{about}\n\n{BESIDE}").trim().to_owned();
    said.insert("description".to_owned(), about.into());
    let content = &mut operation["responses"]["200"]["content"];
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Json) {
        content[format.media_type()] = json!({ "schema": { "type": "string" } });
    }
}

fn problem() -> Value {
    json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } })
}

/// Where the old system read a parameter from the query, it read it from a form or an object as well.
fn body_of_parameters(parameters: &Value) -> Value {
    let field = |parameter: &Value| {
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        let mut field = json!({ "type": ["string", "number", "null"], "example": parameter["example"] });
        field["description"] = parameter["description"].clone();
        (name, field)
    };
    let fields: Map<String, Value> = parameters.as_array().into_iter().flatten().map(field).collect();
    let schema = json!({ "schema": { "type": "object", "properties": fields } });
    json!({
        "content": { "application/json": schema, "application/x-www-form-urlencoded": schema },
    })
}

/// Fields that are read from the body or from the query are shown once, in the body, which goes first.
fn only_in_the_body(operation: &mut Value) {
    let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) else { return };
    let before = parameters.len();
    parameters.retain(|parameter| parameter["in"] != "query");
    if parameters.len() < before {
        let about = operation["requestBody"]["description"].as_str().unwrap_or_default();
        let about = format!("{about}\n\nA field that is not here may stand in the query by the same name.");
        operation["requestBody"]["description"] = about.trim().into();
        operation["requestBody"]["required"] = true.into();
    }
}

/// Whether a media type is no text.
fn is_binary(kind: &str) -> bool {
    let kinds = ["vnd.apache.", "officedocument", "zip"];
    kind.starts_with("application/") && kinds.iter().any(|word| kind.contains(word))
}

/// Headers that come with a status.
fn headers(status: &str) -> &'static [(&'static str, &'static str)] {
    match status {
        "401" => &[("WWW-Authenticate", "How to say who you are")],
        "303" => &[("Location", "Where the answer is")],
        "429" | "503" => &[("Retry-After", "Seconds to wait")],
        _ => &[],
    }
}

/// Adds the recorded request and answer of an operation.
pub(super) fn embed(operation: &mut Value, recorded: &Value) {
    let Some(recorded) = operation["operationId"].as_str().and_then(|id| recorded.get(id)) else { return };
    let media_type = recorded["media_type"].as_str().unwrap_or("application/json");
    if let Some(answer) = recorded.get("answer") {
        let status = recorded["status"].as_str().unwrap_or("200");
        let schema = operation["responses"][status]["content"][media_type]["schema"].clone();
        // That it was there already (200) is told as that it was made (201).
        for (status, said) in operation["responses"].as_object_mut().into_iter().flatten() {
            let content = said.get_mut("content").and_then(|content| content.get_mut(media_type));
            if let Some(content) =
                content.filter(|content| status.starts_with('2') && content["schema"] == schema)
            {
                content["example"] = answer.clone();
            }
        }
    }
    let content = operation.get_mut("requestBody").and_then(|body| body.get_mut("content"));
    let content = content.and_then(Value::as_object_mut).into_iter().flatten();
    for (_, body) in content {
        if let Some(example) = recorded.get("body") {
            body["example"] = example.clone();
        }
    }
}
