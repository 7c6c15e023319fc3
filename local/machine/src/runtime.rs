//! An emulator of Lambda's runtime interface: one execution environment whose process can be killed and replaced.
//!
//! Guarantees: an invocation is answered once, and an invocation whose process died is offered again, unchanged, to the next
//! process that asks. A process asks only after it has answered, so an invocation that is still open when a process asks belongs to
//! one that is gone. <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot, watch};

use crate::served::Served;

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:local";

/// The running emulator. Dropping it stops it; the connections of polling processes are then closed.
#[derive(Debug)]
pub struct Runtime {
    /// The address it listens on.
    pub address: SocketAddr,
    room: Arc<Room>,
    served: Served,
}

#[derive(Debug)]
struct Room {
    work: Mutex<Work>,
    arrived: Notify,
    offers: watch::Sender<u64>,
    timeout: Duration,
}

#[derive(Debug, Default)]
struct Work {
    waiting: VecDeque<Invocation>,
    open: Option<Invocation>,
    init_error: Option<Value>,
}

#[derive(Debug)]
struct Invocation {
    id: String,
    payload: String,
    answer: oneshot::Sender<Result<Value, Value>>,
}

impl Runtime {
    /// Listens on a free loopback port. An invocation may take 15 minutes, Lambda's maximum.
    ///
    /// # Errors
    /// An error if no port is available.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(Duration::from_mins(15)).await
    }

    /// Like [`start`](Self::start), with a time limit per invocation that includes waiting for a process.
    ///
    /// # Errors
    /// An error if no port is available.
    pub async fn start_with(timeout: Duration) -> io::Result<Self> {
        let (offers, _) = watch::channel(0);
        let room = Arc::new(Room { work: Mutex::default(), arrived: Notify::new(), offers, timeout });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&room));
        let served = Served::start((Ipv4Addr::LOCALHOST, 0).into(), router).await?;
        Ok(Self { address: served.address, room, served })
    }

    /// The environment variables with which Lambda's runtime library finds the emulator.
    #[must_use]
    pub fn environment(&self, function: &str) -> [(&'static str, String); 6] {
        [
            ("AWS_LAMBDA_RUNTIME_API", self.address.to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", function.to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{function}")),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "local".to_owned()),
        ]
    }

    /// Hands `payload` to the process and returns its answer: `Ok` for a response, `Err` for an error.
    ///
    /// # Errors
    /// The function's own error document, or one like Lambda's if the time limit was reached.
    pub async fn invoke(&self, payload: Value) -> Result<Value, Value> {
        let (answer, answered) = oneshot::channel();
        let id = crate::random::uuid();
        let payload = payload.to_string();
        self.room.work().waiting.push_back(Invocation { id: id.clone(), payload, answer });
        self.room.arrived.notify_one();
        let timed_out = |text: String| json!({ "errorType": "Sandbox.Timedout", "errorMessage": text });
        match tokio::time::timeout(self.room.timeout, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(timed_out(format!("RequestId: {id} Error: the emulator has stopped"))),
            Err(_) => {
                self.room.work().forget(&id);
                let seconds = self.room.timeout.as_secs_f64();
                Err(timed_out(format!("RequestId: {id} Error: Task timed out after {seconds:.2} seconds")))
            }
        }
    }

    /// How often invocations have been offered to a process, including repeats.
    #[must_use]
    pub fn offers(&self) -> u64 {
        *self.room.offers.borrow()
    }

    /// Returns once `count` offers have been made since the start; used to kill a process in the middle of its work.
    pub async fn offered(&self, count: u64) {
        let _ = self.room.offers.subscribe().wait_for(|offers| *offers >= count).await;
    }

    /// The reason that a process last reported for not being able to start.
    #[must_use]
    pub fn init_error(&self) -> Option<Value> {
        self.room.work().init_error.clone()
    }

    /// Stops listening.
    pub async fn stop(self) {
        self.served.stop().await;
    }
}

impl Room {
    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().expect("nothing panics while it holds the lock")
    }
}

impl Work {
    /// The open invocation if its process is gone, otherwise the next one that waits.
    fn offer(&mut self) -> Option<(String, String)> {
        // The caller may have given up in the meantime.
        self.open = self.open.take().filter(|open| !open.answer.is_closed());
        if self.open.is_none() {
            self.waiting.retain(|waiting| !waiting.answer.is_closed());
            self.open = self.waiting.pop_front();
        }
        self.open.as_ref().map(|open| (open.id.clone(), open.payload.clone()))
    }

    fn forget(&mut self, id: &str) {
        self.waiting.retain(|waiting| waiting.id != id);
        self.open.take_if(|open| open.id == id);
    }
}

async fn next(State(room): State<Arc<Room>>) -> Response {
    loop {
        let offer = room.work().offer();
        let Some((id, payload)) = offer else {
            room.arrived.notified().await;
            continue;
        };
        room.offers.send_modify(|offers| *offers += 1);
        let left = i64::try_from(room.timeout.as_millis()).unwrap_or(i64::MAX);
        let deadline = crate::clock::now().timestamp_millis().saturating_add(left);
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("lambda-runtime-aws-request-id", id),
            ("lambda-runtime-deadline-ms", deadline.to_string()),
            ("lambda-runtime-invoked-function-arn", ARN.to_owned()),
            ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0".to_owned()),
        ];
        return (headers, payload).into_response();
    }
}

async fn response(State(room): State<Arc<Room>>, Path(id): Path<String>, body: Bytes) -> Response {
    match serde_json::from_slice(&body) {
        Ok(value) => settle(&room, &id, Ok(value)),
        Err(error) => {
            let text = error.to_string();
            settle(&room, &id, Err(json!({ "errorType": "Runtime.InvalidResponse", "errorMessage": text })))
        }
    }
}

async fn error(State(room): State<Arc<Room>>, Path(id): Path<String>, body: Bytes) -> Response {
    settle(&room, &id, Err(document(&body)))
}

async fn init_error(State(room): State<Arc<Room>>, body: Bytes) -> Response {
    let document = document(&body);
    let mut work = room.work();
    work.init_error = Some(document.clone());
    // Lambda passes the reason on to everyone who waits for this environment.
    let waiting: Vec<Invocation> = work.open.take().into_iter().chain(work.waiting.drain(..)).collect();
    drop(work);
    for invocation in waiting {
        let _ = invocation.answer.send(Err(document.clone()));
    }
    accepted()
}

fn settle(room: &Room, id: &str, answer: Result<Value, Value>) -> Response {
    if let Some(open) = room.work().open.take_if(|open| open.id == id) {
        let _ = open.answer.send(answer);
        return accepted();
    }
    // Already answered, or timed out.
    let body = json!({ "errorType": "InvalidRequestID", "errorMessage": "no such invocation is open" });
    (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, axum::Json(json!({ "status": "OK" }))).into_response()
}

fn document(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(
        |_| json!({ "errorType": "Runtime.Unknown", "errorMessage": String::from_utf8_lossy(body) }),
    )
}

#[cfg(test)]
mod tests;
