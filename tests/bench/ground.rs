//! The test bed: a PostgreSQL server that keeps what it confirms, and systems on its databases.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use local::connect;
use local::options::{ACCESS_KEY, BUCKET, EXPORT_BUCKET, Options, SECRET_KEY};
use local::{System, system};
use machine::{Postgres, Store};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tests::function::Function;
use tests::{ADMIN, PASSWORD};
use tokio::sync::mpsc;
use tower::ServiceExt as _;
use trueprice::access::command;
use trueprice::catalog::DataType;
use trueprice::clock::Clock;
use trueprice::ctx::{Ctx, Limits, Services, Settings};
use trueprice::db;
use trueprice::env::Environment;
use trueprice::objects::Objects;

/// A request limit per minute that no measurement reaches.
const MANY: Limits = Limits { user: 1 << 30, admin: 1 << 30, anonymous: 1 << 30, log_in: 1 << 30 };
/// E-mail of the reading user.
const READER: &str = "reader@localhost";

/// The server. Unlike the test server it waits for the disk, as a commit does in production.
pub struct Ground {
    home: PathBuf,
    postgres: Option<Postgres>,
}

impl Ground {
    /// Starts it in its own folder, which is removed with it.
    pub async fn start() -> Self {
        let home = tests::scratch().join(format!("bench-{}", std::process::id()));
        std::fs::create_dir_all(&home).expect("a folder for the server");
        let folder = home.clone();
        let start = move || Postgres::start(&folder, &|what| println!("{what}")).expect("PostgreSQL starts");
        let postgres = tokio::task::spawn_blocking(start).await.expect("PostgreSQL starts");
        Self { home, postgres: Some(postgres) }
    }

    fn postgres(&self) -> &Postgres {
        self.postgres.as_ref().expect("the server runs until it is dropped")
    }

    /// A connection to one of its databases.
    pub async fn sql(&self, database: &str) -> PgConnection {
        PgConnection::connect(&self.postgres().url(database)).await.expect("a connection")
    }

    /// A system on a new database.
    pub async fn bed(&self, database: &'static str) -> Bed<'_> {
        self.bed_at(database, Clock::system()).await
    }

    /// A system on a new database, with this clock.
    pub async fn bed_at(&self, database: &'static str, clock: Clock) -> Bed<'_> {
        let home = self.home.join(database);
        std::fs::create_dir_all(&home).expect("a folder for the system");
        let options = Options {
            home: home.clone(),
            http: system::free_port(),
            s3: system::free_port(),
            admin_email: ADMIN.to_owned(),
            admin_password: Some(PASSWORD.to_owned()),
            samples: false,
            // Requests are counted as usual and never exceed the limit.
            settings: Settings {
                limits: MANY,
                environment: Environment::Local,
                max_answer_bytes: usize::MAX,
                ..Settings::from_env().expect("settings")
            },
        };
        let started = System::start(&options, self.postgres(), database, clock, &|_| {}).await;
        let system = started.unwrap_or_else(|fault| panic!("{}", fault.chain()));
        // A store without a queue, so that an uploaded object waits for the measured function.
        let (events, arrived) = mpsc::unbounded_channel();
        let objects = home.join("unqueued");
        let store = Store::start(
            &objects,
            system::free_port(),
            ACCESS_KEY,
            SECRET_KEY,
            &[BUCKET, EXPORT_BUCKET],
            events,
        )
        .await;
        let store = store.expect("a store");
        let objects = Objects::new(&connect::service(store.address).await);
        let arrived = tokio::sync::Mutex::new(arrived);
        Bed { ground: self, database, system, store, objects, arrived, http: reqwest::Client::new() }
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        drop(self.postgres.take());
        drop(std::fs::remove_dir_all(&self.home));
    }
}

/// A system, and a store that only the measured functions read.
pub struct Bed<'g> {
    ground: &'g Ground,
    database: &'static str,
    system: System,
    store: Store,
    objects: Objects,
    arrived: tokio::sync::Mutex<mpsc::UnboundedReceiver<Value>>,
    http: reqwest::Client,
}

impl Bed<'_> {
    /// The context of handlers.
    pub fn ctx(&self) -> &Ctx {
        &self.system.ctx
    }

    /// A connection to its database.
    pub async fn sql(&self) -> PgConnection {
        self.ground.sql(self.database).await
    }

    /// A token of the admin.
    pub async fn token(&self) -> String {
        self.token_of(ADMIN).await
    }

    /// A token of a user who is limited by grants and has every data type granted. The user is created by the first call.
    pub async fn reader(&self) -> String {
        let create =
            json!({ "command": "create", "email": READER, "role": "read_only_user", "password": PASSWORD });
        let made = command::handle(self.ctx(), create).await.expect("the users function answers");
        if made["done"] == true {
            for data_type in DataType::ALL {
                let grant = json!({ "command": "grant", "email": READER, "data_type": data_type.word() });
                let granted = command::handle(self.ctx(), grant).await.expect("the users function answers");
                assert_eq!(granted["done"], true, "{granted}");
            }
        }
        self.token_of(READER).await
    }

