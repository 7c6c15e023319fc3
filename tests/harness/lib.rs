//! A running system for tests: real PostgreSQL, real S3 and Secrets Manager protocols and the real handlers; each test has its own
//! database and bucket.

pub mod download;
pub mod function;
pub mod generate;
pub mod held;
mod left_out;
pub mod pooler;
pub mod python;
pub mod reference;

use local::connect;
use local::options::{ACCESS_KEY, ARCHIVE_BUCKET, BUCKET, EXPORT_BUCKET, Options};
use local::{System, system};
use machine::Postgres;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use trueprice::access::command;
use trueprice::clock::Clock;
use trueprice::ctx::{self, Ctx, Services};
use trueprice::db::Settings;
use trueprice::env::Environment;
use trueprice::upkeep::migrate::MIGRATOR;

/// E-mail of every system's admin.
pub const ADMIN: &str = "admin@localhost";
/// The admin's password.
pub const PASSWORD: &str = "a password for tests";

/// The only PostgreSQL server of this process. It dies with the process.
///
/// # Panics
/// If it does not start.
pub fn postgres() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| {
        clear();
        let home = scratch().join(format!("postgres-{}", std::process::id()));
        // Durability after a power cut is PostgreSQL's responsibility and not tested here.
        let settings = [("fsync", "off"), ("max_connections", "300")];
        Postgres::start_with(&home, &settings, &|what| println!("{what}")).expect("PostgreSQL starts")
    })
}

/// Copies the database that was migrated once for this process: applying all migrations took most of a system's start-up.
async fn copy_template(name: &str) {
    let template = tokio::task::spawn_blocking(template).await.expect("the template can be made");
    let mut conn = PgConnection::connect(&postgres().url("postgres")).await.expect("a connection");
    let copy = AssertSqlSafe(format!("create database {name} template {template}"));
    sqlx::raw_sql(copy).execute(&mut conn).await.expect("a database from the template");
    conn.close().await.expect("the connection closes");
}

/// Makes a database whose collation is that of a locale, as ICU has it.
async fn create_in_locale(name: &str, locale: &str) {
    let mut conn = PgConnection::connect(&postgres().url("postgres")).await.expect("a connection");
    let create =
        format!("create database {name} template template0 locale_provider icu icu_locale '{locale}'");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut conn).await.expect("a database in a locale");
    let mut made = PgConnection::connect(&postgres().url(name)).await.expect("a connection");
    MIGRATOR.run(&mut made).await.expect("the migrations apply");
    made.close().await.expect("the connection closes");
    conn.close().await.expect("the connection closes");
}

/// The template. Nothing is connected to it once it is made, or PostgreSQL would refuse to copy it.
fn template() -> &'static str {
    static TEMPLATE: OnceLock<&str> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let name = "migrated_once";
            system::make_database(postgres(), name).await.expect("a database");
            let mut conn = PgConnection::connect(&postgres().url(name)).await.expect("a connection");
            MIGRATOR.run(&mut conn).await.expect("the migrations apply");
            conn.close().await.expect("the connection closes");
            name
        })
    })
}

/// Removes leftovers of earlier test processes: folders named after processes that no longer exist.
fn clear() {
    let entries = std::fs::read_dir(scratch()).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let number =
            name.trim_start_matches("postgres-").trim_start_matches('t').split('_').next().unwrap_or("");
        let gone = number.parse::<u32>().is_ok() && !Path::new("/proc").join(number).exists();
        if gone && let Err(error) = std::fs::remove_dir_all(entry.path()) {
            println!("left behind: {name}: {error}");
        }
    }
}

/// A folder to which tests may write.
///
/// # Panics
/// If the folder cannot be created.
#[must_use]
pub fn scratch() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/e2e");
    std::fs::create_dir_all(&folder).expect("the scratch folder can be made");
    folder.canonicalize().expect("the scratch folder exists")
}

