//! How responses are documented: the statuses that every route has, problems with their media type, headers, and
//! recorded examples.

use crate::http::{Format, format};
use serde_json::{Map, Value, json};

/// The meaning of a status for routes that do not describe it themselves.
const MEANINGS: [(&str, &str); 17] = [
    ("200", "Success"),
    ("201", "Created"),
    ("202", "Accepted; the work continues in the background"),
    ("204", "Done; the response has no body"),
    ("303", "Fetch the result from the address in `Location`; it needs no token and expires after a while"),
    ("304", "Not modified: the `ETag` in `If-None-Match` is still current"),
    ("400", "The request is not valid; `errors` lists everything that is wrong with it"),
    ("401", "The token or API key is missing, invalid or expired"),
    ("403", "Your role or API key does not allow this, or your account is disabled"),
    ("404", "Not found, or not visible to you"),
    ("405", "This path does not support this method; `Allow` lists those that it does"),
    ("406", "Not available in a format that you accept; `available` lists the formats"),
    ("409", "Conflicts with the current state"),
    ("412", "Changed since you read it: `If-Match` does not name the current version"),
    ("413", "The request or the response is too large"),
    ("415", "The `Content-Type` of the body is not supported here"),
    ("422", "The request was understood, but its content is not acceptable"),
];

/// The statuses whose cause is ours or temporary.
const LATER: [(&str, &str); 3] = [
    ("429", "Too many requests; `Retry-After` gives the seconds to wait"),
    (
        "500",
        "An internal error occurred and was logged. If `title` is `Not confirmed`, a change may have been saved: check before you \
        retry",
    ),
    (
        "503",
        "Nothing was done: the system is busy, unreachable or switched off; `Retry-After` gives the seconds to wait",
    ),
];

/// Headers with the next page, for formats that cannot contain it.
const PAGED: [(&str, &str); 2] = [
    ("Trueprice-Next", "Cursor of the next page; absent on the last page"),
    ("Link", "Address of the next page, with `rel=\"next\"`; absent on the last page"),
];

/// Adds the responses that every route of this kind has, and describes each response.
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
        // Routes that log users in also refuse them.
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
        // A problem always has this media type, whatever the route declares.
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
        // Indexing has left nulls for missing members.
        if let Some(answer) = answer.as_object_mut() {
            answer.retain(|_, value| !value.is_null());
        }
    }
}

/// Headers of every response of an old path.
const OLD: [(&str, &str); 3] = [
    ("Deprecation", "When the path was deprecated: `@` and Unix seconds (RFC 9745)"),
    ("Sunset", "When the path may be removed (RFC 8594); absent if no date is set"),
    (
        "Link",
        "The path that replaces this one, with `rel=\"successor-version\"` (RFC 5829); braces are escaped",
    ),
];

/// The headers of old paths, for the components of the document.
pub(super) fn of_old_paths() -> Value {
    let header = |about: &str| json!({ "description": about, "schema": { "type": "string" } });
    OLD.iter().map(|(name, about)| (format!("Old{name}"), header(about))).collect::<Map<_, _>>().into()
}

/// Marks an operation as deprecated, names its replacement, and adds the headers to all responses except problems: repeating them at
/// every problem would make the document a fifth larger. The introduction states that problems have them as well.
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

/// Adds the formats in which a list is available.
pub(super) fn in_every_format(operation: &mut Value) {
    const BESIDE: &str = "Formats other than JSON contain one row per entry and leave out the rest of the response; the cursor \
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

/// A body with the parameters of the query string, because the old system also read them from a form or a JSON object.
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

/// Documents fields that are read from the body or the query string once, in the body, which takes precedence.
fn only_in_the_body(operation: &mut Value) {
    let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) else { return };
    let before = parameters.len();
    parameters.retain(|parameter| parameter["in"] != "query");
    if parameters.len() < before {
        let about = operation["requestBody"]["description"].as_str().unwrap_or_default();
        let about = format!(
            "{about}\n\nA field that is missing here may be sent in the query string under the same name."
        );
        operation["requestBody"]["description"] = about.trim().into();
        operation["requestBody"]["required"] = true.into();
    }
}

/// Whether a media type is binary.
fn is_binary(kind: &str) -> bool {
    let kinds = ["vnd.apache.", "officedocument", "zip"];
    kind.starts_with("application/") && kinds.iter().any(|word| kind.contains(word))
}

/// Headers that come with a status.
fn headers(status: &str) -> &'static [(&'static str, &'static str)] {
    match status {
        "401" => &[("WWW-Authenticate", "How to authenticate")],
        "303" => &[("Location", "Where to fetch the result")],
        "429" | "503" => &[("Retry-After", "Seconds to wait")],
        _ => &[],
    }
}

/// Adds the recorded request and response of an operation.
pub(super) fn embed(operation: &mut Value, recorded: &Value) {
    let Some(recorded) = operation["operationId"].as_str().and_then(|id| recorded.get(id)) else { return };
    let media_type = recorded["media_type"].as_str().unwrap_or("application/json");
    if let Some(answer) = recorded.get("answer") {
        let status = recorded["status"].as_str().unwrap_or("200");
        let schema = operation["responses"][status]["content"][media_type]["schema"].clone();
        // An existing object (200) has the same example as a created one (201).
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
