//! PostgreSQL. Promises: every statement runs inside a transaction and unnamed, so that RDS Proxy neither pins the
//! connection nor loses a prepared statement; a rotated password is fetched again without a restart; a request that cannot
//! be served is told so in time.
//!
//! RDS Proxy pins a connection that keeps session state, and a pooler in transaction mode breaks named statements.
//! `.persistent(false)` exists on plain queries but not on what `query!` returns, so [`Tx`] is the executor that
//! says it for all of them. The isolation of a transaction is said by the statement that begins it, and ends with it.

mod pool;
mod settings;
mod tx;
mod unavailable;
mod wait;

pub use self::settings::Settings;
pub use self::tx::Tx;
pub use self::unavailable::Unavailable;
pub use self::wait::{OF_A_REQUEST, as_request};

use self::pool::Pool;
use crate::fault::Fault;
use crate::secrets::Secrets;
use sqlx::postgres::PgConnection;

/// What begins a transaction that reads: all of its statements see what was committed when the first of them ran.
const READING: &str = "begin isolation level repeatable read, read only";

/// The database: a few connections, and the secret that opens them.
#[derive(Clone, Debug)]
pub struct Db(Pool);

impl Db {
    /// Fetches the credentials; the first connection is made when it is needed.
    ///
    /// # Errors
    /// A fault if the secret cannot be read.
    pub async fn open(settings: Settings, secrets: &Secrets) -> Result<Self, Fault> {
        let credentials = secrets.credentials(&settings.secret).await?;
        let options = settings.options(&credentials);
        Ok(Self(Pool::new(settings, secrets, options)))
    }

    /// Makes a connection that the first transaction will find.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn warm(&self) -> Result<(), Fault> {
        self.0.warm("connecting ahead").await
    }

    /// Opens a transaction. It is rolled back unless [`Tx::commit`] is called.
    ///
    /// # Errors
    /// A fault that says what the transaction was for; with an [`Unavailable`] if there is no connection to be had.
    pub async fn begin(&self, name: &'static str) -> Result<Tx, Fault> {
        let held = self.0.take("begin", name).await?;
        Ok(Tx::new(held, self.0.clone(), name, false))
    }

    /// Opens a transaction that only reads, and whose statements all see the same: what one of them chooses is there for
    /// the next, whatever is published, archived or purged meanwhile. It waits for no writer and cannot fail because of one.
    ///
    /// # Errors
    /// As [`Db::begin`].
    pub async fn begin_read(&self, name: &'static str) -> Result<Tx, Fault> {
        let held = self.0.take(READING, name).await?;
        Ok(Tx::new(held, self.0.clone(), name, true))
    }

    /// Opens a transaction that only reads on a connection that is made for it, in place of one that is idle: that those there are go
    /// on does not say that the server takes another. If one was made within the last second, any will do: who asks without end
    /// costs the server no more than that.
    ///
    /// # Errors
    /// As [`Db::begin`].
    pub async fn begin_anew(&self, name: &'static str) -> Result<Tx, Fault> {
        let held = self.0.take_new(READING, name).await?;
        Ok(Tx::new(held, self.0.clone(), name, true))
    }

    /// A connection outside of any transaction, for migrations, which hold a session-level lock. Not through a proxy. It
    /// is none of those that are handed on, so that what is left on it ends with it.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn direct(&self) -> Result<PgConnection, Fault> {
        self.0.direct("connecting to the database itself").await
    }

    /// Ends the connections. No transaction can be opened any more.
    pub async fn close(&self) {
        self.0.close().await;
    }
}
