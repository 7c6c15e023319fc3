//! The notification that S3 sends when an object has been stored.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>

use chrono::{DateTime, SecondsFormat};
use form_urlencoded::byte_serialize;
use serde_json::{Value, json};

use super::record::Record;

/// The event for `record`. The same record always produces the same event.
pub(super) fn event(bucket: &str, record: &Record) -> Value {
    let nanoseconds = i64::try_from(record.number).unwrap_or(i64::MAX);
    let time = DateTime::from_timestamp_nanos(nanoseconds).to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": time,
        "eventName": record.event,
        "userIdentity": { "principalId": "AWS:local" },
        "requestParameters": { "sourceIPAddress": "127.0.0.1" },
        "responseElements": { "x-amz-request-id": record.version_id(), "x-amz-id-2": "local" },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "local",
            "bucket": {
                "name": bucket,
                "ownerIdentity": { "principalId": "local" },
                "arn": format!("arn:aws:s3:::{bucket}"),
            },
            "object": {
                "key": encode(&record.key),
                "size": record.size,
                "eTag": record.e_tag,
                "versionId": record.version_id(),
                "sequencer": record.version_id(),
            },
        },
    }] })
}

/// A key as S3 encodes it in events and, on request, in lists: like a form field, but keeping slashes.
pub(super) fn encode(key: &str) -> String {
    let parts: Vec<String> = key.split('/').map(|part| byte_serialize(part.as_bytes()).collect()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn a_key_is_encoded_like_a_form_field_but_keeps_its_slashes() {
        assert_eq!(encode("a b/ü+c%.csv"), "a+b/%C3%BC%2Bc%25.csv");
        assert_eq!(encode("/-_.*09azAZ//~!\0/"), "/-_.*09azAZ//%7E%21%00/");
    }
}
