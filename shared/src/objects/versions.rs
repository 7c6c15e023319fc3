//! The versions of a key, in the order in which the store keeps them.

use super::Objects;
use crate::fault::{During, Fault};
use aws_sdk_s3::types::EncodingType;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::collections::HashSet;

impl Objects {
    /// The versions of a key, the newest first (S3 API, `ListObjectVersions`: in the order in which they were stored, the most
    /// recently stored first), down to the last of `wanted` that there is.
    ///
    /// Neither a sequencer nor a moment says as much: a sequencer only notifications have, and moments are whole seconds.
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
                // Keys come in order, and this one before all others that begin with it.
                if version.key.map(|key| self::key(key, encoded)).as_deref() != Some(key) {
                    return Ok(versions);
                }
                let Some(id) = version.version_id else { continue };
                missing.remove(id.as_str());
                versions.push(id);
            }
            if missing.is_empty() || answer.is_truncated != Some(true) {
                return Ok(versions);
            }
            key_marker = answer.next_key_marker.map(|key| self::key(key, encoded));
            version_marker = answer.next_version_id_marker;
        }
    }
}

/// A key of a list, decoded if the list is encoded. A key that cannot be decoded is kept as it is.
pub(super) fn key(key: String, encoded: bool) -> String {
    if encoded { decoded(&key).unwrap_or(key) } else { key }
}

/// A key as S3 writes it into notifications and encoded lists: like a form field, `+` for a blank. `None` if it is not.
#[must_use]
pub fn decoded(key: &str) -> Option<String> {
    // The crate leaves a percent sign alone that two digits do not follow. S3 writes none.
    let is_escape = |after: &str| after.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if !key.split('%').skip(1).all(is_escape) {
        return None;
    }
    let blanks = key.replace('+', " ");
    percent_decode_str(&blanks).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_a_list_is_decoded_if_the_list_says_that_it_is_encoded() {
        let listed = |text: &str| key(text.to_owned(), true);
        assert_eq!(listed("a+b%2Bc%00/%C3%BC.csv"), "a b+c\0/\u{fc}.csv");
        assert_eq!(listed("100%"), "100%", "not as S3 writes it: left as it is");
        assert_eq!(decoded("%ff"), None, "no text");
        for stray in ["%", "a%4", "%4g", "%+1", "%%41", "%é"] {
            assert_eq!(decoded(stray), None, "{stray}");
        }
        assert_eq!(decoded("%25%2b%2B+").as_deref(), Some("%++ "), "decoded once, in either case");
        assert_eq!(key("a+b%41".to_owned(), false), "a+b%41");
    }
}
