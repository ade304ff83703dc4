//! What is to be known of the connection of a request.

use std::error::Error as StdError;
use std::fmt;

use snaptrade_signing::BoxError;

/// A request failed on a connection that had served others, without an answer: most likely the server had closed it, and
/// nothing is wrong with the server.
#[derive(Debug)]
pub(crate) struct OldConnectionFailed {
    /// Whether another attempt takes a connection that is made for it. One over HTTP/2 is shared, and so a new one is anyway.
    pub(crate) wants_a_fresh_one: bool,
    pub(crate) source: BoxError,
}

/// In the extensions of a request: it takes a connection that is made for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FreshConnection;

impl fmt::Display for OldConnectionFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a connection from the pool failed")
    }
}

impl StdError for OldConnectionFailed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

/// A request that was sent outside of a runtime.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the client needs a tokio runtime: await the call inside one")]
pub(crate) struct NoRuntime;
