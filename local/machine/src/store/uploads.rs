//! Multipart uploads. They live only as long as the process; a client whose upload is gone starts again.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard};

use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{CompletedPart, ETag, Part};
use s3s::{S3Result, s3_error};

use super::errors::number;
use super::record::Attributes;
use super::staging::Staged;

/// Minimum size of all parts except the last, as in S3.
const LEAST: u64 = 5 << 20;

#[derive(Debug, Default)]
pub(super) struct Uploads(Mutex<HashMap<String, Upload>>);

#[derive(Debug)]
struct Upload {
    bucket: String,
    key: String,
    attributes: Attributes,
    parts: BTreeMap<i32, Staged>,
}

/// An upload whose parts are complete, ready to become an object.
#[derive(Debug)]
pub(super) struct Completion {
    pub(super) parts: Vec<PathBuf>,
    pub(super) e_tag: String,
    pub(super) attributes: Attributes,
}

impl Uploads {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Upload>> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }

    pub(super) fn begin(&self, bucket: &str, key: &str, attributes: Attributes) -> String {
        let id = crate::random::token();
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        self.all().insert(id.clone(), Upload { bucket, key, attributes, parts: BTreeMap::new() });
        id
    }

    pub(super) fn check(&self, id: &str, bucket: &str, key: &str) -> S3Result<()> {
        self.with(id, bucket, key, |_| ())
    }

    /// Adds a part. A part that is sent again replaces the earlier one.
    pub(super) fn add(&self, id: &str, bucket: &str, key: &str, part: i32, staged: Staged) -> S3Result<()> {
        if !(1..=10_000).contains(&part) {
            return Err(s3_error!(
                InvalidArgument,
                "Part number must be an integer between 1 and 10000, inclusive"
            ));
        }
        self.with(id, bucket, key, |upload| drop(upload.parts.insert(part, staged)))
    }

    pub(super) fn parts(&self, id: &str, bucket: &str, key: &str) -> S3Result<Vec<Part>> {
        let part = |(part, staged): (&i32, &Staged)| {
            Ok(Part {
                part_number: Some(*part),
                size: Some(number(staged.size)?),
                e_tag: Some(ETag::Strong(hex::encode(staged.md5))),
                ..Default::default()
            })
        };
        self.with(id, bucket, key, |upload| upload.parts.iter().map(part).collect())?
    }

    /// Checks the client's list of parts. The upload is kept, because the final step may fail.
    pub(super) fn complete(
        &self,
        id: &str,
        bucket: &str,
        key: &str,
        list: &[CompletedPart],
    ) -> S3Result<Completion> {
        self.with(id, bucket, key, |upload| {
            if list.is_empty() {
                return Err(s3_error!(MalformedXML, "You must specify at least one part"));
            }
            if !list.is_sorted_by(|a, b| a.part_number < b.part_number) {
                return Err(s3_error!(InvalidPartOrder));
            }
            let mut sum = Md5::new();
            let mut parts = Vec::new();
            for (at, wanted) in list.iter().enumerate() {
                let part = wanted.part_number.and_then(|part| upload.parts.get(&part));
                let part = part.ok_or_else(|| s3_error!(InvalidPart))?;
                if wanted.e_tag.as_ref().is_some_and(|tag| tag.value() != hex::encode(part.md5)) {
                    return Err(s3_error!(InvalidPart));
                }
                if at + 1 < list.len() && part.size < LEAST {
                    return Err(s3_error!(EntityTooSmall));
                }
                sum.update(&part.md5);
                parts.push(part.path().to_owned());
            }
            let e_tag = format!("{}-{}", hex::encode(sum.finalize()), parts.len());
            Ok(Completion { parts, e_tag, attributes: upload.attributes.clone() })
        })?
    }

    /// Drops the upload and removes its parts.
    pub(super) fn end(&self, id: &str) {
        self.all().remove(id);
    }

    fn with<T>(&self, id: &str, bucket: &str, key: &str, work: impl FnOnce(&mut Upload) -> T) -> S3Result<T> {
        let mut all = self.all();
        let upload = all.get_mut(id).filter(|upload| upload.bucket == bucket && upload.key == key);
        upload.map(work).ok_or_else(|| s3_error!(NoSuchUpload))
    }
}
