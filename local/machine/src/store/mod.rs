//! An object store that speaks S3 and raises S3's events, over one folder.
//!
//! It promises that an object is visible when it is complete and checked, or not at all; that what it has confirmed
//! survives a crash; that every version keeps its own number (version id and sequencer of its event), which grows with
//! each arrival and is the same when the event is raised again; and that requests are refused unless signed.
//!
//! Buckets keep their versions, as ours do in production: a file put twice can be read as it was each time.

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

/// What can go wrong with the store outside the protocol.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be read or written.
    #[error("keeping objects in {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The port cannot be had.
    #[error("listening on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The running store. Dropping it ends it; the folder stays.
#[derive(Debug)]
pub struct Store {
    /// Where it listens.
    pub address: SocketAddr,
    shelf: Arc<Shelf>,
    served: Served,
}

impl Store {
    /// Serves the folder `root`, making it and `buckets` if need be, to whoever signs with the key pair.
    ///
    /// `events` hears of every object that arrives from now on, in order of arrival; see [`replay`](Self::replay) for
    /// those before.
    ///
    /// # Errors
    /// When the folder cannot be used, or the port cannot be had.
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

    /// Raises the events of all versions in `bucket` again, in order of arrival, each exactly as it was raised first;
    /// returns how many. Objects that have been deleted are left out.
    ///
    /// For the start of a process: what arrived just before the last one died may not have been dealt with.
    #[expect(
        clippy::must_use_candidate,
        reason = "it is called for the events; the number is for a log line"
    )]
    pub fn replay(&self, bucket: &str) -> usize {
        self.shelf.replay(bucket)
    }

    /// Takes no further requests, and gives those under way a moment.
    pub async fn stop(self) {
        self.served.stop().await;
    }
}

#[cfg(test)]
mod tests;
