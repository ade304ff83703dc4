//! What a caller without a socket gets where one with a socket would lose the connection.

use std::io;

use snaptrade_signing::BoxError;

/// The exchange ended without an answer, or without the end of one, as a [`Fault`](super::Fault) told it to.
///
/// A client on a socket sees its connection break instead. The source is what such a client would find beneath: an
/// [`io::Error`], or HTTP/2's `REFUSED_STREAM`.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox {what}, as it was told to")]
pub struct SandboxError {
    what: &'static str,
    kind: io::ErrorKind,
    source: BoxError,
}

impl SandboxError {
    pub(super) fn reset() -> Self {
        Self::io("reset the connection", io::ErrorKind::ConnectionReset)
    }

    pub(super) fn closed() -> Self {
        Self::io("closed the connection", io::ErrorKind::UnexpectedEof)
    }

    /// The runtime shut down while a delayed request waited.
    pub(super) fn interrupted() -> Self {
        Self::io("stopped amid a request", io::ErrorKind::Interrupted)
    }

    pub(super) fn refused() -> Self {
        Self {
            what: "refused the stream",
            kind: io::ErrorKind::ConnectionRefused,
            // The server under it finds the reason here, and sends it.
            source: h2::Error::from(h2::Reason::REFUSED_STREAM).into(),
        }
    }

    fn io(what: &'static str, kind: io::ErrorKind) -> Self {
        Self {
            what,
            kind,
            source: io::Error::from(kind).into(),
        }
    }

    /// What a socket would report: `ConnectionReset`, `UnexpectedEof`, or `ConnectionRefused` for a refused stream;
    /// `Interrupted` if the runtime shut down.
    #[must_use]
    pub fn io_kind(&self) -> io::ErrorKind {
        self.kind
    }
}
