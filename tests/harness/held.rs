//! A way to the database on which one statement is held back: what is to happen just before it, happens then. Nothing in the
//! system knows of it.

use crate::postgres;
use local::system;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// The way. It ends with the runtime.
#[derive(Debug)]
pub struct Held {
    /// Where the database is reached by it.
    pub port: u16,
    reached: Arc<Semaphore>,
    released: Arc<Semaphore>,
}

impl Held {
    /// Holds back the first statement that has this in its text.
    pub async fn before(text: &'static str) -> Self {
        Self::before_nth(text, 1).await
    }

    /// Holds back the statement that is the so manieth with this in its text.
    ///
    /// # Panics
    /// If no port can be had.
    pub async fn before_nth(text: &'static str, count: usize) -> Self {
        let listener = TcpListener::bind(system::free_port()).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (reached, released) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (told, wait, seen) = (Arc::clone(&reached), Arc::clone(&released), Arc::new(AtomicUsize::new(0)));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server =
                    TcpStream::connect(("127.0.0.1", postgres().port)).await.expect("the server listens");
                let ((mut asked, mut told_client), (mut answers, mut questions)) =
                    (client.into_split(), server.into_split());
                tokio::spawn(async move { tokio::io::copy(&mut answers, &mut told_client).await });
                let (told, wait, seen) = (Arc::clone(&told), Arc::clone(&wait), Arc::clone(&seen));
                tokio::spawn(async move {
                    let mut bytes = vec![0; 256 * 1024];
                    while let Ok(size @ 1..) = asked.read(&mut bytes).await {
                        let found = bytes[..size].windows(text.len()).any(|window| window == text.as_bytes());
                        if found && seen.fetch_add(1, Ordering::SeqCst) + 1 == count {
                            told.add_permits(1);
                            // Closed when it may go on.
                            let _ = wait.acquire().await;
                        }
                        if questions.write_all(&bytes[..size]).await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        Self { port, reached, released }
    }

    /// Returns when the statement is held back.
    ///
    /// # Panics
    /// If that takes too long.
    pub async fn reached(&self) {
        let reached = tokio::time::timeout(Duration::from_secs(30), self.reached.acquire()).await;
        reached.expect("the statement is sent").expect("it is open").forget();
    }

    /// Lets it go on.
    pub fn release(&self) {
        self.released.close();
    }
}
