//! Replaces SQS and Lambda's event source mapping within this process: batches, redelivery with back-off, dead letters.
//!
//! Guarantees: every event is handed to the handler until the handler has accepted it or has failed `receives` times; then it is
//! written to a file and an error is logged. Events are kept in memory: after a crash, [`Store::replay`](crate::Store::replay)
//! raises them again.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use s3s::crypto::{Checksum as _, Md5};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, oneshot, watch};
use tokio::task::JoinSet;

const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:local";

/// Delivery options of a queue.
#[derive(Debug, Clone)]
pub struct QueueOptions {
    /// Maximum number of messages in a batch.
    pub batch: usize,
    /// Maximum number of concurrent batches.
    pub at_once: usize,
    /// How long a message waits after its first failure; the wait doubles after each further one.
    pub back_off: Duration,
    /// How often a message is received before it becomes a dead letter.
    pub receives: u32,
    /// The folder for dead letters, created with the first one.
    pub dead_letters: PathBuf,
}

impl QueueOptions {
    /// The options used in production, with dead letters in `dead_letters`.
    #[must_use]
    pub fn new(dead_letters: PathBuf) -> Self {
        Self { batch: 5, at_once: 2, back_off: Duration::from_secs(1), receives: 5, dead_letters }
    }
}

/// A running queue. Dropping it drops its messages.
#[derive(Debug)]
pub struct Queue {
    tasks: JoinSet<()>,
    pending: watch::Receiver<usize>,
    probes: UnboundedSender<oneshot::Sender<()>>,
    stop: watch::Sender<bool>,
}

impl Queue {
    /// Hands the events to `handler`, as SQS events with one of our events as the body of each record.
    ///
    /// The handler answers like a Lambda function that reports batch item failures. As in Lambda, the whole batch fails on an
    /// `Err`, a panic, or an answer that names a message that was not in the batch.
    pub fn start<H, F>(events: UnboundedReceiver<Value>, options: QueueOptions, handler: H) -> Self
    where
        H: Fn(Value) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Value, String>> + Send + 'static,
    {
        let (count, pending) = watch::channel(0);
        let (ready, waiting) = unbounded_channel();
        let (probes, asked) = unbounded_channel();
        let (stop, stopped) = watch::channel(false);
        let line = Arc::new(Line { options, ready, count, waiting: Mutex::new(waiting) });
        let handler = Arc::new(handler);
        let mut tasks = JoinSet::new();
        tasks.spawn(take_in(Arc::clone(&line), events, asked, stopped.clone()));
        for _ in 0..line.options.at_once.max(1) {
            tasks.spawn(work(Arc::clone(&line), Arc::clone(&handler), stopped.clone()));
        }
        Self { tasks, pending, probes, stop }
    }

    /// Number of events that have arrived and are neither accepted nor dead.
    #[must_use]
    pub fn pending(&self) -> usize {
        *self.pending.borrow()
    }

    /// Returns once every event sent before the call has been accepted or is a dead letter.
    pub async fn idle(&self) {
        // Events still in the channel are not counted yet; the probe is answered once the channel is empty.
        let (answer, answered) = oneshot::channel();
        if self.probes.send(answer).is_ok() {
            let _ = answered.await;
        }
        let _ = self.pending.clone().wait_for(|pending| *pending == 0).await;
    }

    /// Starts no further batches and returns once the current ones have ended.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// State shared by the tasks of a queue.
struct Line {
    options: QueueOptions,
    ready: UnboundedSender<Message>,
    waiting: Mutex<UnboundedReceiver<Message>>,
    count: watch::Sender<usize>,
}

#[derive(Debug, Clone)]
struct Message {
    id: String,
    body: String,
    sent: i64,
    received: u32,
}

impl Message {
    fn new(event: &Value) -> Self {
        let sent = crate::clock::now().timestamp_millis();
        Self { id: crate::random::uuid(), body: event.to_string(), sent, received: 0 }
    }

