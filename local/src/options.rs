//! The options that the environment can set.

use std::net::SocketAddr;
use std::path::PathBuf;
use trueprice::ctx::Settings;
use trueprice::env::{self, Environment};
use trueprice::fault::Fault;

/// The bucket that holds uploaded sheets.
pub const BUCKET: &str = "trueprice-source-data";
/// The bucket that compaction and exports write to.
pub const ARCHIVE_BUCKET: &str = "trueprice-archive";
/// The bucket for responses that are too large for the gateway.
pub const EXPORT_BUCKET: &str = "trueprice-exports";
/// Access key of the local object store.
pub const ACCESS_KEY: &str = "local";
/// Secret key of the local object store, which listens only on loopback.
pub const SECRET_KEY: &str = "local-secret";

/// Locations and start-up options.
#[derive(Clone, Debug)]
pub struct Options {
    /// `TRUEPRICE_HOME` (`.local`): the folder for all data.
    pub home: PathBuf,
    /// `TRUEPRICE_HTTP` (`127.0.0.1:8080`): address of the API.
    pub http: SocketAddr,
    /// `TRUEPRICE_S3` (`127.0.0.1:9000`): address of the object store.
    pub s3: SocketAddr,
    /// `TRUEPRICE_ADMIN_EMAIL` (`admin@localhost`): e-mail address of the first admin.
    pub admin_email: String,
    /// `TRUEPRICE_ADMIN_PASSWORD`: password of the first admin; generated if not set.
    pub admin_password: Option<String>,
    /// `TRUEPRICE_SAMPLES`: the sample sheets are loaded unless it is `none`.
    pub samples: bool,
    /// The settings of the deployed functions: `FOOTER_TEXT`, `LEGACY_QUERY_LOGIN`, `LEGACY_SUNSET`, `TRUEPRICE_ENVIRONMENT`
    /// (`local`), `CORS_ORIGINS`, `RATE_LIMIT_PER_MINUTE` and the other limits.
    pub settings: Settings,
}

impl Options {
    /// Reads the environment variables.
    ///
    /// # Errors
    /// A fault that names the malformed variable.
    pub fn from_env() -> Result<Self, Fault> {
        let mut settings = Settings::from_env()?;
        if env::optional("TRUEPRICE_ENVIRONMENT").is_none() {
            settings.environment = Environment::Local;
        }
        Ok(Self {
            home: env::parsed("TRUEPRICE_HOME", PathBuf::from(".local"))?,
            http: env::parsed("TRUEPRICE_HTTP", SocketAddr::from(([127, 0, 0, 1], 8080)))?,
            s3: env::parsed("TRUEPRICE_S3", SocketAddr::from(([127, 0, 0, 1], 9000)))?,
            admin_email: env::parsed("TRUEPRICE_ADMIN_EMAIL", "admin@localhost".to_owned())?,
            admin_password: env::optional("TRUEPRICE_ADMIN_PASSWORD"),
            samples: env::optional("TRUEPRICE_SAMPLES").as_deref() != Some("none"),
            settings,
        })
    }
}
