//! A file becomes a snapshot. Read it top to bottom: [`handle`] takes events from AWS, [`receive()`] one object, [`submit`] uploads
//! through the API, [`unpack`] archives, [`judge`] one sheet; [`check`] judges a sheet without publishing it.
//!
//! Guarantees: everything that arrives is in the journal exactly once, with its outcome, however it arrived; of the objects of one
//! key the newest is published last ([`order`]); a sheet with any flaw changes nothing; each step may be killed and run again,
//! and a message that is delivered twice finds its work done.

pub mod answer;
pub mod archive;
pub mod check;
pub mod event;
mod form;
pub mod journal;
pub mod judge;
pub mod key;
pub mod keys;
pub mod order;
pub mod quality;
mod receive;
pub mod report;
pub mod routes;
pub mod submit;
pub mod unpack;
pub mod upload;

pub use receive::receive;

use crate::ctx::Ctx;
use crate::fault::{During, Fault};
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use serde_json::{Value, json};

/// The `ingest` function: SQS messages with S3 or `EventBridge` events in them, or such an event itself.
///
/// SQS messages that could not be finished are returned as batch item failures, so that only those are sent again.
///
/// # Errors
/// A fault, if an event that did not come through SQS could not be finished.
pub async fn handle(ctx: &Ctx, event: Value) -> Result<Value, Fault> {
    if event["Records"][0]["eventSource"] != "aws:sqs" {
        return message(ctx, &event).await;
    }
    let batch: SqsEvent = serde_json::from_value(event).during("reading an SQS event")?;
    let mut response = SqsBatchResponse::default();
    for record in batch.records {
        let body = record.body.as_deref().unwrap_or_default();
        let done = match serde_json::from_str(body).during("reading an SQS message") {
            Ok(body) => message(ctx, &body).await,
            Err(fault) => Err(fault),
        };
        if let Err(fault) = done {
            tracing::error!(
                fault = fault.chain(),
                "a message could not be processed and will be redelivered"
            );
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = record.message_id.unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    serde_json::to_value(response).during("answering an SQS event")
}

/// Receives every object that one message announces. All are attempted, even if some fail.
async fn message(ctx: &Ctx, message: &Value) -> Result<Value, Fault> {
    let (mut uploads, mut failed) = (Vec::new(), None);
    for object in event::objects(message)? {
        match receive(ctx, &object).await {
            Ok(Some((id, status))) => uploads.push(json!({ "id": id, "status": status })),
            Ok(None) => {}
            Err(fault) => {
                if let Some(before) = failed.replace(fault) {
                    tracing::error!(
                        fault = before.chain(),
                        "an object could not be processed and will be redelivered"
                    );
                }
            }
        }
    }
    failed.map_or_else(|| Ok(json!({ "uploads": uploads })), Err)
}
