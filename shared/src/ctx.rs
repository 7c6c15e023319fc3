//! What a handler is given: the clock, the database, the object store, the secrets, the settings. Promises: built once
//! per cold start, in the same way everywhere; a client that is not used costs nothing.

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

/// What a Lambda invocation carries (AWS Lambda quotas, synchronous payload).
pub const LAMBDA_ANSWER: usize = 6 << 20;
/// Where [`Ctx::wake_workers`] puts its object in the export bucket.
pub const WAKE_PREFIX: &str = "bells/";

/// The shared part of every handler; cloning it is cheap.
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

/// The signing keys as they are kept.
#[derive(Clone, Debug)]
struct Held {
    keyring: Keyring,
    fetched: DateTime<Utc>,
    /// When a key was last asked for that was not among them.
    forced: Option<DateTime<Utc>>,
}

/// Where the services of AWS are. On AWS both are the same configuration; on one machine each has its own endpoint.
#[derive(Clone, Debug)]
pub struct Services {
    /// For the object store.
    pub objects: aws_config::SdkConfig,
    /// For the secret store.
    pub secrets: aws_config::SdkConfig,
    /// For e-mail.
    pub mails: aws_config::SdkConfig,
}

/// Settings that are not the database's.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `SOURCE_BUCKET`: where uploaders put sheets.
    pub source_bucket: Option<String>,
    /// `ARCHIVE_BUCKET`: where compaction and exports write.
    pub archive_bucket: Option<String>,
    /// `EXPORT_BUCKET`: where answers are put that are too large for the gateway, for a day.
    pub export_bucket: Option<String>,
    /// `MOST_ANSWER_BYTES` (6 MiB, what a Lambda invocation carries: AWS Lambda quotas, synchronous payload): larger answers
    /// go through the bucket for exports. It may be more, behind a server of one's own, and never less.
    pub max_answer_bytes: usize,
    /// `SIGNING_SECRET`: id of the secret with the keys that sign tokens.
    pub signing_secret: Option<String>,
    /// `TRUEPRICE_ENVIRONMENT`: `local`, `dev`, `test`, or production, whatever that is called; production if it is not set.
    pub environment: Environment,
    /// `LEGACY_QUERY_LOGIN`: whether a password may stand in the query string of `/login`.
    pub legacy_query_login: bool,
    /// `LEGACY_SUNSET`: from when on the paths of the old API may be gone, as their answers say it; they say nothing if it is not set.
    pub legacy_sunset: Option<Sunset>,
    /// `FOOTER_TEXT`: the paragraph below a CSV download, instead of the built-in one.
    pub footer: Option<String>,
    /// `CORS_ORIGINS`: pages of other origins that may call the API from a browser, separated by commas.
    pub cors_origins: Vec<String>,
    /// `MAIL_FROM`: the address that mails come from; without it there are none.
    pub mail_from: Option<String>,
    /// `WEBHOOKS` (`true`): whether webhooks can be subscribed to; on AWS only where there is a way out of the network.
    pub webhooks: bool,
    /// `PUBLIC_URL`: where the API is, as links in mails say it.
    pub public_url: Option<String>,
    /// How many requests are answered.
    pub limits: Limits,
}

/// Requests that are answered in a minute, before 429; 0 means that there is no such limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `RATE_LIMIT_PER_MINUTE` (600): of a user, by token and by all its keys together.
    pub user: u32,
    /// `RATE_LIMIT_ADMIN_PER_MINUTE` (3000): of an admin.
    pub admin: u32,
    /// `RATE_LIMIT_ANONYMOUS_PER_MINUTE` (60): of an address, for public routes, and for sessions and
    /// keys that have ended or never were. What is malformed or forged is refused before the database is asked, and not
    /// counted: that costs nothing, and counting it would.
    pub anonymous: u32,
    /// `RATE_LIMIT_LOG_IN_PER_MINUTE` (10): of an address, where passwords could be guessed.
    pub log_in: u32,
}

