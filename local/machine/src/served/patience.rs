//! The body of a request, waited for while bytes of it come. Promises: whoever reads it waits for ever once it has stalled, and the
//! service is told, which answers in the reader's place.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep};

/// A body that is waited for.
#[derive(Debug)]
pub(super) struct Patient {
    body: Incoming,
    within: Duration,
    /// When no byte has come for long enough; counted from the moment that one is waited for.
    until: Pin<Box<Sleep>>,
    is_waiting: bool,
    stalled: Arc<Notify>,
}

impl Patient {
    /// A body, how long it may say nothing, and who hears of it if it does.
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
