//! S3's operations, implemented on the shelf.

use crate::store::errors::fault;
use std::sync::Arc;

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, BucketVersioningStatus,
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput,
    CreateBucketInput, CreateBucketOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject,
    GetBucketLocationInput, GetBucketLocationOutput, GetBucketVersioningInput, GetBucketVersioningOutput,
    GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput,
    ListBucketsInput, ListBucketsOutput, ListObjectVersionsInput, ListObjectVersionsOutput, ListObjectsInput,
    ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, ListPartsInput, ListPartsOutput,
    PutObjectInput, PutObjectOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Error, S3Request, S3Response, S3Result, s3_error};

use super::event::encode;
use super::listing;
use super::reading;
use super::record::Record;
use super::shelf::{NotKept, Shelf};
use super::uploads::Uploads;

#[derive(Debug)]
pub(super) struct Objects {
    pub(super) shelf: Arc<Shelf>,
    pub(super) uploads: Uploads,
}

impl From<NotKept> for S3Error {
    fn from(reason: NotKept) -> Self {
        match reason {
            NotKept::NoSuchBucket => s3_error!(NoSuchBucket),
            NotKept::ConditionFailed => s3_error!(PreconditionFailed),
            NotKept::Io(error) => fault(error),
        }
    }
}

impl Objects {
    pub(super) fn new(shelf: Arc<Shelf>) -> Self {
        Self { shelf, uploads: Uploads::default() }
    }

    pub(super) fn check_bucket(&self, bucket: &str) -> S3Result<()> {
        let known = self.shelf.contents().buckets.contains_key(bucket);
        if known { Ok(()) } else { Err(s3_error!(NoSuchBucket)) }
    }

    pub(super) fn find(&self, bucket: &str, key: &str, version_id: Option<&str>) -> S3Result<Arc<Record>> {
        self.check_bucket(bucket)?;
        let contents = self.shelf.contents();
        let Some(id) = version_id else {
            return contents.current(bucket, key).cloned().ok_or_else(|| s3_error!(NoSuchKey));
        };
        let mut history =
            contents.buckets.get(bucket).and_then(|versions| versions.get(key)).into_iter().flatten();
        let record =
            history.find(|record| record.version_id() == id).ok_or_else(|| s3_error!(NoSuchVersion))?;
        if record.deleted { Err(s3_error!(MethodNotAllowed)) } else { Ok(Arc::clone(record)) }
    }

    /// Runs blocking disk operations on a thread where blocking is allowed.
    pub(super) async fn on_shelf<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shelf) -> Result<T, NotKept> + Send + 'static,
    ) -> S3Result<T> {
        let place = Arc::clone(&self.shelf);
        // Not cancelled with the request: once started, a version is always entered completely.
        Ok(tokio::task::spawn_blocking(move || work(&place)).await.map_err(fault)??)
    }

    async fn delete(
        &self,
        bucket: String,
        key: String,
        version_id: Option<String>,
    ) -> S3Result<Option<Arc<Record>>> {
        self.on_shelf(move |shelf| match version_id {
            Some(id) => shelf.remove(&bucket, &key, &id).map(|()| None),
            None => shelf.mark_deleted(&bucket, &key).map(Some),
        })
        .await
    }
}

#[async_trait::async_trait]
impl S3 for Objects {
    async fn put_object(&self, req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        Ok(S3Response::new(self.put(req.input, req.trailing_headers.as_ref()).await?))
    }

    async fn get_object(&self, req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let record = self.find(&req.input.bucket, &req.input.key, req.input.version_id.as_deref())?;
        let path = self.shelf.file(&req.input.bucket, &record);
        Ok(S3Response::new(reading::get(&record, path, req.input).await?))
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let record = self.find(&req.input.bucket, &req.input.key, req.input.version_id.as_deref())?;
        Ok(S3Response::new(reading::head(&record, &req.input)?))
    }

    async fn copy_object(&self, req: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        Ok(S3Response::new(self.copy(req.input).await?))
    }

    async fn delete_object(
        &self,
        req: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let DeleteObjectInput { bucket, key, version_id, .. } = req.input;
        let mark = self.delete(bucket, key, version_id.clone()).await?;
        Ok(S3Response::new(DeleteObjectOutput {
            delete_marker: mark.as_ref().map(|_| true),
            version_id: mark.map(|mark| mark.version_id()).or(version_id),
            ..Default::default()
        }))
    }

