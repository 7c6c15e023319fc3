//! PostgreSQL. Guarantees: every statement runs inside a transaction and unnamed, so that RDS Proxy neither pins the connection nor
//! loses a prepared statement; a rotated password is fetched again without a restart; a request that cannot be served gets its
//! error in time.
//!
//! RDS Proxy pins a connection that keeps session state, and a pooler in transaction mode breaks named statements.
//! `.persistent(false)` exists on plain queries but not on the result of `query!`, so [`Tx`] is the executor that sets it for all
//! of them. The isolation level is part of the statement that begins a transaction, and ends with it.

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

/// Begins a read-only transaction: all its statements see what was committed when the first of them ran.
const READING: &str = "begin isolation level repeatable read, read only";

/// The database: a small pool of connections, and the secret that opens them.
#[derive(Clone, Debug)]
pub struct Db(Pool);

impl Db {
    /// Fetches the credentials. The first connection is opened when it is needed.
    ///
    /// # Errors
    /// A fault if the secret cannot be read.
    pub async fn open(settings: Settings, secrets: &Secrets) -> Result<Self, Fault> {
        let credentials = secrets.credentials(&settings.secret).await?;
        let options = settings.options(&credentials);
        Ok(Self(Pool::new(settings, secrets, options)))
    }

    /// Opens a connection in advance for the first transaction.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn warm(&self) -> Result<(), Fault> {
        self.0.warm("connecting ahead").await
    }

    /// Opens a transaction. It is rolled back unless [`Tx::commit`] is called.
    ///
    /// # Errors
    /// A fault that names the purpose of the transaction, with an [`Unavailable`] if no connection is available.
    pub async fn begin(&self, name: &'static str) -> Result<Tx, Fault> {
        let held = self.0.take("begin", name).await?;
        Ok(Tx::new(held, self.0.clone(), name, false))
    }

    /// Opens a read-only transaction whose statements all see the same data: what one statement selects is still there for the
    /// next, even if something is published, archived or purged in the meantime. Writers neither block it nor make it fail.
    ///
    /// # Errors
    /// As [`Db::begin`].
    pub async fn begin_read(&self, name: &'static str) -> Result<Tx, Fault> {
        let held = self.0.take(READING, name).await?;
        Ok(Tx::new(held, self.0.clone(), name, true))
    }

    /// Opens a read-only transaction on a new connection instead of an idle one: that existing connections work does not prove that
    /// the server accepts another. If a connection was opened within the last second, any connection will do, so that frequent
    /// calls cost the server no more than that.
    ///
    /// # Errors
    /// As [`Db::begin`].
    pub async fn begin_anew(&self, name: &'static str) -> Result<Tx, Fault> {
        let held = self.0.take_new(READING, name).await?;
        Ok(Tx::new(held, self.0.clone(), name, true))
    }

    /// A connection outside any transaction, for migrations, which hold a session-level lock. It must not go through a proxy. It
    /// never enters the pool, so its session state ends with it.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn direct(&self) -> Result<PgConnection, Fault> {
        self.0.direct("connecting to the database itself").await
    }

    /// Closes the connections. No transaction can be opened afterwards.
    pub async fn close(&self) {
        self.0.close().await;
    }
}
