use aws_sdk_s3::types::EncodingType;

use super::{Folder, client, put, start};

#[tokio::test]
async fn versions_are_listed_newest_first_by_page_and_unusual_keys_are_encoded() {
    let home = Folder::new();
    let (store, _events) = start(&home).await;
    let client = client(&store);
    let (one, two) = (put(&client, "k", "one").await, put(&client, "k", "two").await);
    let beside = put(&client, "k.csv", "beside").await;
    let odd = put(&client, "k\0 x", "odd").await;
    client.delete_object().bucket("box").key("k").send().await.unwrap();
    let three = put(&client, "k", "three").await;
    let (mut found, mut key, mut version) = (Vec::new(), None, None);
    loop {
        let page = client.list_object_versions().bucket("box").prefix("k").max_keys(2);
        let page = page.encoding_type(EncodingType::Url).set_key_marker(key).set_version_id_marker(version);
        let page = page.send().await.unwrap();
        assert_eq!(page.encoding_type, Some(EncodingType::Url));
        for entry in page.versions() {
            let id = entry.version_id().unwrap().to_owned();
            found.push((entry.key().unwrap().to_owned(), id, entry.is_latest().unwrap()));
        }
        if page.is_truncated != Some(true) {
            break;
        }
        // With this page size, no page ends with a key that needs encoding.
        (key, version) = (page.next_key_marker, page.next_version_id_marker);
    }
    let entry = |key: &str, id: &str, latest| (key.to_owned(), id.to_owned(), latest);
    let expected = [
        entry("k", &three, true),
        entry("k", &two, false),
        entry("k", &one, false),
        entry("k%00+x", &odd, true),
        entry("k.csv", &beside, true),
    ];
    assert_eq!(found, expected);
    let listed =
        client.list_objects_v2().bucket("box").encoding_type(EncodingType::Url).send().await.unwrap();
    let keys: Vec<_> = listed.contents().iter().map(|object| object.key().unwrap()).collect();
    assert_eq!(keys, ["k", "k%00+x", "k.csv"]);
}
