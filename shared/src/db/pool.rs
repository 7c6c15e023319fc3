//! The connection pool. Guarantees: never more connections than configured; requests are served in order of arrival; a freed
//! connection is passed on at once; a connection closed by the server is replaced; and no one waits longer than their budget.
//!
//! A connection is taken by the holder of a permit, and the permit outlives it: the connection is either in use or idle, and a new
//! one is opened only if none is idle. At the end of a transaction, the connection is returned to the idle ones before its permit
//! goes to the next in line. (sqlx's own pool returns a connection in a background task, pings the database first, and retries a
//! refused connection for as long as the timeout allows: a request would hang that long.)

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

/// Pause before background work retries an unreachable server.
const PAUSE: Duration = Duration::from_millis(250);
/// How long the last new connection counts as proof that the server accepts connections.
const ANEW: Duration = Duration::from_secs(1);
/// Maximum time for closing connections.
const GOODBYE: Duration = Duration::from_secs(1);
/// `SQLSTATE` of a wrong password (PostgreSQL, appendix A).
const INVALID_PASSWORD: &str = "28P01";

/// The connections, shared by everything that opens transactions.
#[derive(Clone, Debug)]
pub(super) struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    secrets: Secrets,
    options: Mutex<PgConnectOptions>,
    idle: Mutex<Vec<PgConnection>>,
    /// When a transaction was last begun on a new connection.
    made: Mutex<Option<Instant>>,
    /// Grants permits in order of arrival.
    admission: Arc<Semaphore>,
}

/// A connection together with its permit.
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

    /// A connection on which `first` has run. An idle connection may have been closed by the server, while the instance was frozen,
    /// or by the proxy. It is then dropped and the next one tried, until a new one has to be opened. A caller that is cancelled
    /// midway closes the connection.
    ///
    /// # Errors
    /// A fault with an [`Unavailable`] if no connection is available within the time budget.
    pub(super) async fn take(&self, first: &'static str, doing: &'static str) -> Result<Held, Fault> {
        let wait = Wait::begin();
        let permit = self.permit(&wait, doing).await?;
        loop {
            let Some(mut conn) = self.idle().pop() else { break };
            // If the server hangs, enough time must remain for a new connection.
            match timeout(wait.left() / 2, sqlx::raw_sql(first).execute(&mut conn)).await {
                Ok(Ok(_)) => return Ok(Held { conn, permit }),
                Ok(Err(_closed)) => {}
                Err(_still) => self.idle().clear(),
            }
        }
        self.take_made(first, doing, permit, &wait).await
    }

    /// Like [`Pool::take`], but on a new connection, unless one was opened a moment ago. An idle connection is dropped first, to
    /// stay within the limit.
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

    /// Returns a connection that has no open transaction.
    pub(super) fn put(&self, held: Held) {
        let Held { conn, permit } = held;
        // In this order, so that the next in line finds it.
        self.idle().push(conn);
        drop(permit);
    }

    /// Opens a connection in advance for the first transaction.
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

    /// A connection outside the pool, which closes when it is dropped.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub(super) async fn direct(&self, doing: &'static str) -> Result<PgConnection, Fault> {
        self.connect(&Wait::begin(), doing).await
    }

    /// Closes the idle connections. No more are given out.
    pub(super) async fn close(&self) {
        self.0.admission.close();
        let idle = std::mem::take(&mut *self.idle());
        let ended = futures_util::future::join_all(idle.into_iter().map(PgConnection::close));
        // If the server is gone, there is nothing to close.
        let _ = timeout(GOODBYE, ended).await;
    }

    async fn permit(&self, wait: &Wait, doing: &'static str) -> Result<OwnedSemaphorePermit, Fault> {
        match timeout(wait.left(), Arc::clone(&self.0.admission).acquire_owned()).await {
            Ok(permit) => permit.during(doing),
            Err(_) => Err(Unavailable::Busy(wait.taken())).during(doing),
        }
    }

    /// Connects. If the server is unreachable, a request fails at once; background work retries within its budget.
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
                tracing::info!("the database password was rotated; fetching it again");
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
