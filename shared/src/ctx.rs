//! The context of every handler: clock, database, object store, secrets and settings. Guarantees: it is built once per cold start,
//! in the same way everywhere; an unused client costs nothing.

mod sunset;

pub use self::sunset::{DEPRECATED_SINCE, Sunset};

use crate::clock::Clock;
use crate::db::{self, Db};
use crate::env::{self, Environment};
use crate::fault::Fault;
use crate::mail::Mails;
use crate::objects::Objects;
use crate::secrets::{Keyring, Secrets};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

/// Maximum size of a Lambda response (AWS Lambda quotas, synchronous payload).
pub const LAMBDA_ANSWER: usize = 6 << 20;
/// Prefix in the export bucket for the object that [`Ctx::wake_workers`] writes.
pub const WAKE_PREFIX: &str = "bells/";

/// The context that all handlers share. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Ctx(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    services: Services,
    db: Db,
    secrets: Secrets,
    objects: OnceLock<Objects>,
    mails: OnceLock<Mails>,
    keyring: Mutex<Option<Held>>,
    settings: Settings,
}

/// The cached signing keys.
#[derive(Clone, Debug)]
struct Held {
    keyring: Keyring,
    fetched: DateTime<Utc>,
    /// When the keys were last fetched for an unknown key id.
    forced: Option<DateTime<Utc>>,
}

/// The AWS configuration for each service. On AWS they are all the same; on one machine each has its own endpoint.
#[derive(Clone, Debug)]
pub struct Services {
    /// For the object store.
    pub objects: aws_config::SdkConfig,
    /// For the secret store.
    pub secrets: aws_config::SdkConfig,
    /// For e-mail.
    pub mails: aws_config::SdkConfig,
}

/// All settings except those of the database.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `SOURCE_BUCKET`: the bucket that uploaders put sheets into.
    pub source_bucket: Option<String>,
    /// `ARCHIVE_BUCKET`: the bucket that compaction and exports write to.
    pub archive_bucket: Option<String>,
    /// `EXPORT_BUCKET`: the bucket that holds, for a day, responses that are too large for the gateway.
    pub export_bucket: Option<String>,
    /// `MOST_ANSWER_BYTES` (default 6 MiB, the limit of a Lambda invocation: AWS Lambda quotas, synchronous payload): larger
    /// responses go through the export bucket. Behind your own server it may be larger, but never smaller.
    pub max_answer_bytes: usize,
    /// `SIGNING_SECRET`: id of the secret that holds the keys for signing tokens.
    pub signing_secret: Option<String>,
    /// `TRUEPRICE_ENVIRONMENT`: `local`, `dev` or `test`; any other name means production, and so does no name.
    pub environment: Environment,
    /// `LEGACY_QUERY_LOGIN`: whether `/login` accepts a password in the query string.
    pub legacy_query_login: bool,
    /// `LEGACY_SUNSET`: the date, announced in responses, from which legacy paths may be gone; not announced if not set.
    pub legacy_sunset: Option<Sunset>,
    /// `FOOTER_TEXT`: the paragraph below a CSV download, replacing the built-in one.
    pub footer: Option<String>,
    /// `CORS_ORIGINS`: comma-separated origins whose pages may call the API from a browser.
    pub cors_origins: Vec<String>,
    /// `MAIL_FROM`: the sender address of mails; if it is not set, no mails are sent.
    pub mail_from: Option<String>,
    /// `WEBHOOKS` (default `true`): whether users can subscribe to webhooks. On AWS this requires a network with internet access.
    pub webhooks: bool,
    /// `PUBLIC_URL`: the URL of the API, for links in mails.
    pub public_url: Option<String>,
    /// Rate limits.
    pub limits: Limits,
}

/// Requests per minute before 429 is returned; 0 means no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `RATE_LIMIT_PER_MINUTE` (600): for a user with a token, and for each API key.
    pub user: u32,
    /// `RATE_LIMIT_ADMIN_PER_MINUTE` (3000): for an admin.
    pub admin: u32,
    /// `RATE_LIMIT_ANONYMOUS_PER_MINUTE` (60): for a network address on public routes, and for sessions and keys that are unknown
    /// or have ended. Malformed or forged credentials are refused before the database is asked and are not counted: refusing them
    /// costs nothing, and counting them would.
    pub anonymous: u32,
    /// `RATE_LIMIT_LOG_IN_PER_MINUTE` (10): for a network address on routes where passwords could be guessed.
    pub log_in: u32,
}

impl Limits {
    /// No limits, for tests and measurements.
    pub const NONE: Self = Self { user: 0, admin: 0, anonymous: 0, log_in: 0 };

