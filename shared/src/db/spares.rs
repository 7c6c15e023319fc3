//! Connections between two transactions. Promises: the next transaction finds the connection of the one before at once;
//! and nobody waits for a connection that lies here.
//!
//! The pool takes a connection back in a task of its own and asks the database whether it is alive. A request that opens a
//! second transaction at once does not find it yet and connects anew. A cold start of `ingest` took 52 ms so, and 31 without that
//! (2026-11-21).

use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use std::sync::{Arc, Mutex, MutexGuard};

/// The connections, shared by whoever opens and ends transactions.
#[derive(Clone, Debug, Default)]
pub(super) struct Spares(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    connections: Vec<PoolConnection<Postgres>>,
    /// How many are asking the pool because there was none here.
    asking: usize,
}

/// Somebody who asks the pool; until it is dropped, connections go back to the pool.
#[derive(Debug)]
pub(super) struct Asking<'s>(&'s Spares);

impl Spares {
    /// A connection; or leave to ask the pool for one.
    pub(super) fn take(&self) -> Result<PoolConnection<Postgres>, Asking<'_>> {
        let mut held = self.held();
        held.connections.pop().ok_or_else(|| {
            held.asking += 1;
            Asking(self)
        })
    }

    /// Takes back a connection on which nothing is open; or gives it to the pool, if that is asked.
    pub(super) fn put(&self, connection: PoolConnection<Postgres>) {
        let mut held = self.held();
        if held.asking == 0 {
            held.connections.push(connection);
        } else {
            drop(held);
            drop(connection);
        }
    }

    /// Gives all to the pool.
    pub(super) fn clear(&self) {
        let all = std::mem::take(&mut self.held().connections);
        drop(all);
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().expect("nothing panics while it holds the connections")
    }
}

impl Drop for Held {
    /// The pool takes connections back in a task, for which there may be no runtime any more: these just end.
    fn drop(&mut self) {
        self.connections.drain(..).for_each(|connection| drop(connection.detach()));
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.held().asking -= 1;
    }
}
