//! An HTTP service that runs as long as its owner keeps it. Guarantees: a client that sends no request, or stops in the middle of
//! one, is disconnected, so that it holds no connection; requests carry the client's address as axum's `ConnectInfo`.

mod patience;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt as _;

use self::patience::Patient;

/// How long requests in progress may take once the service is asked to stop.
const GRACE: Duration = Duration::from_secs(2);
/// How long a client may take to send the head of a request, from the moment that one may arrive. It is also how long a connection
/// may be idle between requests, and how long a request body may pause.
pub const HEAD_WITHIN: Duration = Duration::from_secs(15);

/// The running service. Dropping it stops it at once.
#[derive(Debug)]
pub struct Served {
    /// The address it listens on.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Served {
    /// Listens on an address and serves a router.
    ///
    /// # Errors
    /// An error if the address is not available.
    pub async fn start(address: SocketAddr, router: Router) -> io::Result<Self> {
        Self::start_with(address, router, HEAD_WITHIN).await
    }

    /// Like [`start`](Self::start), with another time limit for the head of a request and for pauses in its body.
    ///
    /// # Errors
    /// An error if the address is not available.
    pub async fn start_with(address: SocketAddr, router: Router, head_within: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(serve(listener, router, head_within, stopped));
        Ok(Self { address, stop, task })
    }

    /// Stops accepting requests and gives those in progress a moment to finish.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        let _ = tokio::time::timeout(GRACE, &mut self.task).await;
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut listener: TcpListener,
    router: Router,
    head_within: Duration,
    mut stopped: watch::Receiver<bool>,
) {
    // Dropped with the task, which closes the connections.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            (stream, peer) = axum::serve::Listener::accept(&mut listener) => {
                connections.spawn(connection(stream, peer, router.clone(), head_within, stopped.clone()));
            }
            Some(_) = connections.join_next() => {}
            () = asked(&mut stopped) => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    head_within: Duration,
    mut stopped: watch::Receiver<bool>,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        answer(router.clone(), request, head_within)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head_within);
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = asked(&mut stopped) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        // The client disconnected or was too slow.
        tracing::debug!(%peer, %error, "a connection ended");
    }
}

/// Answers a request, or responds with 408 if its body stalls.
async fn answer(
    router: Router,
    request: Request<Incoming>,
    within: Duration,
) -> Result<Response, Infallible> {
    let stalled = Arc::new(Notify::new());
    let told = Arc::clone(&stalled);
    let answered = router.oneshot(request.map(|body| Body::new(Patient::new(body, within, told))));
    tokio::select! {
        answered = answered => answered,
        () = stalled.notified() => Ok(timed_out(within)),
    }
}

/// A 408 response that closes the connection, because later bytes of the body must not be read as a request.
fn timed_out(within: Duration) -> Response {
    let detail =
        format!("No byte of the body arrived for {} seconds. Send the request again.", within.as_secs());
    let problem =
        serde_json::json!({ "status": 408, "title": "Request timeout", "detail": detail, "message": detail });
    let headers = [(CONTENT_TYPE, "application/problem+json"), (CONNECTION, "close")];
    (StatusCode::REQUEST_TIMEOUT, headers, problem.to_string()).into_response()
}

/// Returns when the service is to stop. A dropped owner counts as a stop.
async fn asked(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

#[cfg(test)]
mod tests;