/// A database proxy that delays every answer by two milliseconds, so that every statement really waits. It ends with the runtime.
///
/// # Panics
/// If no port is available.
pub async fn slow_way_to_the_database() -> u16 {
    let listener = TcpListener::bind(system::free_port()).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server =
                TcpStream::connect(("127.0.0.1", postgres().port)).await.expect("the server listens");
            let ((mut asked, mut told), (mut answers, mut questions)) =
                (client.into_split(), server.into_split());
            tokio::spawn(async move { tokio::io::copy(&mut asked, &mut questions).await });
            tokio::spawn(async move {
                let mut bytes = vec![0; 64 * 1024];
                while let Ok(size @ 1..) = answers.read(&mut bytes).await {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    if told.write_all(&bytes[..size]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    port
}

/// A workspace binary, built by the same command as the tests.
///
/// # Panics
/// If it was not built.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its program");
    let folder = test.ancestors().find(|folder| folder.join(name).is_file());
    folder.unwrap_or_else(|| panic!("build the workspace first: {name} does not exist")).join(name)
}

/// A running system and an HTTP client for it.
#[derive(Debug)]
pub struct Running {
    /// The system under test.
    pub system: System,
    /// The clock of the system.
    pub clock: Clock,
    /// The folder of the system.
    pub home: PathBuf,
    /// The name of its database.
    pub database: String,
    http: reqwest::Client,
}

impl Running {
    /// A system on a new database, with the system's clock.
    pub async fn start() -> Self {
        Self::start_with(Clock::system(), |_| {}).await
    }

    /// A system on a new database, with this clock and with options changed as the test needs.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start_with(clock: Clock, change: impl FnOnce(&mut Options)) -> Self {
        Self::start_on(clock, change, None).await
    }

    /// A system on a new database whose collation is that of a locale.
    ///
    /// # Panics
    /// If it does not start, or the PostgreSQL of this machine was built without ICU.
    pub async fn start_in_locale(locale: &str) -> Self {
        Self::start_on(Clock::system(), |_| {}, Some(locale)).await
    }

    async fn start_on(clock: Clock, change: impl FnOnce(&mut Options), locale: Option<&str>) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let home = scratch().join(&name);
        std::fs::create_dir_all(&home).expect("a folder for the system");
        let mut options = Options {
            home: home.clone(),
            http: system::free_port(),
            s3: system::free_port(),
            admin_email: ADMIN.to_owned(),
            admin_password: Some(PASSWORD.to_owned()),
            samples: false,
            settings: ctx::Settings {
                limits: ctx::Limits::NONE,
                environment: Environment::Local,
                ..ctx::Settings::from_env().expect("settings")
            },
        };
        change(&mut options);
        let server = tokio::task::spawn_blocking(postgres).await.expect("PostgreSQL starts");
        match locale {
            None => copy_template(&name).await,
            Some(locale) => create_in_locale(&name, locale).await,
        }
        let system = System::start(&options, server, &name, clock.clone(), &|_| {}).await;
        let system = system.unwrap_or_else(|fault| panic!("{}", fault.chain()));
        Self { system, clock, home, database: name, http: reqwest::Client::new() }
    }

    /// The context of handlers.
    #[must_use]
    pub fn ctx(&self) -> &Ctx {
        &self.system.ctx
    }

    /// The same system with its object store at another address: a store that raises no events here, or an address
    /// where nothing listens.
    ///
    /// # Panics
    /// If the database secret cannot be read.
    pub async fn ctx_with_objects_at(&self, address: SocketAddr) -> Ctx {
        self.ctx_at(address, postgres().port).await
    }

    /// The same system with its object store and database at other addresses.
    ///
    /// # Panics
    /// If the database secret cannot be read.
    pub async fn ctx_at(&self, objects: SocketAddr, database_port: u16) -> Ctx {
        let services = Services {
            objects: connect::service(objects).await,
            secrets: connect::service(self.system.secrets.address).await,
            mails: connect::service(self.system.mails.address).await,
        };
        let database =
            Settings::plain("127.0.0.1", database_port, &self.database, connect::DATABASE_SECRET, 4);
        let settings = self.ctx().settings().clone();
        Ctx::new(self.clock.clone(), services, database, settings).await.expect("a context")
    }

    /// A direct database connection, to inspect or change what the API does not show.
    ///
    /// # Panics
    /// If it cannot be opened.
    pub async fn sql(&self) -> PgConnection {
        PgConnection::connect(&postgres().url(&self.database)).await.expect("a connection")
    }

    /// Runs a command of the `users` function.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn users(&self, event: Value) -> Value {
        let answer = command::handle(self.ctx(), event).await.expect("the users function answers");
        assert_eq!(answer["done"], true, "{answer}");
        answer
    }

    /// A request to the API.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.system.http))
    }

    /// Logs in and returns the answer.
    ///
    /// # Panics
    /// If the API does not answer.
    pub async fn log_in(&self, email: &str, password: &str) -> Response {
        let body = json!({ "email": email, "password": password });
        self.request(Method::POST, "/login").json(&body).send().await.expect("an answer")
    }

    /// A token of the admin.
    pub async fn admin(&self) -> String {
        self.token(ADMIN, PASSWORD).await
    }

    /// Logs in and returns an access token.
    ///
    /// # Panics
    /// If the login fails.
    pub async fn token(&self, email: &str, password: &str) -> String {
        let answer = self.log_in(email, password).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let body: Value = answer.json().await.expect("JSON");
        body["access_token"].as_str().expect("a token").to_owned()
    }

    /// Adds a user with a role and returns a token for it.
    pub async fn user(&self, email: &str, role: &str) -> String {
        self.users(json!({ "command": "create", "email": email, "role": role, "password": PASSWORD })).await;
        self.token(email, PASSWORD).await
    }

    /// Requests a path with GET and returns the status and body.
    ///
    /// # Panics
    /// If the API does not answer.
    pub async fn get(&self, token: &str, path: &str) -> (StatusCode, String) {
        let answer = self.request(Method::GET, path).bearer_auth(token).send().await.expect("an answer");
        (answer.status(), answer.text().await.expect("a body"))
    }

    /// Puts a sheet into the bucket and waits until it has been processed; returns its journal row.
    ///
    /// # Panics
    /// If the store refuses it.
    pub async fn put(&self, key: &str, bytes: &[u8]) -> Value {
        self.put_only(key, bytes).await;
        self.system.queue.idle().await;
        self.journal(key).await.remove(0)
    }

    /// Puts an object into the bucket.
    ///
    /// # Panics
    /// If the store refuses it.
    pub async fn put_only(&self, key: &str, bytes: &[u8]) {
        let put = self.ctx().objects().put(BUCKET, key, bytes.to_vec(), "text/csv", HashMap::new()).await;
        put.unwrap_or_else(|fault| panic!("{}", fault.chain()));
    }

    /// The journal rows of a key, newest first, including sheets in archives.
    ///
    /// # Panics
    /// If the API does not answer.
    pub async fn journal(&self, key: &str) -> Vec<Value> {
        let (status, body) = self.get(&self.admin().await, "/v1/uploads?limit=200").await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        let rows = body["uploads"].as_array().expect("a list").iter();
        rows.filter(|row| row["key"] == key).cloned().collect()
    }

    /// Uploads a sheet through the API.
    ///
    /// # Panics
    /// If the API does not answer.
    pub async fn upload(&self, token: &str, name: &str, bytes: &[u8]) -> (StatusCode, Value) {
        let part = Part::bytes(bytes.to_vec()).file_name(name.to_owned());
        let form = Form::new().part("file", part);
        let answer =
            self.request(Method::POST, "/upload_csv").bearer_auth(token).multipart(form).send().await;
        let answer = answer.expect("an answer");
        (answer.status(), answer.json().await.expect("JSON"))
    }

    /// The environment variables of a Lambda function on this system, with its database at that port.
    #[must_use]
    pub fn environment(&self, database_port: u16) -> Vec<(&'static str, String)> {
        let port = database_port.to_string();
        [
            ("DATABASE_HOST", "127.0.0.1"),
            ("DATABASE_PORT", &port),
            ("DATABASE_NAME", &self.database),
            ("DATABASE_SSLMODE", "disable"),
            ("DATABASE_SECRET", connect::DATABASE_SECRET),
            ("SIGNING_SECRET", connect::SIGNING_SECRET),
            ("SOURCE_BUCKET", BUCKET),
            ("ARCHIVE_BUCKET", ARCHIVE_BUCKET),
            ("EXPORT_BUCKET", EXPORT_BUCKET),
            ("TRUEPRICE_ENVIRONMENT", "dev"),
            ("MAIL_FROM", connect::MAIL_FROM),
            ("PUBLIC_URL", &format!("http://{}", self.system.http)),
            ("RATE_LIMIT_PER_MINUTE", "0"),
            ("RATE_LIMIT_ADMIN_PER_MINUTE", "0"),
            ("RATE_LIMIT_ANONYMOUS_PER_MINUTE", "0"),
            ("RATE_LIMIT_LOG_IN_PER_MINUTE", "0"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
            ("AWS_SECRET_ACCESS_KEY", local::options::SECRET_KEY),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_ENDPOINT_URL_S3", &format!("http://{}", self.system.store.address)),
            ("AWS_ENDPOINT_URL_SESV2", &format!("http://{}", self.system.mails.address)),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &format!("http://{}", self.system.secrets.address)),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
    }
}
