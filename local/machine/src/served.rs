//! An HTTP service, for as long as its owner keeps it. Promises: a client that does not say what it wants, or stops in the middle of
//! it, is cut off, so that it holds no connection; requests are given the address that they come from, as axum's `ConnectInfo`.

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

/// How long requests under way may take once the service is asked to stop.
const GRACE: Duration = Duration::from_secs(2);
/// How long a client may take to send the head of a request, from the moment that one may come: also how long a connection
/// may lie idle between two. Of a body so long no byte need come.
pub const HEAD_WITHIN: Duration = Duration::from_secs(15);

/// The running service; dropping it ends it at once.
#[derive(Debug)]
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Served {
    /// Listens on an address, and answers by a router.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn start(address: SocketAddr, router: Router) -> io::Result<Self> {
        Self::start_with(address, router, HEAD_WITHIN).await
    }

    /// The same, with another time for the head of a request, and for a body to go on.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn start_with(address: SocketAddr, router: Router, head_within: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(serve(listener, router, head_within, stopped));
        Ok(Self { address, stop, task })
    }

    /// Takes no further requests, and gives those under way a moment.
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
    // Dropped with the task, and the connections with it.
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
        // A client that went away, or was too slow.
        tracing::debug!(%peer, %error, "a connection ended");
    }
}

/// Answers a request; in place of whoever reads its body, if that stalls.
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

/// 408, and the end of the connection: what comes of the body later is no request.
fn timed_out(within: Duration) -> Response {
    let detail = format!("no byte of the body came for {} seconds; send the request again", within.as_secs());
    let problem =
        serde_json::json!({ "status": 408, "title": "Request timeout", "detail": detail, "message": detail });
    let headers = [(CONTENT_TYPE, "application/problem+json"), (CONNECTION, "close")];
    (StatusCode::REQUEST_TIMEOUT, headers, problem.to_string()).into_response()
}

/// Returns when the service is to stop. An owner that is gone without a word wants the same.
async fn asked(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

#[cfg(test)]
mod tests;
