//! Storing objects: whole, as a copy, or in parts.

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, ETag, ListPartsInput, ListPartsOutput,
    PutObjectInput, PutObjectOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3Result, TrailingHeaders, s3_error};

use super::errors::fault;
use super::objects::Objects;
use super::reading;
use super::record::{Attributes, Draft, Sums};
use super::shelf::Condition;
use super::staging::{Claims, Staged};

impl Objects {
    pub(super) async fn put(
        &self,
        input: PutObjectInput,
        trailers: Option<&TrailingHeaders>,
    ) -> S3Result<PutObjectOutput> {
        // Checked before the bytes arrive, so that a client fails early, and again afterwards.
        self.check_bucket(&input.bucket)?;
        let claims = Claims {
            size: input.content_length,
            md5: input.content_md5,
            sums: Sums {
                crc32: input.checksum_crc32,
                crc32c: input.checksum_crc32c,
                crc64nvme: input.checksum_crc64nvme,
                sha1: input.checksum_sha1,
                sha256: input.checksum_sha256,
            },
            algorithm: input.checksum_algorithm.map(|name| name.as_str().to_owned()),
        };
        let folder = self.shelf.incoming();
        let staged = Staged::receive(&folder, input.body, claims, trailers).await?;
        staged.settle().await.map_err(fault)?;
        let draft = Draft {
            key: input.key,
            event: "ObjectCreated:Put",
            e_tag: hex::encode(staged.md5),
            attributes: Attributes {
                metadata: input.metadata,
                content_type: input.content_type,
                content_encoding: input.content_encoding,
                content_disposition: input.content_disposition,
                content_language: input.content_language,
                cache_control: input.cache_control,
            },
            sums: staged.sums.clone(),
        };
        let condition = Condition { if_match: input.if_match, if_none_match: input.if_none_match };
        let bucket = input.bucket;
        let record = self.on_shelf(move |shelf| shelf.keep(&bucket, draft, staged, &condition)).await?;
        let sums = record.sums.clone();
        Ok(PutObjectOutput {
            e_tag: Some(record.tag()),
            version_id: Some(record.version_id()),
            checksum_crc32: sums.crc32,
            checksum_crc32c: sums.crc32c,
            checksum_crc64nvme: sums.crc64nvme,
            checksum_sha1: sums.sha1,
            checksum_sha256: sums.sha256,
            ..Default::default()
        })
    }

    pub(super) async fn copy(&self, input: CopyObjectInput) -> S3Result<CopyObjectOutput> {
        let CopySource::Bucket { bucket, key, version_id } = &input.copy_source else {
            return Err(s3_error!(NotImplemented));
        };
        let source = self.find(bucket, key, version_id.as_deref())?;
        let path = self.shelf.file(bucket, &source);
        let replace =
            input.metadata_directive.as_ref().is_some_and(|directive| directive.as_str() == "REPLACE");
        let replacement = Attributes {
            metadata: input.metadata,
            content_type: input.content_type,
            content_encoding: input.content_encoding,
            content_disposition: input.content_disposition,
            content_language: input.content_language,
            cache_control: input.cache_control,
        };
        let draft = Draft {
            key: input.key,
            event: "ObjectCreated:Copy",
            e_tag: source.e_tag.clone(),
            attributes: if replace { replacement } else { source.attributes.clone() },
            sums: source.sums.clone(),
        };
        let target = input.bucket;
        let record = self
            .on_shelf(move |shelf| {
                let staged = Staged::join(&shelf.incoming(), &[path])?;
                shelf.keep(&target, draft, staged, &Condition::default())
            })
            .await?;
        let result = CopyObjectResult {
            e_tag: Some(record.tag()),
            last_modified: Some(reading::arrived(&record)),
            ..Default::default()
        };
        Ok(CopyObjectOutput {
            copy_object_result: Some(result),
            copy_source_version_id: Some(source.version_id()),
            version_id: Some(record.version_id()),
            ..Default::default()
        })
    }

