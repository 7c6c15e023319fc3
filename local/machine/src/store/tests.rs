use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;
use crate::testing::Folder;

mod listing;

async fn start(root: &Path) -> (Store, UnboundedReceiver<Value>) {
    let (sender, events) = unbounded_channel();
    let address = ([127, 0, 0, 1], 0).into();
    (Store::start(root, address, "key", "secret", &["box", "other"], sender).await.unwrap(), events)
}

fn client_with(store: &Store, secret: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("key", secret, None, None, "test"))
        .endpoint_url(format!("http://{}", store.address))
        .force_path_style(true)
        .build();
    Client::from_conf(config)
}

fn client(store: &Store) -> Client {
    client_with(store, "secret")
}

/// Puts an object and returns its version id.
async fn put(client: &Client, key: &str, body: &str) -> String {
    let request = client.put_object().bucket("box").key(key).body(ByteStream::from(body.as_bytes().to_vec()));
    request.send().await.unwrap().version_id.unwrap()
}

async fn read(client: &Client, key: &str, version: Option<&str>) -> Option<String> {
    let request = client.get_object().bucket("box").key(key).set_version_id(version.map(str::to_owned));
    let body = request.send().await.ok()?.body.collect().await.unwrap();
    Some(String::from_utf8(body.to_vec()).unwrap())
}

fn object(event: &Value) -> &Value {
    &event["Records"][0]["s3"]["object"]
}

fn waiting(events: &mut UnboundedReceiver<Value>) -> Vec<Value> {
    std::iter::from_fn(|| events.try_recv().ok()).collect()
}

#[tokio::test]
async fn an_object_has_its_bytes_its_properties_and_its_event() {
    let home = Folder::new();
    let (store, mut events) = start(&home).await;
    let client = client(&store);
    let request = client.put_object().bucket("box").key("a b/ü.csv").body(ByteStream::from_static(b"hello"));
    let sent = request.content_type("text/csv").metadata("sender", "someone").send().await.unwrap();
    let md5 = "5d41402abc4b2a76b9719d911017c592";
    assert_eq!(sent.e_tag.unwrap(), format!("\"{md5}\""));

    let head = client.head_object().bucket("box").key("a b/ü.csv").send().await.unwrap();
    assert_eq!((head.content_length, head.content_type.as_deref()), (Some(5), Some("text/csv")));
    assert_eq!(head.metadata.unwrap()["sender"], "someone");
    let got = client.get_object().bucket("box").key("a b/ü.csv").range("bytes=1-3").send().await.unwrap();
    assert_eq!(got.content_range.as_deref(), Some("bytes 1-3/5"));
    assert_eq!(got.metadata.as_ref().unwrap()["sender"], "someone");
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"ell");

    let event = events.recv().await.unwrap();
    let record = &event["Records"][0];
    assert_eq!(record["eventName"], "ObjectCreated:Put");
    assert_eq!((&record["eventVersion"], &record["eventSource"]), (&"2.1".into(), &"aws:s3".into()));
    assert_eq!(record["s3"]["bucket"]["name"], "box");
    let version = sent.version_id.unwrap();
    assert_eq!(object(&event)["key"], "a+b/%C3%BC.csv");
    assert_eq!((&object(&event)["size"], &object(&event)["eTag"]), (&5.into(), &md5.into()));
    assert_eq!(object(&event)["versionId"], version);
    assert_eq!(object(&event)["sequencer"], version);
    assert_eq!(version.len(), 16);
    assert!(waiting(&mut events).is_empty());
}

#[tokio::test]
async fn each_version_of_an_object_can_be_read() {
    let home = Folder::new();
    let (store, _events) = start(&home).await;
    let client = client(&store);
    let (one, two) = (put(&client, "k", "one").await, put(&client, "k", "two").await);
    assert!(one < two);
    assert_eq!(read(&client, "k", None).await.as_deref(), Some("two"));
    assert_eq!(read(&client, "k", Some(&one)).await.as_deref(), Some("one"));
    let mark = client.delete_object().bucket("box").key("k").send().await.unwrap();
    assert_eq!(mark.delete_marker, Some(true));
    assert_eq!(read(&client, "k", None).await, None);
    assert_eq!(read(&client, "k", Some(&one)).await.as_deref(), Some("one"));
    let missing = client.head_object().bucket("box").key("k").send().await.unwrap_err().into_service_error();
    assert!(missing.is_not_found());
    client.delete_object().bucket("box").key("k").version_id(&one).send().await.unwrap();
    assert_eq!(read(&client, "k", Some(&one)).await, None);
    assert_eq!(read(&client, "k", Some(&two)).await.as_deref(), Some("two"));
    let absent = client.delete_object().bucket("none").key("k").send().await.unwrap_err();
    assert_eq!(absent.code(), Some("NoSuchBucket"));
}

