//! A proxy before the sandbox that knows HTTP/2's frames, and spoils an answer between two of them.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const NO_ERROR: u32 = 0;
pub(crate) const REFUSED_STREAM: u32 = 7;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const END_STREAM: u8 = 1;

/// Where an answer is spoiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// Nothing of it is passed on.
    Start,
    /// Its head alone is.
    Head,
    /// Its head and half of its body are.
    Body,
    /// All of it is.
    End,
}

/// What comes in place of the rest.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Then {
    /// `RST_STREAM` with this code.
    Reset(u32),
    /// `GOAWAY` with this code and this last stream; `None` for the stream of the answer. Then the connection closes.
    GoAway(Option<u32>, u32),
    /// The connection closes.
    Close,
    /// Nothing more comes on this connection.
    Silence,
}

type Tricks = Arc<Mutex<VecDeque<(At, Then)>>>;

/// Listens before an HTTP/2 server.
pub(crate) struct Frames {
    pub(crate) addr: SocketAddr,
    tricks: Tricks,
}

impl Frames {
    pub(crate) async fn before(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let tricks = Tricks::default();
        let shared = tricks.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let tricks = shared.clone();
                tokio::spawn(async move {
                    let server = TcpStream::connect(upstream).await.unwrap();
                    let (mut from_client, to_client) = client.into_split();
                    let (from_server, mut to_server) = server.into_split();
                    tokio::select! {
                        _ = copy(&mut from_client, &mut to_server) => {}
                        // Either way the connection has gone.
                        _ = answers(from_server, to_client, &tricks) => {}
                    }
                });
            }
        });
        Self { addr, tricks }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Spoils the next answer.
    pub(crate) fn spoil(&self, at: At, then: Then) {
        self.tricks.lock().unwrap().push_back((at, then));
    }

    /// How many answers are still to be spoiled.
    pub(crate) fn waiting(&self) -> usize {
        self.tricks.lock().unwrap().len()
    }
}

struct Frame {
    head: [u8; 9],
    payload: Vec<u8>,
}

impl Frame {
    async fn read(from: &mut OwnedReadHalf) -> io::Result<Self> {
        let mut head = [0; 9];
        from.read_exact(&mut head).await?;
        let len = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; len as usize];
        from.read_exact(&mut payload).await?;
        Ok(Self { head, payload })
    }

    fn new(kind: u8, stream: u32, payload: Vec<u8>) -> Self {
        let [_, len @ ..] = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut head = [0; 9];
        head[..3].copy_from_slice(&len);
        head[3] = kind;
        head[5..].copy_from_slice(&stream.to_be_bytes());
        Self { head, payload }
    }

    fn reset(stream: u32, code: u32) -> Self {
        Self::new(3, stream, code.to_be_bytes().to_vec())
    }

    fn go_away(last: u32, code: u32) -> Self {
        Self::new(7, 0, [last.to_be_bytes(), code.to_be_bytes()].concat())
    }

    fn kind(&self) -> u8 {
        self.head[3]
    }

    fn stream(&self) -> u32 {
        u32::from_be_bytes(self.head[5..].try_into().unwrap())
    }

    /// The same, not the last of its stream.
    fn open(mut self) -> Self {
        self.head[4] &= !END_STREAM;
        self
    }

    async fn write(self, to: &mut OwnedWriteHalf) -> io::Result<()> {
        to.write_all(&[&self.head[..], &self.payload].concat())
            .await
    }
}

/// Passes on what the server answers, spoiled where it is to be.
async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    tricks: &Tricks,
) -> io::Result<()> {
    // Streams whose answers are spoiled at their body, and those that are over.
    let (mut spoiled, mut over) = (Vec::new(), Vec::new());
    loop {
        let frame = Frame::read(&mut from).await?;
        let stream = frame.stream();
        if over.contains(&stream) {
            continue;
        }
        let known = spoiled.iter().position(|(of, _)| *of == stream);
        let trick = match (frame.kind(), known) {
            (HEADERS, None) => tricks.lock().unwrap().pop_front(),
            (DATA, Some(known)) => Some(spoiled.swap_remove(known)).map(|(_, trick)| trick),
            _ => None,
        };
        let then = match (frame.kind(), trick) {
            (_, None) => {
                frame.write(&mut to).await?;
                continue;
            }
            (HEADERS, Some(trick @ (At::Body | At::End, _))) => {
                spoiled.push((stream, trick));
                frame.write(&mut to).await?;
                continue;
            }
            (HEADERS, Some((At::Head, then))) => {
                frame.open().write(&mut to).await?;
                then
            }
            (DATA, Some((At::End, then))) => {
                frame.write(&mut to).await?;
                then
            }
            (DATA, Some((_, then))) => {
                let half = frame.payload[..frame.payload.len() / 2].to_vec();
                Frame::new(DATA, stream, half).write(&mut to).await?;
                then
            }
            (_, Some((_, then))) => then,
        };
        over.push(stream);
        spoil(then, stream, &mut to).await?;
    }
}

async fn spoil(then: Then, stream: u32, to: &mut OwnedWriteHalf) -> io::Result<()> {
    match then {
        Then::Reset(code) => Frame::reset(stream, code).write(to).await,
        Then::GoAway(last, code) => {
            let last = last.unwrap_or(stream);
            Frame::go_away(last, code).write(to).await?;
            Err(io::ErrorKind::ConnectionAborted.into())
        }
        Then::Close => Err(io::ErrorKind::ConnectionAborted.into()),
        Then::Silence => std::future::pending().await,
    }
}
