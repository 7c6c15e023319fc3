//! The object store (S3). Guarantees: nothing larger than its limit is read, and a body is held in memory only once.

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

/// S3, or any service that speaks its protocol at `AWS_ENDPOINT_URL_S3`.
#[derive(Clone, Debug)]
pub struct Objects(Client);

/// An object that was read.
#[derive(Debug)]
pub struct Object {
    /// Content of the object.
    pub bytes: Vec<u8>,
    /// Metadata of the object.
    pub metadata: HashMap<String, String>,
    /// Version of the object, and when it was stored.
    pub stored: Stored,
}

/// A version of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Version id, if the bucket keeps versions.
    pub version: Option<String>,
    /// When it was stored, by the store's clock, in whole seconds (S3 API, `Last-Modified`).
    pub modified: Option<DateTime<Utc>>,
}

/// An entry in a list of objects.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Key of the object.
    pub key: String,
    /// Size in bytes.
    pub size: u64,
    /// When it was stored.
    pub modified: Option<DateTime<Utc>>,
}

/// The result of reading an object.
#[derive(Debug)]
pub enum Fetched {
    /// The object was read.
    Object(Object),
    /// The object does not exist, or no longer does.
    Gone,
    /// The object is larger than the limit, so its content is not returned. The value is the size found, in bytes.
    TooLarge(u64),
}

impl Objects {
    /// A client for the store that the AWS configuration names. With a custom endpoint, the bucket is part of the path and not of
    /// the host name.
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
    /// A fault if the store does not answer or the connection breaks.
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
        // Read into one vector of the right size: collecting the parts and joining them would hold the body twice.
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

    /// The current version of a key, or the named version, and when it was stored; `None` if it does not exist.
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
    /// A fault if the store does not confirm the write.
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

    /// A URL at which anyone can read an object for the duration `valid`.
    ///
    /// It is signed with the system time, like every request to the store, and not with the handlers' clock, because the store
    /// checks it.
    ///
    /// # Errors
    /// A fault if there are no credentials to sign with.
    pub async fn presigned(&self, bucket: &str, key: &str, valid: Duration) -> Result<String, Fault> {
        let doing = || format!("signing an address of {key} in {bucket}");
        let signing = PresigningConfig::expires_in(valid).during(doing())?;
        let get = self.0.get_object().bucket(bucket).key(key).presigned(signing).await;
        Ok(get.during(doing())?.uri().to_owned())
    }

    /// The objects of a bucket whose keys start with `prefix`, ordered by key: up to 1,000, after the key `after` if given.
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
            // A key may contain characters that XML does not allow.
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

    /// Removes an object if it exists. A bucket with versioning keeps its versions.
    ///
    /// # Errors
    /// A fault if the store does not confirm the removal.
    pub async fn remove(&self, bucket: &str, key: &str) -> Result<(), Fault> {
        let sent = self.0.delete_object().bucket(bucket).key(key).send().await;
        sent.map(drop).during(format!("removing {key} from {bucket}"))
    }

    /// Checks that the bucket is reachable.
    ///
    /// # Errors
    /// A fault if it is not.
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

/// A missing object returns 404; a deleted version returns 405 with a delete marker (S3 API, `GetObject`).
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