    async fn delete_objects(
        &self,
        req: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let mut deleted = Vec::new();
        for object in req.input.delete.objects {
            let bucket = req.input.bucket.clone();
            let mark = self.delete(bucket, object.key.clone(), object.version_id.clone()).await?;
            deleted.push(DeletedObject {
                key: Some(object.key),
                version_id: object.version_id,
                delete_marker: mark.as_ref().map(|_| true),
                delete_marker_version_id: mark.map(|mark| mark.version_id()),
            });
        }
        Ok(S3Response::new(DeleteObjectsOutput { deleted: Some(deleted), ..Default::default() }))
    }

    async fn list_objects_v2(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let contents = self.shelf.contents();
        let bucket = contents.buckets.get(&req.input.bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        Ok(S3Response::new(listing::list(bucket, req.input)?))
    }

    async fn list_object_versions(
        &self,
        req: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<S3Response<ListObjectVersionsOutput>> {
        let contents = self.shelf.contents();
        let bucket = contents.buckets.get(&req.input.bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        Ok(S3Response::new(listing::versions(bucket, req.input)?))
    }

    async fn list_objects(
        &self,
        req: S3Request<ListObjectsInput>,
    ) -> S3Result<S3Response<ListObjectsOutput>> {
        let marker = req.input.marker.clone();
        let mut listed = req.map_input(ListObjectsV2Input::from);
        listed.input.start_after.clone_from(&marker);
        let page = self.list_objects_v2(listed).await?;
        Ok(page.map_output(|page| ListObjectsOutput {
            contents: page.contents,
            common_prefixes: page.common_prefixes,
            delimiter: page.delimiter,
            name: page.name,
            prefix: page.prefix,
            marker,
            max_keys: page.max_keys,
            is_truncated: page.is_truncated,
            next_marker: page.next_continuation_token.map(|key| match page.encoding_type {
                Some(_) => encode(&key),
                None => key,
            }),
            encoding_type: page.encoding_type,
            ..Default::default()
        }))
    }

    async fn create_multipart_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        Ok(S3Response::new(self.begin(req.input)?))
    }

    async fn upload_part(&self, req: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        Ok(S3Response::new(self.add_part(req.input, req.trailing_headers.as_ref()).await?))
    }

    async fn list_parts(&self, req: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        Ok(S3Response::new(self.parts(req.input)?))
    }

    async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        Ok(S3Response::new(self.complete(req.input).await?))
    }

    async fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        Ok(S3Response::new(self.abort(req.input)?))
    }

    async fn create_bucket(
        &self,
        req: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        let made = self.on_shelf(move |shelf| Ok(shelf.make_bucket(&req.input.bucket)?)).await?;
        if made {
            Ok(S3Response::new(CreateBucketOutput::default()))
        } else {
            Err(s3_error!(BucketAlreadyOwnedByYou))
        }
    }

    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.check_bucket(&req.input.bucket)?;
        Ok(S3Response::new(HeadBucketOutput::default()))
    }

    async fn list_buckets(&self, _: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        let contents = self.shelf.contents();
        let mut names: Vec<String> = contents.buckets.keys().cloned().collect();
        names.sort();
        let bucket = |name| s3s::dto::Bucket { name: Some(name), ..Default::default() };
        let buckets = Some(names.into_iter().map(bucket).collect());
        Ok(S3Response::new(ListBucketsOutput { buckets, ..Default::default() }))
    }

    async fn get_bucket_location(
        &self,
        req: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.check_bucket(&req.input.bucket)?;
        Ok(S3Response::new(GetBucketLocationOutput::default()))
    }

    async fn get_bucket_versioning(
        &self,
        req: S3Request<GetBucketVersioningInput>,
    ) -> S3Result<S3Response<GetBucketVersioningOutput>> {
        self.check_bucket(&req.input.bucket)?;
        let status = Some(BucketVersioningStatus::from_static(BucketVersioningStatus::ENABLED));
        Ok(S3Response::new(GetBucketVersioningOutput { status, ..Default::default() }))
    }
}