    pub(super) fn begin(&self, input: CreateMultipartUploadInput) -> S3Result<CreateMultipartUploadOutput> {
        self.check_bucket(&input.bucket)?;
        let attributes = Attributes {
            metadata: input.metadata,
            content_type: input.content_type,
            content_encoding: input.content_encoding,
            content_disposition: input.content_disposition,
            content_language: input.content_language,
            cache_control: input.cache_control,
        };
        let id = self.uploads.begin(&input.bucket, &input.key, attributes);
        Ok(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            checksum_algorithm: input.checksum_algorithm,
            ..Default::default()
        })
    }

    pub(super) async fn add_part(
        &self,
        input: UploadPartInput,
        trailers: Option<&TrailingHeaders>,
    ) -> S3Result<UploadPartOutput> {
        self.uploads.check(&input.upload_id, &input.bucket, &input.key)?;
        let claims = Claims {
            size: input.content_length,
            md5: input.content_md5,
            sums: Sums {
                crc32: input.checksum_crc32,
                crc32c: input.checksum_crc32c,
                crc64nvme: input.checksum_crc64nvme,
                sha1: input.checksum_sha1,
                sha256: input.checksum_sha256,
            },
            algorithm: input.checksum_algorithm.map(|name| name.as_str().to_owned()),
        };
        let folder = self.shelf.incoming();
        let staged = Staged::receive(&folder, input.body, claims, trailers).await?;
        let (e_tag, sums) = (hex::encode(staged.md5), staged.sums.clone());
        self.uploads.add(&input.upload_id, &input.bucket, &input.key, input.part_number, staged)?;
        Ok(UploadPartOutput {
            e_tag: Some(ETag::Strong(e_tag)),
            checksum_crc32: sums.crc32,
            checksum_crc32c: sums.crc32c,
            checksum_crc64nvme: sums.crc64nvme,
            checksum_sha1: sums.sha1,
            checksum_sha256: sums.sha256,
            ..Default::default()
        })
    }

    pub(super) fn parts(&self, input: ListPartsInput) -> S3Result<ListPartsOutput> {
        let ListPartsInput { bucket, key, upload_id, .. } = input;
        let parts = self.uploads.parts(&upload_id, &bucket, &key)?;
        Ok(ListPartsOutput {
            bucket: Some(bucket),
            key: Some(key),
            upload_id: Some(upload_id),
            is_truncated: Some(false),
            parts: Some(parts),
            ..Default::default()
        })
    }

    pub(super) async fn complete(
        &self,
        input: CompleteMultipartUploadInput,
    ) -> S3Result<CompleteMultipartUploadOutput> {
        let CompleteMultipartUploadInput {
            bucket,
            key,
            upload_id,
            multipart_upload,
            if_match,
            if_none_match,
            ..
        } = input;
        let list = multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
        let whole = self.uploads.complete(&upload_id, &bucket, &key, &list)?;
        let (target, condition) = (bucket.clone(), Condition { if_match, if_none_match });
        let draft = Draft {
            key: key.clone(),
            event: "ObjectCreated:CompleteMultipartUpload",
            e_tag: whole.e_tag,
            attributes: whole.attributes,
            sums: Sums::default(),
        };
        let record = self
            .on_shelf(move |shelf| {
                let staged = Staged::join(&shelf.incoming(), &whole.parts)?;
                shelf.keep(&target, draft, staged, &condition)
            })
            .await?;
        self.uploads.end(&upload_id);
        Ok(CompleteMultipartUploadOutput {
            bucket: Some(bucket),
            key: Some(key),
            e_tag: Some(record.tag()),
            version_id: Some(record.version_id()),
            ..Default::default()
        })
    }

    pub(super) fn abort(&self, input: AbortMultipartUploadInput) -> S3Result<AbortMultipartUploadOutput> {
        let AbortMultipartUploadInput { bucket, key, upload_id, .. } = input;
        self.uploads.check(&upload_id, &bucket, &key)?;
        self.uploads.end(&upload_id);
        Ok(AbortMultipartUploadOutput::default())
    }
}
