//! The object store (S3). Promises: nothing is read that is larger than its limit, and a body is held once.

use crate::fault::{During, Fault};
use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
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
        let metadata = answer.metadata.unwrap_or_default();
        let mut body = answer.body;
        while let Some(part) = body.next().await {
            bytes.extend_from_slice(&part.during(format!("reading {key} from {bucket}"))?);
            if bytes.len() as u64 > limit {
                return Ok(Fetched::TooLarge(bytes.len() as u64));
            }
        }
        Ok(Fetched::Object(Object { bytes, metadata }))
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

    /// Begins an object that is written part by part, and is there when it is finished.
    ///
    /// # Errors
    /// A fault if the store does not answer.
    pub async fn upload(
        &self,
        bucket: &str,
        key: &str,
        content_type: &str,
        disposition: &str,
    ) -> Result<Upload, Fault> {
        let doing = format!("beginning {key} in {bucket}");
        let upload = self.0.create_multipart_upload().bucket(bucket).key(key);
        let sent = upload.content_type(content_type).content_disposition(disposition).send().await;
        let id = sent.during(doing.clone())?.upload_id.ok_or_else(|| Fault::new(doing))?;
        let (client, bucket, key) = (self.0.clone(), bucket.to_owned(), key.to_owned());
        Ok(Upload { client, bucket, key, id, parts: Vec::new() })
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
            .send()
            .await
            .during(format!("listing {prefix} in {bucket}"))?;
        let listed = answer.contents.unwrap_or_default().into_iter().filter_map(|object| {
            let modified =
                object.last_modified.and_then(|at| DateTime::from_timestamp(at.secs(), at.subsec_nanos()));
            Some(Listed {
                key: object.key?,
                size: u64::try_from(object.size.unwrap_or(0)).unwrap_or(0),
                modified,
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

/// An object that is written part by part. One that is neither finished nor aborted is the bucket's lifecycle's to remove.
#[derive(Debug)]
pub struct Upload {
    client: Client,
    bucket: String,
    key: String,
    id: String,
    parts: Vec<CompletedPart>,
}

impl Upload {
    /// Adds a part; each but the last has at least 5 MB, or the store refuses to finish.
    ///
    /// # Errors
    /// A fault if the store does not confirm it.
    pub async fn part(&mut self, bytes: Bytes) -> Result<(), Fault> {
        let number = i32::try_from(self.parts.len() + 1).during("counting parts")?;
        let part = self.client.upload_part().bucket(&self.bucket).key(&self.key).upload_id(&self.id);
        let sent = part.part_number(number).body(ByteStream::from(bytes)).send().await;
        let sent = sent.during(format!("writing part {number} of {} to {}", self.key, self.bucket))?;
        self.parts.push(
            CompletedPart::builder()
                .part_number(number)
                .set_e_tag(sent.e_tag)
                .set_checksum_crc32(sent.checksum_crc32)
                .set_checksum_crc32_c(sent.checksum_crc32_c)
                .set_checksum_crc64_nvme(sent.checksum_crc64_nvme)
                .build(),
        );
        Ok(())
    }

    /// Makes the parts an object.
    ///
    /// # Errors
    /// A fault if the store does not confirm it.
    pub async fn finish(&mut self) -> Result<(), Fault> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(std::mem::take(&mut self.parts)));
        let finish = self.client.complete_multipart_upload().bucket(&self.bucket).key(&self.key);
        let finished = finish.upload_id(&self.id).multipart_upload(parts.build()).send().await;
        finished.map(drop).during(format!("finishing {} in {}", self.key, self.bucket))
    }

    /// Takes the parts back.
    ///
    /// # Errors
    /// A fault if the store does not confirm it.
    pub async fn abort(self) -> Result<(), Fault> {
        let abort = self.client.abort_multipart_upload().bucket(&self.bucket).key(&self.key);
        let aborted = abort.upload_id(&self.id).send().await;
        aborted.map(drop).during(format!("taking back {} in {}", self.key, self.bucket))
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
