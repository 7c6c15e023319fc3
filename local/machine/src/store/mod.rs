//! An object store over one folder that speaks S3 and raises S3's events.
//!
//! Guarantees: an object is visible only when it is complete and verified; whatever has been confirmed survives a crash; every
//! version keeps its own number (its version id and the sequencer of its event), which grows with each arrival and stays the same
//! when the event is raised again; unsigned requests are refused.
//!
//! Buckets keep all versions, as ours do in production: a file that was stored twice can be read in either version.

mod arriving;
pub mod errors;
mod event;
mod listing;
mod objects;
mod reading;
mod record;
mod shelf;
mod staging;
mod uploads;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::error_handling::HandleError;
use axum::http::StatusCode;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

use self::objects::Objects;
use self::shelf::Shelf;
use crate::served::Served;

/// Errors of the object store outside the protocol.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be read or written.
    #[error("keeping objects in {}", path.display())]
    Folder {
        /// Path of the folder.
        path: PathBuf,
        /// The cause, as the system reports it.
        #[source]
        source: io::Error,
    },
    /// The port is not available.
    #[error("listening on {address}")]
    Listen {
        /// The requested address.
        address: SocketAddr,
        /// The cause, as the system reports it.
        #[source]
        source: io::Error,
    },
}

/// The running store. Dropping it stops it; the folder stays.
#[derive(Debug)]
pub struct Store {
    /// The address it listens on.
    pub address: SocketAddr,
    shelf: Arc<Shelf>,
    served: Served,
}

impl Store {
    /// Serves the folder `root` to clients that sign with the key pair, creating it and `buckets` if needed.
    ///
    /// `events` receives an event for every object that arrives from now on, in order of arrival; for earlier ones, see
    /// [`replay`](Self::replay).
    ///
    /// # Errors
    /// An error if the folder cannot be used or the port is not available.
    pub async fn start(
        root: &Path,
        address: SocketAddr,
        access_key: &str,
        secret_key: &str,
        buckets: &[&str],
        events: UnboundedSender<Value>,
    ) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Folder { path: root.to_owned(), source };
        let shelf = Arc::new(Shelf::open(root, events).map_err(failed)?);
        for bucket in buckets {
            shelf.make_bucket(bucket).map_err(failed)?;
        }
        let mut builder = S3ServiceBuilder::new(Objects::new(Arc::clone(&shelf)));
        builder.set_auth(SimpleAuth::from_single(access_key, secret_key));
        let service = HandleError::new(builder.build(), async |error: s3s::HttpError| {
            tracing::error!(?error, "the object store failed");
            StatusCode::INTERNAL_SERVER_ERROR
        });
        let router = Router::new().fallback_service(service);
        let served =
            Served::start(address, router).await.map_err(|source| StoreError::Listen { address, source })?;
        Ok(Self { address: served.address, shelf, served })
    }

    /// Raises the events of all versions in `bucket` again, in order of arrival and exactly as they were first raised. Returns
    /// their number. Deleted objects are skipped.
    ///
    /// For the start of a process: objects that arrived just before the last process died may not have been handled.
    #[expect(
        clippy::must_use_candidate,
        reason = "it is called for the events; the number is for a log line"
    )]
    pub fn replay(&self, bucket: &str) -> usize {
        self.shelf.replay(bucket)
    }

    /// Stops accepting requests and gives those in progress a moment to finish.
    pub async fn stop(self) {
        self.served.stop().await;
    }
}

#[cfg(test)]
mod tests;
