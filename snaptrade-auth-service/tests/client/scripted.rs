//! Proxies that do what a test tells them to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// Counts its connections.
pub(crate) struct Scripted {
    pub(crate) addr: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl Scripted {
    /// Does the same with each connection, which closes at the end of it.
    pub(crate) async fn serve<F, D>(script: F) -> Self
    where
        F: Fn(TcpStream) -> D + Send + 'static,
        D: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = accepted.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                // What is written in pieces arrives in pieces.
                tcp.set_nodelay(true).unwrap();
                tokio::spawn(script(tcp));
            }
        });
        Self { addr, accepted }
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

/// The head of a `CONNECT`.
pub(crate) async fn head(tcp: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tcp.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// The host and port that a `CONNECT` names.
pub(crate) fn target(head: &str) -> &str {
    head.split(' ').nth(1).unwrap()
}

/// From here to there, until either side has had enough.
pub(crate) async fn pass_on(mut tcp: TcpStream, to: impl tokio::net::ToSocketAddrs) {
    let mut upstream = TcpStream::connect(to).await.unwrap();
    let _ = copy_bidirectional(&mut tcp, &mut upstream).await;
}
