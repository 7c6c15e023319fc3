//! The metadata of a version.

use s3s::dto::{Checksum, ETag, Metadata};
use serde::{Deserialize, Serialize};

/// One version of an object, or a delete marker.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) key: String,
    /// Nanoseconds since 1970, and greater than the number of every earlier version.
    pub(super) number: u64,
    pub(super) deleted: bool,
    /// Name of the event that announced it.
    pub(super) event: String,
    pub(super) size: u64,
    pub(super) e_tag: String,
    pub(super) attributes: Attributes,
    pub(super) sums: Sums,
    /// Name of the file that holds the bytes.
    pub(super) file: String,
}

/// The attributes that the sender sets on an object.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Attributes {
    pub(super) metadata: Option<Metadata>,
    pub(super) content_type: Option<String>,
    pub(super) content_encoding: Option<String>,
    pub(super) content_disposition: Option<String>,
    pub(super) content_language: Option<String>,
    pub(super) cache_control: Option<String>,
}

/// The checksums that the sender requested.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Sums {
    pub(super) crc32: Option<String>,
    pub(super) crc32c: Option<String>,
    pub(super) crc64nvme: Option<String>,
    pub(super) sha1: Option<String>,
    pub(super) sha256: Option<String>,
}

impl From<Checksum> for Sums {
    fn from(sums: Checksum) -> Self {
        Self {
            crc32: sums.checksum_crc32,
            crc32c: sums.checksum_crc32c,
            crc64nvme: sums.checksum_crc64nvme,
            sha1: sums.checksum_sha1,
            sha256: sums.checksum_sha256,
        }
    }
}

impl Record {
    pub(super) fn version_id(&self) -> String {
        format!("{:016X}", self.number)
    }

    pub(super) fn tag(&self) -> ETag {
        ETag::Strong(self.e_tag.clone())
    }
}

/// A version that has its bytes but not yet its number.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) key: String,
    pub(super) event: &'static str,
    pub(super) e_tag: String,
    pub(super) attributes: Attributes,
    pub(super) sums: Sums,
}

/// The number, padded so that names sort in order, and enough of the key to recognise it in the folder.
pub(super) fn file_name(number: u64, key: &str) -> String {
    let name = key.rsplit('/').next().unwrap_or(key);
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = name.chars().take(100).map(plain).collect();
    format!("{number:020}-{name}")
}
