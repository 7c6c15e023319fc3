//! A request body with a time limit between bytes. Guarantees: once the body has stalled, its reader waits forever, and the service
//! is notified and answers instead.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep};

/// A request body with a stall timeout.
#[derive(Debug)]
pub(super) struct Patient {
    body: Incoming,
    within: Duration,
    /// Fires when no byte has arrived for too long; started when the reader begins to wait.
    until: Pin<Box<Sleep>>,
    is_waiting: bool,
    stalled: Arc<Notify>,
}

impl Patient {
    /// Wraps a body, with the longest allowed pause and the notification to send when it is exceeded.
    pub(super) fn new(body: Incoming, within: Duration, stalled: Arc<Notify>) -> Self {
        Self { body, within, until: Box::pin(sleep(within)), is_waiting: false, stalled }
    }
}

impl Body for Patient {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            this.is_waiting = false;
            return Poll::Ready(frame);
        }
        if !this.is_waiting {
            this.is_waiting = true;
            this.until.as_mut().reset(Instant::now() + this.within);
        }
        if this.until.as_mut().poll(context).is_ready() {
            this.stalled.notify_one();
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
