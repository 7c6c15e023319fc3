//! The object store (S3). Promises: nothing is read that is larger than its limit, and a body is held once.

pub mod keys;
mod parts;
mod versions;

pub use crate::objects::keys::decoded;
pub use parts::Upload;

use crate::fault::{During, Fault};
use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::EncodingType;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::time::Duration;

/// S3, or whatever answers its protocol at `AWS_ENDPOINT_URL_S3`.
#[derive(Clone, Debug)]
pub struct Objects(Client);

/// An object that was read.
#[derive(Debug)]
pub struct Object {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The metadata that came with it.
    pub metadata: HashMap<String, String>,
    /// Which version of the key it is, and when it was stored.
    pub stored: Stored,
}

/// A version of an object, as the store knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Its version, if the bucket keeps versions.
    pub version: Option<String>,
    /// When it was stored, by the clock of the store, in whole seconds (S3 API, `Last-Modified`).
    pub modified: Option<DateTime<Utc>>,
}

/// An object of a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// Its bytes.
    pub size: u64,
    /// When it was put there.
    pub modified: Option<DateTime<Utc>>,
}

/// What reading an object came to.
#[derive(Debug)]
pub enum Fetched {
    /// It was read.
    Object(Object),
    /// There is no such object (any more).
    Gone,
    /// It is larger than the limit, and nothing of it was read.
    TooLarge(u64),
}

impl Objects {
    /// A client for the store that the AWS configuration names; paths, not host names, on an endpoint of one's own.
    #[must_use]
    pub fn new(config: &aws_config::SdkConfig) -> Self {
        let own = crate::env::optional("AWS_ENDPOINT_URL_S3").is_some() || config.endpoint_url().is_some();
        Self::with(aws_sdk_s3::config::Builder::from(config).force_path_style(own).build())
    }

    /// A client with this configuration.
    #[must_use]
    pub fn with(config: aws_sdk_s3::Config) -> Self {
        Self(Client::from_conf(config))
    }

