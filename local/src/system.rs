//! The parts of a system, started in order and stopped in reverse.

use crate::connect::{DATABASE_SECRET, SIGNING_SECRET, service, settings, write_private};
use crate::invoke::Running;
use crate::options::{ACCESS_KEY, ARCHIVE_BUCKET, BUCKET, EXPORT_BUCKET, Options, SECRET_KEY};
use crate::schedule::Schedule;
use machine::{Mails, Postgres, Queue, QueueOptions, Secrets, Served, Store};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::sync::{Notify, mpsc};
use trueprice::clock::Clock;
use trueprice::ctx::{Ctx, Services, WAKE_PREFIX};
use trueprice::fault::{During, Fault};
use trueprice::{access, api, db, intake, upkeep};

/// Maximum number of database connections. Requests and background work share them in order of arrival.
const CONNECTIONS: u16 = 8;

/// A running system.
#[derive(Debug)]
pub struct System {
    /// The context of the handlers.
    pub ctx: Ctx,
    /// The address of the API.
    pub http: SocketAddr,
    /// The object store.
    pub store: Store,
    /// The secret store.
    pub secrets: Secrets,
    /// The mail service, which writes mails to a folder.
    pub mails: Mails,
    /// The queue between the object store and the handlers.
    pub queue: Queue,
    /// Password of the admin, if this start created the account.
    pub admin_password: Option<String>,
    server: Served,
    schedule: Option<Schedule>,
    wake: Arc<Notify>,
    running: Running,
}

impl System {
    /// Starts everything except PostgreSQL, on a database of that server, which is created if needed.
    ///
    /// # Errors
    /// A fault that says which part did not start.
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

        let wake = Arc::new(Notify::new());
        let queue = {
            let (ctx, wake) = (ctx.clone(), Arc::clone(&wake));
            Queue::start(arrived, QueueOptions::new(home.join("dead-letters")), move |event| {
                let (ctx, wake) = (ctx.clone(), Arc::clone(&wake));
                // In its own task, so that a panic only fails the batch.
                async move { hear(&ctx, &wake, event).await }
            })
        };
        // Handles objects that arrived just before the last process died.
        store.replay(BUCKET);

        let server = Served::start(options.http, api::router(&ctx)).await;
        let server = server.during(format!("listening on {}", options.http))?;
        let (http, schedule) = (server.address, None);
        Ok(Self { ctx, http, store, secrets, mails, queue, admin_password, server, schedule, wake, running })
    }

    /// Starts the nightly compaction and the five-minute workers. Not part of `start`, because a test clock may skip many nights.
    pub fn keep_schedule(&mut self) {
        self.schedule = Some(Schedule::start(self.ctx.clone(), Arc::clone(&self.wake)));
    }

    /// Stops accepting requests, finishes work in progress and closes the connections. The caller stops PostgreSQL.
    pub async fn stop(self) {
        self.running.remove();
        // A stalled client does not delay the stop.
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

/// Handles the events of the object store: new sheets, and the object that wakes the workers.
async fn hear(ctx: &Ctx, wake: &Notify, mut event: Value) -> Result<Value, String> {
    // As deployed, only the source bucket notifies the queue, and the wake object in the exports bucket starts the workers.
    if let Some(records) = event["Records"].as_array_mut() {
        let (exports, woken) = (format!("\"name\":\"{EXPORT_BUCKET}\""), format!("\"key\":\"{WAKE_PREFIX}"));
        let is_wake = |body: &str| body.contains(&exports) && body.contains(&woken);
        if records.iter().any(|record| record["body"].as_str().is_some_and(is_wake)) {
            wake.notify_one();
        }
        let bucket = format!("\"name\":\"{BUCKET}\"");
        records.retain(|record| record["body"].as_str().is_some_and(|body| body.contains(&bucket)));
        if records.is_empty() {
            return Ok(json!({ "batchItemFailures": [] }));
        }
    }
    Box::pin(intake::handle(ctx, event)).await.map_err(|fault| fault.chain())
}

/// Any free port on loopback.
#[must_use]
pub fn free_port() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// Creates a database if it does not exist.
///
/// # Errors
/// A fault if the server does not answer.
pub async fn make_database(postgres: &Postgres, database: &str) -> Result<(), Fault> {
    let doing = "creating the database";
    let mut conn = PgConnection::connect(&postgres.url("postgres")).await.during(doing)?;
    // The name is our own, and a name cannot be a parameter.
    let made = sqlx::raw_sql(AssertSqlSafe(format!("create database {database}"))).execute(&mut conn).await;
    match made {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(DUPLICATE_DATABASE) => {}
        made => {
            made.during(doing)?;
        }
    }
    conn.close().await.during(doing)
}

/// `SQLSTATE` for a database that already exists (PostgreSQL, appendix A).
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

/// Creates the admin on the first start. The password is written to a file that only its owner can read before the account is
/// created, so that an interrupted start finds it there.
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
    write_private(&file, &password).during("saving the admin's password")?;
    let (email, role) = (&options.admin_email, "admin");
    let create = json!({ "command": "create", "email": email, "role": role, "password": password });
    let answer = access::command::handle(ctx, create).await?;
    match answer["error"].as_str() {
        Some(error) => Err(Fault::new(format!("creating the admin: {error}"))),
        None => Ok(Some(password)),
    }
}