#[tokio::test]
async fn after_a_restart_the_same_events_are_raised_again() {
    let home = Folder::new();
    let (store, mut events) = start(&home).await;
    let first = client(&store);
    // The last key looks like the name of a description.
    for (key, body) in
        [("a", "1"), ("b", "2"), ("a", "3"), ("gone", "4"), ("00000000000000000001.json", "{}")]
    {
        put(&first, key, body).await;
    }
    first.delete_object().bucket("box").key("gone").send().await.unwrap();
    let mut live = waiting(&mut events);
    live.retain(|event| object(event)["key"] != "gone");
    store.stop().await;
    // What a process leaves behind if it is killed while writing.
    std::fs::write(home.join(".incoming/half"), "half").unwrap();

    let (store, mut events) = start(&home).await;
    assert_eq!(store.replay("box"), 4);
    assert_eq!(waiting(&mut events), live);
    assert_eq!(store.replay("other"), 0);
    let sequencers: Vec<_> = live.iter().map(|event| object(event)["sequencer"].as_str().unwrap()).collect();
    assert!(sequencers.is_sorted_by(|a, b| a < b), "{sequencers:?}");
    let second = client(&store);
    assert_eq!(read(&second, "a", None).await.as_deref(), Some("3"));
    assert!(put(&second, "a", "5").await.as_str() > sequencers[3]);
    assert!(!home.join(".incoming/half").exists());
}

#[tokio::test]
async fn an_incomplete_upload_leaves_nothing_behind() {
    let home = Folder::new();
    let (store, mut events) = start(&home).await;
    let client = client(&store);
    put(&client, "k", "whole").await;
    waiting(&mut events);
    let presigned = presign(&client, "k", Duration::from_mins(1)).await;
    let path = presigned.split_once(&store.address.to_string()).unwrap().1;
    let mut stream = TcpStream::connect(store.address).await.unwrap();
    let head = format!("PUT {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: 1000\r\n\r\nhalf", store.address);
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(stream);
    let mut left = usize::MAX;
    for _ in 0..100 {
        left = std::fs::read_dir(home.join(".incoming")).unwrap().count();
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(left, 0);
    assert_eq!(read(&client, "k", None).await.as_deref(), Some("whole"));
    assert!(waiting(&mut events).is_empty());
}

#[tokio::test]
async fn bytes_that_do_not_match_the_claims_are_refused() {
    let home = Folder::new();
    let (store, mut events) = start(&home).await;
    let client = client(&store);
    put(&client, "k", "whole").await;
    waiting(&mut events);
    let request = || client.put_object().bucket("box").key("k").body(ByteStream::from_static(b"other"));
    let error = request().content_md5("XrY7u+Ae7tCTyyK7j1rNww==").send().await.unwrap_err();
    assert_eq!(error.code(), Some("BadDigest"));
    let error = request().checksum_sha256("AAAA").send().await.unwrap_err();
    assert_eq!(error.code(), Some("BadDigest"));
    assert_eq!(read(&client, "k", None).await.as_deref(), Some("whole"));
    assert!(waiting(&mut events).is_empty());
}

#[tokio::test]
async fn of_many_concurrent_conditional_puts_one_succeeds() {
    let home = Folder::new();
    let (store, mut events) = start(&home).await;
    let client = client(&store);
    let puts = (0..8).map(|n: u8| {
        let request = client.put_object().bucket("box").key("k").if_none_match("*");
        request.body(ByteStream::from(vec![n; 100_000])).send()
    });
    let results = futures_util::future::join_all(puts).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let refused = results.into_iter().find_map(Result::err).unwrap();
    assert_eq!(refused.code(), Some("PreconditionFailed"));
    assert_eq!(waiting(&mut events).len(), 1);
}

#[tokio::test]
async fn keys_are_listed_by_prefix_delimiter_and_page() {
    let home = Folder::new();
    let (store, _events) = start(&home).await;
    let client = client(&store);
    for key in ["a/1", "a/2", "a/b/3", "a//4", "b", "c d%+", "a"] {
        put(&client, key, "x").await;
    }
    client.delete_object().bucket("box").key("a/2").send().await.unwrap();
    let keys = async |prefix: &str, delimiter: Option<&str>| {
        let request = client.list_objects_v2().bucket("box").prefix(prefix).max_keys(2);
        let mut pages = request.set_delimiter(delimiter.map(str::to_owned)).into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.unwrap();
            keys.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
            keys.extend(page.common_prefixes().iter().map(|group| group.prefix().unwrap().to_owned()));
        }
        keys
    };
    assert_eq!(keys("", None).await, ["a", "a//4", "a/1", "a/b/3", "b", "c d%+"]);
    assert_eq!(keys("a/", None).await, ["a//4", "a/1", "a/b/3"]);
    assert_eq!(keys("", Some("/")).await, ["a", "a/", "b", "c d%+"]);
    assert_eq!(keys("a/", Some("/")).await, ["a/1", "a//", "a/b/"]);
}

#[tokio::test]
async fn long_and_unusual_keys_work_like_others() {
    let home = Folder::new();
    let (store, _events) = start(&home).await;
    let client = client(&store);
    for key in ["x".repeat(1000), "../../etc/passwd".to_owned(), "a//b".to_owned(), "a".to_owned()] {
        put(&client, &key, &key).await;
        assert_eq!(read(&client, &key, None).await, Some(key));
    }
}

