//! Lists of keys, and of the versions of keys.

use std::cmp::Ordering;

use s3s::dto::{
    CommonPrefix, DeleteMarkerEntry, EncodingType, ListObjectVersionsInput, ListObjectVersionsOutput,
    ListObjectsV2Input, ListObjectsV2Output, Object, ObjectVersion,
};
use s3s::{S3Result, s3_error};

use super::errors::{fault, number};
use super::event::encode;
use super::reading::arrived;
use super::shelf::Bucket;

/// Whether keys are encoded. XML cannot represent some characters that a key may contain, so a client may ask for encoded keys.
#[derive(Clone, Copy)]
struct Encoded(bool);

impl Encoded {
    fn of(asked: Option<&EncodingType>) -> Self {
        Self(asked.is_some_and(|asked| asked.as_str() == EncodingType::URL))
    }

    fn key(self, key: &str) -> String {
        if self.0 { encode(key) } else { key.to_owned() }
    }

    fn said(self) -> Option<EncodingType> {
        self.0.then(|| EncodingType::from_static(EncodingType::URL))
    }
}

/// One page of the keys in order. Keys with the same text up to the delimiter count as one.
pub(super) fn list(bucket: &Bucket, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
    let prefix = input.prefix.clone().unwrap_or_default();
    let delimiter = input.delimiter.clone().filter(|delimiter| !delimiter.is_empty());
    let after = input.continuation_token.clone().max(input.start_after.clone()).unwrap_or_default();
    let most = usize::try_from(input.max_keys.unwrap_or(1000).clamp(0, 1000)).unwrap_or(1000);
    let encoded = Encoded::of(input.encoding_type.as_ref());
    let (mut contents, mut prefixes, mut next) = (Vec::new(), Vec::<String>::new(), None);
    let mut last = String::new();
    for (key, history) in bucket.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix)) {
        let Some(record) = history.last().filter(|record| !record.deleted) else { continue };
        let group = delimiter.as_ref().and_then(|delimiter| {
            let at = key[prefix.len()..].find(delimiter.as_str())?;
            Some(key[..prefix.len() + at + delimiter.len()].to_owned())
        });
        let name = group.as_ref().unwrap_or(key);
        if *name <= after || prefixes.last() == Some(name) {
            continue;
        }
        if contents.len() + prefixes.len() == most {
            next = Some(last);
            break;
        }
        last.clone_from(name);
        match group {
            Some(group) => prefixes.push(group),
            None => contents.push(Object {
                key: Some(encoded.key(key)),
                size: Some(number(record.size)?),
                e_tag: Some(record.tag()),
                last_modified: Some(arrived(record)),
                ..Default::default()
            }),
        }
    }
    let prefixes = prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(encoded.key(prefix)) });
    let prefixes: Vec<_> = prefixes.collect();
    Ok(ListObjectsV2Output {
        key_count: Some(i32::try_from(contents.len() + prefixes.len()).map_err(fault)?),
        is_truncated: Some(next.is_some()),
        next_continuation_token: next,
        contents: Some(contents),
        common_prefixes: Some(prefixes),
        name: Some(input.bucket),
        prefix: input.prefix.map(|prefix| encoded.key(&prefix)),
        delimiter: input.delimiter.map(|delimiter| encoded.key(&delimiter)),
        max_keys: input.max_keys.or(Some(1000)),
        continuation_token: input.continuation_token,
        start_after: input.start_after.map(|key| encoded.key(&key)),
        encoding_type: encoded.said(),
        ..Default::default()
    })
}

/// One page of all versions: keys in order, newest version first. Grouping by delimiter is not supported.
pub(super) fn versions(
    bucket: &Bucket,
    input: ListObjectVersionsInput,
) -> S3Result<ListObjectVersionsOutput> {
    if input.delimiter.as_ref().is_some_and(|delimiter| !delimiter.is_empty()) {
        return Err(s3_error!(NotImplemented));
    }
    let encoded = Encoded::of(input.encoding_type.as_ref());
    let prefix = input.prefix.clone().unwrap_or_default();
    let most = usize::try_from(input.max_keys.unwrap_or(1000).clamp(0, 1000)).unwrap_or(1000);
    let keys = bucket.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
    let newest_first = keys.flat_map(|(_, history)| history.iter().rev().enumerate());
    // Starts after the named key or, if a version of it is also named, after that version.
    let (key, version) = (input.key_marker.as_deref().unwrap_or(""), input.version_id_marker.as_deref());
    let mut records = newest_first.filter(|(_, record)| match record.key.as_str().cmp(key) {
        Ordering::Less => false,
        Ordering::Equal => version.is_some_and(|version| record.version_id().as_str() < version),
        Ordering::Greater => true,
    });
    let (mut versions, mut markers, mut last) = (Vec::new(), Vec::new(), None);
    for (at, record) in records.by_ref().take(most) {
        last = Some(record);
        let (key, version_id) = (Some(encoded.key(&record.key)), Some(record.version_id()));
        let (is_latest, last_modified) = (Some(at == 0), Some(arrived(record)));
        if record.deleted {
            markers.push(DeleteMarkerEntry { key, version_id, is_latest, last_modified, owner: None });
        } else {
            versions.push(ObjectVersion {
                key,
                version_id,
                is_latest,
                last_modified,
                size: Some(number(record.size)?),
                e_tag: Some(record.tag()),
                ..Default::default()
            });
        }
    }
    let more = records.next().is_some();
    Ok(ListObjectVersionsOutput {
        is_truncated: Some(more),
        next_key_marker: last.filter(|_| more).map(|record| encoded.key(&record.key)),
        next_version_id_marker: last.filter(|_| more).map(|record| record.version_id()),
        versions: Some(versions),
        delete_markers: Some(markers),
        name: Some(input.bucket),
        prefix: input.prefix.map(|prefix| encoded.key(&prefix)),
        key_marker: input.key_marker.map(|key| encoded.key(&key)),
        version_id_marker: input.version_id_marker,
        max_keys: input.max_keys.or(Some(1000)),
        encoding_type: encoded.said(),
        ..Default::default()
    })
}
