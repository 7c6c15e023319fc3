//! A Secrets Manager endpoint on a loopback port, with its secrets in one JSON file that only the owner may read.
//!
//! Guarantees the staging labels of the real service: a secret has one `AWSCURRENT`, moving that label moves `AWSPREVIOUS` to the
//! version that had it, and a rotation prepares its value under `AWSPENDING`. A request must name the right access key; its
//! signature is not verified, because only this machine can reach the port.

pub mod input;
mod vault;

use crate::secrets::input::Input;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

use self::vault::{Refusal, Vault};
use crate::served::Served;

/// Errors of the secret store outside the protocol.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The file cannot be read or written.
    #[error("keeping secrets in {}", path.display())]
    File {
        /// Path of the file.
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
    /// The request is refused with an error of the protocol.
    #[error("{kind}: {text}")]
    Refused {
        /// The protocol's name for the error.
        kind: &'static str,
        /// The error message.
        text: String,
    },
}

/// The running endpoint. Dropping it stops it; the file stays.
#[derive(Debug)]
pub struct Secrets {
    /// The address it listens on.
    pub address: SocketAddr,
    room: Arc<Room>,
    served: Served,
}

#[derive(Debug)]
struct Room {
    vault: Mutex<Vault>,
    access_key: String,
}

impl Room {
    fn vault(&self) -> MutexGuard<'_, Vault> {
        self.vault.lock().expect("nothing panics while it holds the lock")
    }
}

impl Secrets {
    /// Serves the secrets in `file`, which need not exist yet, to clients that sign with `access_key`.
    ///
    /// # Errors
    /// An error if the file has other content or the port is not available.
    pub async fn start(file: &Path, address: SocketAddr, access_key: &str) -> Result<Self, SecretsError> {
        let vault =
            Vault::open(file).map_err(|source| SecretsError::File { path: file.to_owned(), source })?;
        let room = Arc::new(Room { vault: Mutex::new(vault), access_key: access_key.to_owned() });
        let router = Router::new().route("/", post(answer)).with_state(Arc::clone(&room));
        let served = Served::start(address, router)
            .await
            .map_err(|source| SecretsError::Listen { address, source })?;
        Ok(Self { address: served.address, room, served })
    }

    /// Makes `value` the current value of `name`, creating the secret if needed; does nothing if the value is unchanged.
    ///
    /// # Errors
    /// An error if the file cannot be written.
    pub fn set(&self, name: &str, value: &str) -> Result<(), SecretsError> {
        let mut vault = self.room.vault();
        if vault.current(name).as_deref() == Some(value) {
            return Ok(());
        }
        let input = Input { secret_string: Some(value.to_owned()), ..Input::of(name) };
        let known = vault.describe(&input).is_ok();
        let done = if known { vault.put(&input) } else { vault.create(&input) };
        done.map(drop).map_err(SecretsError::from)
    }

    /// The current value of `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.room.vault().current(name)
    }

    /// Does what Secrets Manager does before the first step of a rotation: adds a version without a value, labelled `AWSPENDING`.
    /// Returns its token, with which the four steps are called.
    ///
    /// # Errors
    /// An error if there is no such secret or the file cannot be written.
    pub fn begin_rotation(&self, name: &str) -> Result<String, SecretsError> {
        self.room.vault().begin_rotation(name).map_err(SecretsError::from)
    }

    /// Stops listening.
    pub async fn stop(self) {
        self.served.stop().await;
    }
}

impl From<Refusal> for SecretsError {
    fn from(Refusal { kind, text }: Refusal) -> Self {
        Self::Refused { kind, text }
    }
}

async fn answer(State(room): State<Arc<Room>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let answer = authorised(header("authorization"), &room.access_key)
        .and_then(|()| operate(&room, header("x-amz-target"), &body));
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(Refusal { kind, text }) => {
            let status = if kind == vault::INTERNAL {
                StatusCode::INTERNAL_SERVER_ERROR
            } else {
                StatusCode::BAD_REQUEST
            };
            (status, json!({ "__type": kind, "Message": text }))
        }
    };
    let headers = [
        ("content-type", "application/x-amz-json-1.1".to_owned()),
        ("x-amzn-requestid", crate::random::uuid()),
    ];
    (status, headers, body.to_string()).into_response()
}

fn authorised(authorization: &str, access_key: &str) -> Result<(), Refusal> {
    let Some((_, credential)) = authorization.split_once("Credential=") else {
        return Err(Refusal::new("MissingAuthenticationTokenException", "Missing Authentication Token"));
    };
    if credential.split('/').next() == Some(access_key) {
        return Ok(());
    }
    let text = "The security token included in the request is invalid.";
    Err(Refusal::new("UnrecognizedClientException", text))
}

fn operate(room: &Room, target: &str, body: &[u8]) -> Result<Value, Refusal> {
    let invalid = |error: serde_json::Error| Refusal::new("SerializationException", error.to_string());
    let input: Input = serde_json::from_slice(body).map_err(invalid)?;
    let mut vault = room.vault();
    match target.strip_prefix("secretsmanager.") {
        Some("CreateSecret") => vault.create(&input),
        Some("DescribeSecret") => vault.describe(&input),
        Some("GetSecretValue") => vault.get(&input),
        Some("PutSecretValue") => vault.put(&input),
        Some("UpdateSecretVersionStage") => vault.update_stage(&input),
        _ => Err(Refusal::new("UnknownOperationException", format!("{target} is not known here"))),
    }
}

#[cfg(test)]
mod tests;
