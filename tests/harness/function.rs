//! The deployed binaries as real processes behind Lambda's runtime interface: invoked, killed while they work,
//! restarted, and their logs read.

use crate::{ADMIN, PASSWORD, Running, binary, postgres};
use local::connect::{self, service};
use local::options::{ACCESS_KEY, ARCHIVE_BUCKET, BUCKET, EXPORT_BUCKET, SECRET_KEY};
use local::system::free_port;
use machine::{Runtime, Store};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use trueprice::objects::Objects;

/// The most verbose log level of functions, to search their logs for secrets.
const LOUD: &str = "trace";

/// The functions of a system, with their own bucket: the system's queue does not see uploads to it, so only the function that
/// receives the event reads an object.
#[derive(Debug)]
pub struct Functions {
    /// The system: its database, its secrets, its clock.
    pub running: Running,
    /// The object store of the bucket.
    pub objects: Objects,
    environment: HashMap<&'static str, String>,
    store: Store,
    _events: UnboundedReceiver<Value>,
}

impl Functions {
    /// Functions that reach the database at this port.
    ///
    /// # Panics
    /// If the bucket cannot be created.
    pub async fn new(running: Running, database_port: u16) -> Self {
        let (events, unread) = mpsc::unbounded_channel();
        let folder = running.home.join("functions");
        let store = Store::start(
            &folder,
            free_port(),
            ACCESS_KEY,
            SECRET_KEY,
            &[BUCKET, ARCHIVE_BUCKET, EXPORT_BUCKET],
            events,
        )
        .await;
        let store = store.expect("a store starts");
        let mut environment: HashMap<_, _> = running.environment(database_port).into_iter().collect();
        environment.insert("AWS_ENDPOINT_URL_S3", format!("http://{}", store.address));
        environment.insert("RUST_LOG", LOUD.to_owned());
        let objects = Objects::new(&service(store.address).await);
        Self { running, objects, environment, store, _events: unread }
    }

    /// A new system and its functions.
    pub async fn start() -> Self {
        let running = Running::start().await;
        Self::new(running, postgres().port).await
    }

    /// Starts one function.
    pub async fn function(&self, name: &'static str) -> Function {
        self.function_with(name, &[]).await
    }

    /// Starts one function with other settings.
    pub async fn function_with(&self, name: &'static str, settings: &[(&'static str, &str)]) -> Function {
        let mut environment = self.environment.clone();
        environment.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let log = self.running.home.join(format!("{name}-{}.log", number()));
        Function::start(name, environment, log).await
    }

    /// Puts an object into the functions' bucket.
    ///
    /// # Panics
    /// If the store refuses it.
    pub async fn put(&self, key: &str, bytes: &[u8]) {
        let put = self.objects.put(BUCKET, key, bytes.to_vec(), "text/csv", HashMap::new()).await;
        put.unwrap_or_else(|fault| panic!("{}", fault.chain()));
    }

    /// A client of the bucket's store, for operations that the functions never use.
    pub async fn client(&self) -> aws_sdk_s3::Client {
        let config = service(self.store.address).await;
        let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        aws_sdk_s3::Client::from_conf(config)
    }

    /// Everything that must not appear in a log: passwords and the current signing keys.
    ///
    /// # Panics
    /// If the signing secret is not a keyring.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let keyring = self.running.system.secrets.get(connect::SIGNING_SECRET).expect("a signing secret");
        let mut keyring: HashMap<String, String> = serde_json::from_str(&keyring).expect("a keyring");
        keyring.remove("current");
        let known = [PASSWORD.to_owned(), SECRET_KEY.to_owned(), postgres().password.clone()];
        known.into_iter().chain(keyring.into_values()).collect()
    }
}

fn number() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// One function: an execution environment whose process comes and goes.
#[derive(Debug)]
pub struct Function {
    /// The runtime interface that hands it its work.
    pub runtime: Runtime,
    name: &'static str,
    environment: HashMap<&'static str, String>,
    log: PathBuf,
    process: Mutex<Option<Child>>,
}

impl Function {
    /// Starts the binary with only these variables; its output goes to `log`.
    ///
    /// # Panics
    /// If it cannot be started.
    pub async fn start(
        name: &'static str,
        mut environment: HashMap<&'static str, String>,
        log: PathBuf,
    ) -> Self {
        let runtime = Runtime::start().await.expect("the runtime interface starts");
        environment.extend(runtime.environment(name));
        let function = Self { runtime, name, environment, log, process: Mutex::new(None) };
        function.restart();
        function
    }

