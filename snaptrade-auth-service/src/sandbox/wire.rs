//! The connection under a request, to be cut from within the request's course.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::error::SandboxError;

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// With a TCP RST.
    Reset,
    /// With a TCP FIN.
    Close,
}

/// A handle on a connection; clones are handles on the same.
#[derive(Clone, Debug)]
pub(super) struct Wire(Arc<State>);

#[derive(Debug)]
struct State {
    id: u64,
    requests: AtomicU64,
    written: AtomicU64,
    cut: watch::Sender<Option<Cut>>,
    /// A cut to be made once this many bytes are written and flushed.
    armed: Mutex<Option<(Cut, u64)>>,
}

impl Wire {
    pub(super) fn new(id: u64) -> Self {
        Self(Arc::new(State {
            id,
            requests: AtomicU64::new(0),
            written: AtomicU64::new(0),
            cut: watch::Sender::new(None),
            armed: Mutex::new(None),
        }))
    }

    pub(super) fn id(&self) -> u64 {
        self.0.id
    }

    /// Counts a request; how many came before it.
    pub(super) fn count_request(&self) -> u64 {
        self.0.requests.fetch_add(1, Ordering::Relaxed)
    }

    /// Cuts the connection now: whoever serves it drops it.
    pub(super) fn cut(&self, cut: Cut) {
        self.0.cut.send_replace(Some(cut));
    }

    /// Cuts the connection once `more` bytes are on their way.
    pub(super) fn cut_behind(&self, cut: Cut, more: usize) {
        let written = self.0.written.load(Ordering::Relaxed);
        let mut armed = self.0.armed.lock().unwrap_or_else(PoisonError::into_inner);
        *armed = Some((cut, written.saturating_add(more as u64)));
    }

    /// Waits until the connection is to be cut.
    pub(super) async fn is_cut(&self) {
        // The sender is held right here, so waiting cannot fail.
        let _ = self.0.cut.subscribe().wait_for(Option::is_some).await;
    }

    fn flushed(&self) {
        let mut armed = self.0.armed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((cut, at)) = *armed
            && self.0.written.load(Ordering::Relaxed) >= at
        {
            *armed = None;
            self.cut(cut);
        }
    }
}

impl Cut {
    pub(super) fn error(self) -> SandboxError {
        match self {
            Self::Reset => SandboxError::reset(),
            Self::Close => SandboxError::closed(),
        }
    }
}

/// A TCP stream that ends as its [`Wire`] says.
#[derive(Debug)]
pub(super) struct Stream {
    tcp: TcpStream,
    wire: Wire,
}

impl Stream {
    pub(super) fn new(tcp: TcpStream, wire: Wire) -> Self {
        Self { tcp, wire }
    }

    fn wrote(&self, written: io::Result<usize>) -> io::Result<usize> {
        let written = written?;
        let State { written: all, .. } = &*self.wire.0;
        all.fetch_add(written as u64, Ordering::Relaxed);
        Ok(written)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if *self.wire.0.cut.borrow() == Some(Cut::Reset)
            && let Err(error) = self.tcp.set_zero_linger()
        {
            tracing::warn!(%error, "a connection is closed instead of reset");
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.tcp).poll_write(cx, buf));
        Poll::Ready(self.wrote(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs));
        Poll::Ready(self.wrote(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.tcp).poll_flush(cx));
        self.wire.flushed();
        Poll::Ready(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
