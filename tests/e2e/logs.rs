//! What is logged at the most verbose level: no secrets, and no lines written by a client.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use local::options::SECRET_KEY;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tests::function::{Functions, http_event};
use tests::{ADMIN, PASSWORD, binary, scratch};
use tokio::process::Command;
use trueprice::access::gate::credential::Key;

const WRONG: &str = "a wrong password, yet a password";
const NEW: &str = "another password for tests";
/// A forged log line as a client might try it, and escape codes that would colour a terminal.
const FORGED: &str =
    "x\r\n{\"level\":\"INFO\",\"message\":\"FORGED\"}\nFORGED \u{1b}[31m\u{2028}FORGED\u{85}FORGED";

/// Everything about a key that must not be logged.
fn about_key(key: &str) -> Vec<String> {
    let secret = key.splitn(3, '_').last().unwrap().to_owned();
    let digest = Key::parse(key).unwrap().digest();
    assert_eq!(digest, Sha256::digest(&secret).to_vec());
    vec![secret, hex::encode(&digest), format!("{digest:?}"), STANDARD.encode(format!("{ADMIN}:{key}"))]
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_at_trace_level_logs_no_secrets_and_no_forged_lines() {
    let functions = Functions::start().await;
    let (api, users) = (functions.function("api").await, functions.function("users").await);
    let mut secrets = functions.secrets();
    secrets.extend([WRONG.to_owned(), NEW.to_owned(), ADMIN.to_owned()]);

    let log_in = async |email: &str, password: &str| {
        let body = json!({ "email": email, "password": password });
        api.http("POST", "/login", None, Some(body)).await
    };
    let tokens = body(&log_in(ADMIN, PASSWORD).await);
    let (token, refresh) =
        (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    secrets.extend([token.to_owned(), refresh.to_owned()]);
    for (email, password) in [(ADMIN, WRONG), (FORGED, WRONG), ("unknown@example.com", FORGED)] {
        assert_eq!(log_in(email, password).await["statusCode"], 401, "{email}");
    }
    let query = "/login?email=admin@localhost&password=a%20password%20for%20tests";
    assert_eq!(api.http("GET", query, None, None).await["statusCode"], 405);
    secrets.push("a%20password%20for%20tests".to_owned());

    let new = json!({ "name": "of the log test", "scope": "read" });
    let made = api.http("POST", "/v1/me/keys", Some(token), Some(new)).await;
    assert_eq!(made["statusCode"], 201, "{made}");
    let request_id = made["headers"]["x-request-id"].as_str().unwrap().to_owned();
    let key = body(&made)["key"].as_str().unwrap().to_owned();
    secrets.extend(about_key(&key));
    let basic =
        |user: &str, password: &str| format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    for (name, value, status) in [
        ("authorization", format!("Bearer {key}"), 200),
        ("authorization", basic(ADMIN, &key), 200),
        ("authorization", basic(ADMIN, PASSWORD), 401),
        ("authorization", format!("Bearer {key}x"), 401),
        ("x-api-key", key.clone(), 200),
    ] {
        let mut event = http_event("GET", "/v1/switches", None, None);
        event["headers"][name] = json!(value);
        let answer = api.answer(event).await;
        assert_eq!(answer["statusCode"], status, "{name}: {answer}");
    }
    secrets.push(STANDARD.encode(format!("{ADMIN}:{PASSWORD}")));
    let in_query = format!("/v1/switches?api_key={key}");
    assert_eq!(api.http("GET", &in_query, None, None).await["statusCode"], 401);

    let refreshed = json!({ "refresh_token": refresh });
    let refreshed = body(&api.http("POST", "/refreshToken", None, Some(refreshed)).await);
    let token = refreshed["access_token"].as_str().unwrap();
    secrets.extend([token.to_owned(), refreshed["refresh_token"].as_str().unwrap().to_owned()]);
    // Its successor is used, and then the old token is used again.
    let next = json!({ "refresh_token": refreshed["refresh_token"] });
    let next = body(&api.http("POST", "/refreshToken", None, Some(next)).await);
    secrets.push(next["refresh_token"].as_str().unwrap().to_owned());
    let again = json!({ "refresh_token": refresh });
    assert_eq!(api.http("POST", "/refreshToken", None, Some(again)).await["statusCode"], 401);

    let reset = json!({ "command": "reset_password", "email": ADMIN, "password": NEW });
    assert_eq!(users.answer(reset).await["done"], true);
    let tokens = body(&log_in(ADMIN, NEW).await);
    let token = tokens["access_token"].as_str().unwrap();
    secrets.push(token.to_owned());

    // Client text in every place that accepts any.
    for (method, path, sent) in [
        ("POST", "/v1/me/keys", Some(json!({ "name": FORGED, "scope": FORGED, "expires_at": FORGED }))),
        ("PUT", "/v1/switches/api", Some(json!({ "state": FORGED, "reason": FORGED }))),
        ("GET", "/v1/audit?action=%0AFORGED&by=%0D%0AFORGED", None),
        ("GET", "/v1/%0AFORGED", None),
        ("GET", "/get_data?iso=%0AFORGED&curve_type=FORGED", None),
        ("GET", "/v1/snapshots/%0AFORGED", None),
    ] {
        let mut event = http_event(method, path, Some(token), sent);
        event["headers"]["x-request-id"] = json!("FORGED");
        event["headers"]["user-agent"] = json!("FORGED");
        let status = api.answer(event).await["statusCode"].as_u64().unwrap();
        assert!(status < 500, "{method} {path}: {status}");
    }
    let hash: Vec<String> = sqlx::query_scalar("select password_hash from trueprice.user_account")
        .fetch_all(&mut functions.running.sql().await)
        .await
        .unwrap();
    secrets.extend(hash);

    // A fault is logged under the id that its document names.
    let rename = "alter table trueprice.audit rename to elsewhere";
    sqlx::raw_sql(rename).execute(&mut functions.running.sql().await).await.unwrap();
    let failed = api.http("GET", "/v1/audit", Some(token), None).await;
    assert_eq!(failed["statusCode"], 500);
    let fault_id = body(&failed)["request_id"].as_str().unwrap().to_owned();
    assert_eq!(failed["headers"]["x-request-id"], fault_id);

    api.kept_silent_about(&secrets);
    users.kept_silent_about(&secrets);
    let said = api.said();
    let mut found = [false; 2];
    for line in said.lines() {
        let parsed: Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("not a line of ours: {line}"));
        assert_ne!(parsed["message"], "FORGED", "{line}");
        found[0] |= parsed["message"] == "created an API key" && line.contains(&request_id);
        found[1] |= parsed["message"] == "a request failed" && line.contains(&fault_id);
    }
    assert_eq!(found, [true; 2], "both lines are logged with the ids of their requests: {said}");
}

/// The system on one machine, at its most verbose.
struct Loud {
    child: tokio::process::Child,
    log: PathBuf,
}

impl Loud {
    async fn start(home: &Path) -> (Self, String) {
        let log = home.join("said");
        let file = File::create(&log).unwrap();
        let child = Command::new(binary("local"))
            .env("TRUEPRICE_HOME", home)
            .env("TRUEPRICE_HTTP", "127.0.0.1:0")
            .env("TRUEPRICE_S3", "127.0.0.1:0")
            .env("TRUEPRICE_SAMPLES", "none")
            .env("TRUEPRICE_ADMIN_PASSWORD", PASSWORD)
            .env("RUST_LOG", "trace")
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let loud = Self { child, log };
        for _ in 0..600 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let said = loud.said();
            if let Some((_, rest)) = said.split_once("  API        ")
                && said.contains("Ctrl-C stops everything")
            {
                return (loud, rest.split_whitespace().next().unwrap().to_owned());
            }
        }
        panic!("it did not start: {}", loud.said());
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap()).into_owned()
    }

    async fn stop(mut self) -> String {
        let kill = format!("kill -INT {}", self.child.id().unwrap());
        assert!(Command::new("sh").args(["-c", &kill]).status().await.unwrap().success());
        self.child.wait().await.unwrap();
        self.said()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_machine_at_trace_level_logs_no_secrets_and_no_forged_lines() {
    let home = scratch().join(format!("t{}_loud", std::process::id()));
    std::fs::create_dir_all(&home).unwrap();
    let (loud, address) = Loud::start(&home).await;
    let database = std::fs::read_to_string(home.join("postgres/password")).unwrap().trim().to_owned();
    let mut secrets = vec![PASSWORD.to_owned(), WRONG.to_owned(), database, SECRET_KEY.to_owned()];

    let client = reqwest::Client::new();
    let ask = async |method: Method, path: &str, token: &str, sent: Option<Value>| {
        let request = client.request(method, format!("{address}{path}")).bearer_auth(token);
        let request = match sent {
            Some(sent) => request.json(&sent),
            None => request,
        };
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap_or_default())
    };
    let sent = json!({ "email": ADMIN, "password": PASSWORD });
    let (status, tokens) = ask(Method::POST, "/login", "", Some(sent)).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    let token = tokens["access_token"].as_str().unwrap();
    secrets.extend([token.to_owned(), tokens["refresh_token"].as_str().unwrap().to_owned()]);
    for email in [ADMIN, FORGED] {
        let sent = json!({ "email": email, "password": WRONG });
        assert_eq!(ask(Method::POST, "/login", "", Some(sent)).await.0, StatusCode::UNAUTHORIZED);
    }
    let sent = json!({ "name": "of the log test", "scope": "read" });
    let (_, made) = ask(Method::POST, "/v1/me/keys", token, Some(sent)).await;
    let key = made["key"].as_str().unwrap();
    secrets.extend(about_key(key));
    let basic =
        client.get(format!("{address}/v1/switches")).basic_auth(ADMIN, Some(key)).send().await.unwrap();
    assert_eq!(basic.status(), StatusCode::OK);
    let refused = client.get(format!("{address}/v1/switches")).basic_auth(ADMIN, Some(PASSWORD)).send().await;
    assert_eq!(refused.unwrap().status(), StatusCode::UNAUTHORIZED);
    secrets.push(STANDARD.encode(format!("{ADMIN}:{PASSWORD}")));
    let sent = json!({ "name": FORGED, "scope": FORGED });
    assert_eq!(ask(Method::POST, "/v1/me/keys", token, Some(sent)).await.0, StatusCode::BAD_REQUEST);
    for path in ["/v1/%0AFORGED", "/get_data?iso=%0AFORGED", "/v1/snapshots/%0AFORGED"] {
        assert!(ask(Method::GET, path, token, None).await.0.is_client_error(), "{path}");
    }
    let said = loud.stop().await;
    // The messages for the person who started it, including the first admin's password, are not part of the log.
    let logged = said.split_once("Ctrl-C stops everything").unwrap().1;
    for secret in &secrets {
        let line = logged.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "a secret was logged: {}", line.unwrap_or_default());
    }
    let forged = logged.lines().find(|line| line.starts_with("FORGED") || line.contains("\u{1b}[31mFORGED"));
    assert!(forged.is_none(), "{forged:?}");
    assert!(
        logged.contains("created an API key") && logged.contains("request_id="),
        "the log is not verbose"
    );
}
