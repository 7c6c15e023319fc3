//! Settings and clients for using the parts of a running system.

use crate::options::{ACCESS_KEY, ARCHIVE_BUCKET, BUCKET, EXPORT_BUCKET, Options, SECRET_KEY};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::Credentials;
use std::net::SocketAddr;
use std::path::Path;
use trueprice::ctx::Settings;

/// The default sender address of mails.
pub const MAIL_FROM: &str = "trueprice@localhost";

/// Name of the secret that holds the database's user and password.
pub const DATABASE_SECRET: &str = "trueprice/database";

/// Name of the secret that holds the keys for signing tokens.
pub const SIGNING_SECRET: &str = "trueprice/signing";

/// The settings of a local system.
#[must_use]
pub fn settings(options: &Options) -> Settings {
    Settings {
        source_bucket: Some(BUCKET.to_owned()),
        archive_bucket: Some(ARCHIVE_BUCKET.to_owned()),
        export_bucket: Some(EXPORT_BUCKET.to_owned()),
        signing_secret: Some(SIGNING_SECRET.to_owned()),
        mail_from: options.settings.mail_from.clone().or_else(|| Some(MAIL_FROM.to_owned())),
        public_url: options.settings.public_url.clone().or_else(|| Some(format!("http://{}", options.http))),
        ..options.settings.clone()
    }
}

/// The configuration for an AWS-compatible service that listens locally.
pub async fn service(address: SocketAddr) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local"))
        .endpoint_url(format!("http://{address}"))
        .load()
        .await
}

pub(crate) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
