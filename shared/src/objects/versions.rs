//! The versions of a key, in the store's order.

use super::Objects;
use crate::fault::{During, Fault};
use aws_sdk_s3::types::EncodingType;
use std::collections::HashSet;

impl Objects {
    /// The versions of a key, newest first (S3 API, `ListObjectVersions`: most recently stored first), down to the last of `wanted`
    /// that exists.
    ///
    /// Neither sequencers nor timestamps could replace this: only notifications have a sequencer, and timestamps are whole seconds.
    ///
    /// # Errors
    /// A fault if the store does not answer.
    pub async fn versions(&self, bucket: &str, key: &str, wanted: &[&str]) -> Result<Vec<String>, Fault> {
        let mut missing: HashSet<&str> = wanted.iter().copied().collect();
        let (mut versions, mut key_marker, mut version_marker) = (Vec::new(), None, None);
        loop {
            let answer = self
                .0
                .list_object_versions()
                .bucket(bucket)
                .prefix(key)
                .set_key_marker(key_marker)
                .set_version_id_marker(version_marker)
                .encoding_type(EncodingType::Url)
                .send()
                .await
                .during(format!("listing the versions of {key} in {bucket}"))?;
            let encoded = answer.encoding_type.is_some();
            for version in answer.versions.unwrap_or_default() {
                // Keys are ordered, and this key precedes all longer keys that start with it.
                if version.key.map(|key| crate::objects::keys::key(key, encoded)).as_deref() != Some(key) {
                    return Ok(versions);
                }
                let Some(id) = version.version_id else { continue };
                missing.remove(id.as_str());
                versions.push(id);
            }
            if missing.is_empty() || answer.is_truncated != Some(true) {
                return Ok(versions);
            }
            key_marker = answer.next_key_marker.map(|key| crate::objects::keys::key(key, encoded));
            version_marker = answer.next_version_id_marker;
        }
    }
}
