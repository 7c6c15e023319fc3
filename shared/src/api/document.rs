//! The contract: the OpenAPI document, made from the routes. Guarantees: what follows from an audience, from the gate or
//! from the name of a parameter is written once and documented at every route; every response with a problem is
//! `application/problem+json`; examples are real responses, which a test has recorded.

use super::{answers, schemas};
use crate::http::delivery::Elsewhere;
use crate::http::parameter::Place;
use crate::http::wrong::Wrong;
use crate::http::{Audience, LimitClass, ParameterTable, Problem};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use utoipa::OpenApi;
use utoipa::openapi::path::PathItem;

/// Requests and responses of the system with the sample sheets, by operation id; `make contract` records them again.
const RECORDED: &str = include_str!("examples.json");

/// Ways to authenticate: name in the document, description, and how credentials are sent.
fn schemes() -> [(&'static str, &'static str, Value); 3] {
    [
        (
            "token",
            "An access token from `POST /login`, valid for 15 minutes, or an API key. Only the last word of the header is read, as in the old \
                system, so `Bearer` may be left out.",
            json!({ "type": "http", "scheme": "bearer" }),
        ),
        (
            "basic",
            "An API key as the password, with any user name: for programs such as Excel and Tableau. Works for GET and HEAD only.",
            json!({ "type": "http", "scheme": "basic" }),
        ),
        (
            "key",
            "An API key (`tp_…`), created with `POST /v1/me/keys`.",
            json!({ "type": "apiKey", "in": "header", "name": "X-Api-Key" }),
        ),
    ]
}

/// The part of the document that does not come from routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "TRUEPrice",
        description = "Versioned forward power price curves for ERCOT, ISONE, MISO, NYISO and PJM.\n\nErrors are RFC 9457 \
            problem documents that list everything that is wrong with a request; `message` carries the text of the old \
            system. An empty parameter counts as absent. An unknown parameter is refused, and so is a second value for a parameter \
            that takes one. HEAD returns what GET does, without the body. Lists under `/v1` are available in every format \
            (`format`, or `Accept`); other `/v1` resources are JSON unless they name further formats, and anything else is 406. \
            Computed numbers are rounded to the precision of their inputs; stored numbers are returned as written. Stamps, \
            days and months are in the market's time zone, all other times in UTC.\n\nPaths of the old API are deprecated. All their responses, including \
            problems, have the headers `Deprecation` and `Link` (`rel=\"successor-version\"`), and `Sunset` once a removal date is set."
    ),
    components(schemas(Problem, Wrong, Elsewhere))
)]
struct Frame;

/// The OpenAPI document as text.
pub(super) fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| document().to_string());
    TEXT.as_str()
}

/// The OpenAPI document, with examples.
#[must_use]
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        let recorded: Value = serde_json::from_str(RECORDED).unwrap_or_default();
        let mut document = bare();
        for operation in operations(&mut document) {
            answers::embed(operation, &recorded);
        }
        document
    });
    &DOCUMENT
}

/// The document without the recorded examples.
#[must_use]
pub fn bare() -> Value {
    let mut document = serde_json::to_value(Frame::openapi()).unwrap_or_default();
    for (name, what, mut scheme) in schemes() {
        scheme["description"] = what.into();
        document["components"]["securitySchemes"][name] = scheme;
    }
    document["components"]["headers"] = answers::of_old_paths();
    let mut schemas = Map::new();
    for route in super::routes() {
        let door = RouteNotes {
            audience: route.audience,
            limited: route.limit_class != LimitClass::Free,
            personal: route.is_personal(),
            form: match (route.list, route.handlers.path.starts_with("/v1/")) {
                (Some(_), _) => Form::List,
                (None, true) => Form::Versioned,
                (None, false) => Form::Old,
            },
        };
        let tables = route.handlers.documented;
        for of_handler in route.handlers.documents {
            let (named, mut paths) = of_handler();
            for (name, schema) in named {
                schemas.insert(name, serde_json::to_value(schema).unwrap_or_default());
            }
            paths.paths.values_mut().for_each(apart);
            let paths = serde_json::to_value(paths).unwrap_or_default();
            for (path, item) in paths.as_object().into_iter().flatten() {
                let answers_both = item["get"].is_object() && item["post"].is_object();
                for (method, operation) in item.as_object().into_iter().flatten() {
                    let mut operation = operation.clone();
                    let table = tables.iter().find(|one| one.method.as_str().eq_ignore_ascii_case(method));
                    if let Some(table) = table.map(|handler| handler.table) {
                        take(&mut operation, table, answers_both && method == "post");
                    }
                    describe(&mut operation, method, door);
                    if let Some(successor) = route.successor {
                        answers::deprecate(&mut operation, successor);
                    }
                    document["paths"][path][method] = operation;
                }
            }
        }
    }
    for (name, mut schema) in schemas {
        schemas::wall_clocks(&mut schema);
        // A map has no comment of its own in the code.
        if let Some(said) = schema.as_object_mut() {
            said.entry("description").or_insert_with(|| "A map from name to value.".into());
        }
        let known = &mut document["components"]["schemas"][&name];
        if known.is_null() {
            *known = schema;
        }
    }
    schemas::open_parts(&mut document);
    // What is written in place of its name is not named.
    let whole = document.to_string();
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| whole.contains(&format!("#/components/schemas/{name}\"")));
    }
    document["tags"] = tags(&document);
    document
}

