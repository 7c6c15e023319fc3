//! Output bytes: writers fill a buffer, which is sent on piece by piece.

use super::Problem;
use crate::fault::Fault;
use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use std::io::{self, Write};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;

/// The size of a piece in bytes.
const PIECE: usize = 128 << 10;
/// The number of pieces that may wait, which is how far the writer runs ahead.
const WAITING: usize = 2;

/// A buffer in front of a sink. Unlike a [`std::io::BufWriter`], it can be written to as a vector.
pub struct Out<'s> {
    bytes: Vec<u8>,
    sink: &'s mut (dyn Write + Send),
}

impl<'s> Out<'s> {
    /// Makes a buffer in front of this sink.
    pub fn new(sink: &'s mut (dyn Write + Send)) -> Self {
        Self { bytes: Vec::with_capacity(PIECE + PIECE / 8), sink }
    }

    /// The buffer to write to; call [`pass`](Self::pass) after every line or so.
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Sends the buffer on once it holds a full piece.
    ///
    /// # Errors
    /// Those of the sink.
    #[inline]
    pub fn pass(&mut self) -> io::Result<()> {
        if self.bytes.len() >= PIECE { self.flush() } else { Ok(()) }
    }
}

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        self.pass()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.write_all(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }
}

/// Why an answer that had begun was not finished.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The system failed.
    #[error("writing an answer")]
    Fault(#[from] Fault),
    /// The request turned out to be unanswerable.
    #[error("an answer is refused")]
    Problem(Box<Problem>),
}

impl From<Problem> for Stopped {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        use crate::fault::During as _;
        Self::Fault(Err::<(), _>(error).during("writing an answer").expect_err("it is an error"))
    }
}

impl From<Stopped> for Problem {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Fault(fault) => Self::from(fault),
            Stopped::Problem(problem) => *problem,
        }
    }
}

/// A body that `write` writes on its own thread while it is read.
///
/// It ends normally or with [`Stopped`] as its error, and is never truncated: a panic of `write` is a fault.
pub fn stream(write: impl FnOnce(&mut Out) -> Result<(), Stopped> + Send + 'static) -> Body {
    let (to, pieces) = mpsc::channel(WAITING);
    let writing = tokio::task::spawn_blocking(move || {
        let mut sink = Sending(to);
        let mut out = Out::new(&mut sink);
        write(&mut out)?;
        Ok(out.flush()?)
    });
    Body::from_stream(stream::unfold(Some((pieces, writing)), next))
}

/// The same, written at once, for small bodies: waking a thread takes longer than writing them.
///
/// # Errors
/// What [`stream()`] would end with.
pub fn whole(write: impl FnOnce(&mut Out) -> Result<(), Stopped>) -> Result<Body, Stopped> {
    let mut bytes = Vec::new();
    let mut out = Out::new(&mut bytes);
    write(&mut out)?;
    out.flush()?;
    Ok(bytes.into())
}

type Writing = (Receiver<Bytes>, JoinHandle<Result<(), Stopped>>);

async fn next(writing: Option<Writing>) -> Option<(Result<Bytes, Stopped>, Option<Writing>)> {
    let (mut pieces, handle) = writing?;
    if let Some(piece) = pieces.recv().await {
        return Some((Ok(piece), Some((pieces, handle))));
    }
    match handle.await {
        Ok(Ok(())) => None,
        Ok(Err(stopped)) => Some((Err(stopped), None)),
        Err(_) => Some((Err(Fault::new("the writer of an answer panicked").into()), None)),
    }
}

struct Sending(Sender<Bytes>);

impl Write for Sending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "nobody takes the answer");
        if !bytes.is_empty() {
            self.0.blocking_send(Bytes::copy_from_slice(bytes)).map_err(gone)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;

    #[tokio::test]
    async fn all_pieces_come_in_order() {
        let body = stream(|out| {
            for number in 0..100_000_u32 {
                out.bytes().extend_from_slice(&number.to_be_bytes());
                out.pass()?;
            }
            Ok(())
        });
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let numbers = bytes.chunks(4).map(|four| u32::from_be_bytes(four.try_into().unwrap()));
        assert!(numbers.eq(0..100_000));
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_an_error_and_never_truncated() {
        let refused = stream(|out| {
            out.write_all(b"begun")?;
            Err(Problem::too_large("it is").into())
        });
        let panicked = stream(|_| panic!("on purpose"));
        for body in [refused, panicked] {
            assert!(to_bytes(body, usize::MAX).await.is_err());
        }
    }

    #[tokio::test]
    async fn a_writer_whose_reader_is_gone_stops() {
        let (told, stopped) = tokio::sync::oneshot::channel();
        let body = stream(move |out| {
            let result = loop {
                if let Err(error) = out.write_all(&[0; 1 << 12]) {
                    break error.kind();
                }
            };
            told.send(result).unwrap();
            Ok(())
        });
        drop(body);
        assert_eq!(stopped.await.unwrap(), io::ErrorKind::BrokenPipe);
    }
}