    fn from_env() -> Result<Self, Fault> {
        Ok(Self {
            user: env::parsed("RATE_LIMIT_PER_MINUTE", 600)?,
            admin: env::parsed("RATE_LIMIT_ADMIN_PER_MINUTE", 3000)?,
            anonymous: env::parsed("RATE_LIMIT_ANONYMOUS_PER_MINUTE", 60)?,
            log_in: env::parsed("RATE_LIMIT_LOG_IN_PER_MINUTE", 10)?,
        })
    }
}

/// Parses a list of origins. Every request carries credentials, so each origin must be named: `*` is rejected.
fn origins(list: &str) -> Result<Vec<String>, Fault> {
    let fits = |origin: &str| {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        host.is_some_and(|host| {
            let known = |byte: u8| {
                byte.is_ascii_lowercase()
                    || byte.is_ascii_digit()
                    || matches!(byte, b'.' | b'-' | b':' | b'[' | b']')
            };
            !host.is_empty() && host.bytes().all(known)
        })
    };
    let origins = list.split(',').map(str::trim).filter(|origin| !origin.is_empty());
    let origins: Vec<String> = origins.map(str::to_owned).collect();
    match origins.iter().find(|origin| !fits(origin)) {
        None => Ok(origins),
        Some(wrong) => Err(Fault::new(format!(
            "the environment variable CORS_ORIGINS: {wrong:?} is not an origin such as https://desk.example.com"
        ))),
    }
}

impl Settings {
    /// Reads the environment variables.
    ///
    /// # Errors
    /// A fault that names the malformed variable.
    pub fn from_env() -> Result<Self, Fault> {
        Ok(Self {
            source_bucket: env::optional("SOURCE_BUCKET"),
            archive_bucket: env::optional("ARCHIVE_BUCKET"),
            export_bucket: env::optional("EXPORT_BUCKET"),
            max_answer_bytes: env::parsed("MOST_ANSWER_BYTES", LAMBDA_ANSWER)?.max(LAMBDA_ANSWER),
            signing_secret: env::optional("SIGNING_SECRET"),
            environment: env::parsed("TRUEPRICE_ENVIRONMENT", Environment::unnamed())?,
            legacy_query_login: env::parsed("LEGACY_QUERY_LOGIN", false)?,
            legacy_sunset: env::optional("LEGACY_SUNSET").as_deref().map(Sunset::parse).transpose()?,
            footer: env::optional("FOOTER_TEXT"),
            cors_origins: origins(&env::optional("CORS_ORIGINS").unwrap_or_default())?,
            mail_from: env::optional("MAIL_FROM"),
            webhooks: env::parsed("WEBHOOKS", true)?,
            public_url: env::optional("PUBLIC_URL").map(|url| url.trim_end_matches('/').to_owned()),
            limits: Limits::from_env()?,
        })
    }
}

impl Ctx {
    /// Builds the context from the environment, as on Lambda.
    ///
    /// # Errors
    /// A fault if a setting is missing or the database secret cannot be read.
    pub async fn from_env() -> Result<Self, Fault> {
        let aws = aws_config::load_from_env().await;
        let services = Services { objects: aws.clone(), secrets: aws.clone(), mails: aws };
        Self::new(Clock::system(), services, db::Settings::from_env()?, Settings::from_env()?).await
    }

