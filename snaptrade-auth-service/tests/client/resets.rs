//! Many calls that are cancelled on one HTTP/2 connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use snaptrade_auth_service::operations::ListUsers;
use snaptrade_auth_service::{RetryPolicy, RollingRateLimitLayer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::common::{client, connections, serve};

/// Passes on one connection, and holds back what the server sends while it is told to.
struct Dam {
    addr: SocketAddr,
    /// Holds back every frame.
    closed: watch::Sender<bool>,
    /// Holds back the body of the first answer.
    first_closed: watch::Sender<bool>,
    /// How many answers have begun.
    begun: watch::Receiver<usize>,
    /// How many streams the client has reset, each time counted.
    resets: Arc<AtomicUsize>,
}

/// The types of frames (RFC 9113, 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;

/// What a client says before its first frame (RFC 9113, 3.4).
const PREFACE_LEN: u64 = 24;

/// A client's first stream.
const FIRST: [u8; 4] = 1_u32.to_be_bytes();

impl Dam {
    async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (closed, is_closed) = watch::channel(false);
        let (first_closed, is_first_closed) = watch::channel(true);
        let (begin, begun) = watch::channel(0);
        let (released, mut to_client) = mpsc::unbounded_channel::<Vec<u8>>();
        let first = queue(released.clone(), is_first_closed);
        let others = queue(released, is_closed);
        let resets = Arc::new(AtomicUsize::new(0));
        let count = resets.clone();
        tokio::spawn(async move {
            let (client, _) = listener.accept().await.unwrap();
            let (mut from_client, mut client) = client.into_split();
            let (mut from_server, mut server) =
                TcpStream::connect(server).await.unwrap().into_split();
            tokio::spawn(async move {
                let mut preface = (&mut from_client).take(PREFACE_LEN);
                copy(&mut preface, &mut server).await.unwrap();
                while let Some(frame) = frame(&mut from_client).await {
                    server.write_all(&frame).await.unwrap();
                    count.fetch_add(usize::from(frame[3] == RST_STREAM), Ordering::SeqCst);
                }
            });
            tokio::spawn(async move {
                while let Some(frame) = to_client.recv().await {
                    client.write_all(&frame).await.unwrap();
                }
            });
            while let Some(frame) = frame(&mut from_server).await {
                let is_head = frame[3] == HEADERS;
                let is_first = frame[3] == DATA && frame[5..9] == FIRST;
                let queue = if is_first { &first } else { &others };
                queue.send(frame).unwrap();
                begin.send_modify(|begun| *begun += usize::from(is_head));
            }
        });
        Self {
            addr,
            closed,
            first_closed,
            begun,
            resets,
        }
    }

    /// Waits until the server has begun this many answers.
    async fn has_begun(&mut self, answers: usize) {
        let begun = self.begun.wait_for(|begun| *begun >= answers);
        let begun = timeout(Duration::from_secs(30), begun).await;
        begun.expect("the server answers").unwrap();
    }
}

/// One frame: length, type, flags and stream in nine bytes (RFC 9113, 4.1), and what follows.
async fn frame(from: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut frame = vec![0; 9];
    from.read_exact(&mut frame).await.ok()?;
    let len = u32::from_be_bytes([0, frame[0], frame[1], frame[2]]);
    frame.resize(9 + len as usize, 0);
    from.read_exact(&mut frame[9..]).await.ok()?;
    Some(frame)
}

/// Frames, in their order, that are passed on while it is not closed.
fn queue(
    to: mpsc::UnboundedSender<Vec<u8>>,
    mut closed: watch::Receiver<bool>,
) -> mpsc::UnboundedSender<Vec<u8>> {
    let (queue, mut queued) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(frame) = queued.recv().await {
            if closed.wait_for(|closed| !closed).await.is_err() || to.send(frame).is_err() {
                return;
            }
        }
    });
    queue
}

const CANCELLED: usize = 5_000;
/// Below the 200 streams that the sandbox lets be open at a time.
const AT_ONCE: usize = 100;

/// The answers to cancelled calls were on their way, and meet nobody: those of some rounds come together, a while after
/// the last was cancelled. How many resets the server sees.
async fn calls_beside_them_go_on(rounds: usize, late: Duration) -> usize {
    let (sandbox, server) = serve().await;
    sandbox.set_rate_limit(u32::MAX, Duration::from_secs(1));
    let mut dam = Dam::before(server.addr()).await;
    let snaptrade = client(&format!("http://{}", dam.addr))
        .http2_only()
        .rate_limit(None::<RollingRateLimitLayer>)
        .retry(None::<RetryPolicy>)
        .build()
        .unwrap();
    let list = || {
        let snaptrade = snaptrade.clone();
        async move { snaptrade.send(ListUsers::new()).await }
    };
    let under_way = tokio::spawn(list());
    let mut sent = 1;
    dam.has_begun(sent).await;
    while sent < CANCELLED {
        dam.closed.send_replace(true);
        for _ in 0..rounds {
            let mut calls = JoinSet::new();
            for _ in 0..AT_ONCE {
                calls.spawn(list());
            }
            sent += AT_ONCE;
            dam.has_begun(sent).await;
            calls.shutdown().await;
        }
        sleep(late).await;
        dam.closed.send_replace(false);
        // Behind all answers that nobody waits for.
        let later = list().await;
        assert!(later.is_ok(), "after {sent}: {later:?}");
        sent += 1;
        assert!(!under_way.is_finished(), "after {sent}");
    }
    dam.first_closed.send_replace(false);
    under_way.await.unwrap().unwrap();
    assert!(connections(&sandbox).iter().all(|used| *used == 0));
    dam.resets.load(Ordering::SeqCst)
}

#[tokio::test]
async fn whose_answers_come_at_once() {
    let resets = calls_beside_them_go_on(1, Duration::ZERO).await;
    // One for each, as all are remembered: an answer to one is ignored, and not reset once more.
    assert!(resets < CANCELLED + CANCELLED / 10, "{resets}");
}

/// h2 remembers a stream that it has reset for one second.
#[tokio::test]
async fn whose_answers_come_late() {
    calls_beside_them_go_on(CANCELLED / AT_ONCE, Duration::from_millis(1_100)).await;
}
