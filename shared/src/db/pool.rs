//! The connections. Promises: no more than there may be; whoever asks first gets one first; one that is free is handed on
//! at once; one that was closed at its other end is replaced; and nobody waits longer than it may.
//!
//! A connection is taken by somebody who holds a permit, and the permit outlives it: it is either in use or idle, and a new
//! one is made only if none is idle. A connection that ends its transaction goes to the idle ones before its permit goes to
//! the next in line. (sqlx's own pool takes a connection back in a task, asks the database whether it is alive, and retries a
//! refused connection for as long as may be waited: a request would hang that long.)

use super::Settings;
use super::unavailable::Unavailable;
use super::wait::Wait;
use crate::fault::{During, Fault};
use crate::secrets::Secrets;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

/// How long work waits before it tries a server again that is not there.
const PAUSE: Duration = Duration::from_millis(250);
/// How long it is taken for true that the server takes new connections.
const ANEW: Duration = Duration::from_secs(1);
/// How long connections may take to end.
const GOODBYE: Duration = Duration::from_secs(1);
/// `SQLSTATE` of a wrong password (PostgreSQL, appendix A).
const INVALID_PASSWORD: &str = "28P01";

/// The connections, shared by everybody who opens transactions.
#[derive(Clone, Debug)]
pub(super) struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    secrets: Secrets,
    options: Mutex<PgConnectOptions>,
    idle: Mutex<Vec<PgConnection>>,
    /// When a connection was made last on which a transaction could be begun.
    made: Mutex<Option<Instant>>,
    /// In the order in which they ask.
    admission: Arc<Semaphore>,
}

/// A connection, and the right to it.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) conn: PgConnection,
    permit: OwnedSemaphorePermit,
}

impl Pool {
    pub(super) fn new(settings: Settings, secrets: &Secrets, options: PgConnectOptions) -> Self {
        let admission = Arc::new(Semaphore::new(settings.connections.get().into()));
        let (options, idle, made) = (Mutex::new(options), Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { settings, secrets: secrets.clone(), options, idle, made, admission }))
    }

    /// A connection on which the first statement has run. One that has waited may have been closed at its other end, while the
    /// instance was frozen or by the proxy; it goes, and the next is tried, until one must be new. Whoever goes away in the
    /// middle of it closes the connection.
    ///
    /// # Errors
    /// A fault with an [`Unavailable`] if there is none within the time that may be waited.
    pub(super) async fn take(&self, first: &'static str, doing: &'static str) -> Result<Held, Fault> {
        let wait = Wait::begin();
        let permit = self.permit(&wait, doing).await?;
        loop {
            let Some(mut conn) = self.idle().pop() else { break };
            // A server that stands still must leave time for a new connection.
            match timeout(wait.left() / 2, sqlx::raw_sql(first).execute(&mut conn)).await {
                Ok(Ok(_)) => return Ok(Held { conn, permit }),
                Ok(Err(_closed)) => {}
                Err(_still) => self.idle().clear(),
            }
        }
        self.take_made(first, doing, permit, &wait).await
    }

    /// The same on a connection that is made for it, unless that was done a moment ago. One that is idle goes: there are no more than
    /// there may be.
    ///
    /// # Errors
    /// As [`Pool::take`].
    pub(super) async fn take_new(&self, first: &'static str, doing: &'static str) -> Result<Held, Fault> {
        if self.made().is_some_and(|made| made.elapsed() < ANEW) {
            return self.take(first, doing).await;
        }
        let wait = Wait::begin();
        let permit = self.permit(&wait, doing).await?;
        drop(self.idle().pop());
        self.take_made(first, doing, permit, &wait).await
    }

    async fn take_made(
        &self,
        first: &'static str,
        doing: &'static str,
        permit: OwnedSemaphorePermit,
        wait: &Wait,
    ) -> Result<Held, Fault> {
        let mut conn = self.connect(wait, doing).await?;
        let Ok(begun) = timeout(wait.left(), sqlx::raw_sql(first).execute(&mut conn)).await else {
            return Err(Unavailable::Unreachable).during(doing);
        };
        begun.during(doing)?;
        *self.made() = Some(Instant::now());
        Ok(Held { conn, permit })
    }

    /// Takes a connection back on which nothing is open.
    pub(super) fn put(&self, held: Held) {
        let Held { conn, permit } = held;
        // In this order: the next in line finds it.
        self.idle().push(conn);
        drop(permit);
    }

    /// Makes a connection that the first transaction will find.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub(super) async fn warm(&self, doing: &'static str) -> Result<(), Fault> {
        let wait = Wait::begin();
        let permit = self.permit(&wait, doing).await?;
        let conn = self.connect(&wait, doing).await?;
        self.put(Held { conn, permit });
        Ok(())
    }

    /// A connection beside the others, which ends when it is dropped.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub(super) async fn direct(&self, doing: &'static str) -> Result<PgConnection, Fault> {
        self.connect(&Wait::begin(), doing).await
    }

    /// Ends the connections that are idle; no more are given out.
    pub(super) async fn close(&self) {
        self.0.admission.close();
        let idle = std::mem::take(&mut *self.idle());
        let ended = futures_util::future::join_all(idle.into_iter().map(PgConnection::close));
        // A server that is gone needs no goodbye.
        let _ = timeout(GOODBYE, ended).await;
    }

    async fn permit(&self, wait: &Wait, doing: &'static str) -> Result<OwnedSemaphorePermit, Fault> {
        match timeout(wait.left(), Arc::clone(&self.0.admission).acquire_owned()).await {
            Ok(permit) => permit.during(doing),
            Err(_) => Err(Unavailable::Busy(wait.taken())).during(doing),
        }
    }

    /// Connects. A server that is not there is an answer to a request; work tries again while it may wait.
    async fn connect(&self, wait: &Wait, doing: &'static str) -> Result<PgConnection, Fault> {
        loop {
            let Ok(connected) = timeout(wait.left(), self.connect_once(doing)).await else {
                return Err(Unavailable::Unreachable).during(doing);
            };
            match connected {
                Err(fault)
                    if Unavailable::of(&fault).is_some() && !wait.is_request && wait.left() > PAUSE =>
                {
                    sleep(PAUSE).await;
                }
                connected => return connected,
            }
        }
    }

    async fn connect_once(&self, doing: &'static str) -> Result<PgConnection, Fault> {
        let options = self.options().clone();
        match PgConnection::connect_with(&options).await {
            Err(sqlx::Error::Database(refused)) if refused.code().as_deref() == Some(INVALID_PASSWORD) => {
                tracing::info!("the database password was rotated: fetching it again");
                let credentials = self.0.secrets.credentials(&self.0.settings.secret).await?;
                let options = self.0.settings.options(&credentials);
                *self.options() = options.clone();
                PgConnection::connect_with(&options).await.during(doing)
            }
            connected => connected.during(doing),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<PgConnection>> {
        self.0.idle.lock().expect("nothing panics while it holds the connections")
    }

    fn made(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.made.lock().expect("nothing panics while it holds the time")
    }

    fn options(&self) -> MutexGuard<'_, PgConnectOptions> {
        self.0.options.lock().expect("nothing panics while it holds the options")
    }
}
