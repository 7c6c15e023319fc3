//! A database proxy that holds back one statement, so that a test can act just before it. The system does not know about it.

use crate::postgres;
use local::system;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// The proxy. It ends with the runtime.
#[derive(Debug)]
pub struct Held {
    /// The port at which it accepts connections.
    pub port: u16,
    reached: Arc<Semaphore>,
    released: Arc<Semaphore>,
}

impl Held {
    /// Holds back the first statement that contains this text.
    pub async fn before(text: &'static str) -> Self {
        Self::before_nth(text, 1).await
    }

    /// Holds back the `count`th statement that contains this text.
    ///
    /// # Panics
    /// If no port is available.
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
                            // Closed when the statement may continue.
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

    /// Returns when the statement is being held back.
    ///
    /// # Panics
    /// If that takes too long.
    pub async fn reached(&self) {
        let reached = tokio::time::timeout(Duration::from_secs(30), self.reached.acquire()).await;
        reached.expect("the statement is sent").expect("it is open").forget();
    }

    /// Lets it continue.
    pub fn release(&self) {
        self.released.close();
    }
}