impl Limits {
    /// No limits at all, for tests and measurements.
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

/// The origins of a list. Every request carries credentials, so each origin is named: `*` is refused.
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
    /// Reads the variables.
    ///
    /// # Errors
    /// A fault that names the malformed one.
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
    /// From the environment, as in Lambda.
    ///
    /// # Errors
    /// A fault that names a missing setting, or says that the database secret cannot be read.
    pub async fn from_env() -> Result<Self, Fault> {
        let aws = aws_config::load_from_env().await;
        let services = Services { objects: aws.clone(), secrets: aws.clone(), mails: aws };
        Self::new(Clock::system(), services, db::Settings::from_env()?, Settings::from_env()?).await
    }

    /// From parts, as on one machine and in tests.
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

    /// The object store; its client is made at the first call.
    #[must_use]
    pub fn objects(&self) -> &Objects {
        self.0.objects.get_or_init(|| Objects::new(&self.0.services.objects))
    }

    /// E-mail; its client is made at the first call.
    #[must_use]
    pub fn mails(&self) -> &Mails {
        self.0.mails.get_or_init(|| Mails::new(&self.0.services.mails))
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The bucket that sheets are put into.
    ///
    /// # Errors
    /// A fault if `SOURCE_BUCKET` is not set.
    pub fn source_bucket(&self) -> Result<&str, Fault> {
        let bucket = self.0.settings.source_bucket.as_deref();
        bucket.ok_or_else(|| Fault::new("the environment variable SOURCE_BUCKET is not set"))
    }

    /// The bucket that compaction and exports write to.
    ///
    /// # Errors
    /// A fault if `ARCHIVE_BUCKET` is not set.
    pub fn archive_bucket(&self) -> Result<&str, Fault> {
        let bucket = self.0.settings.archive_bucket.as_deref();
        bucket.ok_or_else(|| Fault::new("the environment variable ARCHIVE_BUCKET is not set"))
    }

    /// The bucket that large answers are put into.
    ///
    /// # Errors
    /// A fault if `EXPORT_BUCKET` is not set.
    pub fn export_bucket(&self) -> Result<&str, Fault> {
        let bucket = self.0.settings.export_bucket.as_deref();
        bucket.ok_or_else(|| Fault::new("the environment variable EXPORT_BUCKET is not set"))
    }

    /// Tells the functions that work on what others leave in the database (headroom, quotes, notices) that there is
    /// something: an object below [`WAKE_PREFIX`], of which `EventBridge` tells them. Call it after the commit. Nothing is lost if
    /// nobody hears it: their schedules look by themselves, so that a failure is a line in the log.
    ///
    /// An object, because the store can be reached from a network without a way out, and its client is here already.
    pub async fn wake_workers(&self) {
        let Some(bucket) = self.0.settings.export_bucket.as_deref() else { return };
        let key = format!("{WAKE_PREFIX}work");
        let put = self.objects().put(bucket, &key, Vec::new(), "application/octet-stream", HashMap::new());
        if let Err(fault) = put.await {
            tracing::warn!(
                fault = fault.chain(),
                "the workers could not be woken; their schedules start them"
            );
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

    /// Gets what the first request will need, ahead of it: the signing keys and a connection. What fails, or takes longer than
    /// a few seconds (Lambda gives ten to its init phase), is left to the request, which says what is wrong.
    pub async fn warm(&self) {
        const MAX_WAIT: Duration = Duration::from_secs(3);
        let both = async { tokio::join!(self.keyring(false), self.0.db.warm()) };
        match tokio::time::timeout(MAX_WAIT, both).await {
            Ok((Ok(_), Ok(()))) => {}
            Ok((Err(fault), _) | (_, Err(fault))) => {
                tracing::warn!(fault = fault.chain(), "not ready ahead of the first request");
            }
            Err(_) => tracing::warn!("not ready ahead of the first request: too slow"),
        }
    }

    /// The signing keys, kept for five minutes. A token whose key is not among them asks for `fresh` ones, which are
    /// fetched at most every ten seconds, so that forged key ids do not become load on the secret store.
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
    fn origins_are_named_one_by_one_and_nothing_else_passes() {
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
