//! Reading existing objects: their bytes and their properties.

use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::stream;
use s3s::dto::{
    ETagCondition, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, StreamingBlob,
    Timestamp,
};
use s3s::{S3Result, s3_error};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, SeekFrom};

use super::errors::{fault, number};
use super::record::{Record, Sums};

const CHUNK: u64 = 1 << 16;

pub(super) fn arrived(record: &Record) -> Timestamp {
    (SystemTime::UNIX_EPOCH + Duration::from_nanos(record.number)).into()
}

/// S3's default content type.
#[expect(clippy::unnecessary_wraps, reason = "`or_else` expects an `Option`")]
fn unknown() -> Option<String> {
    Some("binary/octet-stream".to_owned())
}

/// Checks the conditions of a read. If-Modified-Since and If-Unmodified-Since are ignored, because none of our clients sends them.
fn check(
    record: &Record,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<()> {
    let matches = |condition: &ETagCondition| match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(tag) => record.tag().weak_cmp(tag),
    };
    if if_match.is_some_and(|condition| !matches(condition)) {
        return Err(s3_error!(PreconditionFailed));
    }
    if if_none_match.is_some_and(matches) {
        return Err(s3_error!(NotModified));
    }
    Ok(())
}

/// The requested byte range, and the `Content-Range` of the response if it is not the whole object.
fn part(range: Option<s3s::dto::Range>, size: u64) -> S3Result<(Range<u64>, Option<String>)> {
    let Some(range) = range else { return Ok((0..size, None)) };
    let part = range.check(size)?;
    let text = format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1));
    Ok((part, Some(text)))
}

pub(super) async fn get(record: &Record, path: PathBuf, input: GetObjectInput) -> S3Result<GetObjectOutput> {
    check(record, input.if_match.as_ref(), input.if_none_match.as_ref())?;
    let (range, content_range) = part(input.range, record.size)?;
    let length = number(range.end - range.start)?;
    let whole = content_range.is_none();
    let body = read(path, range).await.map_err(fault)?;
    let attributes = record.attributes.clone();
    // A checksum covers the whole object, so a partial response has none.
    let sums = if whole { record.sums.clone() } else { Sums::default() };
    Ok(GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        body: Some(body),
        content_length: Some(length),
        content_range,
        content_type: input.response_content_type.or(attributes.content_type).or_else(unknown),
        content_encoding: input.response_content_encoding.or(attributes.content_encoding),
        content_disposition: input.response_content_disposition.or(attributes.content_disposition),
        content_language: input.response_content_language.or(attributes.content_language),
        cache_control: input.response_cache_control.or(attributes.cache_control),
        metadata: attributes.metadata,
        e_tag: Some(record.tag()),
        last_modified: Some(arrived(record)),
        version_id: Some(record.version_id()),
        checksum_crc32: sums.crc32,
        checksum_crc32c: sums.crc32c,
        checksum_crc64nvme: sums.crc64nvme,
        checksum_sha1: sums.sha1,
        checksum_sha256: sums.sha256,
        ..Default::default()
    })
}

pub(super) fn head(record: &Record, input: &HeadObjectInput) -> S3Result<HeadObjectOutput> {
    check(record, input.if_match.as_ref(), input.if_none_match.as_ref())?;
    let (range, content_range) = part(input.range, record.size)?;
    let (attributes, sums) = (record.attributes.clone(), record.sums.clone());
    Ok(HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        content_length: Some(number(range.end - range.start)?),
        content_range,
        content_type: attributes.content_type.or_else(unknown),
        content_encoding: attributes.content_encoding,
        content_disposition: attributes.content_disposition,
        content_language: attributes.content_language,
        cache_control: attributes.cache_control,
        metadata: attributes.metadata,
        e_tag: Some(record.tag()),
        last_modified: Some(arrived(record)),
        version_id: Some(record.version_id()),
        checksum_crc32: sums.crc32,
        checksum_crc32c: sums.crc32c,
        checksum_crc64nvme: sums.crc64nvme,
        checksum_sha1: sums.sha1,
        checksum_sha256: sums.sha256,
        ..Default::default()
    })
}

async fn read(path: PathBuf, range: Range<u64>) -> io::Result<StreamingBlob> {
    let mut file = File::open(path).await?;
    file.seek(SeekFrom::Start(range.start)).await?;
    let chunks = stream::try_unfold((file, range.end - range.start), async |(mut file, left)| {
        if left == 0 {
            return Ok(None);
        }
        let size = usize::try_from(left.min(CHUNK)).map_err(io::Error::other)?;
        let mut chunk = vec![0; size];
        file.read_exact(&mut chunk).await?;
        let left = left - chunk.len() as u64;
        io::Result::Ok(Some((Bytes::from(chunk), (file, left))))
    });
    Ok(StreamingBlob::wrap(chunks))
}