    /// Builds the context from its parts, as on one machine and in tests.
    ///
    /// # Errors
    /// A fault if the database secret cannot be read.
    pub async fn new(
        clock: Clock,
        services: Services,
        database: db::Settings,
        settings: Settings,
    ) -> Result<Self, Fault> {
        let secrets = Secrets::new(&services.secrets);
        let db = Db::open(database, &secrets).await?;
        let (objects, mails, keyring) = (OnceLock::new(), OnceLock::new(), Mutex::new(None));
        Ok(Self(Arc::new(Inner { clock, services, db, secrets, objects, mails, keyring, settings })))
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The secret store.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// The object store. Its client is created on first use.
    #[must_use]
    pub fn objects(&self) -> &Objects {
        self.0.objects.get_or_init(|| Objects::new(&self.0.services.objects))
    }

    /// E-mail. Its client is created on first use.
    #[must_use]
    pub fn mails(&self) -> &Mails {
        self.0.mails.get_or_init(|| Mails::new(&self.0.services.mails))
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The source bucket, which holds uploaded sheets.
    ///
    /// # Errors
    /// A fault if `SOURCE_BUCKET` is not set.
    pub fn source_bucket(&self) -> Result<&str, Fault> {
        let bucket = self.0.settings.source_bucket.as_deref();
        bucket.ok_or_else(|| Fault::new("the environment variable SOURCE_BUCKET is not set"))
    }

    /// The archive bucket, which compaction and exports write to.
    ///
    /// # Errors
    /// A fault if `ARCHIVE_BUCKET` is not set.
    pub fn archive_bucket(&self) -> Result<&str, Fault> {
        let bucket = self.0.settings.archive_bucket.as_deref();
        bucket.ok_or_else(|| Fault::new("the environment variable ARCHIVE_BUCKET is not set"))
    }

    /// The export bucket, which holds large responses.
    ///
    /// # Errors
    /// A fault if `EXPORT_BUCKET` is not set.
    pub fn export_bucket(&self) -> Result<&str, Fault> {
        let bucket = self.0.settings.export_bucket.as_deref();
        bucket.ok_or_else(|| Fault::new("the environment variable EXPORT_BUCKET is not set"))
    }

    /// Wakes the functions that work on what others leave in the database (headroom, quotes, notices), by writing an object below
    /// [`WAKE_PREFIX`] that `EventBridge` reports to them. Call it after the commit. Nothing is lost if it fails, because each
    /// function also runs on a schedule; a failure is only logged.
    ///
    /// An object is used because the store can be reached from a network without internet access, and its client is already in use.
    pub async fn wake_workers(&self) {
        let Some(bucket) = self.0.settings.export_bucket.as_deref() else { return };
        let key = format!("{WAKE_PREFIX}work");
        let put = self.objects().put(bucket, &key, Vec::new(), "application/octet-stream", HashMap::new());
        if let Err(fault) = put.await {
            tracing::warn!(fault = fault.chain(), "could not wake the workers; they will start on schedule");
        }
    }

    /// Id of the secret with the signing keys.
    ///
    /// # Errors
    /// A fault if `SIGNING_SECRET` is not set.
    pub fn signing_secret(&self) -> Result<&str, Fault> {
        let secret = self.0.settings.signing_secret.as_deref();
        secret.ok_or_else(|| Fault::new("the environment variable SIGNING_SECRET is not set"))
    }

    /// Prepares what the first request will need: the signing keys and a connection. If this fails or takes longer than a few
    /// seconds (Lambda allows ten for its init phase), the request repeats it and reports the error.
    pub async fn warm(&self) {
        const MAX_WAIT: Duration = Duration::from_secs(3);
        let both = async { tokio::join!(self.keyring(false), self.0.db.warm()) };
        match tokio::time::timeout(MAX_WAIT, both).await {
            Ok((Ok(_), Ok(()))) => {}
            Ok((Err(fault), _) | (_, Err(fault))) => {
                tracing::warn!(fault = fault.chain(), "not ready before the first request");
            }
            Err(_) => tracing::warn!("not ready before the first request: too slow"),
        }
    }

    /// The signing keys, cached for five minutes. A token with an unknown key id asks for `fresh` ones, which are fetched at most
    /// every ten seconds, so that forged key ids put no load on the secret store.
    ///
    /// # Errors
    /// A fault if the secret cannot be read.
    pub async fn keyring(&self, fresh: bool) -> Result<Keyring, Fault> {
        let now = self.0.clock.now();
        let held = self.0.keyring.lock().expect("nothing panics while it holds the keys").clone();
        let forced = held.as_ref().and_then(|held| held.forced);
        let good = |held: &Held| {
            if fresh {
                forced.is_some_and(|forced| now - forced < TimeDelta::seconds(10))
            } else {
                now - held.fetched < TimeDelta::minutes(5)
            }
        };
        if let Some(held) = held.filter(good) {
            return Ok(held.keyring);
        }
        let keyring = self.0.secrets.keyring(self.signing_secret()?).await?;
        let forced = if fresh { Some(now) } else { forced };
        let held = Held { keyring: keyring.clone(), fetched: now, forced };
        *self.0.keyring.lock().expect("nothing panics while it holds the keys") = Some(held);
        Ok(keyring)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_origin_must_be_named_and_wildcards_are_rejected() {
        let named = origins(" https://desk.example.com , http://localhost:3000,").unwrap();
        assert_eq!(named, ["https://desk.example.com", "http://localhost:3000"]);
        assert!(origins("").unwrap().is_empty());
        for wrong in [
            "*",
            "https://*.example.com",
            "null",
            "desk.example.com",
            "https://",
            "https://a.b/c",
            "https://A.b",
        ] {
            let said = origins(&format!("https://desk.example.com,{wrong}")).unwrap_err().chain();
            assert!(said.contains("CORS_ORIGINS") && said.contains(wrong), "{said}");
        }
    }
}
