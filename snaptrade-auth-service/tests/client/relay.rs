//! A relay before a server, which can hold back what it should pass on.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Passes bytes on in both directions. Those of silent connections wait; the connections stay open.
pub(crate) struct Relay {
    pub(crate) addr: SocketAddr,
    accepted: Arc<AtomicUsize>,
    /// Connections with a lower number are silent.
    silent_below: watch::Sender<usize>,
}

impl Relay {
    pub(crate) async fn serve(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = accepted.clone();
        let (silent_below, silence) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst);
                let upstream = TcpStream::connect(upstream).await.unwrap();
                let (client, server) = (tcp.into_split(), upstream.into_split());
                tokio::spawn(pass_on(client.0, server.1, number, silence.clone()));
                tokio::spawn(pass_on(server.0, client.1, number, silence.clone()));
            }
        });
        Self {
            addr,
            accepted,
            silent_below,
        }
    }

    /// How many connections there were.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Passes on nothing more of the connections that there are.
    pub(crate) fn silence(&self) {
        self.silent_below.send_replace(self.accepted());
    }

    /// Passes on everything, what was held back included.
    pub(crate) fn speak(&self) {
        self.silent_below.send_replace(0);
    }
}

async fn pass_on(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    number: usize,
    mut silence: watch::Receiver<usize>,
) {
    let mut bytes = vec![0; 16 << 10];
    loop {
        // An end is held back as well.
        let read = from.read(&mut bytes).await.unwrap_or(0);
        if silence.wait_for(|below| number >= *below).await.is_err() {
            return;
        }
        if read == 0 || to.write_all(&bytes[..read]).await.is_err() {
            let _ = to.shutdown().await;
            return;
        }
    }
}