    /// Starts the process of a function that has none.
    ///
    /// # Panics
    /// If it cannot be started or is already running.
    pub fn restart(&self) {
        let log = OpenOptions::new().create(true).append(true).open(&self.log).expect("a log file");
        let child = Command::new(binary(self.name))
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle of the log file"))
            .stderr(log)
            .kill_on_drop(true)
            .spawn();
        let before = self.process().replace(child.expect("the binary starts"));
        assert!(before.is_none(), "an execution environment has one process");
    }

    /// Kills the process with SIGKILL at any point and waits until it is gone. Its work stays unfinished.
    ///
    /// # Panics
    /// If there is no process.
    pub async fn kill(&self) {
        let child = self.process().take();
        child.expect("a process").kill().await.expect("it can be killed");
    }

    /// Sends an event to the function and returns its answer.
    ///
    /// # Errors
    /// The function's error document.
    pub async fn invoke(&self, event: Value) -> Result<Value, Value> {
        self.runtime.invoke(event).await
    }

    /// Like [`invoke`](Self::invoke), for events that must succeed.
    ///
    /// # Panics
    /// If the function answers with an error; the message contains its log.
    pub async fn answer(&self, event: Value) -> Value {
        let answer = self.invoke(event).await;
        answer.unwrap_or_else(|error| panic!("{} failed: {error}\n{}", self.name, self.said()))
    }

    /// An HTTP request as API Gateway forwards it, and the function's answer to API Gateway.
    ///
    /// # Panics
    /// If the function fails.
    pub async fn http(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Value {
        self.answer(http_event(method, path, token, body)).await
    }

    /// A token of the admin.
    ///
    /// # Panics
    /// If the login fails.
    pub async fn log_in(&self) -> String {
        let body = json!({ "email": ADMIN, "password": PASSWORD });
        let answer = self.http("POST", "/login", None, Some(body)).await;
        assert_eq!(answer["statusCode"], 200, "{answer}\n{}", self.said());
        let body: Value = serde_json::from_str(answer["body"].as_str().expect("a body")).expect("JSON");
        body["access_token"].as_str().expect("a token").to_owned()
    }

    /// The log of all its processes.
    ///
    /// # Panics
    /// If the log cannot be read.
    #[must_use]
    pub fn said(&self) -> String {
        let bytes = std::fs::read(&self.log).expect("the log can be read");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Checks that the log contains none of these.
    ///
    /// # Panics
    /// With the line that contains one.
    pub fn kept_silent_about(&self, secrets: &[String]) {
        let said = self.said();
        for secret in secrets {
            assert!(!secret.is_empty());
            let line = said.lines().find(|line| line.contains(secret));
            assert!(line.is_none(), "{} has logged a secret: {}", self.name, line.unwrap_or_default());
        }
    }

    /// The peak resident memory of the process, in KiB.
    ///
    /// # Panics
    /// If there is no process.
    #[must_use]
    pub fn peak_kib(&self) -> u64 {
        let id = self.process().as_ref().and_then(Child::id).expect("a process");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("its status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
        peak.trim().trim_end_matches("kB").trim().parse().expect("a number")
    }

    fn process(&self) -> MutexGuard<'_, Option<Child>> {
        self.process.lock().expect("nothing panics while it holds the process")
    }
}

/// An event of API Gateway (HTTP API, payload 2.0).
#[must_use]
pub fn http_event(method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Value {
    let (raw_path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut headers = json!({ "host": "trueprice.example", "x-forwarded-proto": "https" });
    if let Some(token) = token {
        headers["authorization"] = json!(format!("Bearer {token}"));
    }
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": raw_path,
        "rawQueryString": query,
        "requestContext": {
            "http": { "method": method, "path": raw_path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1" },
            "requestId": "test",
            "routeKey": "$default",
            "stage": "$default",
            "time": "05/Jan/2024:22:30:00 +0000",
            "timeEpoch": 1_704_493_800_000_i64,
        },
        "isBase64Encoded": false,
    });
    if let Some(body) = body {
        headers["content-type"] = json!("application/json");
        event["body"] = json!(body.to_string());
    }
    event["headers"] = headers;
    event
}

/// An S3 notification about a new object, inside an SQS message.
#[must_use]
pub fn sqs_event(message: &str, key: &str, sequencer: &str) -> Value {
    let body = json!({ "Records": [{
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": { "bucket": { "name": BUCKET }, "object": { "key": key, "sequencer": sequencer } },
    }] });
    json!({ "Records": [{ "eventSource": "aws:sqs", "messageId": message, "body": body.to_string() }] })
}
