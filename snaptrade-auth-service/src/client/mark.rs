//! Connections that know whether they have been of use.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use http::{Extensions, Response, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use pin_project_lite::pin_project;
use tower::Service;

/// A connector whose connections carry their history.
#[derive(Clone, Debug)]
pub(super) struct Mark<C> {
    inner: C,
}

/// Whether a connection has brought an answer. Clones share it; hyper-util puts one into the extensions of each answer.
#[derive(Clone, Debug, Default)]
struct History(Arc<AtomicBool>);

impl<C> Mark<C> {
    pub(super) fn new(inner: C) -> Self {
        Self { inner }
    }
}

/// Notes that the connection has brought this answer.
pub(super) fn note<B>(answer: &mut Response<B>) {
    if let Some(History(answered)) = answer.extensions_mut().remove() {
        answered.store(true, Ordering::Relaxed);
    }
}

/// Whether a connection has brought an answer before.
pub(super) fn has_answered(connected: &Connected) -> bool {
    let mut extras = Extensions::new();
    connected.get_extras(&mut extras);
    let history = extras.get();
    history.is_some_and(|History(answered)| answered.load(Ordering::Relaxed))
}

impl<C: Service<Uri>> Service<Uri> for Mark<C> {
    type Response = Marked<C::Response>;
    type Error = C::Error;
    type Future = MarkFuture<C::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        MarkFuture {
            future: self.inner.call(target),
        }
    }
}

pin_project! {
    /// The connection, once it is made.
    pub(super) struct MarkFuture<F> {
        #[pin]
        future: F,
    }
}

impl<F, T, E> Future for MarkFuture<F>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<Marked<T>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let inner = ready!(self.project().future.poll(cx))?;
        let history = History::default();
        Poll::Ready(Ok(Marked { inner, history }))
    }
}

pin_project! {
    /// A connection with its history.
    pub(super) struct Marked<T> {
        #[pin]
        inner: T,
        history: History,
    }
}

impl<T: Connection> Connection for Marked<T> {
    fn connected(&self) -> Connected {
        self.inner.connected().extra(self.history.clone())
    }
}

impl<T: Read> Read for Marked<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().inner.poll_read(cx, buf)
    }
}

impl<T: Write> Write for Marked<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.project().inner.poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.project().inner.poll_write_vectored(cx, bufs)
    }
}