    fn record(&self) -> Value {
        json!({
            "messageId": self.id,
            "receiptHandle": crate::random::token(),
            "body": self.body,
            "attributes": {
                "ApproximateReceiveCount": self.received.to_string(),
                "SentTimestamp": self.sent.to_string(),
                "SenderId": "local",
                "ApproximateFirstReceiveTimestamp": self.sent.to_string(),
            },
            "messageAttributes": {},
            "md5OfBody": md5(self.body.as_bytes()),
            "eventSource": "aws:sqs",
            "eventSourceARN": ARN,
            "awsRegion": "us-east-1",
        })
    }
}

async fn take_in(
    line: Arc<Line>,
    mut events: UnboundedReceiver<Value>,
    mut probes: UnboundedReceiver<oneshot::Sender<()>>,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            // A probe is answered only when no event is waiting.
            biased;
            _ = stopped.wait_for(|stop| *stop) => return,
            event = events.recv() => {
                let Some(event) = event else { return };
                line.count.send_modify(|count| *count += 1);
                line.ready.send(Message::new(&event)).expect("the line holds both ends");
            }
            Some(answer) = probes.recv() => { let _ = answer.send(()); }
        }
    }
}

async fn work<H, F>(line: Arc<Line>, handler: Arc<H>, mut stopped: watch::Receiver<bool>)
where
    H: Fn(Value) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Value, String>> + Send + 'static,
{
    loop {
        let mut batch = Vec::new();
        let receive = async {
            let most = line.options.batch.max(1);
            line.waiting.lock().await.recv_many(&mut batch, most).await
        };
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stop| *stop) => return,
            _ = receive => {}
        }
        for message in &mut batch {
            message.received += 1;
        }
        let records: Vec<Value> = batch.iter().map(Message::record).collect();
        // Its own task, so that a panic in the handler fails the batch and not the queue.
        let answer = tokio::spawn(handler(json!({ "Records": records }))).await;
        let answer = answer.unwrap_or_else(|panic| Err(panic.to_string()));
        let failed = answer.and_then(|answer| failures(&answer, &batch));
        for message in batch {
            let reason = match &failed {
                Ok(ids) if !ids.contains(&message.id) => {
                    line.count.send_modify(|count| *count -= 1);
                    continue;
                }
                Ok(_) => "the handler reported it as failed",
                Err(error) => error,
            };
            put_back(&line, message, reason).await;
        }
    }
}

/// The messages of `batch` that the answer reports as failed. A missing or empty list means that all succeeded.
fn failures(answer: &Value, batch: &[Message]) -> Result<Vec<String>, String> {
    let Some(items) = answer.get("batchItemFailures").filter(|items| !items.is_null()) else {
        return Ok(Vec::new());
    };
    let items = items.as_array().ok_or_else(|| format!("batchItemFailures is not a list: {items}"))?;
    let named = items.iter().map(|item| match item["itemIdentifier"].as_str() {
        Some(id) if batch.iter().any(|message| message.id == id) => Ok(id.to_owned()),
        _ => Err(format!("the response names a message that was not in the batch: {item}")),
    });
    named.collect()
}

async fn put_back(line: &Arc<Line>, message: Message, reason: &str) {
    if message.received >= line.options.receives {
        bury(line, &message, reason).await;
        line.count.send_modify(|count| *count -= 1);
        return;
    }
    tracing::warn!(id = message.id, received = message.received, reason, "delivering a message again");
    let rest = line.options.back_off.saturating_mul(1 << (message.received - 1).min(20));
    let ready = line.ready.clone();
    tokio::spawn(async move {
        tokio::time::sleep(rest).await;
        // If there is no receiver, the queue and its messages have been dropped.
        let _ = ready.send(message);
    });
}

async fn bury(line: &Line, message: &Message, reason: &str) {
    let folder = &line.options.dead_letters;
    let file = folder.join(format!("{}.json", message.id));
    let letter = json!({ "reason": reason, "received": message.received, "message": message.record() });
    let written = async {
        tokio::fs::create_dir_all(folder).await?;
        tokio::fs::write(&file, format!("{letter:#}\n")).await
    };
    match written.await {
        Ok(()) => tracing::error!(file = %file.display(), reason, "gave up on a message"),
        Err(error) => tracing::error!(%letter, %error, "gave up on a message and could not save it"),
    }
}

fn md5(bytes: &[u8]) -> String {
    let mut sum = Md5::new();
    sum.update(bytes);
    hex::encode(sum.finalize())
}

#[cfg(test)]
mod tests;
