//! The parts, started in order and stopped in the other.

use crate::invoke::Running;
use crate::options::{ACCESS_KEY, ARCHIVE_BUCKET, BUCKET, EXPORT_BUCKET, Options, SECRET_KEY};
use crate::schedule::Schedule;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::Credentials;
use machine::{Mails, Postgres, Queue, QueueOptions, Secrets, Served, Store};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{Notify, mpsc};
use trueprice::clock::Clock;
use trueprice::ctx::{BELLS, Ctx, Services, Settings};
use trueprice::fault::{During, Fault};
use trueprice::{access, api, db, intake, upkeep};

/// Name of the secret with the database's user and password.
pub const DATABASE_SECRET: &str = "trueprice/database";
/// Name of the secret with the keys that sign tokens.
pub const SIGNING_SECRET: &str = "trueprice/signing";

/// Most connections to the database at once: requests and work in the background share them, in the order in which they ask.
const CONNECTIONS: u16 = 8;

/// The address that mails come from, unless another is set.
pub const MAIL_FROM: &str = "trueprice@localhost";

/// A running system.
#[derive(Debug)]
pub struct System {
    /// What the handlers are given.
    pub ctx: Ctx,
    /// Where the API listens.
    pub http: SocketAddr,
    /// The object store.
    pub store: Store,
    /// The secret store.
    pub secrets: Secrets,
    /// Where mails land.
    pub mails: Mails,
    /// The queue between the two.
    pub queue: Queue,
    /// Password of the admin, if this start made the account.
    pub admin_password: Option<String>,
    server: Served,
    schedule: Option<Schedule>,
    bell: Arc<Notify>,
    running: Running,
}

impl System {
    /// Starts everything but PostgreSQL, on a database of that server, which is made if need be.
    ///
    /// # Errors
    /// A fault that says which part does not start.
    pub async fn start(
        options: &Options,
        postgres: &Postgres,
        database: &str,
        clock: Clock,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<Self, Fault> {
        let home = &options.home;
        make_database(postgres, database).await?;
        let secrets = Secrets::start(&home.join("secrets.json"), free_port(), ACCESS_KEY).await;
        let secrets = secrets.during("starting the secret store")?;
        keep_secrets(&secrets, postgres)?;

        let (events, arrived) = mpsc::unbounded_channel();
        let objects = home.join("objects");
        let buckets = [BUCKET, ARCHIVE_BUCKET, EXPORT_BUCKET];
        let store = Store::start(&objects, options.s3, ACCESS_KEY, SECRET_KEY, &buckets, events).await;
        let store = store.during("starting the object store")?;

        let mails = Mails::start(&home.join("mails"), free_port(), ACCESS_KEY).await;
        let mails = mails.during("starting the mail service")?;

        let services = Services {
            objects: service(store.address).await,
            secrets: service(secrets.address).await,
            mails: service(mails.address).await,
        };
        let running =
            Running::write(options, postgres, database, store.address, secrets.address, mails.address)?;
        let database =
            db::Settings::plain(&postgres.host, postgres.port, database, DATABASE_SECRET, CONNECTIONS);
        let ctx = Ctx::new(clock, services, database, settings(options)).await?;
        tell("applying migrations");
        upkeep::migrate::handle(&ctx, json!({ "command": "up" })).await?;
        let admin_password = first_admin(&ctx, options).await?;

        let bell = Arc::new(Notify::new());
        let queue = {
            let (ctx, bell) = (ctx.clone(), Arc::clone(&bell));
            Queue::start(arrived, QueueOptions::new(home.join("dead-letters")), move |event| {
                let (ctx, bell) = (ctx.clone(), Arc::clone(&bell));
                // On a task of its own, so that a panic is a failed batch and no more.
                async move { hear(&ctx, &bell, event).await }
            })
        };
        // What was put into the bucket just before the last process died.
        store.replay(BUCKET);

        let server = Served::start(options.http, api::router(&ctx)).await;
        let server = server.during(format!("listening on {}", options.http))?;
        let (http, schedule) = (server.address, None);
        Ok(Self { ctx, http, store, secrets, mails, queue, admin_password, server, schedule, bell, running })
    }

    /// Begins to compact every night, and to tell every five minutes. Apart from the start, because a test's clock may pass many nights.
    pub fn keep_schedule(&mut self) {
        self.schedule = Some(Schedule::start(self.ctx.clone(), Arc::clone(&self.bell)));
    }

    /// Takes no more requests, ends what is under way and closes the connections. PostgreSQL is the caller's.
    pub async fn stop(self) {
        self.running.remove();
        // A client that stands still does not hold us up.
        self.server.stop().await;
        if let Some(schedule) = self.schedule {
            schedule.stop().await;
        }
        self.store.stop().await;
        self.queue.stop().await;
        self.ctx.db().close().await;
        self.secrets.stop().await;
        self.mails.stop().await;
    }
}

/// The settings of everything that works on a local system.
#[must_use]
pub fn settings(options: &Options) -> Settings {
    Settings {
        source_bucket: Some(BUCKET.to_owned()),
        archive_bucket: Some(ARCHIVE_BUCKET.to_owned()),
        export_bucket: Some(EXPORT_BUCKET.to_owned()),
        signing_secret: Some(SIGNING_SECRET.to_owned()),
        mail_from: options.settings.mail_from.clone().or_else(|| Some(MAIL_FROM.to_owned())),
        public_url: options.settings.public_url.clone().or_else(|| Some(format!("http://{}", options.http))),
        ..options.settings.clone()
    }
}

/// What the object store tells: of sheets, and of the bell.
async fn hear(ctx: &Ctx, bell: &Notify, mut event: Value) -> Result<Value, String> {
    // As deployed, only the source bucket notifies the queue, and the bell of the exports bucket those who work.
    if let Some(records) = event["Records"].as_array_mut() {
        let (exports, rung) = (format!("\"name\":\"{EXPORT_BUCKET}\""), format!("\"key\":\"{BELLS}"));
        let is_bell = |body: &str| body.contains(&exports) && body.contains(&rung);
        if records.iter().any(|record| record["body"].as_str().is_some_and(is_bell)) {
            bell.notify_one();
        }
        let bucket = format!("\"name\":\"{BUCKET}\"");
        records.retain(|record| record["body"].as_str().is_some_and(|body| body.contains(&bucket)));
        if records.is_empty() {
            return Ok(json!({ "batchItemFailures": [] }));
        }
    }
    Box::pin(intake::handle(ctx, event)).await.map_err(|fault| fault.chain())
}

/// Any free port of loopback.
#[must_use]
pub fn free_port() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// How an AWS service is reached that listens here.
pub async fn service(address: SocketAddr) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local"))
        .endpoint_url(format!("http://{address}"))
        .load()
        .await
}

