//! Proxies that do what a test tells them to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
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

pub(crate) async fn read(tcp: &mut TcpStream, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    tcp.read_exact(&mut bytes).await.unwrap();
    bytes
}

/// The ways to log in that a SOCKS5 client offers.
pub(crate) async fn greeting(tcp: &mut TcpStream) -> Vec<u8> {
    let start = read(tcp, 2).await;
    assert_eq!(start[0], 5);
    read(tcp, start[1].into()).await
}

/// The host and port that a SOCKS5 client wants to be connected to. Without a login.
pub(crate) async fn request(tcp: &mut TcpStream) -> (String, u16) {
    greeting(tcp).await;
    tcp.write_all(&[5, 0]).await.unwrap();
    requested(tcp).await
}

/// The same, once logged in.
pub(crate) async fn requested(tcp: &mut TcpStream) -> (String, u16) {
    let start = read(tcp, 4).await;
    assert_eq!(start[..3], [5, 1, 0]);
    let host = match start[3] {
        1 => {
            let bytes: [u8; 4] = read(tcp, 4).await.try_into().unwrap();
            std::net::Ipv4Addr::from(bytes).to_string()
        }
        3 => {
            let len = read(tcp, 1).await[0];
            String::from_utf8(read(tcp, len.into()).await).unwrap()
        }
        4 => {
            let bytes: [u8; 16] = read(tcp, 16).await.try_into().unwrap();
            std::net::Ipv6Addr::from(bytes).to_string()
        }
        other => panic!("an address of type {other}"),
    };
    let port = read(tcp, 2).await;
    (host, u16::from_be_bytes([port[0], port[1]]))
}

/// A SOCKS5 reply, with an address of no meaning.
pub(crate) fn reply(code: u8) -> [u8; 10] {
    [5, code, 0, 1, 0, 0, 0, 0, 0, 0]
}

/// Byte by byte.
pub(crate) async fn drip(tcp: &mut TcpStream, bytes: &[u8]) {
    for byte in bytes {
        tcp.write_all(&[*byte]).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

/// From here to there, until either side has had enough.
pub(crate) async fn pass_on(mut tcp: TcpStream, to: impl tokio::net::ToSocketAddrs) {
    let mut upstream = TcpStream::connect(to).await.unwrap();
    let _ = copy_bidirectional(&mut tcp, &mut upstream).await;
}
