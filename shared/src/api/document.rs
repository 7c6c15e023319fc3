//! The contract: the OpenAPI document, made from the routes. Promises: what follows from an audience, from the gate or
//! from the name of a parameter is said in one place and stands at every route; every answer with a problem is
//! `application/problem+json`; examples are real answers, which a test has recorded.

use super::{answers, meaning};
use crate::web::delivery::Elsewhere;
use crate::web::problem::Wrong;
use crate::web::{Audience, Problem};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use utoipa::OpenApi;

/// Requests and answers of the system on the sample sheets, by operation id; `make contract` writes them anew.
const RECORDED: &str = include_str!("examples.json");

/// Ways to say who asks: name in the document, what it is, and where it stands.
const SCHEMES: [(&str, &str, &str); 1] = [(
    "token",
    "An access token of `POST /login`, good for 15 minutes.",
    r#"{"type":"http","scheme":"bearer"}"#,
)];

/// What stands above the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "TRUEPrice",
        description = "Forward power price curves of ERCOT, ISONE, MISO, NYISO and PJM, versioned.\n\nErrors are RFC 9457 \
            problem documents that list everything that is wrong with a request; `message` carries the text of the old \
            system. A parameter that is given but empty counts as absent; one that is not known is refused. Days and \
            months are those of the market, moments are UTC."
    ),
    components(schemas(Problem, Wrong, Elsewhere))
)]
struct Frame;

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
    for (name, what, scheme) in SCHEMES {
        let mut scheme: Value = serde_json::from_str(scheme).unwrap_or_default();
        scheme["description"] = what.into();
        document["components"]["securitySchemes"][name] = scheme;
    }
    let mut schemas = Map::new();
    for route in super::routes() {
        let (of_route, paths, _) = route.routes;
        schemas.extend(
            of_route
                .into_iter()
                .map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default())),
        );
        let paths = serde_json::to_value(paths).unwrap_or_default();
        for (path, item) in paths.as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let mut operation = operation.clone();
                describe(&mut operation, route.audience);
                document["paths"][path][method] = operation;
            }
        }
    }
    for (name, mut schema) in schemas {
        meaning::wall_clocks(&mut schema);
        let known = &mut document["components"]["schemas"][&name];
        if known.is_null() {
            *known = schema;
        }
    }
    document["tags"] = tags(&document);
    document
}

/// All operations.
fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten().map(|(_, operation)| operation))
}

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
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

/// Adds to a route's documentation what follows from its audience and from the names of its parameters.
fn describe(operation: &mut Value, audience: Audience) {
    let role = match audience {
        Audience::Public => None,
        Audience::Reader => Some("every user"),
        Audience::Uploader => Some("`read_write_user` and `admin`"),
        Audience::Admin => Some("`admin`"),
    };
    if let Some(role) = role {
        operation["security"] = SCHEMES.iter().map(|(name, ..)| json!({ *name: [] })).collect();
        let about = operation["description"].as_str().unwrap_or_default();
        operation["description"] = format!("{about}\n\nFor {role}.").trim().into();
    }
    answers::describe(operation, role.is_some());
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        meaning::describe(parameter);
    }
}
