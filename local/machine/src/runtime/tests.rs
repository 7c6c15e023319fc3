use super::*;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Sends one request like a function's process does; returns the head and the body of the response.
async fn ask(runtime: &Runtime, request: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(runtime.address).await.unwrap();
    let length = body.len();
    let text = format!(
        "{request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

async fn poll(runtime: &Runtime) -> (String, String) {
    let (head, body) = ask(runtime, "GET /2018-06-01/runtime/invocation/next", "").await;
    let id = head.lines().find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: ")).unwrap();
    (id.to_owned(), body)
}

async fn reply(runtime: &Runtime, id: &str, kind: &str, body: &str) -> String {
    ask(runtime, &format!("POST /2018-06-01/runtime/invocation/{id}/{kind}"), body).await.0
}

#[tokio::test]
async fn an_invocation_is_handed_over_and_answered() {
    let runtime = Runtime::start().await.unwrap();
    let process = async {
        let (id, body) = poll(&runtime).await;
        assert_eq!(body, "{\"n\":1}");
        assert!(reply(&runtime, &id, "response", "{\"ok\":true}").await.contains("202"));
        assert!(reply(&runtime, &id, "response", "{}").await.contains("400"));
        let (id, _) = poll(&runtime).await;
        reply(&runtime, &id, "error", "{\"errorType\":\"E\"}").await;
    };
    let caller = async {
        assert_eq!(runtime.invoke(json!({ "n": 1 })).await, Ok(json!({ "ok": true })));
        assert_eq!(runtime.invoke(json!({})).await, Err(json!({ "errorType": "E" })));
    };
    tokio::join!(process, caller);
}

#[tokio::test]
async fn the_headers_match_those_of_lambda() {
    let runtime = Runtime::start().await.unwrap();
    let process = async {
        let (head, _) = ask(&runtime, "GET /2018-06-01/runtime/invocation/next", "").await;
        for name in ["aws-request-id", "deadline-ms", "invoked-function-arn", "trace-id"] {
            assert!(head.contains(&format!("\r\nlambda-runtime-{name}: ")), "{head}");
        }
        let before = crate::clock::now().timestamp_millis();
        let deadline =
            head.lines().find_map(|line| line.strip_prefix("lambda-runtime-deadline-ms: ")).unwrap();
        assert!(deadline.parse::<i64>().unwrap() > before);
    };
    tokio::select! {
        () = process => {}
        _ = runtime.invoke(json!(1)) => unreachable!("no process answers"),
    }
}

#[tokio::test]
async fn an_invocation_of_a_dead_process_is_offered_to_the_next() {
    let runtime = Runtime::start().await.unwrap();
    let processes = async {
        // The first process dies while it waits, the second one in the middle of its work.
        let waiting = tokio::time::timeout(Duration::from_millis(50), poll(&runtime));
        let (first, _) = waiting.await.expect("the invocation is already waiting");
        assert_eq!(runtime.offers(), 1);
        let (second, body) = poll(&runtime).await;
        assert_eq!((second.as_str(), body.as_str()), (first.as_str(), "\"work\""));
        runtime.offered(2).await;
        reply(&runtime, &second, "response", "\"done\"").await;
    };
    let (answer, ()) = tokio::join!(runtime.invoke(json!("work")), processes);
    assert_eq!(answer, Ok(json!("done")));
}

#[tokio::test]
async fn a_process_that_stopped_waiting_loses_no_invocation() {
    let runtime = Runtime::start().await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(50), poll(&runtime)).await.is_err());
    let process = async {
        let (id, _) = poll(&runtime).await;
        reply(&runtime, &id, "response", "1").await;
    };
    let (answer, ()) = tokio::join!(runtime.invoke(json!("work")), process);
    assert_eq!(answer, Ok(json!(1)));
}

#[tokio::test]
async fn an_invocation_times_out() {
    let runtime = Runtime::start_with(Duration::from_millis(50)).await.unwrap();
    let error = runtime.invoke(json!(1)).await.unwrap_err();
    assert_eq!(error["errorType"], "Sandbox.Timedout");
    // The caller has given up, so no process gets the invocation.
    assert!(tokio::time::timeout(Duration::from_millis(50), poll(&runtime)).await.is_err());
}

#[tokio::test]
async fn a_process_that_cannot_start_reports_its_error() {
    let runtime = Runtime::start().await.unwrap();
    let process = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        ask(&runtime, "POST /2018-06-01/runtime/init/error", "{\"errorType\":\"Init\"}").await;
    };
    let (answer, ()) = tokio::join!(runtime.invoke(json!(1)), process);
    assert_eq!(answer, Err(json!({ "errorType": "Init" })));
    assert_eq!(runtime.init_error(), Some(json!({ "errorType": "Init" })));
}