    async fn token_of(&self, email: &str) -> String {
        let body = json!({ "email": email, "password": PASSWORD });
        let answer = self.http.post(format!("http://{}/login", self.system.http)).json(&body).send().await;
        let answer: Value = answer.expect("an answer").json().await.expect("JSON");
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    /// Requests a path; returns the status and size of the answer.
    pub async fn get(&self, token: &str, path: &str) -> (StatusCode, usize) {
        let answer = self.answer(token, path).await;
        (answer.status(), answer.bytes().await.expect("a body").len())
    }

    /// Requests a path.
    pub async fn answer(&self, token: &str, path: &str) -> Response {
        let request = self.http.get(format!("http://{}{path}", self.system.http)).bearer_auth(token);
        request.send().await.expect("an answer")
    }

    /// Calls the handler repeatedly, as Lambda does: on one thread, one request at a time, without a socket or an HTTP client. The
    /// first answer opens the database connection.
    pub async fn handled(&self, token: &str, path: &str, runs: usize) -> Vec<Duration> {
        let postgres = self.ground.postgres();
        let (host, port, database) = (postgres.host.clone(), postgres.port, self.database);
        let services = Services {
            objects: connect::service(self.store.address).await,
            secrets: connect::service(self.system.secrets.address).await,
            mails: connect::service(self.store.address).await,
        };
        let (clock, settings) = (self.ctx().clock().clone(), self.ctx().settings().clone());
        let (token, path) = (format!("Bearer {token}"), path.to_owned());
        let work = async move || {
            let database = db::Settings::plain(&host, port, database, connect::DATABASE_SECRET, 2);
            let ctx = Ctx::new(clock, services, database, settings).await.expect("what handlers are given");
            let router = trueprice::api::router(&ctx);
            let mut times = Vec::with_capacity(runs);
            for _ in 0..runs {
                let request = Request::get(&path).header(AUTHORIZATION, &token).body(Body::empty());
                let start = Instant::now();
                let Ok(answer) = router.clone().oneshot(request.expect("a request")).await;
                let (parts, body) = answer.into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
                times.push(start.elapsed());
                assert!(parts.status == StatusCode::OK && body.len() > 1000, "{path}: {}", parts.status);
            }
            ctx.db().close().await;
            times
        };
        let thread = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(work())
        });
        thread.await.expect("the handler answers")
    }

    /// Posts a body.
    pub async fn post(&self, token: &str, path: &str, body: &Value) -> Response {
        let request = self.http.post(format!("http://{}{path}", self.system.http)).bearer_auth(token);
        request.json(body).send().await.expect("an answer")
    }

    /// Puts a sheet where only a function will find it, and returns the event for it.
    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> Value {
        let put = self.objects.put(BUCKET, key, bytes, "text/csv", HashMap::new()).await;
        put.unwrap_or_else(|fault| panic!("{}", fault.chain()));
        let mut arrived = self.arrived.lock().await;
        loop {
            let event = arrived.recv().await.expect("the store raises an event");
            // A publication raises a second event, the wake-up of other functions.
            if event.to_string().contains(key) {
                return event;
            }
        }
    }

    /// A running release binary on this system; its store is that of [`put`](Self::put).
    pub async fn function(&self, name: &'static str) -> Function {
        let postgres = self.ground.postgres();
        let environment = [
            ("DATABASE_HOST", postgres.host.clone()),
            ("DATABASE_PORT", postgres.port.to_string()),
            ("DATABASE_NAME", self.database.to_owned()),
            ("DATABASE_SSLMODE", "disable".to_owned()),
            ("DATABASE_SECRET", connect::DATABASE_SECRET.to_owned()),
            ("SIGNING_SECRET", connect::SIGNING_SECRET.to_owned()),
            ("SOURCE_BUCKET", BUCKET.to_owned()),
            ("EXPORT_BUCKET", EXPORT_BUCKET.to_owned()),
            ("RATE_LIMIT_PER_MINUTE", MANY.user.to_string()),
            ("RATE_LIMIT_ADMIN_PER_MINUTE", MANY.admin.to_string()),
            ("RATE_LIMIT_ANONYMOUS_PER_MINUTE", MANY.anonymous.to_string()),
            ("RATE_LIMIT_LOG_IN_PER_MINUTE", MANY.log_in.to_string()),
            ("TRUEPRICE_ENVIRONMENT", "dev".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_ENDPOINT_URL_S3", format!("http://{}", self.store.address)),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", format!("http://{}", self.system.secrets.address)),
        ];
        let log = self.ground.home.join(format!("{name}.log"));
        Function::start(name, environment.into(), log).await
    }

    /// Stops everything that was started.
    pub async fn stop(self) {
        // The server waits for its connections to close.
        drop(self.http);
        self.system.stop().await;
        self.store.stop().await;
    }
}

/// Runs a statement.
pub async fn run(sql: &mut PgConnection, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(sql).await.expect("the statement runs");
}

/// The single text returned by a statement.
pub async fn text(sql: &mut PgConnection, statement: &str) -> String {
    let row = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).fetch_one(sql).await.expect("a row");
    row.get(0)
}

/// The single number returned by a statement.
pub async fn number(sql: &mut PgConnection, statement: &str) -> u32 {
    let statement = format!("select ({statement})::text");
    text(sql, &statement).await.parse().expect("a number below 2^32")
}
