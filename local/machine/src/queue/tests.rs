use std::sync::Mutex as StdMutex;

use super::*;
use crate::testing::Folder;

type Answer = fn(&Value) -> Result<Value, String>;
type Seen = Arc<StdMutex<Vec<Value>>>;

fn options(home: &Folder) -> QueueOptions {
    let back_off = Duration::from_millis(2);
    QueueOptions { back_off, ..QueueOptions::new(home.join("dead-letters")) }
}

fn ids(event: &Value) -> Vec<Value> {
    let records = event["Records"].as_array().unwrap();
    records.iter().map(|record| json!({ "itemIdentifier": record["messageId"] })).collect()
}

/// A queue whose handler records each event and then answers with `answer`.
fn queue(
    options: QueueOptions,
    answer: impl Fn(&Value) -> Result<Value, String> + Send + Sync + 'static,
) -> (Queue, UnboundedSender<Value>, Seen) {
    let (sender, events) = unbounded_channel();
    let seen = Seen::default();
    let (noted, answer) = (Arc::clone(&seen), Arc::new(answer));
    let queue = Queue::start(events, options, move |event| {
        let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
        async move {
            let answer = answer(&event);
            noted.lock().unwrap().push(event);
            answer
        }
    });
    (queue, sender, seen)
}

#[tokio::test]
async fn events_arrive_as_record_bodies_in_batches_of_up_to_five() {
    let home = Folder::new();
    let options = QueueOptions { at_once: 1, ..options(&home) };
    let (queue, sender, seen) = queue(options, |_| Ok(json!({ "batchItemFailures": [] })));
    for n in 0..7 {
        sender.send(json!({ "n": n })).unwrap();
    }
    queue.idle().await;
    let seen = seen.lock().unwrap();
    let records: Vec<&Value> = seen.iter().flat_map(|event| event["Records"].as_array().unwrap()).collect();
    assert_eq!(records.len(), 7);
    assert!(seen.iter().all(|event| event["Records"].as_array().unwrap().len() <= 5));
    assert_eq!(records[0]["body"], "{\"n\":0}");
    assert_eq!(records[0]["md5OfBody"], md5(b"{\"n\":0}"));
    assert_eq!(records[0]["eventSource"], "aws:sqs");
    assert_eq!(records[0]["attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(queue.pending(), 0);
}

#[tokio::test]
async fn only_failed_messages_are_retried_and_finally_kept_as_dead_letters() {
    let home = Folder::new();
    let (queue, sender, seen) = queue(options(&home), |event| {
        let records = event["Records"].as_array().unwrap();
        let bad = records.iter().filter(|record| record["body"] == "\"bad\"");
        let failed: Vec<Value> = bad.map(|record| json!({ "itemIdentifier": record["messageId"] })).collect();
        Ok(json!({ "batchItemFailures": failed }))
    });
    for event in ["good", "bad", "good"] {
        sender.send(json!(event)).unwrap();
    }
    queue.idle().await;
    let seen = seen.lock().unwrap();
    let records: Vec<&Value> = seen.iter().flat_map(|event| event["Records"].as_array().unwrap()).collect();
    let received = |body: &str| -> Vec<&str> {
        let matching = records.iter().filter(|record| record["body"] == body);
        matching.map(|record| record["attributes"]["ApproximateReceiveCount"].as_str().unwrap()).collect()
    };
    assert_eq!(received("\"good\""), ["1", "1"]);
    assert_eq!(received("\"bad\""), ["1", "2", "3", "4", "5"]);
    let letters: Vec<_> = std::fs::read_dir(home.join("dead-letters")).unwrap().map(Result::unwrap).collect();
    assert_eq!(letters.len(), 1);
    let letter: Value = serde_json::from_slice(&std::fs::read(letters[0].path()).unwrap()).unwrap();
    assert_eq!(letter["message"]["body"], "\"bad\"");
}

#[tokio::test]
async fn an_error_a_panic_or_an_invalid_answer_fails_the_whole_batch() {
    let answers: [Answer; 3] = [
        |_| Err("no".to_owned()),
        |_| panic!("on purpose"),
        |_| Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "nobody" }] })),
    ];
    for answer in answers {
        let home = Folder::new();
        let options = QueueOptions { receives: 2, ..options(&home) };
        let (queue, sender, _) = queue(options, answer);
        sender.send(json!(1)).unwrap();
        sender.send(json!(2)).unwrap();
        queue.idle().await;
        assert_eq!(std::fs::read_dir(home.join("dead-letters")).unwrap().count(), 2);
    }
}

#[tokio::test]
async fn a_message_that_failed_once_succeeds_the_second_time() {
    let home = Folder::new();
    let (queue, sender, seen) = queue(options(&home), |event| {
        let again = event["Records"][0]["attributes"]["ApproximateReceiveCount"] != "1";
        Ok(json!({ "batchItemFailures": if again { Vec::new() } else { ids(event) } }))
    });
    sender.send(json!(1)).unwrap();
    queue.idle().await;
    assert_eq!(seen.lock().unwrap().len(), 2);
    assert!(!home.join("dead-letters").exists());
}

#[tokio::test]
async fn batches_run_concurrently_up_to_the_limit_and_stop_waits_for_them() {
    let home = Folder::new();
    let (sender, events) = unbounded_channel();
    let running = Arc::new(watch::channel((0, 0)).0);
    let inside = Arc::clone(&running);
    let options = QueueOptions { batch: 1, at_once: 3, ..options(&home) };
    let queue = Queue::start(events, options, move |_| {
        let inside = Arc::clone(&inside);
        async move {
            inside.send_modify(|(now, most)| {
                *now += 1;
                *most = (*most).max(*now);
            });
            tokio::time::sleep(Duration::from_millis(30)).await;
            inside.send_modify(|(now, _)| *now -= 1);
            Ok(Value::Null)
        }
    });
    for n in 0..9 {
        sender.send(json!(n)).unwrap();
    }
    let _ = running.subscribe().wait_for(|(now, _)| *now == 3).await.unwrap();
    queue.stop().await;
    assert_eq!(*running.borrow(), (0, 3));
}