#[tokio::test]
async fn a_copy_raises_an_event() {
    let home = Folder::new();
    let (store, mut events) = start(&home).await;
    let client = client(&store);
    let one = put(&client, "k", "one").await;
    put(&client, "k", "two").await;
    waiting(&mut events);
    let copy = client.copy_object().copy_source(format!("box/k?versionId={one}"));
    copy.bucket("box").key("k").send().await.unwrap();
    assert_eq!(read(&client, "k", None).await.as_deref(), Some("one"));
    assert_eq!(events.recv().await.unwrap()["Records"][0]["eventName"], "ObjectCreated:Copy");
}

#[tokio::test]
async fn parts_become_an_object_when_they_are_completed() {
    let home = Folder::new();
    let (store, mut events) = start(&home).await;
    let client = client(&store);
    let begun =
        client.create_multipart_upload().bucket("box").key("k").metadata("a", "b").send().await.unwrap();
    let id = begun.upload_id.unwrap();
    let mut list = CompletedMultipartUpload::builder();
    for (part, size) in [(1, 5 << 20), (2, 10)] {
        let request = client.upload_part().bucket("box").key("k").upload_id(&id).part_number(part);
        let sent = request.body(ByteStream::from(vec![b'x'; size])).send().await.unwrap();
        list = list.parts(CompletedPart::builder().part_number(part).e_tag(sent.e_tag.unwrap()).build());
    }
    assert_eq!(read(&client, "k", None).await, None);
    assert!(waiting(&mut events).is_empty());
    let complete = client.complete_multipart_upload().bucket("box").key("k").upload_id(&id);
    let done = complete.multipart_upload(list.build()).send().await.unwrap();
    assert!(done.e_tag.unwrap().ends_with("-2\""));
    let head = client.head_object().bucket("box").key("k").send().await.unwrap();
    assert_eq!((head.content_length, &*head.metadata.unwrap()["a"]), (Some((5 << 20) + 10), "b"));
    let event = events.recv().await.unwrap();
    assert_eq!(event["Records"][0]["eventName"], "ObjectCreated:CompleteMultipartUpload");
    assert_eq!(object(&event)["size"], (5 << 20) + 10);
    let again =
        client.abort_multipart_upload().bucket("box").key("k").upload_id(&id).send().await.unwrap_err();
    assert_eq!(again.code(), Some("NoSuchUpload"));
    assert_eq!(std::fs::read_dir(home.join(".incoming")).unwrap().count(), 0);
}

async fn presign(client: &Client, key: &str, life: Duration) -> String {
    let config = PresigningConfig::expires_in(life).unwrap();
    client.put_object().bucket("box").key(key).presigned(config).await.unwrap().uri().to_owned()
}

/// The status of a hand-written request with arbitrary headers.
async fn status(store: &Store, method: &str, url: &str, headers: &str, body: &str) -> u16 {
    let path = url.split_once(&store.address.to_string()).map_or(url, |(_, path)| path);
    let (host, length) = (store.address, body.len());
    let text = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    let mut stream = TcpStream::connect(store.address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn only_signed_requests_are_answered() {
    let home = Folder::new();
    let (store, mut events) = start(&home).await;
    let client = client(&store);
    let url = presign(&client, "k", Duration::from_mins(1)).await;
    assert_eq!(status(&store, "PUT", &url, "", "signed").await, 200);
    assert_eq!(read(&client, "k", None).await.as_deref(), Some("signed"));
    let forged = presign(&client_with(&store, "guess"), "k", Duration::from_mins(1)).await;
    for (what, url) in [
        ("unsigned", "/box/k".to_owned()),
        ("for another key", url.replace("/box/k", "/box/other")),
        ("with another secret", forged),
        ("with a longer life", url.replace("X-Amz-Expires=60", "X-Amz-Expires=6000")),
    ] {
        assert_eq!(status(&store, "PUT", &url, "", "forged").await, 403, "{what}");
    }
    let expired = presign(&client, "k", Duration::from_secs(1)).await;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(status(&store, "PUT", &expired, "", "late").await, 403);
    let stranger = client_with(&store, "guess").get_object().bucket("box").key("k").send().await.unwrap_err();
    assert_eq!(stranger.code(), Some("SignatureDoesNotMatch"));
    assert_eq!(waiting(&mut events).len(), 1);
}

/// Runs the command from the documentation, if curl is installed.
#[tokio::test]
async fn curl_puts_a_file() {
    let home = Folder::new();
    let (store, _events) = start(&home.join("root")).await;
    let file = home.join("some file.csv");
    std::fs::write(&file, "a,b\n".repeat(100_000)).unwrap();
    let curl = tokio::process::Command::new("curl")
        .args(["--silent", "--show-error", "--fail-with-body", "--aws-sigv4", "aws:amz:us-east-1:s3"])
        .args(["--user", "key:secret", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD", "--upload-file"])
        .arg(&file)
        .arg(format!("http://{}/box/in/file.csv", store.address))
        .output();
    let Ok(output) = curl.await else { return };
    assert!(output.status.success(), "{output:?}");
    assert_eq!(read(&client(&store), "in/file.csv", None).await.unwrap().len(), 400_000);
}
