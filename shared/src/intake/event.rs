//! The events that announce an object: S3 notifications, `EventBridge` events, and either of them inside SQS messages.
//!
//! Read leniently, because what matters is where the object is: emulators and hand-written events leave out parts that
//! the typed events of the AWS crates insist on, and the typed S3 event never decodes its key.

use crate::fault::Fault;
use crate::objects::keys::decoded;
use serde_json::Value;

/// The location of an object, and which arrival under its key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRef {
    /// The bucket that holds it.
    pub bucket: String,
    /// Its key, decoded.
    pub key: String,
    /// Version, if the bucket keeps versions.
    pub version: Option<String>,
    /// What distinguishes this arrival from others under the key: version, else sequencer, else `ETag`.
    pub arrival: String,
    /// Position among the arrivals under one key, which notifications do not preserve (S3, event message structure).
    pub sequencer: Option<String>,
    /// Whether it was made by copying another object, with that one's metadata.
    pub copied: bool,
    /// Its size in bytes, if the event has it.
    pub size: Option<u64>,
}

/// The objects that one message announces: the body of an SQS message, or an event that was sent to the function.
///
/// S3's test message, sent when notifications are switched on, and events of removal announce no object.
///
/// # Errors
/// A fault, if the event is unknown; it will be tried again and end among the dead letters, where it is noticed.
pub fn objects(message: &Value) -> Result<Vec<ObjectRef>, Fault> {
    if message["Event"] == "s3:TestEvent" {
        return Ok(vec![]);
    }
    if let Some(records) = message["Records"].as_array() {
        let records = records.iter().map(s3_record).collect::<Result<Vec<_>, _>>()?;
        return Ok(records.into_iter().flatten().collect());
    }
    if message["source"] == "aws.s3" {
        return Ok(event_bridge(message)?.into_iter().collect());
    }
    Err(Fault::new("the message is no S3 event, no EventBridge event of S3 and no test event"))
}

fn s3_record(record: &Value) -> Result<Option<ObjectRef>, Fault> {
    let name = record["eventName"].as_str().unwrap_or("");
    if record["eventSource"] != "aws:s3" || !name.starts_with("ObjectCreated:") {
        return if name.is_empty() { Err(Fault::new("the record is no S3 event")) } else { Ok(None) };
    }
    let object = &record["s3"]["object"];
    let version = word(&object["versionId"]);
    let bucket = word(&record["s3"]["bucket"]["name"]);
    let key = text(&object["key"])
        .map(|key| {
            decoded(&key).ok_or_else(|| Fault::new(format!("the key {key:?} is not encoded as S3 does")))
        })
        .transpose()?;
    let copied = name == "ObjectCreated:Copy";
    object_ref(bucket, key, version, object, "eTag", copied).map(Some)
}

fn event_bridge(event: &Value) -> Result<Option<ObjectRef>, Fault> {
    if event["detail-type"] != "Object Created" {
        return Ok(None);
    }
    let (bucket, object) = (&event["detail"]["bucket"], &event["detail"]["object"]);
    // Unlike S3's own notification, EventBridge does not encode the key.
    let copied = event["detail"]["reason"] == "CopyObject";
    let version = word(&object["version-id"]);
    object_ref(word(&bucket["name"]), text(&object["key"]), version, object, "etag", copied).map(Some)
}

fn object_ref(
    bucket: Option<String>,
    key: Option<String>,
    version: Option<String>,
    object: &Value,
    etag: &str,
    copied: bool,
) -> Result<ObjectRef, Fault> {
    let bucket = bucket.ok_or_else(|| Fault::new("the event names no bucket"))?;
    let key = key.ok_or_else(|| Fault::new("the event names no key"))?;
    let (sequencer, size) = (word(&object["sequencer"]), object["size"].as_u64());
    let mark = version.clone().or_else(|| sequencer.clone()).or_else(|| word(&object[etag]));
    Ok(ObjectRef { bucket, key, version, arrival: mark.unwrap_or_default(), sequencer, copied, size })
}

/// A name that the store itself assigned. Unlike a key, it has no zero byte, which PostgreSQL would refuse.
fn word(value: &Value) -> Option<String> {
    text(value).filter(|text| !text.contains('\0'))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn s3(key: &str, more: &Value) -> Value {
        let mut object = json!({ "key": key, "size": 7 });
        object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let name = "ObjectCreated:Put";
        json!({ "Records": [{ "eventSource": "aws:s3", "eventName": name, "s3": { "bucket": { "name": "b" }, "object": object } }] })
    }

    #[test]
    fn keys_are_decoded_from_s3_and_unchanged_from_event_bridge() {
        let found = objects(&s3("in/Energy+a%2Bb%C3%A9.csv", &json!({ "sequencer": "0A" }))).unwrap();
        assert_eq!((found[0].key.as_str(), found[0].arrival.as_str()), ("in/Energy a+bé.csv", "0A"));
        let detail = json!({ "bucket": { "name": "b" }, "object": { "key": "a+b%41.csv", "version-id": "v1", "sequencer": "0A" } });
        let event = json!({ "source": "aws.s3", "detail-type": "Object Created", "detail": detail });
        let found = objects(&event).unwrap();
        assert_eq!((found[0].key.as_str(), found[0].arrival.as_str()), ("a+b%41.csv", "v1"));
    }

    #[test]
    fn an_arrival_is_its_version_else_its_sequencer_else_its_etag() {
        let arrival = |more: Value| objects(&s3("k", &more)).unwrap().remove(0).arrival;
        assert_eq!(arrival(json!({ "versionId": "v", "sequencer": "s", "eTag": "e" })), "v");
        assert_eq!(arrival(json!({ "sequencer": "s", "eTag": "e" })), "s");
        assert_eq!(arrival(json!({ "eTag": "e" })), "e");
        assert_eq!(arrival(json!({})), "");
    }

    #[test]
    fn test_messages_and_removals_tell_of_nothing_and_strangers_are_faults() {
        assert_eq!(
            objects(&json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b" })).unwrap(),
            []
        );
        let mut removal = s3("k", &json!({}));
        removal["Records"][0]["eventName"] = json!("ObjectRemoved:Delete");
        assert_eq!(objects(&removal).unwrap(), []);
        for stranger in
            [json!({}), json!({ "hello": 1 }), json!({ "Records": [{ "Sns": {} }] }), s3("%zz", &json!({}))]
        {
            assert!(objects(&stranger).is_err(), "{stranger}");
        }
    }
}
