//! The document, the API and the client, checked against each other by third-party tools, in Python.

use super::{root, sheet, system};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;
use tests::{ADMIN, PASSWORD, Running, python};
use tokio::process::Command;
use trueprice::api;

/// Maximum number of seconds for fuzzing; exceeding it is a failure, so that it does not go unnoticed.
const MAX_SECONDS: u64 = 600;

async fn run(python: &Path, arguments: &[&str], folder: &Path, environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(python);
    command.args(arguments).current_dir(folder).envs(environment.iter().copied()).kill_on_drop(true);
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("NO_COLOR", "1");
    let done = tokio::time::timeout(std::time::Duration::from_secs(MAX_SECONDS), command.output()).await;
    done.expect("it finishes in time").expect("Python runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The caller of the fuzzer, and how much it may do.
struct Fuzzing<'a> {
    token: Option<&'a str>,
    examples: u32,
    phases: &'a str,
    without: &'a [&'a str],
}

/// Fuzzes a system as a caller, and fails with what was found.
async fn fuzz(python: &Path, running: &Running, fuzzing: &Fuzzing<'_>) {
    let document = format!("http://{}/openapi.json", running.system.http);
    let authorization = format!("Authorization: Bearer {}", fuzzing.token.unwrap_or_default());
    let examples = fuzzing.examples.to_string();
    let config = root().join("tests/python/schemathesis.toml");
    let mut arguments =
        vec!["-m", "schemathesis.cli", "--config-file", config.to_str().unwrap(), "run", &document];
    arguments.extend(["--max-examples", &examples, "--phases", fuzzing.phases]);
    if fuzzing.token.is_some() {
        arguments.extend(["-H", &authorization]);
    }
    for id in fuzzing.without {
        arguments.extend(["--exclude-operation-id", id]);
    }
    let begun = std::time::Instant::now();
    let output = run(python, &arguments, &running.home, &[]).await;
    let said = said(&output);
    println!("fuzzed for {:.0} s: {}", begun.elapsed().as_secs_f64(), said.lines().next_back().unwrap_or(""));
    assert!(output.status.success(), "{said}");
    if let Some(token) = fuzzing.token {
        let (status, _) = running.get(token, "/v1/me").await;
        assert_eq!(status, 200, "the fuzzer ended its own session, so all later requests were refused");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_valid_and_its_examples_conform_to_it() {
    let Some(python) = python::contract() else { return };
    let file = tests::scratch().join("openapi.json");
    std::fs::write(&file, api::document().to_string()).unwrap();
    let script = root().join("tests/python/check_document.py");
    let output = run(&python, &[script.to_str().unwrap(), file.to_str().unwrap()], &root(), &[]).await;
    assert!(output.status.success(), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("examples keep to their schemas"));
}

/// A system with resources behind the ids and names in the examples, and with fuzzing users whose ids cannot be found by counting,
/// so that the fuzzer never disables or logs out itself.
async fn fuzzed() -> Running {
    let running = system(|_| {}).await;
    for name in ["analyst", "two", "three", "four", "five", "six", "seven"] {
        running
            .users(json!({ "command": "create", "email": format!("{name}@example.com"), "role": "read_only_user" }))
            .await;
    }
    let token = running.admin().await;
    for (method, path, body) in [
        (Method::POST, "/v1/packages", json!({ "name": "Texas", "rules": [{ "market": "ERCOT" }] })),
        (Method::PUT, "/v1/users/7/packages/1", Value::Null),
        (Method::POST, "/v1/users/7/grants", json!({ "market": "PJM" })),
        (Method::POST, "/v1/me/keys", json!({ "name": "a dashboard", "scope": "read" })),
    ] {
        let answer = running.request(method, path).bearer_auth(&token).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
    }
    let far = "alter table trueprice.user_account alter column id restart with 1900000000";
    sqlx::raw_sql(far).execute(&mut running.sql().await).await.unwrap();
    running
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fuzzer_finds_no_fault_and_no_answer_that_is_not_documented() {
    let Some(python) = python::contract() else { return };
    let running = fuzzed().await;
    let token = running.user("fuzzer@example.com", "admin").await;
    let everything = Fuzzing {
        token: Some(&token),
        examples: 5,
        phases: "examples,coverage,fuzzing",
        // These switch the API off even for public routes; tests/e2e/gate/switches.rs covers them.
        without: &["disable_api", "set_switch"],
    };
    fuzz(&python, &running, &everything).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fuzzer_without_rights_is_refused_as_documented() {
    let Some(python) = python::contract() else { return };
    let running = fuzzed().await;
    let reader = running.user("reader@example.com", "read_only_user").await;
    running
        .users(json!({ "command": "grant", "email": "reader@example.com", "data_type": "energy", "market": "ERCOT" }))
        .await;
    let uploader = running.user("uploader@example.com", "read_write_user").await;
    for token in [Some(reader.as_str()), Some(uploader.as_str()), None] {
        fuzz(&python, &running, &Fuzzing { token, examples: 2, phases: "examples,fuzzing", without: &[] })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_gets_what_its_readme_promises() {
    let Some(python) = python::contract() else { return };
    let running = system(|_| {}).await;
    let (name, bytes) = sheet();
    let sheet = running.home.join(name);
    std::fs::write(&sheet, &bytes).unwrap();
    // One more day than the samples have, so that there is a previous day.
    running.put(name, &bytes).await;
    let url = format!("http://{}", running.system.http);
    let environment = [
        ("TRUEPRICE_URL", url.as_str()),
        ("TRUEPRICE_EMAIL", ADMIN),
        ("TRUEPRICE_PASSWORD", PASSWORD),
        ("TRUEPRICE_SHEET", sheet.to_str().unwrap()),
    ];
    let output = run(&python, &["-m", "pytest", "-q"], &root().join("clients/python"), &environment).await;
    assert!(output.status.success(), "{}", said(&output));
    println!("{}", said(&output).lines().next_back().unwrap_or(""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_is_typed_throughout_and_has_no_version_of_its_own() {
    let Some(python) = python::contract() else { return };
    let folder = root().join("clients/python");
    let cache = tests::scratch().join("mypy");
    let arguments = ["-m", "mypy", "--strict", "--cache-dir", cache.to_str().unwrap()];
    let output = run(&python, &arguments, &folder, &[]).await;
    assert!(output.status.success(), "{}", said(&output));
    let version = api::document()["info"]["version"].clone();
    let code = std::fs::read_to_string(folder.join("src/trueprice/__init__.py")).unwrap();
    assert_eq!(
        version,
        Value::from(code.split("__version__ = \"").nth(1).unwrap().split('"').next().unwrap())
    );
}

#[test]
fn the_client_calls_only_existing_routes() {
    let paths = api::document()["paths"].as_object().unwrap();
    let code = std::fs::read_to_string(root().join("clients/python/src/trueprice/client.py")).unwrap();
    let mut asked = 0;
    for word in code.split('"').filter(|word| word.starts_with("/v1/") && !word.contains(' ')) {
        let word = word.split('{').next().unwrap().trim_end_matches('/');
        asked += 1;
        assert!(
            paths.keys().any(|path| path == word || path.starts_with(&format!("{word}/{{"))),
            "no route {word}"
        );
    }
    assert!(asked > 8, "{asked} routes");
}
