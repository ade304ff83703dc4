//! What a caller without a socket gets where one with a socket would lose the connection.

use std::io;

/// The exchange ended without an answer, or without the end of one, as a [`Fault`](super::Fault) told it to.
///
/// A client on a socket sees its connection break instead. The source is an [`io::Error`] of the kind that a socket
/// would report.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox {what}, as it was told to")]
pub struct SandboxError {
    what: &'static str,
    source: io::Error,
}

impl SandboxError {
    pub(super) fn reset() -> Self {
        Self {
            what: "reset the connection",
            source: io::ErrorKind::ConnectionReset.into(),
        }
    }

    pub(super) fn closed() -> Self {
        Self {
            what: "closed the connection",
            source: io::ErrorKind::UnexpectedEof.into(),
        }
    }

    /// The runtime shut down while a delayed request waited.
    pub(super) fn interrupted() -> Self {
        Self {
            what: "stopped while a request waited",
            source: io::ErrorKind::Interrupted.into(),
        }
    }

    /// What a socket would report: `ConnectionReset` or `UnexpectedEof`; `Interrupted` if the runtime shut down.
    #[must_use]
    pub fn io_kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}
