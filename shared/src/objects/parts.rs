//! Objects that are written part by part and appear when they are complete.

use super::Objects;
use crate::fault::{During, Fault};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;

impl Objects {
    /// Starts an object that is written part by part and appears when it is complete.
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
}

/// An object that is being written part by part. The bucket's lifecycle rule removes parts that are neither finished nor aborted.
#[derive(Debug)]
pub struct Upload {
    client: Client,
    bucket: String,
    key: String,
    id: String,
    parts: Vec<CompletedPart>,
}

impl Upload {
    /// Adds a part. Every part except the last needs at least 5 MB, or the store refuses to complete the object.
    ///
    /// # Errors
    /// A fault if the store does not confirm the part.
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

    /// Completes the object from its parts.
    ///
    /// # Errors
    /// A fault if the store does not confirm it.
    pub async fn finish(&mut self) -> Result<(), Fault> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(std::mem::take(&mut self.parts)));
        let finish = self.client.complete_multipart_upload().bucket(&self.bucket).key(&self.key);
        let finished = finish.upload_id(&self.id).multipart_upload(parts.build()).send().await;
        finished.map(drop).during(format!("finishing {} in {}", self.key, self.bucket))
    }

    /// Discards the parts.
    ///
    /// # Errors
    /// A fault if the store does not confirm it.
    pub async fn abort(self) -> Result<(), Fault> {
        let abort = self.client.abort_multipart_upload().bucket(&self.bucket).key(&self.key);
        let aborted = abort.upload_id(&self.id).send().await;
        aborted.map(drop).during(format!("taking back {} in {}", self.key, self.bucket))
    }
}