/// Makes a database, if it is not there.
///
/// # Errors
/// A fault if the server does not answer.
pub async fn make_database(postgres: &Postgres, database: &str) -> Result<(), Fault> {
    let doing = "making the database";
    let mut conn = PgConnection::connect(&postgres.url("postgres")).await.during(doing)?;
    // The name is ours, and a name cannot be a parameter.
    let made = sqlx::raw_sql(AssertSqlSafe(format!("create database {database}"))).execute(&mut conn).await;
    match made {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(DUPLICATE_DATABASE) => {}
        made => {
            made.during(doing)?;
        }
    }
    conn.close().await.during(doing)
}

/// `SQLSTATE` of a database that is there (PostgreSQL, appendix A).
const DUPLICATE_DATABASE: &str = "42P04";

fn keep_secrets(secrets: &Secrets, postgres: &Postgres) -> Result<(), Fault> {
    let doing = "writing the secrets";
    let credentials = json!({ "username": postgres.user, "password": postgres.password });
    secrets.set(DATABASE_SECRET, &credentials.to_string()).during(doing)?;
    if secrets.get(SIGNING_SECRET).is_none() {
        let keyring = json!({ "current": "first", "first": access::password::random()? });
        secrets.set(SIGNING_SECRET, &keyring.to_string()).during(doing)?;
    }
    Ok(())
}

/// Makes the admin at the first start. Its password is kept, where only its owner reads it, before the account is made:
/// a start that is broken off in between finds it there.
async fn first_admin(ctx: &Ctx, options: &Options) -> Result<Option<String>, Fault> {
    let listed = access::command::handle(ctx, json!({ "command": "list" })).await?;
    let users = listed["users"].as_array().into_iter().flatten();
    if users.into_iter().any(|user| user["email"] == options.admin_email.to_lowercase()) {
        return Ok(None);
    }
    let file = options.home.join("admin-password");
    let kept = std::fs::read_to_string(&file).ok().filter(|kept| !kept.is_empty());
    let password = match options.admin_password.clone().or(kept) {
        Some(password) => password,
        None => access::password::random()?,
    };
    write_private(&file, &password).during("keeping the admin's password")?;
    let (email, role) = (&options.admin_email, "admin");
    let create = json!({ "command": "create", "email": email, "role": role, "password": password });
    let answer = access::command::handle(ctx, create).await?;
    match answer["error"].as_str() {
        Some(error) => Err(Fault::new(format!("making the admin: {error}"))),
        None => Ok(Some(password)),
    }
}

pub(crate) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
