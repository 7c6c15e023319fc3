//! The contract: each documented route answers like its recorded example, a fuzzer finds no undocumented answer, and the Python
//! client gets what its README promises. `make contract` records the examples again.

mod calls;
mod heads;
mod python;
mod shape;

use calls::{CALLS, Call};
use local::options::Options;
use local::samples;
use reqwest::multipart::{Form, Part};
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tests::Running;
use trueprice::api;
use trueprice::clock::Clock;

/// When the examples were recorded: after the last sample sheet.
const NOW: &str = "2024-02-01T12:00:00Z";

/// A system with the sample sheets, a stopped clock, and a user for each role other than admin.
async fn system(change: impl FnOnce(&mut Options)) -> Running {
    let clock = Clock::fixed(NOW.parse().unwrap());
    let running = Running::start_with(clock, change).await;
    // One after the other, so that every run gives them the same ids.
    for (name, bytes) in samples::SAMPLES {
        running.put_only(name, bytes).await;
        running.system.queue.idle().await;
    }
    let computed = trueprice::pricing::headroom::handle(running.ctx(), json!({ "command": "run" })).await;
    // For one market, and for another in which nothing could be compared.
    assert_eq!(computed.expect("headroom is computed")["published"], 2);
    running
}

/// A request file of the old pricing desk.
const PRICE_REQUEST: &str = "Lookup ID4,Load Zone,Capacity Zone,Utility,Voltage,Load Profile,Curve Date,Start Date,End Date,\
    Margin ($/MWh),Sleeve Fee ($/MWh),Utility Billing Surcharge ($/MWh),Other 1 ($/MWh),Other 2 ($/MWh)\n\
    A1,NORTH ZONE,NORTH ZONE,ONCOR,Secondary,BUSMEDLF_NCENT,1/5/2024,3/1/2024,3/2/2024,$1.00,0,0,0,0\n";

/// A sheet that has not been published yet.
fn sheet() -> (&'static str, Vec<u8>) {
    (samples::TO_TRY, std::fs::read(root().join("shared/samples").join(samples::TO_TRY)).unwrap())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// An operation of the document.
struct Operation<'d> {
    id: &'d str,
    method: &'d str,
    path: &'d str,
    said: &'d Value,
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object().unwrap().iter();
    let all = paths.flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, said)| Operation {
            id: said["operationId"].as_str().unwrap(),
            method,
            path,
            said,
        })
    });
    all.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_like_its_recorded_example() {
    let running = system(|options| options.settings.legacy_query_login = true).await;
    let token = running.admin().await;
    let document = api::document();
    let mut operations = operations(document);
    // Operations with their own call come in the order of the calls, which build on each other.
    operations.sort_by_key(|operation| CALLS.iter().position(|call| call.id == operation.id));
    let file = root().join("shared/src/api/examples.json");
    let before: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let (mut recorded, mut answers, mut wrong) = (Map::new(), Map::new(), Vec::new());
    for call in CALLS {
        let known = operations.iter().any(|operation| operation.id == call.id);
        assert!(known, "there is no route {}: tests/e2e/contract/calls.rs", call.id);
    }
    answers.insert("other".to_owned(), other_key(&running, &token).await);
    // The document is not recorded within itself.
    for operation in operations.iter().filter(|operation| operation.id != "openapi") {
        let call = CALLS.iter().find(|call| call.id == operation.id);
        let (example, whole) = match send(&running, &token, operation, call, &answers).await {
            Ok(told) => told,
            Err(problem) => {
                wrong.push(format!("{} {}: {problem}", operation.method, operation.path));
                continue;
            }
        };
        answers.insert(operation.id.to_owned(), whole);
        // A path that is gone or redirects has no answer of its own.
        if example.is_null() {
            continue;
        }
        if let Some(differs) = shape::difference(&before[operation.id], &example) {
            wrong.push(format!("{} {}: {differs}", operation.method, operation.path));
        }
        recorded.insert(operation.id.to_owned(), example);
    }
    if trueprice::env::optional("TRUEPRICE_ACCEPT").is_some() {
        wrong.retain(|wrong| wrong.contains("tests/e2e/contract/calls.rs"));
        std::fs::write(&file, format!("{:#}\n", Value::Object(recorded))).unwrap();
    }
    assert!(
        wrong.is_empty(),
        "{} routes; `make contract` records anew:\n  {}",
        wrong.len(),
        wrong.join("\n  ")
    );
}

/// A key that exists before the first call.
async fn other_key(running: &Running, token: &str) -> Value {
    let body = json!({ "name": "a dashboard", "scope": "read" });
    let request = running.request(Method::POST, "/v1/me/keys").bearer_auth(token).json(&body);
    request.send().await.expect("an answer").json().await.expect("JSON")
}

