//! The last step of every response.

use super::*;

#[test]
fn an_answer_is_measured_as_lambda_encodes_it() {
    for text in ["plain", "a \"quoted\" line\nand a \\ and a \u{1}", "{\"a\":[1,2]}\r\n"] {
        let text = text.repeat(1 << 18);
        let json = serde_json::to_string(&text).unwrap();
        assert_eq!(carried(text.as_bytes(), true, PART) - 4096, json.len() - 2);
    }
    assert_eq!(carried(&[0; 7], false, PART) - 4096, 12);
}

#[test]
fn no_page_is_redirected_without_its_cursor() {
    for (format, lost) in [
        (Format::Csv, true),
        (Format::Ndjson, true),
        (Format::Xlsx, true),
        (Format::Json, false),
        (Format::Parquet, false),
        (Format::Arrow, false),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
        assert!(refuse_to_lose_next(&headers, false).is_ok(), "the last page");
        headers.insert(NEXT, HeaderValue::from_static("abc"));
        assert!(refuse_to_lose_next(&headers, true).is_ok(), "it fits");
        assert_eq!(refuse_to_lose_next(&headers, false).is_err(), lost, "{format:?}");
    }
}

#[test]
fn the_next_page_is_the_same_request_with_another_start() {
    let page = |parameter| NextPage { parameter, value: "abc".to_owned() };
    for (uri, parameter, expected) in [
        ("/v1/curves", "cursor", "</v1/curves?cursor=abc>; rel=\"next\""),
        (
            "/v1/curves?q=a%20b&cursor=x&limit=2",
            "cursor",
            "</v1/curves?q=a%20b&limit=2&cursor=abc>; rel=\"next\"",
        ),
        ("/v1/changes?since=3&&cursors=1", "since", "</v1/changes?cursors=1&since=abc>; rel=\"next\""),
    ] {
        assert_eq!(link(&uri.parse().unwrap(), &page(parameter)), expected);
    }
}

#[tokio::test]
async fn a_body_is_read_to_its_end_or_its_limit() {
    let body = |count: usize| {
        let pieces = (0..count).map(|_| Ok::<_, Stopped>(Bytes::from_static(b"12345")));
        Body::from_stream(futures_util::stream::iter(pieces)).into_data_stream().fuse()
    };
    for (count, most, read) in [(0, 100, 0), (1, 100, 5), (3, 100, 15), (30, 100, 105), (20, 100, 100)] {
        assert_eq!(take(&mut body(count), most).await.unwrap().len(), read, "{count}");
    }
}

#[tokio::test]
async fn after_the_end_of_a_body_there_is_nothing() {
    let body = crate::http::out::stream(|out| {
        out.bytes().extend_from_slice(b"12345");
        Ok(())
    });
    let mut body = body.into_data_stream().fuse();
    for read in [5, 0, 0] {
        assert_eq!(take(&mut body, 100).await.unwrap().len(), read);
    }
}
