//! An SES endpoint on a loopback port that writes mails to a folder, each as an `.eml` file that mail programs can open.
//!
//! It implements the only operation of SES's API that we use, `SendEmail`. A mail with the id of its notice (`X-Trueprice-Id`) is
//! named after it, so that a repeated mail replaces the earlier one. A request must name the right access key; its signature is not
//! verified, because only this machine can reach the port.

mod eml;
pub mod message;

use crate::mails::message::SendEmail;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::served::Served;

/// Errors of the mail service outside the protocol.
#[derive(Debug, thiserror::Error)]
pub enum MailsError {
    /// The folder cannot be created.
    #[error("keeping mails in {}", path.display())]
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

/// The running endpoint. Dropping it stops it; the mails stay.
#[derive(Debug)]
pub struct Mails {
    /// The address it listens on.
    pub address: SocketAddr,
    room: Arc<Room>,
    served: Served,
}

#[derive(Debug)]
struct Room {
    folder: PathBuf,
    access_key: String,
}

impl Mails {
    /// Accepts mails from clients that sign with `access_key`, and writes them to `folder`, which is created.
    ///
    /// # Errors
    /// An error if the folder cannot be created or the port is not available.
    pub async fn start(folder: &Path, address: SocketAddr, access_key: &str) -> Result<Self, MailsError> {
        std::fs::create_dir_all(folder)
            .map_err(|source| MailsError::Folder { path: folder.to_owned(), source })?;
        let room = Arc::new(Room { folder: folder.to_owned(), access_key: access_key.to_owned() });
        let router =
            Router::new().route("/v2/email/outbound-emails", post(take)).with_state(Arc::clone(&room));
        let served =
            Served::start(address, router).await.map_err(|source| MailsError::Listen { address, source })?;
        Ok(Self { address: served.address, room, served })
    }

    /// The content of all mails, ordered by file name.
    ///
    /// # Errors
    /// An error if the folder cannot be read.
    pub fn all(&self) -> io::Result<Vec<String>> {
        let entries = std::fs::read_dir(&self.room.folder)?.collect::<io::Result<Vec<_>>>()?;
        let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|end| end == "eml"));
        files.sort();
        files.iter().map(std::fs::read_to_string).collect()
    }

    /// Stops listening.
    pub async fn stop(self) {
        self.served.stop().await;
    }
}

type Answer = (StatusCode, Json<Value>);

fn refused(status: StatusCode, text: &str) -> Answer {
    (status, Json(json!({ "message": text })))
}

async fn take(State(room): State<Arc<Room>>, headers: HeaderMap, body: Bytes) -> Answer {
    let authorization =
        headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let key = authorization.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next());
    if key != Some(&room.access_key) || !authorization.contains("/ses/aws4_request") {
        return refused(StatusCode::FORBIDDEN, "The security token included in the request is invalid.");
    }
    let mail: SendEmail = match serde_json::from_slice(&body) {
        Ok(mail) => mail,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let wrong = |text: &str| text.chars().any(char::is_control);
    let simple = &mail.content.simple;
    let lines =
        [&mail.from_email_address, &simple.subject.data].into_iter().chain(&mail.destination.to_addresses);
    let mut lines = lines.chain(simple.headers.iter().flat_map(|header| [&header.name, &header.value]));
    if mail.destination.to_addresses.is_empty() || lines.any(|line| wrong(line)) {
        return refused(StatusCode::BAD_REQUEST, "Illegal address or header");
    }
    let named = simple.headers.iter().find(|header| header.name == "X-Trueprice-Id");
    let named = named.map(|header| header.value.clone());
    let named = named.filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let id = named.unwrap_or_else(crate::random::token);
    match keep(&room.folder, &id, &eml::written(&mail)) {
        Ok(()) => (StatusCode::OK, Json(json!({ "MessageId": id }))),
        Err(error) => refused(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// Written to a temporary file first and then renamed, so that a mail is there completely or not at all.
fn keep(folder: &Path, id: &str, text: &str) -> io::Result<()> {
    let aside = folder.join(format!("{id}.{}.new", crate::random::token()));
    std::fs::write(&aside, text)?;
    std::fs::rename(aside, folder.join(format!("{id:0>12}.eml")))
}