/// A zip with the sheet that has not been published yet.
fn archive() -> Vec<u8> {
    let (name, bytes) = sheet();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

/// Sends the call, or a request made from the examples in the document; returns what to record and the answer. For a path that is
/// gone or redirects, only a request with more than a URL is recorded.
async fn send(
    running: &Running,
    token: &str,
    operation: &Operation<'_>,
    call: Option<&Call>,
    answers: &Map<String, Value>,
) -> Result<(Value, Value), String> {
    let told = |text: &str| calls::filled(text, answers);
    let target = target_of(operation, call, answers);
    let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).unwrap();
    // The target of a redirect is another route.
    let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let mut request = client.request(method.clone(), format!("http://{}{target}", running.system.http));
    if operation.said["security"].is_array() {
        request = request.bearer_auth(token);
    }
    let mut example = json!({ "request": format!("{method} {}", shape::masked_text(&target)) });
    let content = &operation.said["requestBody"]["content"];
    let (object, form) = ("application/json", "application/x-www-form-urlencoded");
    if let Some(kind) = [object, form].into_iter().find(|kind| content[*kind].is_object()) {
        let body = match call.map(|call| call.body).filter(|body| !body.is_empty()) {
            Some(body) => serde_json::from_str(&told(body)).expect("the body of a call is JSON"),
            None => calls::example_of(&content[kind]["schema"]),
        };
        example["body"] = shape::masked(&body);
        request = if kind == object { request.json(&body) } else { request.form(&body) };
    } else if content["multipart/form-data"].is_object() {
        let (name, bytes) = match operation.id {
            "upload_zip" => ("week.zip", archive()),
            "price_desk" | "price_desk_data" => ("PriceRequest_ERCOT.csv", PRICE_REQUEST.as_bytes().to_vec()),
            _ => sheet(),
        };
        request = request.multipart(Form::new().part("file", Part::bytes(bytes).file_name(name)));
    }
    let answer = request.send().await.expect("an answer");
    let status = answer.status();
    let kind =
        answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or("").to_owned();
    let media_type = kind.split(';').next().unwrap_or("").trim().to_owned();
    let bytes = answer.bytes().await.expect("a body");
    let text = String::from_utf8_lossy(&bytes);
    let documented = &operation.said["responses"][status.as_str()];
    let said = operation.said["responses"].as_object().unwrap();
    let elsewhere = !said.keys().any(|status| status.starts_with('2'))
        && (status.is_redirection() || status == StatusCode::GONE);
    if elsewhere && documented.is_object() {
        let asked = !example["body"].is_null();
        example["status"] = status.as_str().into();
        return Ok((if asked { example } else { Value::Null }, Value::Null));
    }
    if !status.is_success() {
        return Err(format!(
            "{target} answered {status} {text}; add its call to tests/e2e/contract/calls.rs"
        ));
    }
    if !documented.is_object() || (!media_type.is_empty() && documented["content"][&media_type].is_null()) {
        return Err(format!("{status} {media_type:?} is not documented"));
    }
    let whole = match media_type.as_str() {
        "application/json" => serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?,
        "text/csv" | "application/x-ndjson" => shape::first_lines(&text).into(),
        _ => Value::Null,
    };
    example["status"] = status.as_str().into();
    if !media_type.is_empty() {
        example["media_type"] = media_type.into();
    }
    if !whole.is_null() {
        example["answer"] = shape::masked(&shape::short(&whole));
    }
    Ok((example, whole))
}

/// The path and query of a call.
fn target_of(operation: &Operation<'_>, call: Option<&Call>, answers: &Map<String, Value>) -> String {
    match call.map(|call| call.target).filter(|target| !target.is_empty()) {
        Some(target) if target.starts_with('?') => {
            calls::filled(&format!("{}{target}", from_examples(operation)), answers)
        }
        Some(target) => calls::filled(target, answers),
        None => from_examples(operation),
    }
}

/// The path and required parameters, from the examples in the document.
fn from_examples(operation: &Operation<'_>) -> String {
    let mut target = operation.path.to_owned();
    let mut query = Vec::new();
    for parameter in operation.said["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        let example = match &parameter["example"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if parameter["in"] == "path" {
            target = target.replace(&format!("{{{name}}}"), &example);
        } else if parameter["required"] == true && parameter["in"] == "query" {
            query.push(format!("{name}={example}"));
        }
    }
    if query.is_empty() { target } else { format!("{target}?{}", query.join("&")) }
}

#[test]
fn a_call_uses_the_answer_of_an_earlier_one() {
    let answers = json!({ "create_user": { "user": { "id": 7, "email": "a@b.c" } } });
    let filled = calls::filled(
        "/v1/users/{create_user/user/id}?x={create_user/user/email}",
        answers.as_object().unwrap(),
    );
    assert_eq!(filled, "/v1/users/7?x=a@b.c");
    assert_eq!(calls::filled("{\"a\":{\"b\":1}}", &Map::new()), "{\"a\":{\"b\":1}}");
}