/// Documents a handler of both GET and POST as two operations: the parameters of one, the body of the other, and an operation
/// id for each.
fn apart(item: &mut PathItem) {
    let (Some(get), Some(post)) = (&mut item.get, &mut item.post) else { return };
    get.request_body = None;
    post.operation_id = post.operation_id.take().map(|id| id + "_by_post");
}

/// Documents the parameters of a handler. Where the handler also answers GET, a POST takes in its body what GET takes in its query.
fn take(operation: &mut Value, table: &ParameterTable, by_body: bool) {
    let by_body = by_body && operation["requestBody"].is_object();
    let parameters = table.document(|place| !(by_body && place == Place::Query));
    if by_body || !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
}

/// All operations.
fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten().map(|(_, operation)| operation))
}

/// The purpose of the routes under each tag, sorted by tag.
const TAGS: [(&str, &str); 18] = [
    ("API keys", "Keys with which programs read and upload without a password."),
    ("Account", "Your account, password and sessions."),
    ("Analytics", "Values, evolution, differences, spreads and statistics of prices."),
    ("Audit", "Who changed what, and who still uses the old API."),
    ("Calculators", "Headroom of retail offers below the price to compare."),
    ("Curves", "Find curves, and download them in the layouts of the old system."),
    ("Grants", "Which curves each user may see: rules, packages and their combined effect."),
    ("Graphs", "Saved graphs of prices, and their values."),
    ("History", "Snapshots of a data type and market, the feed of changes, and withdrawals."),
    ("Notices", "Alerts about new, changed and late prices: subscriptions, rules and delivery."),
    ("Old paths", "Paths of the old API, kept for existing clients. Each one names its replacement."),
    ("Quotes", "Price quotes and how they were calculated, and jobs that make many quotes."),
    ("Reference data", "Markets, data types, and the block hours of each month."),
    ("Session", "Log in and out, refresh tokens, and reset a password."),
    ("Switches", "Switch the API and the UI on and off."),
    ("System", "The health of the system, and this document."),
    ("Uploads", "Upload sheets, and see the outcome of everything that arrived."),
    ("Users", "Manage users and their sessions."),
];

/// The tags that are in use, in the order of their names.
fn tags(document: &Value) -> Value {
    let operations = document["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(_, item)| item.as_object())
        .flatten();
    let names = operations.filter_map(|(_, operation)| operation["tags"].as_array()).flatten();
    let names: std::collections::BTreeSet<&str> = names.filter_map(Value::as_str).collect();
    let about = |name: &str| TAGS.iter().find(|(known, _)| *known == name).map(|(_, about)| about);
    names.into_iter().map(|name| json!({ "name": name, "description": about(name) })).collect()
}

/// The properties of a route from which its documentation follows.
#[derive(Clone, Copy)]
struct RouteNotes {
    audience: Audience,
    limited: bool,
    personal: bool,
    form: Form,
}

/// The formats in which a route responds to GET.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A list of `/v1`, available in every format.
    List,
    /// Another path of `/v1`: in the formats that it documents, or as JSON.
    Versioned,
    /// A path of the old API.
    Old,
}

/// Adds to a route's documentation what follows from its audience.
fn describe(operation: &mut Value, method: &str, door: RouteNotes) {
    let (role, by_key) = match door.audience {
        Audience::Public => (None, false),
        // A key may use the GET requests of readers.
        Audience::Reader => (Some("every user"), method == "get" && !door.personal),
        Audience::Uploader => (Some("the roles `read_write_user` and `admin`"), !door.personal),
        Audience::Admin => (Some("the role `admin`"), false),
    };
    if let Some(role) = role {
        let ways = schemes().into_iter().filter(|(name, ..)| by_key || *name == "token");
        operation["security"] = ways.map(|(name, ..)| json!({ name: [] })).collect();
        let about = operation["description"].as_str().unwrap_or_default();
        operation["description"] = format!("{about}\n\nAvailable to {role}.").trim().into();
    }
    if door.form == Form::List && method == "get" {
        answers::in_every_format(operation);
    }
    answers::describe(operation, method, role.is_some(), door.limited, door.form != Form::Old);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_tag_in_use_is_described_and_no_other() {
        let known = TAGS.map(|(name, about)| json!({ "name": name, "description": about }));
        assert_eq!(bare()["tags"], json!(known));
    }

    #[test]
    fn two_schemas_have_two_names() {
        let mut known: BTreeMap<String, Value> = BTreeMap::new();
        let documents = crate::api::routes().into_iter().flat_map(|route| route.handlers.documents);
        for (name, schema) in documents.flat_map(|of_handler| of_handler().0) {
            let schema = serde_json::to_value(schema).unwrap();
            let before = known.entry(name.clone()).or_insert_with(|| schema.clone());
            assert_eq!(*before, schema, "two types are called {name}: rename one, or say #[schema(as = …)]");
        }
        assert!(known.len() > 50, "{} schemas", known.len());
    }
}
