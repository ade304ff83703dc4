//! A client of one connection that tells how the connection ended.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

pub(crate) const BOTH: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

/// How the server ended the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// RST.
    Reset,
    /// FIN.
    Fin,
}

pub(crate) struct Client {
    send: Send,
    ending: Arc<Mutex<Option<Ending>>>,
}

#[derive(Clone)]
enum Send {
    Http1(Arc<tokio::sync::Mutex<http1::SendRequest<Full<Bytes>>>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: hyper::Result<Bytes>,
}

impl Client {
    pub(crate) async fn connect(addr: SocketAddr, protocol: Protocol) -> io::Result<Self> {
        let tcp = TcpStream::connect(addr).await?;
        let ending = Arc::new(Mutex::new(None));
        let io = TokioIo::new(Watched {
            tcp,
            ending: ending.clone(),
        });
        let send = match protocol {
            Protocol::Http1 => {
                let (send, connection) = http1::handshake(io).await.map_err(io::Error::other)?;
                // Its errors reach the request.
                tokio::spawn(connection);
                Send::Http1(Arc::new(tokio::sync::Mutex::new(send)))
            }
            Protocol::Http2 => {
                let handshake = http2::handshake(TokioExecutor::new(), io);
                let (send, connection) = handshake.await.map_err(io::Error::other)?;
                tokio::spawn(connection);
                Send::Http2(send)
            }
        };
        Ok(Self { send, ending })
    }

    /// Sends, and returns once the answer's head is here.
    pub(crate) fn head(
        &self,
        mut request: Request<Full<Bytes>>,
    ) -> impl Future<Output = hyper::Result<http::Response<Incoming>>> + 'static {
        let send = self.send.clone();
        async move {
            match send {
                Send::Http1(send) => {
                    let host = http::HeaderValue::from_static("sandbox");
                    request.headers_mut().insert("host", host);
                    let mut send = send.lock().await;
                    send.ready().await?;
                    send.send_request(request).await
                }
                Send::Http2(mut send) => {
                    let uri = format!("http://sandbox{}", request.uri());
                    *request.uri_mut() = uri.parse().unwrap();
                    send.send_request(request).await
                }
            }
        }
    }

    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> hyper::Result<Answered> {
        let (parts, body) = self.head(request).await?.into_parts();
        Ok(Answered {
            status: parts.status,
            headers: parts.headers,
            body: body
                .collect()
                .await
                .map(http_body_util::Collected::to_bytes),
        })
    }

    /// Waits for the end of the connection.
    pub(crate) async fn ending(&self) -> Ending {
        eventually(|| *self.ending.lock().unwrap()).await
    }
}

/// Waits until there is something; fails after long.
pub(crate) async fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..2_000 {
        if let Some(found) = look() {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("nothing came in ten seconds");
}

/// A stream that remembers how its peer ended it.
struct Watched {
    tcp: TcpStream,
    ending: Arc<Mutex<Option<Ending>>>,
}

impl Watched {
    fn watch<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && matches!(
                error.kind(),
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
            )
        {
            self.ending.lock().unwrap().get_or_insert(Ending::Reset);
        }
        result
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = ready!(Pin::new(&mut self.tcp).poll_read(cx, buf));
        if read.is_ok() && buf.filled().len() == before {
            self.ending.lock().unwrap().get_or_insert(Ending::Fin);
        }
        Poll::Ready(self.watch(read))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.tcp).poll_write(cx, buf));
        Poll::Ready(self.watch(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
