use super::*;

use axum::body::Bytes;
use axum::routing::{get, post};
use std::net::Ipv4Addr;
use std::time::Instant;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const HEAD: Duration = Duration::from_millis(300);

async fn service() -> Served {
    let router = Router::new()
        .route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()))
        .route("/slow", get(async || tokio::time::sleep(3 * HEAD).await))
        .route("/read", post(async |body: Bytes| body.len().to_string()));
    Served::start_with((Ipv4Addr::LOCALHOST, 0).into(), router, HEAD).await.unwrap()
}

/// Reads until the other end closes, and returns the text and the time taken.
async fn rest(stream: &mut TcpStream) -> (String, Duration) {
    let begun = Instant::now();
    let mut said = String::new();
    // The connection may also be reset.
    let _ = tokio::time::timeout(20 * HEAD, stream.read_to_string(&mut said))
        .await
        .expect("the connection is closed");
    (said, begun.elapsed())
}

#[tokio::test]
async fn a_request_whose_head_is_too_slow_is_cut_off() {
    let served = service().await;
    // Once with no bytes at all, and once with a slow trickle.
    let mut silent = TcpStream::connect(served.address).await.unwrap();
    let (_, after) = rest(&mut silent).await;
    assert!(after >= HEAD / 2 && after < 5 * HEAD, "{after:?}");
    let stream = TcpStream::connect(served.address).await.unwrap();
    let (mut reads, mut writes) = stream.into_split();
    let trickle = tokio::spawn(async move {
        for byte in "GET / HTTP/1.1\r\nhost: x\r\nx-slow: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy".bytes() {
            if writes.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(HEAD / 10).await;
        }
    });
    let begun = Instant::now();
    let mut said = Vec::new();
    let _ = tokio::time::timeout(10 * HEAD, reads.read_to_end(&mut said))
        .await
        .expect("the connection is closed");
    assert!(begun.elapsed() < 5 * HEAD, "{:?}", begun.elapsed());
    assert!(!String::from_utf8_lossy(&said).contains("200 OK"));
    trickle.abort();
}

#[tokio::test]
async fn a_slow_answer_and_a_second_request_are_not_cut_off() {
    let served = service().await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    for path in ["/slow", "/"] {
        stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
        let mut bytes = [0; 1024];
        let size = stream.read(&mut bytes).await.unwrap();
        let said = String::from_utf8_lossy(&bytes[..size]).into_owned();
        assert!(said.starts_with("HTTP/1.1 200 OK"), "{said}");
        assert!(path == "/slow" || said.ends_with("127.0.0.1"), "{said}");
    }
    served.stop().await;
    let (said, _) = rest(&mut stream).await;
    assert_eq!(said, "");
}

#[tokio::test]
async fn a_stalled_body_is_answered_408_and_a_slow_one_is_read() {
    let served = service().await;
    for (length, first) in [(10, "12345"), (10, ""), (5_000_000, "12345")] {
        let mut stalled = TcpStream::connect(served.address).await.unwrap();
        let head = format!("POST /read HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{first}");
        stalled.write_all(head.as_bytes()).await.unwrap();
        let (said, after) = rest(&mut stalled).await;
        assert!(said.starts_with("HTTP/1.1 408 Request Timeout"), "{said}");
        assert!(said.to_lowercase().contains("connection: close"), "{said}");
        assert!(after >= HEAD / 2 && after < 5 * HEAD, "{after:?}");
    }
    // A byte now and then, for longer than the limit for the head.
    let mut slow = TcpStream::connect(served.address).await.unwrap();
    slow.write_all(b"POST /read HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 8\r\n\r\n")
        .await
        .unwrap();
    for _ in 0..8 {
        tokio::time::sleep(HEAD / 3).await;
        slow.write_all(b"x").await.unwrap();
    }
    let (said, _) = rest(&mut slow).await;
    assert!(said.starts_with("HTTP/1.1 200 OK") && said.ends_with("\r\n\r\n8"), "{said}");
}

#[test]
fn the_head_of_a_request_may_take_fifteen_seconds() {
    assert_eq!(HEAD_WITHIN, Duration::from_secs(15));
}