    /// Reads an object whole, unless it is larger than `limit` bytes.
    ///
    /// # Errors
    /// A fault if the store does not answer or breaks off.
    pub async fn get(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        limit: u64,
    ) -> Result<Fetched, Fault> {
        let sent = self
            .0
            .get_object()
            .bucket(bucket)
            .key(key)
            .set_version_id(version.map(str::to_owned))
            .send()
            .await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(SdkError::ServiceError(refused))
                if is_gone(refused.err(), refused.raw().status().as_u16()) =>
            {
                return Ok(Fetched::Gone);
            }
            Err(error) => return Err(error).during(format!("reading {key} from {bucket}")),
        };
        let size = u64::try_from(answer.content_length().unwrap_or(0)).unwrap_or(0);
        if size > limit {
            return Ok(Fetched::TooLarge(size));
        }
        // Into one vector of the right size: collecting the parts and joining them would hold the body twice.
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        let stored = Stored { version: answer.version_id, modified: answer.last_modified.and_then(moment) };
        let metadata = answer.metadata.unwrap_or_default();
        let mut body = answer.body;
        while let Some(part) = body.next().await {
            bytes.extend_from_slice(&part.during(format!("reading {key} from {bucket}"))?);
            if bytes.len() as u64 > limit {
                return Ok(Fetched::TooLarge(bytes.len() as u64));
            }
        }
        Ok(Fetched::Object(Object { bytes, metadata, stored }))
    }

    /// Which version of a key there is now, or when the named one was stored; `None` if it does not exist.
    ///
    /// # Errors
    /// A fault if the store does not answer.
    pub async fn head(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Option<Stored>, Fault> {
        let head = self.0.head_object().bucket(bucket).key(key).set_version_id(version.map(str::to_owned));
        match head.send().await {
            Ok(answer) => {
                let modified = answer.last_modified.and_then(moment);
                Ok(Some(Stored { version: answer.version_id, modified }))
            }
            Err(SdkError::ServiceError(refused))
                if matches!(refused.err(), HeadObjectError::NotFound(_))
                    || [404, 405].contains(&refused.raw().status().as_u16()) =>
            {
                Ok(None)
            }
            Err(error) => Err(error).during(format!("looking at {key} in {bucket}")),
        }
    }

    /// Writes an object and returns its version, if the bucket keeps versions.
    ///
    /// # Errors
    /// A fault if the store does not confirm it.
    pub async fn put(
        &self,
        bucket: &str,
        key: &str,
        bytes: Vec<u8>,
        content_type: &str,
        metadata: HashMap<String, String>,
    ) -> Result<Option<String>, Fault> {
        let answer = self
            .0
            .put_object()
            .bucket(bucket)
            .key(key)
            .content_type(content_type)
            .set_metadata(Some(metadata))
            .body(ByteStream::from(bytes))
            .send()
            .await
            .during(format!("writing {key} to {bucket}"))?;
        Ok(answer.version_id)
    }

    /// An address at which anybody can read an object, for so long.
    ///
    /// Signed with the time of the system, as every request to the store is, and not with the clock of the handlers: it is
    /// the store that judges it.
    ///
    /// # Errors
    /// A fault if there are no credentials to sign with.
    pub async fn presigned(&self, bucket: &str, key: &str, valid: Duration) -> Result<String, Fault> {
        let doing = || format!("signing an address of {key} in {bucket}");
        let signing = PresigningConfig::expires_in(valid).during(doing())?;
        let get = self.0.get_object().bucket(bucket).key(key).presigned(signing).await;
        Ok(get.during(doing())?.uri().to_owned())
    }

    /// The objects of a bucket whose keys begin with a prefix, by key; behind `after` if given, a page of at most 1,000.
    ///
    /// # Errors
    /// A fault if the store does not answer.
    pub async fn list(&self, bucket: &str, prefix: &str, after: Option<&str>) -> Result<Vec<Listed>, Fault> {
        let answer = self
            .0
            .list_objects_v2()
            .bucket(bucket)
            .prefix(prefix)
            .set_start_after(after.map(str::to_owned))
            // A key may have characters that XML has not.
            .encoding_type(EncodingType::Url)
            .send()
            .await
            .during(format!("listing {prefix} in {bucket}"))?;
        let encoded = answer.encoding_type.is_some();
        let listed = answer.contents.unwrap_or_default().into_iter().filter_map(|object| {
            Some(Listed {
                key: crate::objects::keys::key(object.key?, encoded),
                size: u64::try_from(object.size.unwrap_or(0)).unwrap_or(0),
                modified: object.last_modified.and_then(moment),
            })
        });
        Ok(listed.collect())
    }

    /// Removes an object, if it is there; a bucket that keeps versions keeps them.
    ///
    /// # Errors
    /// A fault if the store does not confirm it.
    pub async fn remove(&self, bucket: &str, key: &str) -> Result<(), Fault> {
        let sent = self.0.delete_object().bucket(bucket).key(key).send().await;
        sent.map(drop).during(format!("removing {key} from {bucket}"))
    }

    /// Says whether the bucket answers.
    ///
    /// # Errors
    /// A fault if it does not.
    pub async fn ping(&self, bucket: &str) -> Result<(), Fault> {
        self.0
            .head_bucket()
            .bucket(bucket)
            .send()
            .await
            .during(format!("looking for the bucket {bucket}"))?;
        Ok(())
    }
}

/// A missing object is 404; a deleted version is 405 with a delete marker (S3 API, `GetObject`).
fn is_gone(error: &GetObjectError, status: u16) -> bool {
    match error.meta().code() {
        Some("NoSuchBucket") => false,
        Some("NoSuchVersion") => true,
        _ => error.is_no_such_key() || status == 404 || status == 405,
    }
}

fn moment(at: aws_sdk_s3::primitives::DateTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at.secs(), at.subsec_nanos())
}
